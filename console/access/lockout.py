"""Lock-out: how long after wrong passwords the next try is refused. Pure.

What is locked is a name from an address: somebody else's guesses lock nobody out elsewhere. Every wrong
password behind the tenth in a row doubles the wait: guessing gets nowhere, and mistyping costs minutes. An
address from which many names are tried waits as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

FREE = 10
"""So many wrong passwords in a row before the first wait."""
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
REMEMBERED = timedelta(hours=24)
MOST_OF_ADDRESS = 50
"""Wrong passwords from one address, of whatever names, within five minutes."""


def locked_until(failures: Sequence[datetime]) -> datetime | None:
    """Until when the next try is refused; None when it is not.

    `failures` are the wrong passwords since the last right one and within `REMEMBERED`, oldest first.
    """
    beyond = len(failures) - FREE
    if beyond < 0:
        return None
    doubled = min(beyond, 10)  # a longer wait than the longest needs no greater power
    wait: timedelta = min(FIRST_WAIT * 2**doubled, LONGEST_WAIT)
    return failures[-1] + wait


def flood_until(failures: Sequence[datetime]) -> datetime | None:
    """The same for an address, given its wrong passwords of the last `FIRST_WAIT`, oldest first."""
    return failures[-MOST_OF_ADDRESS] + FIRST_WAIT if len(failures) >= MOST_OF_ADDRESS else None

"""Wrong passwords and wrong codes: counted, and after too many of them refused for a while (`lockout`)."""

from __future__ import annotations

import math
from datetime import datetime

from console.access import lockout
from console.problems import TooManyAttempts
from store import accounts
from store.database import Database, Write

ANYWHERE = "*"
"""In the place of an address: wrong codes of a name count together, wherever they come from.

Only who knows the password comes so far; guessing on from many addresses must not help.
"""


def refuse_locked(database: Database, name: str, address: str, now: datetime) -> None:
    """Raises TooManyAttempts while a name is locked for an address, or the address for every name."""
    with database.read() as tx:
        own = accounts.failed_logins_since(tx, address, now - lockout.REMEMBERED, name)
        every = accounts.failed_logins_since(tx, address, now - lockout.FIRST_WAIT)
    _refuse(lockout.locked_until(own), now)
    _refuse(lockout.flood_until(every), now)


def refuse_locked_code(database: Database, name: str, address: str, now: datetime) -> None:
    """The same for a code, which is also locked by wrong ones from elsewhere."""
    refuse_locked(database, name, address, now)
    with database.read() as tx:
        everywhere = accounts.failed_logins_since(tx, ANYWHERE, now - lockout.REMEMBERED, name)
    _refuse(lockout.locked_until(everywhere), now)


def note_wrong_password(tx: Write, name: str, address: str, now: datetime) -> None:
    """Count a wrong password of a name from an address."""
    accounts.note_failed_login(tx, name, address, now, now - lockout.REMEMBERED)


def note_wrong_code(tx: Write, name: str, address: str, now: datetime) -> None:
    """Count a wrong code of a name, from an address and anywhere."""
    for place in (address, ANYWHERE):
        accounts.note_failed_login(tx, name, place, now, now - lockout.REMEMBERED)


def forget(tx: Write, name: str, address: str) -> None:
    """A whole log-in ends the row of wrong ones."""
    for place in (address, ANYWHERE):
        accounts.forget_failed_logins(tx, name, place)


def _refuse(until: datetime | None, now: datetime) -> None:
    if until is not None and until > now:
        raise TooManyAttempts(math.ceil((until - now).total_seconds()))

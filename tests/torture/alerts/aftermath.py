"""After a campaign: wait until all is found and told, then hold it against what happened."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.torture.alerts.alerts_hall import AlertsHall
from tests.torture.alerts.causes import LIMITS, Book
from tests.torture.alerts.judged import Judged, judged
from tests.torture.alerts.told import Told, told

PATIENCE = 60.0
"""Seconds in which something more must be found or told, as long as something is missing."""
SETTLED = 2.0
"""Seconds more, in which something might be entered that should not."""
QUIET = 1.5
"""Seconds in which nothing is written or told before it is looked whether all is well."""


@dataclass
class Aftermath:
    """What a campaign found: how alerts and messages fit what had happened."""

    seconds: float = 0.0
    facts: int = 0
    judged: Judged = field(default_factory=Judged)
    told: Told = field(default_factory=Told)
    complaints: list[str] = field(default_factory=list)

    def sum_up(self, hall: AlertsHall, book: Book, began: float) -> None:
        """Wait until all is found and told, and hold it against what happened."""
        time.sleep(max(limit.total_seconds() for limit in LIMITS.values()))
        self.facts = book.facts
        _wait_while_it_goes_on(hall, lambda: not judged(hall, book).complaints and hall.all_is_told())
        time.sleep(SETTLED)
        _wait_while_it_goes_on(hall, hall.all_is_told)
        self.judged, self.told = judged(hall, book), told(hall)
        self.complaints += [*self.judged.complaints, *self.told.complaints]
        self.seconds = time.monotonic() - began


def _wait_while_it_goes_on(hall: AlertsHall, is_over: Callable[[], bool]) -> None:
    """A busy machine may take long; who does nothing for so long will do nothing more.

    It is looked closely only where nothing goes on: receivers are threads of this process, and would starve.
    """
    before, since = hall.progress(), time.monotonic()
    while time.monotonic() - since < PATIENCE:
        time.sleep(QUIET)
        if (now := hall.progress()) != before:
            before, since = now, time.monotonic()
        elif is_over():
            return

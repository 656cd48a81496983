"""Whether a role's process moves: it may send heartbeats only while none of its threads hangs.

The supervisor kills and replaces a process that has gone silent. Where nobody supervises (a role by itself
on a machine of its own), the process ends itself a little later, and whatever started it starts it again.
"""

from __future__ import annotations

from typing import Final

import structlog

from hall.clock import Clock
from hall.pulse import Pulses
from hallwatch.metrics import HANGS

GIVE_UP_SECONDS: Final = 30.0
"""The supervisor acts after half of this."""

log = structlog.get_logger(__name__)


class Watchdog:
    """Looks at the pulses of one process, and says once of each thread that hangs where it stands."""

    def __init__(self, pulses: Pulses, clock: Clock) -> None:
        self._pulses = pulses
        self._clock = clock
        self._told: set[str] = set()
        self._hanging_since: float | None = None

    def moves(self) -> bool:
        """Whether every thread moves now."""
        hanging = self._pulses.hanging()
        for hang in hanging:
            if hang.name not in self._told:
                HANGS.labels(hang.name).inc()
                log.error(
                    "a thread hangs, this process is to be replaced",
                    thread=hang.name,
                    overdue=round(hang.overdue, 1),
                    stack=hang.stack,
                )
        names = {hang.name for hang in hanging}
        for name in sorted(self._told - names):
            log.warning("a thread that hung moves again", thread=name)
        self._told = names
        if not hanging:
            self._hanging_since = None
        elif self._hanging_since is None:
            self._hanging_since = self._clock.monotonic()
        return not hanging

    @property
    def is_lost(self) -> bool:
        """True once some thread has hung for so long that nobody else will replace this process."""
        since = self._hanging_since
        return since is not None and self._clock.monotonic() - since >= GIVE_UP_SECONDS

"""How fast copying may send, and that it ends when it is told to."""

from __future__ import annotations

import threading
from threading import Event

from hall.clock import Clock


class Stopped(Exception):
    """The process ends: what is being sent is broken off."""


class Pace:
    """Lets bytes go at a bounded rate, over all threads together. Called before each piece is sent."""

    def __init__(self, megabits_per_second: float | None, clock: Clock, stop: Event) -> None:
        self._bytes_per_second = None if megabits_per_second is None else megabits_per_second * 125_000
        self._clock = clock
        self._stop = stop
        self._turns = threading.Lock()
        self._free_at = clock.monotonic()

    def __call__(self, count: int) -> None:
        """Wait until `count` more bytes may go. Raises Stopped."""
        if self._stop.wait(self._wait(count)):
            raise Stopped

    def _wait(self, count: int) -> float:
        """Seconds until this piece may go; after it the line is taken for as long as the piece lasts."""
        if self._bytes_per_second is None:
            return 0.0
        with self._turns:
            now = self._clock.monotonic()
            begins = max(now, self._free_at)
            self._free_at = begins + count / self._bytes_per_second
            return begins - now

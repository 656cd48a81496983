"""How often one user may have the network asked: whoever tries cameras must not be able to scan it."""

from __future__ import annotations

import threading
from collections import deque

from console.problems import TooOften
from hall.names import UserId

MOST_USERS = 1000


class Pace:
    """At most `most` a user within `seconds`, and `at_once` of all users at the same time."""

    def __init__(self, most: int, seconds: float, at_once: int) -> None:
        self._most = most
        self._seconds = seconds
        self._room = threading.Semaphore(at_once)
        self._began: dict[UserId, deque[float]] = {}
        self._lock = threading.Lock()

    def begin(self, user: UserId, now: float) -> None:
        """One more, at a monotonic moment; `end` has to follow. Raises TooOften."""
        with self._lock:
            began = self._began.setdefault(user, deque())
            while began and now - began[0] >= self._seconds:
                began.popleft()
            if len(began) >= self._most:
                raise TooOften(round(self._seconds - (now - began[0])) + 1)
            if not self._room.acquire(blocking=False):
                raise TooOften(5)
            began.append(now)
            if len(self._began) > MOST_USERS:
                self._began = {known: times for known, times in self._began.items() if times}

    def end(self) -> None:
        """What was begun has ended."""
        self._room.release()

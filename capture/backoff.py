"""How long to wait before trying again: longer each time, up to a limit, and never all at once."""

from __future__ import annotations

from random import Random

SPREAD = 0.2
"""Cameras that were lost together are not tried again together: each wait varies by this share."""


class Backoff:
    """Waiting times in seconds: `first`, doubled each time up to `longest`, each varied by a fifth or so."""

    def __init__(self, first: float, longest: float, random: Random) -> None:
        self._first = first
        self._longest = longest
        self._random = random
        self._next = first

    def failed(self, *, slowly: bool = False) -> float:
        """How long to wait now. `slowly` (a person has to act first) waits the longest time at once."""
        wait = self._longest if slowly else self._next
        self._next = min(self._longest, self._next * 2)
        return self._random.uniform(wait * (1 - SPREAD), min(self._longest, wait * (1 + SPREAD)))

    def worked(self) -> None:
        """It worked: the next failure is the first one again."""
        self._next = self._first

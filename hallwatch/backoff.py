"""How long to wait before a process that ended is started again: the first time not at all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class RestartDelays:
    """At once after the first end, then doubling from `first` up to `longest` seconds.

    A process that lived for `settled` seconds is forgiven what came before.
    """

    first: float = 0.25
    longest: float = 2.0
    settled: float = 30.0
    ends: int = 0

    def after(self, lived: float) -> float:
        """Seconds to wait now that a process ended which lived for `lived` seconds."""
        self.ends = 1 if lived >= self.settled else self.ends + 1
        if self.ends == 1:
            return 0.0
        return min(self.longest, self.first * 2.0 ** min(self.ends - 2, 32))

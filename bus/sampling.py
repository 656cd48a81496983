"""What of a stream is analysed, live and afterwards: which key frames, and how much sound at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOUND_SECONDS: Final = 1.0
"""A batch of sound ends with the first packet that begins so long after its first."""
EARLY: Final = 0.1
"""A key frame may come this share of the sampling period early and still be the next sample."""


@dataclass(slots=True)
class KeyFrameChoice:
    """Chooses the key frames of one run; `every` is the sampling period in seconds."""

    every: float
    _taken_at: float | None = None

    def takes(self, at: float) -> bool:
        """Whether the key frame at media time `at` (seconds of the run) is the next sample."""
        if self._taken_at is not None and at - self._taken_at < self.every * (1 - EARLY):
            return False
        self._taken_at = at
        return True

    def forget(self) -> None:
        """A run begins: its first key frame is a sample."""
        self._taken_at = None

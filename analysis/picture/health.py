"""What is counted of the watching of one camera, and told of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean

from analysis.picture.watcher import CameraWatch
from hall.watching import WatchHealth

NEWEST_SHARE = 0.2
"""What the newest picture weighs in the mean times."""
RARE = 1.5
"""So many sampling periods apart, key frames are too rare for the period that was asked for."""


@dataclass(slots=True)
class Tally:
    """Counts since the process began, and the mean times of the last pictures in seconds."""

    examined: int = 0
    superseded: int = 0
    damaged: int = 0
    failed: int = 0
    delay: float = 0.0
    decode_seconds: float | None = None
    examine_seconds: float | None = None
    _overtaken: deque[int] = field(default_factory=lambda: deque(maxlen=5))
    """How many pictures were superseded before each of the last ones that were examined."""

    def decoded(self, seconds: float) -> None:
        """A picture was decoded."""
        self.decode_seconds = _mean(self.decode_seconds, seconds)

    def looked(self, seconds: float, delay: float, superseded: int = 0) -> None:
        """A picture was examined; its observations were ready `delay` seconds after it was taken.

        `superseded` pictures of the camera were overtaken since the process began.
        """
        self.examined += 1
        self._overtaken.append(superseded - self.superseded)
        self.superseded = superseded
        self.delay = delay
        self.examine_seconds = _mean(self.examine_seconds, seconds)

    def told(self, watch: CameraWatch, at: datetime) -> WatchHealth:
        """How the camera is watched at `at`."""
        period = watch.period
        if period is not None and self._overtaken:
            # Pictures that came and were overtaken are no fault of the camera.
            period /= 1 + fmean(self._overtaken)
        return WatchHealth(
            camera=watch.camera.id,
            at=at,
            delay=self.delay,
            examined=self.examined,
            superseded=self.superseded,
            damaged=self.damaged,
            failed=self.failed,
            decode_seconds=self.decode_seconds or 0.0,
            examine_seconds=self.examine_seconds or 0.0,
            key_frame_seconds=period,
            is_rare=period is not None and period > RARE * watch.camera.sample_every,
            zones=watch.zones_seen(),
        )


def _mean(before: float | None, newest: float) -> float:
    return newest if before is None else before + NEWEST_SHARE * (newest - before)

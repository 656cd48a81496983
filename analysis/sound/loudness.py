"""When a new level is worth stating: of single seconds by 3 dB, of whole minutes by 1 dB.

Levels are dBFS; a microphone that somebody has calibrated has its offset added before (`Unit`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

MOVED_BY = 3.0
FOR_SECONDS = 3
"""With two, talk at a window states a new level seventeen times a minute; with three, four times."""
MINUTE_MOVED_BY = 1.0
LEAST_SECONDS = 30
"""Seconds of a minute that must have been heard for its level to be stated."""
MINUTE = timedelta(minutes=1)


class Measured(StrEnum):
    """States of an observation of level, and with them the unit of its measure; `unknown` has none."""

    MEASURED = "measured"
    """dBFS: nobody has calibrated the microphone."""
    CALIBRATED = "calibrated"
    """dB(A), by the offset in the configuration."""


def energy_mean(levels: list[float]) -> float:
    """The level of the mean power of parts of equal length."""
    return 10 * float(np.log10(np.mean([10 ** (level / 10) for level in levels])))


@dataclass(slots=True)
class LevelSwitch:
    """States a level anew when it has moved by more than 3 dB for three seconds running."""

    stated: float | None = None
    _moved: list[tuple[datetime, float]] = field(default_factory=list)

    def second(self, start: datetime, level: float) -> tuple[datetime, float] | None:
        """Take one second's level; since when and at what level a new one is stated, or None."""
        if self.stated is None:
            self.stated = level
            return start, level
        if abs(level - self.stated) <= MOVED_BY:
            self._moved.clear()
            return None
        if self._moved and (self._moved[-1][1] - self.stated) * (level - self.stated) < 0:
            self._moved.clear()  # it swings around the stated level
        self._moved.append((start, level))
        if len(self._moved) < FOR_SECONDS:
            return None
        since = self._moved[0][0]
        self.stated = energy_mean([each for _, each in self._moved])
        self._moved.clear()
        return since, self.stated

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        was_known, self.stated = self.stated is not None, None
        self._moved.clear()
        return was_known


@dataclass(slots=True)
class MinuteSwitch:
    """States LAeq of whole minutes by the wall's time, when it has moved by 1 dB or more."""

    stated: float | None = None
    _minute: datetime | None = None
    _levels: list[float] = field(default_factory=list)

    def second(self, start: datetime, level: float) -> tuple[datetime, float] | None:
        """Take one second's level; the start and level of the minute before it, once it is worth stating."""
        minute = start.replace(second=0, microsecond=0)
        told = self._close() if minute != self._minute else None
        self._minute = minute
        self._levels.append(level)
        return told

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        was_known, self.stated = self.stated is not None, None
        self._minute = None
        self._levels.clear()
        return was_known

    def _close(self) -> tuple[datetime, float] | None:
        levels, minute = self._levels, self._minute
        self._levels = []
        if minute is None or len(levels) < LEAST_SECONDS:
            return None
        level = energy_mean(levels)
        if self.stated is not None and abs(level - self.stated) < MINUTE_MOVED_BY:
            return None
        self.stated = level
        return minute, level

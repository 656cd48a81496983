"""How loud a second of sound is: LAeq in dB relative to full scale, and when a new level is worth stating.

dBFS, never dB SPL: nobody has calibrated the microphone. A sine wave of full scale at 1 kHz is -3 dBFS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.sound.samples import Samples

QUIETEST = -96.0
"""The level of 16 bit silence; nothing below it is stated."""
MOVED_BY = 3.0
FOR_SECONDS = 2


def a_weighted_level(samples: Samples, rate: int = 16_000) -> float:
    """LAeq of a block in dBFS (0 is the power of a full-scale square wave), A-weighted as in IEC 61672."""
    if samples.size == 0:
        return QUIETEST
    spectrum = np.fft.rfft(samples.astype(np.float64) / 32768)
    power = np.abs(spectrum) ** 2 * _a_weights(samples.size, rate)
    power[1:-1] *= 2  # the mirrored half; the last bin of an even length has none
    if samples.size % 2:
        power[-1] *= 2
    mean_square = float(np.sum(power)) / samples.size**2
    return max(QUIETEST, 10 * float(np.log10(max(mean_square, 1e-12))))


@cache
def _a_weights(length: int, rate: int) -> NDArray[np.float64]:
    """The A curve as factors of power, for the bins of `rfft`; 1 at 1 kHz."""

    def curve(f: NDArray[np.float64]) -> NDArray[np.float64]:
        squared = f**2
        response = (12194.0**2 * squared**2) / (
            (squared + 20.6**2)
            * np.sqrt((squared + 107.7**2) * (squared + 737.9**2))
            * (squared + 12194.0**2)
        )
        return np.asarray(response**2, np.float64)

    weights = curve(np.asarray(np.fft.rfftfreq(length, 1 / rate), np.float64)) / curve(np.array([1000.0]))
    weights.setflags(write=False)
    return np.asarray(weights, np.float64)


@dataclass(slots=True)
class LevelSwitch:
    """States a level anew when it has moved by more than 3 dB for two seconds running."""

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
        mean = 10 * float(np.log10(np.mean([10 ** (each / 10) for _, each in self._moved])))
        self.stated = mean
        self._moved.clear()
        return since, mean

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        was_known, self.stated = self.stated is not None, None
        self._moved.clear()
        return was_known

"""What is measured of every second of sound, of one Fourier transform: level, hum, peaks.

dBFS: 0 is the power of a full-scale square wave; a full-scale sine wave has -3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from analysis.sound.samples import RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.sound.samples import Samples

    Powers = NDArray[np.float64]

QUIETEST = -96.0
"""The level of 16 bit silence; nothing below it is stated."""
MAINS = (50, 60)
"""Hertz."""
HARMONICS = 10
FUNDAMENTALS = 2
"""Hum comes at the frequency of the mains or, from a rectifier, at twice it; never as overtones alone."""
LEAST_FUNDAMENTAL = 0.25
"""Share of the hum that its first two lines hold."""
LOWEST = 20
"""Hertz from which sound counts; below it microphones deliver wind and drift."""
AT_PEAK = 0.98
NEAR_PEAK = 0.85
"""Parts of the way from the mean to the highest (or lowest) sample, from which on samples count."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One second. Levels in dBFS.

    `level` is LAeq. `loudness` is the same without weighting, from 20 Hz. `swing` is the highest sample less
    the lowest, in steps of 16 bit. `peak` is the larger of both, 0 to 1. `at_peak` and `near_peak` are shares
    of samples; `tone` is the share of power in the strongest line, `hum` in the lines of the mains.
    """

    level: float
    loudness: float
    swing: int
    peak: float
    at_peak: float
    near_peak: float
    tone: float
    hum: float


SILENCE = Measures(QUIETEST, QUIETEST, 0, 0.0, 0.0, 0.0, 0.0, 0.0)


def measure(samples: Samples, rate: int = RATE) -> Measures:
    """Measure a block of mono int16, of a second or about that."""
    if samples.size < 2:
        return SILENCE
    highest, lowest = int(samples.max()), int(samples.min())
    if highest == lowest:
        return SILENCE
    power = spectrum(samples)
    total = float(np.sum(power[_bin(LOWEST, samples.size, rate) :]))
    return Measures(
        level=decibels(float(power @ a_weights(samples.size, rate))),
        loudness=decibels(total),
        swing=highest - lowest,
        peak=max(highest, -lowest) / 32768,
        at_peak=_share(samples, highest, lowest, AT_PEAK),
        near_peak=_share(samples, highest, lowest, NEAR_PEAK),
        tone=_tone(power, total, samples.size, rate),
        hum=_hum(power, total, samples.size, rate),
    )


def a_weighted_level(samples: Samples, rate: int = RATE) -> float:
    """LAeq of a block in dBFS, A-weighted as in IEC 61672."""
    if samples.size == 0:
        return QUIETEST
    return decibels(float(spectrum(samples) @ a_weights(samples.size, rate)))


def decibels(power: float) -> float:
    """A mean square as a level, no lower than QUIETEST."""
    return max(QUIETEST, 10 * float(np.log10(max(power, 1e-12))))


def spectrum(samples: Samples) -> Powers:
    """Mean square by bin of `rfft`; the bins add up to that of the block (1 is full scale)."""
    transformed = np.fft.rfft(samples.astype(np.float64) / 32768)
    power = transformed.real**2 + transformed.imag**2
    power[1:] *= 2  # the mirrored half
    if samples.size % 2 == 0:
        power[-1] /= 2  # the last bin of an even length has none
    return np.asarray(power / samples.size**2, np.float64)


@cache
def a_weights(length: int, rate: int) -> Powers:
    """The A curve as factors of power, for the bins of `rfft`; 1 at 1 kHz. IEC 61672-1, annex E."""

    def curve(f: Powers) -> Powers:
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


def _bin(hertz: float, length: int, rate: int) -> int:
    return round(hertz * length / rate)


def _share(samples: Samples, highest: int, lowest: int, part: float) -> float:
    """Share of samples beyond `part` of the way to either peak: what is cut off need not be symmetric."""
    middle = float(np.mean(samples))
    above, below = middle + part * (highest - middle), middle + part * (lowest - middle)
    return int(np.count_nonzero(samples >= above) + np.count_nonzero(samples <= below)) / samples.size


def _tone(power: Powers, total: float, length: int, rate: int) -> float:
    """The strongest bin with its neighbours: a tone between two bins lies in both."""
    if total <= 0:
        return 0.0
    first = _bin(LOWEST, length, rate)
    strongest = first + int(np.argmax(power[first:]))
    return min(1.0, float(np.sum(power[max(first, strongest - 2) : strongest + 3])) / total)


def _hum(power: Powers, total: float, length: int, rate: int) -> float:
    """The larger share of the two families of mains lines; 0 where overtones have no fundamental."""
    if total <= 0:
        return 0.0
    best = 0.0
    for mains in MAINS:
        lines = _lines(mains, length, rate)
        all_lines = float(np.sum(power[lines]))
        first = float(np.sum(power[lines[: 3 * FUNDAMENTALS]]))
        if all_lines > 0 and first / all_lines >= LEAST_FUNDAMENTAL:
            best = max(best, all_lines / total)
    return min(1.0, best)


@cache
def _lines(mains: int, length: int, rate: int) -> NDArray[np.int64]:
    """The bins of a mains frequency and its harmonics, each with both neighbours; lowest first."""
    middles = [_bin(mains * harmonic, length, rate) for harmonic in range(1, HARMONICS + 1)]
    bins = [middle + beside for middle in middles for beside in (-1, 0, 1)]
    return np.array([line for line in bins if 0 < line < length // 2], np.int64)

"""The gate in front of the detector: it is asked only where the picture changed, and every so often anyway.

A crop is compared with the one that was *examined* last, not with the one before: slow changes add up.
Small changes (compression noise, the digits of a burnt-in clock) stay below the threshold; a person who
comes, goes or moves does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

SIDE = 48
STEP = 14
"""Grey levels by which a cell must differ; noise of a compressed still picture stays below 6."""
SHARE = 0.012
"""Share of cells that must differ: a head fills 2 % of a crop or more."""
EXAMINE_EVERY = 10.0
"""Seconds after which the detector is asked although nothing changed."""


@dataclass(slots=True)
class Gate:
    """What one zone looked like when it was examined last. Moments are monotonic seconds."""

    every: float = EXAMINE_EVERY
    _seen: NDArray[np.int16] | None = field(default=None)
    _at: float = 0.0

    def opens(self, crop: Picture, now: float) -> bool:
        """True when the crop differs from the examined one, or that one is too old."""
        if self._seen is None or now - self._at >= self.every:
            return True
        return changed_share(self._seen, signature(crop)) >= SHARE

    def examined(self, crop: Picture, now: float) -> None:
        """Remember the crop that the detector has just seen."""
        self._seen = signature(crop)
        self._at = now

    def forget(self) -> None:
        """Ask the detector at the next picture, whatever it shows."""
        self._seen = None


def signature(crop: Picture) -> NDArray[np.int16]:
    """The crop as a small grey picture, each cell the mean of its area."""
    small = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.int16)


def changed_share(first: NDArray[np.int16], second: NDArray[np.int16]) -> float:
    """The share of cells, 0 to 1, that differ by more than noise."""
    return float(np.mean(np.abs(first - second) > STEP))

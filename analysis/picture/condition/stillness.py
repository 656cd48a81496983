"""Whether a picture stands still more than any living one: the noise of its sensor is gone at once.

A camera that encodes a frozen picture anew changes it a little each time, so its bytes do not tell. But
between two pictures of a living camera every part changes by the noise of the sensor. How much of it outlasts
the encoder is learnt for each block, from the last pictures in the same light. Blocks whose noise does not
outlast it say nothing; where most do not, nothing is said at all.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import cv2
import numpy as np

from analysis.picture.condition.measures import GRID, Measures

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_APART, MOST_APART = 0.9, 5.5
"""Seconds between the pictures that are compared: a clock must have ticked, and a group of pictures ended.

The least change counts: encoders renew the picture with each group, and a frozen one then differs a little.
"""
MOST_COMPARED = 10
REMEMBERED = 60
"""Samples by which it is known how much each block changes at least."""
FEWEST_KNOWN = 8
LOW = 10
"""Percentile of a block's changes that counts as its usual least; motion lies above it."""
AUDIBLE = 0.12
"""Grey levels that a block must change by, at its usual least, to tell anything."""
FEWEST_TELLING = 12
"""Of 60 blocks."""
HUSHED, STAYS_HUSHED = 0.4, 0.6
"""Share of its usual least below which a block stands still; the same once that is stated."""
MOST_TICKING = 0.2
"""Share of the telling blocks that may change nevertheless: a burnt-in clock goes on."""
LATELY = 4.0
"""Seconds of which half the pictures must stand still: an encoder may renew the picture now and then."""
SAME_LIGHT = (2.0, 0.06)
"""Grey levels, and share of the mean, within which noise may be compared: it changes with the light."""


@dataclass(slots=True)
class Stillness:
    """What one camera's pictures change by, block by block."""

    _recent: deque[tuple[datetime, NDArray[np.uint8]]] = field(default_factory=deque)
    _known: deque[tuple[float, NDArray[np.float32]]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Mean grey level and change by block of pictures that lived."""
    _verdicts: deque[tuple[datetime, bool]] = field(default_factory=deque)

    def is_odd(self, at: datetime, measures: Measures, is_stated: bool) -> bool:
        """Take one picture: True when it stands still more than this camera's pictures do.

        `is_stated`: the picture counts as frozen, so that less is asked for.
        """
        change = self._change(at, measures.grey)
        if change is None:
            return False
        is_hushed = self._is_hushed(change, measures.mean, STAYS_HUSHED if is_stated else HUSHED)
        if not is_hushed and not is_stated:
            self._known.append((measures.mean, change))
        while self._verdicts and (at - self._verdicts[0][0]).total_seconds() > LATELY:
            self._verdicts.popleft()
        self._verdicts.append((at, is_hushed))
        hushed = sum(each for _, each in self._verdicts)
        return is_hushed or (not is_stated and hushed > 1 and 2 * hushed >= len(self._verdicts))

    def pass_over(self, at: datetime, measures: Measures) -> None:
        """Take a picture with another fault: others are compared with it, nothing more."""
        self._verdicts.clear()
        self._change(at, measures.grey)

    def forget(self) -> None:
        """Pictures were missed: the next one is compared with none before them."""
        self._recent.clear()
        self._verdicts.clear()

    def _change(self, at: datetime, grey: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Grey levels by block (GRID, rows first) to the likest of the last pictures; None without one."""
        while self._recent and (at - self._recent[0][0]).total_seconds() > MOST_APART:
            self._recent.popleft()
        if self._recent and self._recent[0][1].shape != grey.shape:
            self._recent.clear()
            self._known.clear()
        apart = [seen for when, seen in self._recent if (at - when).total_seconds() >= LEAST_APART]
        self._recent.append((at, grey))
        changes = [_by_block(cv2.absdiff(grey, seen)) for seen in apart[-MOST_COMPARED:]]
        return min(changes, key=lambda change: float(np.median(change)), default=None)

    def _is_hushed(self, change: NDArray[np.float32], mean: float, share: float) -> bool:
        levels, part = SAME_LIGHT
        alike = [each for light, each in self._known if abs(light - mean) <= levels + part * mean]
        if len(alike) < FEWEST_KNOWN:
            return False
        least = np.percentile(np.stack(alike), LOW, axis=0)
        telling = least >= AUDIBLE
        if telling.sum() < FEWEST_TELLING:
            return False
        return bool(np.mean(change[telling] < share * least[telling]) >= 1 - MOST_TICKING)


def _by_block(differences: NDArray[np.generic]) -> NDArray[np.float32]:
    means = cv2.resize(differences.astype(np.float32), GRID, interpolation=cv2.INTER_AREA)
    return means.astype(np.float32, copy=False)

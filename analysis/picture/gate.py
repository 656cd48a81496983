"""The gate in front of the detector: it is asked only where the picture changed, and every so often anyway.

A crop is compared cell by cell (analysis.picture.cells) with what was *examined*, not with the picture
before: slow changes add up.

What changes again and again while the detector says that nobody is there (a flickering lamp, a burnt-in
clock, the pulses of an encoder) is learnt: such a cell may wander between the values that it had. It is
learnt only from looks at an empty picture, one after the other; where that covers much of the picture it is
no lamp and no clock, and nothing is believed of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from analysis.picture.cells import are_together, bounds, outside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.picture.cells import Cells, Mask

EXAMINE_EVERY = 10.0
"""Seconds after which the detector is asked although nothing changed."""
FORGETTING = 300.0
"""Seconds in which two thirds of a wander that does not come back are forgotten."""
RESTLESS, MOST_REMEMBERED = 3.0, 6.0
"""So many changes between looks at an empty picture, which fade meanwhile, let a cell wander: whoever was
overlooked comes and goes, which are two. And how many are remembered."""
MOST_NOISE = 0.15
"""Share of the cells that may wander."""


@dataclass(slots=True)
class Wander:
    """Between which values each cell wandered while nobody was there, and how often it changed."""

    low: Cells
    high: Cells
    changes: NDArray[np.float32]
    at: float
    """When it was learnt last."""

    @classmethod
    def none(cls, cells: Cells, now: float) -> Wander:
        """Nothing has wandered yet since this look at an empty picture."""
        return cls(cells, cells, np.zeros(cells.shape[:2], np.float32), now)

    def take(self, looks: list[Cells], before: Cells, now: float) -> None:
        """Learn from `looks` at an empty picture, the last one `now`, after the look `before`."""
        last, kept = looks[-1], exp(-max(0.0, now - self.at) / FORGETTING)
        self.at = now
        self.low = np.minimum(last + kept * (self.low - last), np.minimum.reduce(looks))
        self.high = np.maximum(last + kept * (self.high - last), np.maximum.reduce(looks))
        self.changes *= kept
        for look in looks:
            self.changes += outside(look, *bounds(before, before))
            before = look
        np.minimum(self.changes, MOST_REMEMBERED, out=self.changes)

    @property
    def restless(self) -> Mask:
        """The cells that may wander: rows × columns."""
        cells = self.changes >= RESTLESS
        return cells if cells.mean() <= MOST_NOISE else np.zeros_like(cells)


@dataclass(slots=True)
class Gate:
    """What one crop looked like when it was examined, in cells. Moments are monotonic seconds."""

    every: float = EXAMINE_EVERY
    matters: Mask | None = field(default=None)
    """The cells (rows × columns) whose change matters; None for all. Ignored for crops of another size."""
    _seen: Cells | None = field(default=None)
    _low: Cells | None = field(default=None)
    _high: Cells | None = field(default=None)
    """Between these each cell may lie: as it was seen, or where it wanders."""
    _wander: Wander | None = field(default=None)
    _doubt: Cells | None = field(default=None)
    """A look that found nobody although something had changed: believed when the next says the same."""
    _is_empty: bool = False
    """Whether the last looks found nobody, neither in the zone nor beside it."""
    _at: float = 0.0

    @property
    def doubts(self) -> bool:
        """True when the last look did not explain what had changed, so that another one is due."""
        return self._doubt is not None

    def opens(self, cells: Cells, now: float) -> bool:
        """True when the cells differ from what was examined, or that is too old or in doubt."""
        return self.is_due(cells, now) or are_together(self.changed(cells))

    def is_due(self, cells: Cells, now: float) -> bool:
        """True when the detector is to be asked whatever changed."""
        if self._seen is None or self._seen.shape != cells.shape:
            return True
        return self._doubt is not None or now - self._at >= self.every

    def changed(self, cells: Cells) -> Mask:
        """The cells (rows × columns) that matter and are not as they were examined at this size."""
        assert self._low is not None
        assert self._high is not None
        changed = outside(cells, self._low, self._high)
        if self.matters is not None and self.matters.shape == changed.shape:
            changed &= self.matters
        return changed

    def examined(self, cells: Cells, now: float) -> None:
        """Remember what the detector has just seen. Nothing is learnt: somebody was found, or may be."""
        self._believe(cells, now)
        self._is_empty = False

    def found_nobody(self, cells: Cells, now: float, beside: bool = False) -> None:
        """Remember what the detector has just seen, with nobody in the zone; `beside` it there was somebody.

        When something has changed, which nobody in the picture explains, another look becomes due.
        """
        if self._seen is None or self._seen.shape != cells.shape:
            self.examined(cells, now)
            self._is_empty = not beside
            return
        self._is_empty = self._is_empty and not beside
        if self._doubt is None and are_together(self.changed(cells)):
            self._doubt, self._at = cells, now
            return
        if self._is_empty:
            self._wander = self._wander or Wander.none(self._seen, self._at)
            looks = [cells] if self._doubt is None else [self._doubt, cells]
            self._wander.take(looks, self._seen, now)
        self._believe(cells, now)
        self._is_empty = not beside

    def forget(self) -> None:
        """Ask the detector at the next picture, whatever it shows."""
        self._seen = self._low = self._high = self._wander = self._doubt = None
        self._is_empty = False

    def _believe(self, cells: Cells, now: float) -> None:
        if self._seen is not None and self._seen.shape != cells.shape:
            self._wander = None
        self._seen, self._doubt, self._at = cells, None, now
        low = high = cells
        if self._wander is not None and (restless := self._wander.restless).any():
            low, high = cells.copy(), cells.copy()
            low[restless] = np.minimum(self._wander.low, cells)[restless]
            high[restless] = np.maximum(self._wander.high, cells)[restless]
        self._low, self._high = bounds(low, high)

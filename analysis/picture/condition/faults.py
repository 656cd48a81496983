"""What is wrong with one picture by itself or beside the reference view. A single picture may err."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.picture.condition.measures import FAINT, Measures
from analysis.picture.condition.view import View


class Condition(StrEnum):
    """States of an observation of the picture; `unknown` comes from hall.observing."""

    CLEAR = "clear"
    COVERED = "covered"
    BLACK = "black"
    WASHED_OUT = "washed_out"
    FROZEN = "frozen"
    BLURRED = "blurred"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one picture shows, with a confidence of 0 to 1. `in_place` is None without a usable view."""

    condition: Condition
    confidence: float = 1.0
    in_place: float | None = None


DARK = 30.0
"""Grey level that 98 of 100 pixels stay below in a black picture: noise of a covered sensor reaches it."""
DIM = 25.0
"""Mean grey level of a dark picture in which nothing can be made out."""
BRIGHT = 205.0
BRIGHTISH = 190.0
"""Mean grey level at which fewer white pixels are enough."""
MOST_SATURATED, SATURATED_IF_BRIGHT = 0.4, 0.3
"""Share of white pixels of a washed out picture; less is enough where the rest is bright as well."""
FLAT = 0.8
"""Share of blocks without detail when nothing is seen; a clock and a title fill less than the rest."""
FLATTER = 0.3
"""By so much more than the view: a hall may have large bare walls."""
SHARP = 0.6
"""Sharpness, as a share of the usual, below which a picture is blurred."""
HOLDS = 0.15
"""By so much a fault that stands is easier to state than a new one."""
RESEMBLES = 0.7
"""Likeness of coarse light and dark at which detail was lost by blur, not behind a cover."""
LOST = 0.4
"""Share of blocks in place at or below which it is another view, whatever it is."""
BRIGHTER, VEILED = 25.0, 0.4
"""Grey levels above the view's mean, and share of its contrast that is left behind a veil."""
WEAK = 10.0
"""Grey levels: what the best blocks of a scene stand out by is several times as much."""
EVEN = 18.0
"""Standard deviation of coarse light and dark, in grey levels: a cover is even, an unsharp hall is not."""
SOFT = 0.3
"""Sharpness of the sharpest blocks at which any camera is out of focus; sharp ones reach 0.7 and more."""
FEWEST_DETAILED = 6
"""Blocks with detail by which sharpness alone can be judged."""
ALONE = 0.7
"""Confidence of what is told without a view."""
DOUBTED = 0.75
"""Share of blocks in place below which a shift is sought."""


def shown_by(
    measures: Measures, view: View | None, stated: Condition | None = None, *, is_trusted: bool = False
) -> Shown:
    """Judge one picture; `view` is a usable view or None. `stated` stands and is kept a little longer.

    `is_trusted`: somebody has confirmed what the camera shows, however bare or soft it is.
    """
    flat, in_place = measures.flat, view.in_place(measures) if view is not None else None
    if measures.high <= DARK or (flat >= FLAT and measures.mean <= DIM):
        return Shown(Condition.BLACK, _sure(DARK + DIM, measures.high, DARK), in_place)
    if _is_washed_out(measures, view, HOLDS if stated is Condition.WASHED_OUT else 0.0):
        return Shown(Condition.WASHED_OUT, _sure(0.2, max(flat, measures.saturated), 1.0), in_place)
    if view is None or in_place is None:
        return Shown(Condition.CLEAR) if is_trusted else _shown_without_view(measures, stated)
    slack = HOLDS if stated is Condition.COVERED else 0.0
    is_faint = flat >= max(FLAT, min(0.95, view.flat + FLATTER)) - slack or _is_weak(measures, view)
    is_veiled = measures.layout.std() <= VEILED * view.layout.std()
    if is_faint and (is_veiled or view.resembles(measures) < RESEMBLES):
        return Shown(Condition.COVERED, _sure(0.5, max(flat, FLAT), 1.0), in_place)
    sharp = view.sharp(measures)
    is_unsharp = sharp < SHARP + (HOLDS if stated is Condition.BLURRED else 0.0)
    # Another view may be less sharp by itself.
    if (is_faint or is_unsharp) and view.resembles(measures) >= RESEMBLES - HOLDS:
        return Shown(Condition.BLURRED, _sure(1.0, sharp, 0.0), in_place)
    if in_place <= LOST + (HOLDS if stated is Condition.MOVED else 0.0):
        return Shown(Condition.MOVED, _sure(1.0, in_place, 0.0), in_place)
    if in_place < DOUBTED and view.is_displaced(measures):
        return Shown(Condition.MOVED, 0.9, in_place)
    return Shown(Condition.CLEAR, in_place=in_place)


def _is_washed_out(measures: Measures, view: View | None, slack: float) -> bool:
    """Much is white, or all is bright and little of what used to stand out still does."""
    usual = view.saturated if view is not None else 0.0
    most = MOST_SATURATED if measures.mean < BRIGHTISH else SATURATED_IF_BRIGHT
    if measures.saturated >= max(most, usual + 0.2) - slack:
        return True
    if measures.mean < BRIGHT:
        return False
    if view is None:
        return measures.flat >= FLAT
    is_brighter = measures.mean >= view.layout.mean() + BRIGHTER
    return measures.flat >= FLAT or (is_brighter and view.contrast(measures) <= VEILED + slack)


def _is_weak(measures: Measures, view: View) -> bool:
    """Even the best blocks show little, though not nothing: the weave of a cloth before the lens."""
    best, usual = (float(np.percentile(each.detail, 90)) for each in (measures, view))
    return best <= min(WEAK, VEILED * usual)


def _shown_without_view(measures: Measures, stated: Condition | None) -> Shown:
    """What can be told of a camera whose view is not known yet: only what no camera at work shows."""
    slack = HOLDS if stated in (Condition.COVERED, Condition.BLURRED) else 0.0
    if measures.flat >= FLAT - slack:
        is_even = float(measures.layout.std()) <= EVEN
        return Shown(Condition.COVERED if is_even else Condition.BLURRED, ALONE)
    detailed = measures.detail >= FAINT
    if detailed.sum() >= FEWEST_DETAILED:
        sharpest = float(np.percentile(measures.sharpness[detailed], 90))
        if sharpest <= SOFT * (1.0 + slack):
            return Shown(Condition.BLURRED, ALONE)
    return Shown(Condition.CLEAR)


def _sure(doubtful: float, value: float, certain: float) -> float:
    """From 0.5 at `doubtful` to 1 at `certain`."""
    part = (value - doubtful) / (certain - doubtful)
    return round(0.5 + 0.5 * min(1.0, max(0.0, part)), 2)

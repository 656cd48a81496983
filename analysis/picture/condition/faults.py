"""What is wrong with one picture by itself or beside the reference view. A single picture may err."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analysis.picture.condition.measures import Measures
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
MOST_SATURATED = 0.4
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
DOUBTED = 0.75
"""Share of blocks in place below which a shift is sought."""


def shown_by(measures: Measures, view: View | None, stated: Condition | None = None) -> Shown:
    """Judge one picture; `view` is a usable view or None. `stated` stands and is kept a little longer."""
    flat, in_place = measures.flat, view.in_place(measures) if view is not None else None
    if measures.high <= DARK or (flat >= FLAT and measures.mean <= DIM):
        return Shown(Condition.BLACK, _sure(DARK + DIM, measures.high, DARK), in_place)
    slack = HOLDS if stated is Condition.WASHED_OUT else 0.0
    usual = view.saturated if view is not None else 0.0
    if measures.saturated >= max(MOST_SATURATED, usual + 0.2) - slack or (
        flat >= FLAT and measures.mean >= BRIGHT
    ):
        return Shown(Condition.WASHED_OUT, _sure(0.2, max(flat, measures.saturated), 1.0), in_place)
    if view is None or in_place is None:
        return Shown(Condition.CLEAR)
    slack = HOLDS if stated is Condition.COVERED else 0.0
    is_faint = flat >= max(FLAT, min(0.95, view.flat + FLATTER)) - slack
    if is_faint and view.resembles(measures) < RESEMBLES:
        return Shown(Condition.COVERED, _sure(0.5, flat, 1.0), in_place)
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


def _sure(doubtful: float, value: float, certain: float) -> float:
    """From 0.5 at `doubtful` to 1 at `certain`."""
    part = (value - doubtful) / (certain - doubtful)
    return round(0.5 + 0.5 * min(1.0, max(0.0, part)), 2)

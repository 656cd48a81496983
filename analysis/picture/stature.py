"""How tall people are in a picture, row by row: who stands at the back is smaller.

Learnt from people found in pieces of several sizes. The trunk tells more than the box: a queue hides legs,
and of somebody who sits behind a table only the head and the chest are seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from analysis.picture.merging import Box, body_of, cuts_of, moved, shared
from analysis.picture.tiling import Extent
from analysis.picture.zones import Crop
from hall.ports import Detection

PIECE_PER_PERSON = 2.0
"""Side of a piece by the height of a person. In composed crowds 83 % were found at 1.4, 78 % at 2, 67 % at
2.8; on single people walking about it matters little."""
HEIGHT_PER_TRUNK = 3.45
"""Height by the length from the shoulders to the hips: 0.29 of it in 3 000 findings, of the seated 0.23."""
LEVELS = (1.0, 0.55, 0.36, 0.22)
"""Sides of the pieces, as shares of the zone's shorter side, in which people's size is learnt."""
WITHIN, PART = 0.7, 0.6
"""What lies within a larger box by the one, and is less tall than the other of it, is a part of somebody."""
LEAST_PEOPLE = 6
"""Fewer tell nothing of rows: one size holds for all."""
LEAST_APART = 0.08
"""Rows, as shares of the height, that two people must be apart to tell how size changes."""
FLATTEST = 0.35
"""How tall somebody at the upper edge is at least, by how tall they are at the lower one."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody found: in which row their shoulders are, and how tall they are, both shares of the height."""

    row: float
    tall: float
    box: Box


@dataclass(frozen=True, slots=True)
class Stature:
    """How tall people are (pixels) at the upper edge and at the lower one; between them evenly more."""

    upper: float
    lower: float

    def at(self, row: float) -> float:
        """The height in pixels of people whose shoulders are in a row (share of the height)."""
        return self.upper + (self.lower - self.upper) * min(1.0, max(0.0, row))

    def side(self, row: float) -> float:
        """The side in pixels of a piece for such people."""
        return PIECE_PER_PERSON * self.at(row)

    def is_like(self, other: Stature, factor: float) -> bool:
        """Whether the two differ by less than a factor at both edges."""
        pairs = ((self.upper, other.upper), (self.lower, other.lower))
        return all(1 / factor < one / another < factor for one, another in pairs)


def seen_whole(extent: Extent, looks: Sequence[tuple[Crop, Sequence[Detection]]]) -> list[Seen]:
    """The people who stand whole in a piece."""
    return [
        _seen(moved(person, piece, extent.crop), extent.aspect)
        for piece, found in looks
        for person in found
        if not any(cuts_of(person, piece, extent.crop))
    ]


def stature_of(extent: Extent, people: Sequence[Seen]) -> Stature:
    """How tall people are, out of at least one found in pieces of several sizes.

    In small pieces a head or a hand near the lens is taken for somebody: what lies within a larger box is a
    part of them. How size changes is the median over pairs (Theil and Sen), so that a few do not decide.
    """
    kept: list[Seen] = []
    for one in sorted(people, key=lambda one: -one.tall):
        if not any(shared(one.box, more.box) >= WITHIN and one.tall < PART * more.tall for more in kept):
            kept.append(one)
    slopes = [
        (one.tall - other.tall) / (one.row - other.row)
        for one, other in combinations(kept, 2)
        if abs(one.row - other.row) >= LEAST_APART
    ]
    slope = max(0.0, median(slopes)) if len(kept) >= LEAST_PEOPLE and slopes else 0.0
    upper = median(one.tall - slope * one.row for one in kept)
    if upper < FLATTEST * (upper + slope):
        # A line through people of a few rows says little about the others.
        middle = median(one.tall for one in kept)
        row = median(one.row for one in kept)
        slope = middle / (FLATTEST / (1 - FLATTEST) + row)
        upper = middle - slope * row
    return Stature(max(1.0, upper * extent.height), max(1.0, (upper + slope) * extent.height))


def _seen(person: Detection, aspect: float) -> Seen:
    body = body_of(person, aspect)
    if body is None:
        _, top, _, bottom = person.box
        return Seen((top + bottom) / 2, bottom - top, person.box)
    return Seen(body.shoulders[1], HEIGHT_PER_TRUNK * body.trunk, person.box)

"""In how large pieces a waiting area is looked at, so that the people in it are large enough to be found.

A detector sees each piece as a small square. Somebody who is a tenth of the zone's height is a few pixels in
a square that holds the whole zone, and nobody finds them; somebody who fills a piece is cut into parts, which
are counted apart. So the pieces are made after the size of the people (analysis.picture.stature), which
changes from row to row: who stands at the back is smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from analysis.picture.zones import Crop
from hall.place import Point
from hall.polygon import contains

OVERLAP = 0.3
"""Of one piece with the next, as a share of its side: nearly everybody stands whole in one of them."""
SMALLEST = 96.0
"""Pixels. A smaller piece shows nothing that the detector's square would not have to invent."""
MOST_PIECES = 96
GROWTH = 1.1
POSTS = 5
"""A piece is left out when no point of a grid of so many by so many in it lies within the zone."""
QUARTER = 0.7
"""Side of a quarter by that of its piece: two of them overlap by as much as two pieces do."""
LONGEST_ASPECT = 1.8
MOST_STRIPS = 4

Sides = Callable[[float], float]
"""The side in pixels that a piece should have whose middle lies in a row (share of the crop's height)."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A zone's crop with its size in pixels, by which pieces are made square."""

    crop: Crop
    width: int
    height: int

    @property
    def shorter(self) -> int:
        """The shorter side in pixels."""
        return min(self.width, self.height)

    @property
    def aspect(self) -> float:
        """Width by height."""
        return self.width / self.height


def pieces(extent: Extent, sides: Sides, polygon: Sequence[Point], most: int = MOST_PIECES) -> list[Crop]:
    """Overlapping squares of about these sides that cover what of the crop lies in the polygon.

    Where that takes more than `most`, all are made larger.
    """
    growth = 1.0
    while True:
        rows = _rows(extent, sides, growth)
        if sum(across for _, _, across in rows) <= most:
            break
        growth *= GROWTH
    found = [
        _part(extent.crop, left, top / extent.height, side / extent.width, side / extent.height)
        for top, side, across in rows
        for left in _starts(across, min(1.0, side / extent.width))
    ]
    return [piece for piece in found if _touches(piece, polygon)] or [extent.crop]


def quarters(piece: Crop) -> list[Crop]:
    """Four overlapping pieces of a piece."""
    starts = (0.0, 1 - QUARTER)
    return [_part(piece, left, top, QUARTER, QUARTER) for top in starts for left in starts]


def strips(crop: Crop, aspect: float) -> list[Crop]:
    """A long crop as overlapping, nearly square pieces; `aspect` is its width by its height in pixels.

    In a square of the detector's a long crop would be small, and the people in it smaller.
    """
    count = min(MOST_STRIPS, ceil(max(aspect, 1 / aspect) / LONGEST_ASPECT))
    if count < 2:
        return [crop]
    piece = min(1.0, (1 + OVERLAP) / count)
    if aspect > 1:
        return [_part(crop, start, 0.0, piece, 1.0) for start in _starts(count, piece)]
    return [_part(crop, 0.0, start, 1.0, piece) for start in _starts(count, piece)]


def _rows(extent: Extent, sides: Sides, growth: float) -> list[tuple[float, float, int]]:
    """From the bottom up: where each row of pieces begins, their side (both pixels), and how many."""
    least = min(SMALLEST, float(extent.shorter))
    longest = float(max(extent.width, extent.height))
    rows: list[tuple[float, float]] = []
    bottom = float(extent.height)
    while True:
        side = least
        for _ in range(3):  # the row of the middle depends on the side
            middle = max(0.0, bottom - side / 2) / extent.height
            side = min(longest, max(least, growth * sides(middle)))
        rows.append((bottom - side, side))
        if bottom <= side:
            break
        bottom += OVERLAP * side - side
    # The last row reaches beyond the upper edge: all rows move down a little, so that they overlap alike.
    beyond = -rows[-1][0] / max(1, len(rows) - 1)
    return [
        (max(0.0, top + number * beyond), side, _count(extent.width, side))
        for number, (top, side) in enumerate(rows)
    ]


def _count(length: int, side: float) -> int:
    if side >= length:
        return 1
    return ceil((length - OVERLAP * side) / (side * (1 - OVERLAP)))


def _starts(count: int, share: float) -> list[float]:
    return [(1 - share) * index / (count - 1) for index in range(count)] if count > 1 else [0.0]


def _part(whole: Crop, left: float, top: float, width: float, height: float) -> Crop:
    x, y = whole.to_picture(left, top)
    right, bottom = whole.to_picture(min(1.0, left + width), min(1.0, top + height))
    return Crop(x, y, right, bottom)


def _touches(piece: Crop, polygon: Sequence[Point]) -> bool:
    steps = [index / (POSTS - 1) for index in range(POSTS)]
    return any(contains(polygon, piece.to_picture(x, y)) for x in steps for y in steps)

"""In how large pieces a waiting area is looked at, so that the people in it are large enough to be found.

A detector sees each piece as a small square. Somebody who is a tenth of the zone's height is a few pixels in
a square that holds the whole zone, and nobody finds them; somebody who fills a piece is cut into parts, which
are counted apart. So the pieces are made after the size of the people: some three times as long as they are
tall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from analysis.picture.counting import Box, is_cut, moved, shared
from analysis.picture.zones import Crop
from hall.place import Point
from hall.polygon import contains
from hall.ports import Detection

PIECE_PER_PERSON = 3.0
"""Side of a piece by the height of a person. On people of 85 pixels walking about, 2.6 to 3 counted best."""
OVERLAP = 0.3
"""Of one piece with the next, as a share of its side: nearly everybody stands whole in one of them."""
SMALLEST = 96.0
"""Pixels. A smaller piece shows nothing that the detector's square would not have to invent."""
MOST_PIECES = 48
POSTS = 5
"""A piece is left out when no point of a grid of so many by so many in it lies within the zone."""
WITHIN, PART = 0.7, 0.6
"""What lies within a larger box by the one, and is less tall than the other of it, is a part of somebody."""
LEVELS = (1.0, 0.55, 0.36, 0.22)
"""Sides of the pieces, as shares of the zone's shorter side, in which people's size is learnt."""
SMALL_SHARE = 0.25
"""The size that counts is that of the smaller people: a quarter may be smaller still."""


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


def pieces(extent: Extent, side: float, polygon: Sequence[Point]) -> list[Crop]:
    """Overlapping squares of about `side` pixels that cover what of the crop lies in the polygon."""
    side = max(side, min(SMALLEST, float(extent.shorter)))
    across, down = _count(extent.width, side), _count(extent.height, side)
    while across * down > MOST_PIECES:
        side *= 1.1
        across, down = _count(extent.width, side), _count(extent.height, side)
    width, height = min(1.0, side / extent.width), min(1.0, side / extent.height)
    found = [
        _part(extent.crop, left, top, width, height)
        for top in _starts(down, height)
        for left in _starts(across, width)
    ]
    return [piece for piece in found if _touches(piece, polygon)] or [extent.crop]


def whole_people(crop: Crop, looks: Sequence[tuple[Crop, Sequence[Detection]]]) -> list[Box]:
    """The boxes, in shares of the crop, of people that stand whole in a piece."""
    return [
        moved(person, piece, crop).box
        for piece, people in looks
        for person in people
        if not is_cut(person, piece, crop)
    ]


def heights(extent: Extent, boxes: Sequence[Box]) -> list[float]:
    """How tall (pixels) people are, out of what was found in pieces of several sizes.

    In small pieces a head or a hand near the lens is taken for somebody: what lies within a larger box is a
    part of them.
    """
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: box[1] - box[3]):
        if not any(shared(box, larger) >= WITHIN and _tall(box) < PART * _tall(larger) for larger in kept):
            kept.append(box)
    return [_tall(box) * extent.height for box in kept]


def side_for(tall: Sequence[float]) -> float:
    """The side of a piece, in pixels, for people of these heights (at least one, pixels)."""
    ordered = sorted(tall)
    return PIECE_PER_PERSON * ordered[int(SMALL_SHARE * (len(ordered) - 1))]


def _tall(box: Box) -> float:
    return box[3] - box[1]


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

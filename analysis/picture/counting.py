"""People where they are many or small: found piece by piece, each once, and counted without jumping about."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from analysis.picture.zones import Crop
from hall.ports import Detection

TILE_OVERLAP = 0.3
LONGEST_ASPECT = 1.8
MOST_STRIPS = 4
SAME_PLACE = 0.5
"""Two boxes that share this much of the smaller one are one person seen in two tiles."""
SAME_IF_CUT = 0.15
"""The same for a box that is cut by the edge of its tile."""
UPPER_MIDDLE = 0.6
MARGIN = 0.1
EDGE = 0.02
"""Shares of a tile. A box that comes so close to its edge may be a part of somebody."""
ROUNDING = 1e-6


def strips(crop: Crop, aspect: float) -> list[Crop]:
    """A long crop as overlapping, nearly square pieces; `aspect` is its width by its height in pixels.

    In a square of the detector's a long crop would be small, and the people in it smaller.
    """
    count = min(MOST_STRIPS, ceil(max(aspect, 1 / aspect) / LONGEST_ASPECT))
    if count < 2:
        return [crop]
    piece = min(1.0, (1 + TILE_OVERLAP) / count)
    starts = [(1 - piece) * index / (count - 1) for index in range(count)]
    width, height = crop.right - crop.left, crop.bottom - crop.top
    if aspect > 1:
        lefts = [crop.left + start * width for start in starts]
        return [Crop(left, crop.top, left + piece * width, crop.bottom) for left in lefts]
    tops = [crop.top + start * height for start in starts]
    return [Crop(crop.left, top, crop.right, top + piece * height) for top in tops]


def merged(whole: Crop, parts: Sequence[tuple[Crop, Sequence[Detection]]]) -> list[Detection]:
    """The people of several tiles, each once, in coordinates of the whole crop.

    Who is cut by the edge of a tile stands whole in the next one: a cut box only counts where it hardly
    touches any other.
    """
    every = [
        (is_cut(person, tile, whole), moved(person, tile, whole)) for tile, found in parts for person in found
    ]
    kept: list[Detection] = []
    for cut, person in sorted(every, key=lambda each: (each[0], -each[1].score)):
        most = SAME_IF_CUT if cut else SAME_PLACE
        if all(shared(person.box, known.box) < most for known in kept):
            kept.append(person)
    return kept


def is_cut(person: Detection, tile: Crop, whole: Crop) -> bool:
    """Whether somebody's box ends at an edge of its tile that is not one of the whole crop."""
    left, top, right, bottom = person.box
    return (
        (left < EDGE and tile.left > whole.left + ROUNDING)
        or (top < EDGE and tile.top > whole.top + ROUNDING)
        or (right > 1 - EDGE and tile.right < whole.right - ROUNDING)
        or (bottom > 1 - EDGE and tile.bottom < whole.bottom - ROUNDING)
    )


def moved(person: Detection, tile: Crop, whole: Crop) -> Detection:
    """Somebody found in a tile, in coordinates of the whole crop."""
    width, height = whole.right - whole.left, whole.bottom - whole.top

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = tile.to_picture(x, y)
        return (across - whole.left) / width, (down - whole.top) / height

    left, top = place(person.box[0], person.box[1])
    right, bottom = place(person.box[2], person.box[3])
    points = tuple(type(point)(*place(point.x, point.y), point.score) for point in person.key_points)
    return Detection((left, top, right, bottom), person.score, points)


Box = tuple[float, float, float, float]


def shared(first: Box, second: Box) -> float:
    """The common area of two boxes as a share of the smaller one."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return width * height / smaller if smaller > 0 else 0.0


@dataclass(slots=True)
class PeopleCount:
    """The count of one zone: of the last samples one in the upper middle, so that no single one changes it.

    Somebody who is hidden for a moment is missed far more often than somebody is seen who is not there.
    """

    window: int = 5
    value: int | None = None
    _samples: deque[int] = field(init=False)

    def __post_init__(self) -> None:
        self._samples = deque(maxlen=self.window)

    def sample(self, people: int) -> int | None:
        """Take one sample; the new count when it differs from the one stated before, else None."""
        self._samples.append(people)
        count = sorted(self._samples)[int(UPPER_MIDDLE * len(self._samples))]
        if count == self.value:
            return None
        self.value = count
        return count

    @property
    def certainty(self) -> float | None:
        """The share of the last samples that agree with the count, to a person or a tenth."""
        value = self.value
        if value is None or not self._samples:
            return None
        margin = max(1.0, value * MARGIN)
        return sum(abs(people - value) <= margin for people in self._samples) / len(self._samples)

    def resume(self, value: int) -> None:
        """Go on with a count that another process stated."""
        self.value = value
        self._samples.extend([value] * self.window)

    def blind(self) -> bool:
        """Nothing has been seen for too long. True when that changes what is stated."""
        self._samples.clear()
        was_known = self.value is not None
        self.value = None
        return was_known

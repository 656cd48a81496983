"""The people of overlapping pieces of a picture, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from analysis.picture.zones import HEAD, SHOULDERS, Crop
from hall.place import Point
from hall.ports import Detection, KeyPoint

SAME_PLACE = 0.72
"""Two boxes that share this much of the smaller one are one person. In dense composed crowds fewer were taken
for one wrongly, and hardly more counted twice, than with a half."""
SAME_IF_CUT = 0.15
"""The same for a box that is cut by the edge of its piece, where key points do not tell."""
SAME_BUT_CUT = 0.6
"""The same for a box that is cut, though its head is not."""
SAME_BODY = 0.4
"""Two findings whose heads and shoulders lie closer than this, in lengths of a trunk, are one person.

0.3 % of those of one person lay further apart, 3 % of those of two people closer (1547 pairs in composed
crowds)."""
HIPS = slice(11, 13)
EDGE = 0.02
"""Shares of a piece. A box that comes so close to its edge may be a part of somebody."""
ROUNDING = 1e-6

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Body:
    """Where somebody's head and shoulders are, and how long the trunk is, all in heights of the crop."""

    head: Point
    shoulders: Point
    trunk: float

    def apart(self, other: Body) -> float:
        """How far two are from each other, in lengths of a trunk."""
        heads = hypot(self.head[0] - other.head[0], self.head[1] - other.head[1])
        shoulders = hypot(self.shoulders[0] - other.shoulders[0], self.shoulders[1] - other.shoulders[1])
        return (heads + shoulders) / (self.trunk + other.trunk) if self.trunk + other.trunk > 0 else 0.0


def body_of(person: Detection, aspect: float) -> Body | None:
    """The body that the key points tell of; None for detectors that find boxes only.

    `aspect` is the width by the height, in pixels, of the crop in whose shares `person` is given. The trunk
    of somebody seen from the side has no broad shoulders, that of somebody who bends is short: the longer of
    both counts.
    """
    points = person.key_points
    if len(points) < HIPS.stop:
        return None
    shoulders, hips = _middle(points[SHOULDERS], aspect), _middle(points[HIPS], aspect)
    left, right = points[SHOULDERS]
    broad = hypot((left.x - right.x) * aspect, left.y - right.y)
    long = hypot(shoulders[0] - hips[0], shoulders[1] - hips[1])
    return Body(_middle(points[HEAD], aspect), shoulders, max(broad, long))


def upper_middle(person: Detection) -> Point:
    """The middle of the shoulders; without key points that of the upper half of the box."""
    if len(person.key_points) >= SHOULDERS.stop:
        return _middle(person.key_points[SHOULDERS], 1.0)
    left, top, right, bottom = person.box
    return (left + right) / 2, top + (bottom - top) / 4


@dataclass(frozen=True, slots=True)
class _Finding:
    piece: int
    person: Detection
    body: Body | None
    is_cut: bool
    is_headless: bool

    def is_known(self, other: _Finding) -> bool:
        """Whether this is the same person as `other`, which is the better finding of the two."""
        common = shared(self.person.box, other.person.box)
        if self.body is None or other.body is None:
            return common >= (SAME_IF_CUT if self.is_cut else SAME_PLACE)
        if self.piece == other.piece:
            return False  # the detector saw both at once, and told them apart
        if common > 0 and self.body.apart(other.body) < SAME_BODY:
            return True
        return self.is_cut and common >= (SAME_IF_CUT if self.is_headless else SAME_BUT_CUT)


def merged(
    whole: Crop, parts: Sequence[tuple[Crop, Sequence[Detection]]], aspect: float = 1.0
) -> list[Detection]:
    """The people of several pieces, each once, in coordinates of the whole crop.

    `aspect` is the crop's width by its height in pixels. Who is cut by the edge of a piece stands whole in
    another one: a cut box only counts where it hardly touches any other, unless head and shoulders tell that
    it is somebody else.
    """
    every = []
    for number, (piece, found) in enumerate(parts):
        for person in found:
            placed = moved(person, piece, whole)
            _, above, _, _ = cuts = cuts_of(person, piece, whole)
            every.append(_Finding(number, placed, body_of(placed, aspect), any(cuts), above))
    kept: list[_Finding] = []
    for finding in sorted(every, key=lambda each: (each.is_headless, each.is_cut, -each.person.score)):
        if not any(finding.is_known(known) for known in kept):
            kept.append(finding)
    return [finding.person for finding in kept]


def cuts_of(person: Detection, piece: Crop, whole: Crop) -> tuple[bool, bool, bool, bool]:
    """Whether a box ends at the left, top, right, bottom edge of its piece, if that is none of the crop."""
    left, top, right, bottom = person.box
    return (
        left < EDGE and piece.left > whole.left + ROUNDING,
        top < EDGE and piece.top > whole.top + ROUNDING,
        right > 1 - EDGE and piece.right < whole.right - ROUNDING,
        bottom > 1 - EDGE and piece.bottom < whole.bottom - ROUNDING,
    )


def moved(person: Detection, piece: Crop, whole: Crop) -> Detection:
    """Somebody found in a piece, in coordinates of the whole crop."""
    width, height = whole.right - whole.left, whole.bottom - whole.top

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = piece.to_picture(x, y)
        return (across - whole.left) / width, (down - whole.top) / height

    left, top = place(person.box[0], person.box[1])
    right, bottom = place(person.box[2], person.box[3])
    points = tuple(type(point)(*place(point.x, point.y), point.score) for point in person.key_points)
    return Detection((left, top, right, bottom), person.score, points)


def shared(first: Box, second: Box) -> float:
    """The common area of two boxes as a share of the smaller one."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return width * height / smaller if smaller > 0 else 0.0


def _middle(points: Sequence[KeyPoint], aspect: float) -> Point:
    count = len(points)
    return sum(point.x for point in points) * aspect / count, sum(point.y for point in points) / count

"""Where the head of somebody found is: a circle that holds face, hair and ears, rather too large than small.

What is not known is taken to be where it would leave the most of a head covered: key points that the detector
only guesses widen the circle, they never move it away from where the head may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from hall.place import Point
from hall.ports import Detection, KeyPoint

SURE = 0.25
"""Key points below this score are guesses."""
FACE = slice(0, 5)
SHOULDERS = slice(5, 7)
HIPS = slice(11, 13)
HEAD_PER_TRUNK = 0.34
"""Radius of a head with its hair by the length from shoulders to hips, or by their breadth if larger."""
HEAD_PER_FACE = 1.7
"""The same by the widest distance of two of eyes, ears and nose: of a face seen from the front, its half."""
NECK_PER_TRUNK = 0.42
"""From the shoulders up to the middle of the head, by the trunk."""
BOX_PART = 3
"""Of somebody of whom only a box is known the upper third is the head."""
SMALLEST = 5.0
"""Pixels: a head is never smaller, however far away."""


@dataclass(frozen=True, slots=True)
class Head:
    """A circle in the picture, in pixels."""

    x: float
    y: float
    radius: float

    def apart(self, other: Head) -> float:
        """Pixels between the two middles."""
        return hypot(self.x - other.x, self.y - other.y)


def shows_face(person: Detection) -> bool:
    """Whether the detector is sure of any part of a face."""
    return any(point.score >= SURE for point in person.key_points[FACE])


def head_of(person: Detection, width: int, height: int) -> Head:
    """The head of somebody whose box and key points are shares of a picture of this size (pixels)."""
    left, top, right, bottom = person.box
    if len(person.key_points) < HIPS.stop:
        across, down = (right - left) * width, (bottom - top) * height / BOX_PART
        return _circle((left + right) / 2 * width, top * height + down / 2, hypot(across, down) / 2)
    points = [_Placed.of(point, width, height) for point in person.key_points]
    shoulders, hips = _middle(points[SHOULDERS]), _middle(points[HIPS])
    broad = points[5].apart(points[6])
    trunk = max(broad, hypot(shoulders[0] - hips[0], shoulders[1] - hips[1]))
    face = [point for point in points[FACE] if point.score >= SURE]
    if face:
        x, y = _middle(face)
        spread = max(one.apart(other) for one in face for other in face)
        seen = HEAD_PER_FACE * spread / 2 if len(face) > 1 else 0.0
        return _circle(x, y, max(HEAD_PER_TRUNK * trunk, seen))
    guessed = _middle(points[FACE])
    above = (shoulders[0], shoulders[1] - NECK_PER_TRUNK * trunk)
    reach = hypot(guessed[0] - above[0], guessed[1] - above[1]) / 2
    middle = ((guessed[0] + above[0]) / 2, (guessed[1] + above[1]) / 2)
    return _circle(*middle, min(reach, trunk) + 1.3 * HEAD_PER_TRUNK * trunk)


@dataclass(frozen=True, slots=True)
class _Placed:
    x: float
    y: float
    score: float

    @staticmethod
    def of(point: KeyPoint, width: int, height: int) -> _Placed:
        return _Placed(point.x * width, point.y * height, point.score)

    def apart(self, other: _Placed) -> float:
        return hypot(self.x - other.x, self.y - other.y)


def _circle(x: float, y: float, radius: float) -> Head:
    return Head(x, y, max(SMALLEST, radius))


def _middle(points: list[_Placed]) -> Point:
    return sum(point.x for point in points) / len(points), sum(point.y for point in points) / len(points)

"""Plane geometry of zones: simple polygons in normalised picture coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from hall.place import Point

GRID = 200
"""Overlap is measured on a grid of this many cells a side over the common box: good to about 0.5 %."""


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """True when the point lies inside (even-odd rule; a point on the border may fall either way)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def bounds(polygon: Sequence[Point]) -> tuple[float, float, float, float]:
    """The enclosing box: left, top, right, bottom."""
    xs = [point[0] for point in polygon]
    ys = [point[1] for point in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def area(polygon: Sequence[Point]) -> float:
    """The area of a simple polygon (shoelace formula), as a share of the picture."""
    pairs = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)) / 2


def crosses_itself(polygon: Sequence[Point]) -> bool:
    """True when two sides that are not neighbours cross, or when the polygon has no area."""
    sides = list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))
    last = len(sides) - 1
    for (i, first), (j, second) in combinations(enumerate(sides), 2):
        if j - i == 1 or (i == 0 and j == last):
            continue
        if _cross(*first, *second):
            return True
    return area(polygon) < 1e-6


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def overlap_share(first: Sequence[Point], second: Sequence[Point]) -> float:
    """The common area as a share of the smaller polygon, 0 to 1, measured on a grid."""
    box, other = bounds(first), bounds(second)
    left, top = max(box[0], other[0]), max(box[1], other[1])
    right, bottom = min(box[2], other[2]), min(box[3], other[3])
    if right <= left or bottom <= top:
        return 0.0
    width, height = (right - left) / GRID, (bottom - top) / GRID
    hits = 0
    for row in range(GRID):
        for column in range(GRID):
            point = (left + (column + 0.5) * width, top + (row + 0.5) * height)
            hits += contains(first, point) and contains(second, point)
    smaller = min(area(first), area(second))
    return min(1.0, hits * width * height / smaller) if smaller > 0 else 0.0

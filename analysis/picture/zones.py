"""From a zone's polygon to the crop that is examined, and from people found to people who count.

A person counts for a zone when most of what tells where they are (head, shoulders, middle of the box)
lies inside the polygon: somebody who leans over the counter brings a head into the staff zone, but
leaves the shoulders and the middle of the body outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hall.place import Point, Zone, ZoneRole
from hall.polygon import bounds, contains
from hall.ports import Detection, KeyPoint

if TYPE_CHECKING:
    from hall.ports import Picture

MARGIN = 0.15
"""Share of the box's own size that is added on each side: people reach beyond hand-drawn polygons."""
RELIABLE = 0.25
"""Key points below this score are guesses."""
HEAD = slice(0, 5)
SHOULDERS = slice(5, 7)
LEAST_WIDTH = 640
TILED = 0.12
"""Share of its length that the smallest piece of a waiting zone may be (analysis.picture.tiling)."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A rectangle of the picture, in shares of it: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def cut(self, picture: Picture) -> Picture:
        """The pixels inside, at least one in each direction. A view, not a copy."""
        height, width = picture.shape[:2]
        x0 = min(int(self.left * width), width - 1)
        y0 = min(int(self.top * height), height - 1)
        x1 = min(width, max(x0 + 1, round(self.right * width)))
        y1 = min(height, max(y0 + 1, round(self.bottom * height)))
        return picture[y0:y1, x0:x1]

    def to_picture(self, x: float, y: float) -> Point:
        """A point of the crop (0..1) as a point of the whole picture."""
        return self.left + x * (self.right - self.left), self.top + y * (self.bottom - self.top)


def crop_of(zone: Zone, margin: float = MARGIN) -> Crop:
    """The box around a zone's polygon with a margin, inside the picture."""
    left, top, right, bottom = bounds(zone.polygon)
    across, down = (right - left) * margin, (bottom - top) * margin
    return Crop(
        max(0.0, left - across), max(0.0, top - down), min(1.0, right + across), min(1.0, bottom + down)
    )


def width_needed(zones: Sequence[Zone], width: int, height: int, crop_size: int) -> int:
    """How wide a picture must be so that no crop's longer side has to be enlarged; never above `width`."""
    if not zones or width <= LEAST_WIDTH:
        return width
    crops = [(crop_of(zone), TILED if zone.role is ZoneRole.WAITING else 1.0) for zone in zones]
    longest = [
        max((crop.right - crop.left) * width, (crop.bottom - crop.top) * height) * part
        for crop, part in crops
    ]
    shrink = crop_size / max(1.0, min(longest))
    return min(width, max(LEAST_WIDTH, round(width * shrink)))


def people_inside(zone: Zone, crop: Crop, found: Sequence[Detection]) -> list[Detection]:
    """Those of the people found in the crop who count for the zone."""
    return [person for person in found if stands_inside(zone.polygon, crop, person)]


def stands_inside(polygon: Sequence[Point], crop: Crop, person: Detection) -> bool:
    """True when most of a person's anchors lie inside the polygon."""
    anchors = [crop.to_picture(*anchor) for anchor in anchors_of(person)]
    inside = sum(contains(polygon, anchor) for anchor in anchors)
    return 2 * inside > len(anchors)


def anchors_of(person: Detection) -> list[Point]:
    """What tells where a person is, in crop coordinates: middle of the box, of the shoulders, of the head.

    Head and shoulders only where the detector is sure of them.
    """
    left, top, right, bottom = person.box
    anchors = [((left + right) / 2, (top + bottom) / 2)]
    for part in (SHOULDERS, HEAD):
        middle = _middle(person.key_points[part])
        if middle is not None:
            anchors.append(middle)
    if len(anchors) == 2:
        # Two anchors that disagree would decide nothing: the shoulders (or the head) say it alone.
        return anchors[1:]
    return anchors


def _middle(points: Sequence[KeyPoint]) -> Point | None:
    sure = [point for point in points if point.score >= RELIABLE]
    if not sure:
        return None
    return sum(point.x for point in sure) / len(sure), sum(point.y for point in sure) / len(sure)

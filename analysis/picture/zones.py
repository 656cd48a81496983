"""From a zone's polygon to the crop that is examined, and from people found to people who count.

A person counts for a zone when at least half of what tells where they are (head, shoulders, hips, middle of
the box) lies inside the polygon: somebody who leans over the counter brings a head into the staff zone, but
leaves the shoulders and the middle of the body outside. Between the staff zone and the customer zone of one
window a person counts for the one that holds more of them, and, when both hold as much, for the staff zone
unless the hips are firmly seen on the other side: whoever leans in with head and shoulders stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
FIRM = 0.6
"""Hips from this score on are seen; below it they may be guessed, of a clerk whom a screen hides."""
EDGE = 0.04
"""Share of a crop: a box that comes so close to its edge is cut by it."""
HEAD = slice(0, 5)
SHOULDERS = slice(5, 7)
HIPS = slice(11, 13)
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

    def holds(self, point: Point) -> bool:
        """Whether a point of the picture lies inside."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


def crop_of(zone: Zone, margin: float = MARGIN) -> Crop:
    """The box around a zone's polygon with a margin, inside the picture."""
    left, top, right, bottom = bounds(zone.polygon)
    across, down = (right - left) * margin, (bottom - top) * margin
    return Crop(
        max(0.0, left - across), max(0.0, top - down), min(1.0, right + across), min(1.0, bottom + down)
    )


def width_needed(zones: Sequence[Zone], width: int, height: int, crop_size: int) -> int:
    """How wide a picture must be so that no crop's longer side has to be enlarged; never above `width`.

    Without zones only the picture as a whole is judged, which needs little.
    """
    if not zones or width <= LEAST_WIDTH:
        return min(width, LEAST_WIDTH)
    crops = [(crop_of(zone), TILED if zone.role is ZoneRole.WAITING else 1.0) for zone in zones]
    longest = [
        max((crop.right - crop.left) * width, (crop.bottom - crop.top) * height) * part
        for crop, part in crops
    ]
    shrink = crop_size / max(1.0, min(longest))
    return min(width, max(LEAST_WIDTH, round(width * shrink)))


def rivals_of(zone: Zone, zones: Iterable[Zone]) -> list[Zone]:
    """The customer zones of a staff zone's window, or the staff zones of a customer zone's."""
    other = {ZoneRole.STAFF: ZoneRole.CUSTOMER, ZoneRole.CUSTOMER: ZoneRole.STAFF}.get(zone.role)
    return [each for each in zones if each.role is other and each.window == zone.window]


def people_inside(
    zone: Zone, crop: Crop, found: Sequence[Detection], rivals: Sequence[Zone] = ()
) -> list[Detection]:
    """Those of the people found in the crop who count for the zone, and not rather for one of its rivals."""
    return [
        person
        for person in found
        if stands_inside(zone.polygon, crop, person)
        and all(_is_rather_in(zone, rival, crop, person) for rival in rivals)
    ]


def stands_inside(polygon: Sequence[Point], crop: Crop, person: Detection) -> bool:
    """True when at least half of a person's anchors lie inside the polygon."""
    anchors = anchors_of(person, crop)
    return 2 * _inside(polygon, crop, anchors) >= len(anchors)


def anchors_of(person: Detection, crop: Crop) -> list[Point]:
    """What tells where a person is, in crop coordinates: middle of the box, of the shoulders, hips and head.

    Shoulders, hips and head only where the detector is sure of them; the middle only of somebody who is whole
    in the crop, or of whom nothing else is known. Of somebody cut by its edge it lies too far inside.
    """
    parts = [centre_of(person.key_points[part]) for part in (SHOULDERS, HIPS, HEAD)]
    known = [part for part in parts if part is not None]
    if len(known) != 1 and not (known and _is_cut(person, crop)):
        known.insert(0, _middle_of(person))
    # Two anchors that disagree would decide nothing: the shoulders (or else the hips) say it alone.
    return known[:1] if len(known) == 2 else known


def _is_rather_in(zone: Zone, rival: Zone, crop: Crop, person: Detection) -> bool:
    anchors = anchors_of(person, crop)
    own, theirs = (_inside(each.polygon, crop, anchors) for each in (zone, rival))
    if own != theirs:
        return own > theirs
    hips = centre_of(person.key_points[HIPS], FIRM)
    customers = zone if zone.role is ZoneRole.CUSTOMER else rival
    staff = rival if customers is zone else zone
    leans_in = (
        hips is not None
        and _inside(customers.polygon, crop, [hips]) > 0
        and _inside(staff.polygon, crop, [hips]) == 0
    )
    return leans_in == (zone is customers)


def _inside(polygon: Sequence[Point], crop: Crop, points: Iterable[Point]) -> int:
    return sum(contains(polygon, crop.to_picture(*point)) for point in points)


def _is_cut(person: Detection, crop: Crop) -> bool:
    """Whether somebody's box ends at an edge of the crop beyond which the picture goes on."""
    left, top, right, bottom = person.box
    return (
        (left < EDGE and crop.left > 0)
        or (top < EDGE and crop.top > 0)
        or (right > 1 - EDGE and crop.right < 1)
        or (bottom > 1 - EDGE and crop.bottom < 1)
    )


def _middle_of(person: Detection) -> Point:
    left, top, right, bottom = person.box
    return (left + right) / 2, (top + bottom) / 2


def centre_of(points: Sequence[KeyPoint], least: float = RELIABLE) -> Point | None:
    """The middle of those key points whose score is `least` or more; None without any."""
    sure = [point for point in points if point.score >= least]
    if not sure:
        return None
    return sum(point.x for point in sure) / len(sure), sum(point.y for point in sure) / len(sure)

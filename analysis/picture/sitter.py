"""Whether somebody who was found is still there: asked of the picture, before the detector is.

Whoever sits at a desk sways, nods and breathes, and a picture of them is never like the one before. What
tells that they stayed is their head, found again near where it was, whatever the light; and a body of which
most is as it was, in its place or moved as the head was. Both must hold: a wall behind a head may resemble
it by chance, and clothes may have the colour of the chair that is left.

What is kept of somebody is a few pixels, until the next look; it tells nobody who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from analysis.picture.cells import bounds, cell_side, measured, outside
from analysis.picture.zones import HEAD, centre_of
from hall.ports import Detection

if TYPE_CHECKING:
    from analysis.picture.cells import Cells
    from hall.ports import Picture

HEAD_SHARE = 0.5
"""Side of the square around a head, as a share of the shorter side of its person's box."""
PIXELS, LEAST_PIXELS = 24, 8
"""Side of that square as it is kept, at most; and below which it tells nothing."""
REACH = 0.35
"""How far a head may have moved, as a share of its square."""
ALIKE = 0.75
"""Correlation with what was seen from which a head is the same."""
BODY_CHANGED = 0.5
"""Share of the body's cells that may differ. Of 540 people in public clips whose place was compared with the
same place without them, 15 reached `ALIKE`, and all of these differed in 0.64 or more."""
PLAINEST = 8.0
"""Grey levels (standard deviation) by which a head must vary: a plain patch resembles anything."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a crop, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, crop: Picture) -> Picture:
        """What lies inside, as a view."""
        return crop[self.top : self.bottom, self.left : self.right]

    def around(self, reach: int) -> Box:
        """The box made larger on each side."""
        return Box(self.left - reach, self.top - reach, self.right + reach, self.bottom + reach)

    def within(self, crop: Picture) -> Box:
        """What of it lies within a crop; nothing has no width or height."""
        height, width = crop.shape[:2]
        left, top = min(max(0, self.left), width), min(max(0, self.top), height)
        return Box(left, top, max(left, min(width, self.right)), max(top, min(height, self.bottom)))

    def moved(self, across: int, down: int, crop: Picture) -> Box:
        """The box moved, but not out of a crop that holds it."""
        across = max(-self.left, min(across, crop.shape[1] - self.right))
        down = max(-self.top, min(down, crop.shape[0] - self.bottom))
        return Box(self.left + across, self.top + down, self.right + across, self.bottom + down)


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody as they were found in a crop."""

    head: Picture
    head_at: Box
    scale: float
    """Pixels of `head` for one of the crop."""
    low: Cells
    high: Cells
    """Between these the cells of the body lie."""
    body_at: Box

    @classmethod
    def of(cls, person: Detection, crop: Picture) -> Sitter | None:
        """Somebody found in a crop; None when too little of them can be seen to know them again."""
        height, width = crop.shape[:2]
        left, top, right, bottom = (
            share * side for share, side in zip(person.box, (width, height, width, height), strict=True)
        )
        side = HEAD_SHARE * min(right - left, bottom - top)
        if side < LEAST_PIXELS:
            return None
        sure = centre_of(person.key_points[HEAD])
        x, y = (sure[0] * width, sure[1] * height) if sure else ((left + right) / 2, top + side / 2)
        head_at = Box(*(round(edge) for edge in (x - side / 2, y - side / 2, x + side / 2, y + side / 2)))
        head_at, scale = head_at.within(crop), min(1.0, PIXELS / side)
        head = _scaled(head_at.cut(crop), scale)
        if min(head.shape[:2]) < LEAST_PIXELS or float(head.std(axis=(0, 1)).max()) < PLAINEST:
            return None
        across, down = (right - left) / 5, (bottom - top) / 4
        body_at = Box(round(left + across), round(top + down), round(right - across), round(bottom)).within(
            crop
        )
        body = measured(body_at.cut(crop), _side(crop))
        return cls(head, head_at, scale, *bounds(body, body), body_at)

    def stays(self, crop: Picture) -> bool:
        """Whether they are still there in a later crop of the same size."""
        around_at = self.head_at.around(round(REACH * PIXELS / self.scale)).within(crop)
        around = _scaled(around_at.cut(crop), self.scale)
        if around.shape[0] < self.head.shape[0] or around.shape[1] < self.head.shape[1]:
            return False
        _, alike, _, place = cv2.minMaxLoc(cv2.matchTemplate(around, self.head, cv2.TM_CCOEFF_NORMED))
        if alike < ALIKE:
            return False
        across = around_at.left + round(place[0] / self.scale) - self.head_at.left
        down = around_at.top + round(place[1] / self.scale) - self.head_at.top
        return any(self._keeps_body(crop, *move) for move in ((across, down), (0, 0)))

    def _keeps_body(self, crop: Picture, across: int, down: int) -> bool:
        body = measured(self.body_at.moved(across, down, crop).cut(crop), _side(crop))
        return float(outside(body, self.low, self.high).mean()) <= BODY_CHANGED


def _side(crop: Picture) -> int:
    return cell_side(min(crop.shape[:2]))


def _scaled(picture: Picture, scale: float) -> Picture:
    height, width = picture.shape[:2]
    if not height or not width:
        return np.zeros((0, 0, 3), np.uint8)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)

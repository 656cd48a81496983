"""A picture as cells, told by what light leaves as it is; and which of them changed.

A cell is told by its two colours and by how it stands out from what surrounds it, all as ratios: light that
becomes stronger or weaker, for the whole picture or slowly across it, leaves them nearly as they were, and
somebody in clothes of the wall's brightness differs in them nevertheless. Noise strikes single cells;
somebody who comes or goes changes several side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from analysis.picture.zones import Crop
from analysis.scaling import halved
from hall.place import Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

    Cells = NDArray[np.float32]
    Mask = NDArray[np.bool_]

ACROSS = 60
"""Cells along the shorter side, about: somebody of a twelfth of it is five cells tall."""
CELL_PIXELS = 3
"""Pixels that a cell has at least in each direction: the mean of fewer is noise."""
SURROUNDINGS = 11
"""Side, in cells, of the square whose mean a cell's contrast is told against."""
DARKEST = 64.0
"""Grey levels that are added before ratios are taken: in the dark they would be noise."""
TOLERANCES = (7.0, 7.0, 8.0)
"""By how much both colours and contrast must leave what they were. Of a still drawn hall, filmed with a
sensor's noise at a medium quality (x264, crf 26), 99.5 % of the cells stay within 4."""
AT_EDGES = 0.25
"""Share of what the colours of a cell's neighbours span that is added: encoders keep colours coarsely."""
TOGETHER = 4
"""So many of the nine cells of a square change when somebody comes or goes."""

BORDER = 2
"""Cells around a zone in which a change still matters: people reach beyond hand-drawn polygons."""

_TOLERANCES = np.array(TOLERANCES, np.float32)
_AT_EDGES = np.array((AT_EDGES, AT_EDGES, 0.0), np.float32)
_NEIGHBOURS = np.ones((3, 3), np.uint8)


def cell_side(shorter: float) -> int:
    """The side of a cell, in pixels, by the shorter side of its crop; even ones are cheap to measure."""
    side = shorter / ACROSS
    return CELL_PIXELS if side < CELL_PIXELS + 0.5 else 2 * round(side / 2)


def measured(crop: Picture, side: int) -> Cells:
    """The crop in cells of `side` pixels: blueness, redness and contrast of each; (rows, columns, 3).

    All are ratios, scaled so that one is about a grey level in a picture of medium brightness. What is left
    at the right and at the bottom, less than a cell, is left out; a crop smaller than a cell is one cell.
    """
    small = _means(crop, side).astype(np.float32)
    blue, _, red = cv2.split(small)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    light = grey + DARKEST
    logarithm = cv2.log(light) * 128.0
    around = cv2.blur(logarithm, (SURROUNDINGS, SURROUNDINGS), borderType=cv2.BORDER_REPLICATE)
    colours = [cv2.divide(channel - grey, light, scale=128.0) for channel in (blue, red)]
    return np.asarray(cv2.merge([*colours, logarithm - around]), np.float32)


def part_of(cells: Cells, whole: Crop, piece: Crop) -> Cells:
    """The cells of a piece out of those of the crop in which it lies. A view, at least one cell."""
    rows, columns = cells.shape[:2]
    left, top = _place(whole, (piece.left, piece.top), rows, columns)
    right, bottom = _place(whole, (piece.right, piece.bottom), rows, columns)
    first_column = min(max(0, round(left)), columns - 1)
    first_row = min(max(0, round(top)), rows - 1)
    return cells[
        first_row : max(round(bottom), first_row + 1), first_column : max(round(right), first_column + 1)
    ]


def covered(polygon: Sequence[Point], crop: Crop, shape: tuple[int, int]) -> Mask:
    """The cells (rows × columns) of a crop that a polygon of the picture touches, and `BORDER` around it."""
    places = (_place(crop, corner, *shape) for corner in polygon)
    corners = [(round(across - 0.5), round(down - 0.5)) for across, down in places]
    inside = cv2.fillPoly(np.zeros(shape, np.uint8), [np.array(corners, np.int32)], 1)
    around = np.ones((2 * BORDER + 1, 2 * BORDER + 1), np.uint8)
    return np.asarray(cv2.dilate(inside, around) > 0, np.bool_)


def bounds(low: Cells, high: Cells) -> tuple[Cells, Cells]:
    """Between what the measures of cells must lie that were seen from `low` to `high`, noise allowed for."""
    span = cv2.dilate(high, _NEIGHBOURS) - cv2.erode(low, _NEIGHBOURS)
    allowed = _TOLERANCES + _AT_EDGES * span
    return low - allowed, high + allowed


def outside(cells: Cells, low: Cells, high: Cells) -> Mask:
    """The cells of which a measure lies below `low` or above `high`; (rows, columns)."""
    return np.asarray(cv2.inRange(cells, low, high) == 0, np.bool_)


def are_together(changed: Mask) -> bool:
    """True when enough cells changed side by side. A picture of few cells needs them all."""
    rows, columns = changed.shape
    enough = min(TOGETHER, min(rows, 3) * min(columns, 3))
    if int(np.count_nonzero(changed)) < enough:
        return False
    ones = changed.view(np.uint8)
    sums = cv2.boxFilter(ones, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return bool(sums.max() >= enough)


def _means(crop: Picture, side: int) -> Picture:
    """The mean colour of each cell. Cells of whole pixels are several times as fast as shares of them."""
    height, width = crop.shape[:2]
    down, across = min(side, height), min(side, width)
    rows, columns = height // down, width // across
    whole = crop[: rows * down, : columns * across]
    if down == across == side:
        twos = (side & -side).bit_length() - 1
        whole = halved(np.asarray(whole, np.uint8), twos)
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def _place(crop: Crop, point: Point, rows: int, columns: int) -> Point:
    """A point of the picture in cells of a crop, from its left and from its top; a crop may have no width."""
    width, height = crop.right - crop.left, crop.bottom - crop.top
    across = (point[0] - crop.left) / width if width > 0 else 0.0
    down = (point[1] - crop.top) / height if height > 0 else 0.0
    return across * columns, down * rows

"""Covering parts of a decoded picture with one even grey, of which nothing can be made out afterwards.

Blurring and mosaics keep averages, out of which faces were recovered; an even surface keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from av import VideoFrame

from analysis.heads.following import Cover

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]

GREY = 128
"""Of each of the three planes: the middle."""
FORMAT = "yuv420p"
CODED_EDGE = 2
"""Pixels by which more is covered than was asked for: colours are shared by four, and coding smears edges."""


def painted(frame: VideoFrame, covers: Sequence[Cover] | None) -> VideoFrame:
    """The picture with everything covered, or all of it for None. What is not covered keeps its values.

    Width and height become even, as the coded form needs them. Time and colours are those of `frame`.
    """
    width, height = frame.width - frame.width % 2, frame.height - frame.height % 2
    plain = frame
    if (frame.format.name, frame.width, frame.height) != (FORMAT, width, height):
        plain = frame.reformat(width=width, height=height, format=FORMAT)
    values = cast("Plane", plain.to_ndarray())
    if covers is None:
        values[:] = GREY
    else:
        for plane, scale in _planes(values, width, height):
            for cover in covers:
                _fill(plane, cover, scale)
    made = VideoFrame.from_ndarray(values, format=FORMAT)
    made.pts, made.time_base = frame.pts, frame.time_base
    made.colorspace = plain.colorspace
    made.color_range = plain.color_range
    return made


def _planes(values: Plane, width: int, height: int) -> list[tuple[Plane, int]]:
    """Views of brightness and both colours in the one array, and by how much each is smaller."""
    flat, size = values.reshape(-1), width * height
    half = (height // 2, width // 2)
    return [
        (flat[:size].reshape(height, width), 1),
        (flat[size : size + size // 4].reshape(half), 2),
        (flat[size + size // 4 :].reshape(half), 2),
    ]


def _fill(plane: Plane, cover: Cover, scale: int) -> None:
    radius = ceil((cover.radius + CODED_EDGE) / scale)
    start, end = ((round(x / scale), round(y / scale)) for x, y in (cover.start, cover.end))
    for middle in (start, end):
        cv2.circle(plane, middle, radius, GREY, cv2.FILLED)
    if start != end:
        across = np.array([end[1] - start[1], start[0] - end[0]], np.float64)
        across *= radius / np.hypot(*across)
        corners = [
            np.array(point) + side * across for point, side in ((start, 1), (end, 1), (end, -1), (start, -1))
        ]
        cv2.fillConvexPoly(plane, np.rint(np.array(corners)).astype(np.int32), GREY)

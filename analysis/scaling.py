"""Making pictures smaller, cheaply."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import cv2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def halved(picture: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """The picture (H×W or H×W×3), so many times halved: each pixel is the mean of four.

    By any other factor OpenCV's means cost several times as much. A last odd row or column is left out; a
    side of one pixel is halved no further.
    """
    height, width = picture.shape[:2]
    for _ in range(times):
        if min(height, width) < 2:
            break
        height, width = height // 2, width // 2
        part = picture[: 2 * height, : 2 * width]
        picture = cast("NDArray[np.uint8]", cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA))
    return picture


def halvings(length: int, wanted: int) -> int:
    """How often a length can be halved and stay `wanted` at least."""
    times = 0
    while length // 2 >= wanted:
        length, times = length // 2, times + 1
    return times

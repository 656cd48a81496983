"""Clips of the empty counter and of somebody at it, in any container and codec, for judging."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from hall.ports import Detection
from tests.unit.analysis.pictures import empty_counter, with_person

if TYPE_CHECKING:
    from hall.ports import Picture

RATE = 10
TICKS = Fraction(1, 1000)
HALF = 5.0
"""Seconds with a person, and then as many of the empty counter."""


class Somebody:
    """Finds a person in every picture that is not the empty counter."""

    name = "somebody@1"

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        return [[Detection((0.3, 0.2, 0.7, 0.9), 0.9)] if _is_other(crop) else [] for crop in crops]


def _is_other(crop: Picture) -> bool:
    height, width = crop.shape[:2]
    empty = cv2.resize(empty_counter(240, 320), (width, height))
    return float(np.mean(cv2.absdiff(crop, empty))) > 8


def clip(
    path: Path,
    codec: str = "libx264",
    *,
    size: tuple[int, int] = (320, 240),
    pixels: str = "yuv420p",
    half: float = HALF,
    begins: float = 0.0,
    moments: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Somebody for `half` seconds and then nobody; the first picture stands at `begins` in the file.

    `moments` are the seconds of the pictures, by default ten a second.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    shown = {
        there: np.asarray(cv2.resize(picture, size), np.uint8)
        for there, picture in ((True, with_person(240, 320, size=0.4)), (False, empty_counter(240, 320)))
    }
    times = [number / RATE for number in range(round(2 * half * RATE))] if moments is None else moments
    with av.open(str(path), "w") as container:
        usual = {"preset": "ultrafast"} if codec.startswith("libx26") else {}
        stream = container.add_stream(codec, rate=RATE, options=usual | (options or {}))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        if moments is not None:
            stream.codec_context.time_base = TICKS
        base = TICKS if moments is not None else Fraction(1, RATE)
        for time in times:
            frame = VideoFrame.from_ndarray(shown[time < half], format="bgr24")
            frame.pts, frame.time_base = round((time + begins) / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path

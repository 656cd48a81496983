"""From a key frame to a still that a browser shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from analysis.picture.frames import KeyFrameDecoder
from hall.errors import MediaError
from hall.media import Packet, Track
from hall.names import CameraId, UserId

if TYPE_CHECKING:
    from hall.ports import Picture

WIDEST = 1920
QUALITY = 90


@dataclass(frozen=True, slots=True)
class Still:
    """A picture as JPEG, at most `WIDEST` pixels wide, for the user who asked for it.

    `camera` is None for one that is not configured yet; `full_width`, `full_height`: of the stream.
    """

    jpeg: bytes
    width: int
    height: int
    full_width: int
    full_height: int
    at: datetime
    owner: UserId
    camera: CameraId | None


class _WholePicture(KeyFrameDecoder):
    """Decodes a key frame in its own size, up to `WIDEST`."""

    def __init__(self) -> None:
        super().__init__((), 0)
        self.full: tuple[int, int] = (0, 0)

    def scaled(self, frame: av.VideoFrame) -> Picture:
        """The picture (H×W×3, uint8, BGR). Raises MediaError."""
        self.full = frame.width, frame.height
        width = min(WIDEST, frame.width)
        height = max(1, round(frame.height * width / frame.width))
        try:
            scaled = VideoReformatter().reformat(
                frame, width=width, height=height, format="bgr24", interpolation=Interpolation.AREA
            )
            return cast("Picture", scaled.to_ndarray())
        except (av.FFmpegError, ValueError) as error:
            raise MediaError("a picture cannot be converted") from error


def still_of(
    track: Track, packets: Sequence[Packet], at: datetime, owner: UserId, camera: CameraId | None
) -> Still:
    """The picture of a key frame. Raises MediaError when it cannot be decoded."""
    decoder = _WholePicture()
    picture = decoder.decode(track, packets)
    return encoded(picture, decoder.full, at, owner, camera)


def encoded(
    picture: Picture, full: tuple[int, int], at: datetime, owner: UserId, camera: CameraId | None
) -> Still:
    """A picture (H×W×3, uint8, BGR) as a still. Raises MediaError."""
    height, width = picture.shape[:2]
    is_encoded, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not is_encoded:
        raise MediaError("a picture cannot be encoded")
    return Still(jpeg.tobytes(), width, height, full[0], full[1], at, owner, camera)


def of_jpeg(jpeg: bytes, at: datetime, owner: UserId, camera: CameraId) -> Still:
    """A still that is JPEG already. Raises MediaError when it is none."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise MediaError("a picture cannot be read")
    height, width = picture.shape[:2]
    return Still(jpeg, width, height, width, height, at, owner, camera)

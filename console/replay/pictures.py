"""A picture out of a recorded file: the key frame with which a fragment begins."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import av

from hall.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]


def first_picture(content: bytes, widest: int | None = None) -> Picture | None:
    """The picture (H×W×3, uint8, BGR) with which a file's header and one fragment behind it begin.

    It is made no wider than `widest` pixels, and never larger than it was recorded. None when the fragment
    begins in the middle of a group of pictures, as one of a camera with rare key frames may.
    Raises MediaError for what cannot be decoded.
    """
    try:
        with av.open(io.BytesIO(content), "r", format="mp4") as container:
            if not container.streams.video:
                raise MediaError("there is no picture in this recording")
            for packet in container.demux(container.streams.video[0]):
                if packet.size and not packet.is_keyframe:
                    return None
                for frame in packet.decode():
                    return _pixels(frame, widest)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise MediaError("a picture of this recording cannot be decoded") from error
    raise MediaError("a picture of this recording cannot be decoded")


def _pixels(frame: VideoFrame, widest: int | None) -> Picture:
    if widest is None or widest >= frame.width:
        return cast("Picture", frame.to_ndarray(format="bgr24"))
    height = max(1, round(frame.height * widest / frame.width))
    return cast("Picture", frame.to_ndarray(format="bgr24", width=widest, height=height))

"""Pictures for the tests of analysis: a person, an empty counter, and a picture as an encoded key frame."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from skimage import data

from hall.media import Packet, Track, TrackKind

if TYPE_CHECKING:
    from hall.ports import Picture


@cache
def person() -> Picture:
    """A photograph of one person, 512×512 BGR."""
    return np.ascontiguousarray(data.astronaut()[:, :, ::-1])  # type: ignore[no-untyped-call] # scikit-image has no types


def empty_counter(height: int = 512, width: int = 512) -> Picture:
    """A desk, a screen and a chair, and nobody."""
    picture: Picture = np.full((height, width, 3), (196, 205, 210), np.uint8)
    cv2.rectangle(picture, (0, height * 2 // 3), (width, height), (90, 120, 150), -1)
    cv2.rectangle(picture, (width // 8, height // 2), (width // 3, height * 2 // 3), (40, 40, 40), -1)
    cv2.rectangle(picture, (width // 2, height // 3), (width * 3 // 4, height * 2 // 3), (110, 70, 40), -1)
    return picture


def with_person(height: int = 512, width: int = 512, left: float = 0.5, size: float = 0.8) -> Picture:
    """The empty counter with the person's picture pasted into it; `left` and `size` are shares."""
    picture = empty_counter(height, width)
    side = int(min(height, width) * size)
    pasted = cv2.resize(person(), (side, side), interpolation=cv2.INTER_AREA)
    x, y = int(left * (width - side)), height - side
    picture[y : y + side, x : x + side] = pasted
    return picture


def key_frame(picture: Picture, encoder: str = "libx264", annex_b: bool = False) -> tuple[Track, Packet]:
    """The picture as one key frame. With `annex_b` parameter sets lie in the packet, else in the track."""
    codec = "hevc" if encoder == "libx265" else "h264"
    buffer = io.BytesIO()
    # Without x265's note about itself: FFmpeg writes that into the header of an MP4, and fails now and then.
    options = {"x265-params": "log-level=none:info=0"} if codec == "hevc" else {"preset": "ultrafast"}
    with av.open(buffer, "w", format=codec if annex_b else "mp4") as container:
        stream = cast(VideoStream, container.add_stream(encoder, rate=1, options=options))
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as recorded:
        video = recorded.streams.video[0]
        extradata = b"" if annex_b else bytes(cast(bytes, video.codec_context.extradata))
        raw = next(bytes(packet) for packet in recorded.demux(video) if packet.size)
    track = Track(0, TrackKind.VIDEO, codec, (1, 90000), extradata, picture.shape[1], picture.shape[0])
    return track, packet_of(raw)


def packet_of(raw: bytes) -> Packet:
    """Bytes as a key frame's packet."""
    return Packet(0, TrackKind.VIDEO, raw, 0, 0, 0, True, 0.0)

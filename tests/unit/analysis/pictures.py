"""Pictures for the tests of analysis: a person, an empty counter, and a picture as an encoded key frame."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
from av import CodecContext, VideoCodecContext, VideoFrame
from skimage import data

from capture.mp4.parameter_sets import decoder_configuration, with_lengths
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
    """The picture as one key frame. With `annex_b` parameter sets lie in the packet, else in the track.

    Without a container of FFmpeg's: its MP4 writer refused the header of one and the same x265 picture now
    and then, in 18 of 400 runs ("patches welcome").
    """
    codec = "hevc" if encoder == "libx265" else "h264"
    context = cast(VideoCodecContext, CodecContext.create(encoder, "w"))
    context.height, context.width = picture.shape[:2]
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, 1)
    context.options = {"x265-params": "log-level=none"} if codec == "hevc" else {"preset": "ultrafast"}
    frame = VideoFrame.from_ndarray(picture, format="bgr24")
    frame.pts = 0
    raw = b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))
    extradata = b"" if annex_b else decoder_configuration(codec, raw)
    track = Track(0, TrackKind.VIDEO, codec, (1, 90000), extradata, picture.shape[1], picture.shape[0])
    return track, packet_of(raw if annex_b else b"".join(with_lengths(raw)))


def packet_of(raw: bytes) -> Packet:
    """Bytes as a key frame's packet."""
    return Packet(0, TrackKind.VIDEO, raw, 0, 0, 0, True, 0.0)

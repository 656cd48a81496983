"""The one picture that Hallwatch encodes itself: that of a local device which gives no coded one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
import av.packet
from av import FFmpegError
from av.codec.context import Flags
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from hall.errors import SourceMalformed
from hall.media import Packet, Track

KEY_SECONDS = 1.0
"""A key frame so often, as a camera would send it."""
PIXELS = "yuv420p"


class PictureEncoder:
    """Encodes raw or JPEG pictures of one track as H.264, each at its own time, without holding one back."""

    def __init__(self, track: Track) -> None:
        """Raises SourceMalformed when the device's pictures cannot be encoded."""
        self._tick = track.time_base[0] / track.time_base[1]
        self._reformatter = VideoReformatter()
        self._last_key: float | None = None
        self._last: int | None = None
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = track.width, track.height, PIXELS
        encoder.time_base = Fraction(*track.time_base)
        encoder.framerate = Fraction(track.frame_rate or 25).limit_denominator(1001)
        encoder.flags |= Flags.global_header
        # Key frames are asked for by time, and carry the parameter sets as those of a camera do.
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": "repeat-headers=1:keyint=infinite:scenecut=0:threads=1",
        }
        try:
            encoder.open()
        except (FFmpegError, ValueError) as error:
            raise SourceMalformed("the device's pictures cannot be encoded") from error
        self._encoder = encoder
        self.track = replace(track, codec="h264", extradata=bytes(encoder.extradata or b""))

    def encode(self, packet: av.packet.Packet[VideoStream], arrived: float) -> Iterator[Packet]:
        """The coded pictures of one packet of the device; nothing for one that is damaged."""
        try:
            decoded = packet.decode()
        except FFmpegError:
            return
        for frame in decoded:
            if frame.pts is not None:
                yield from self._one(frame, frame.pts, arrived)

    def _one(self, frame: VideoFrame, pts: int, arrived: float) -> Iterator[Packet]:
        if self._last is not None and pts <= self._last:
            # An encoder refuses times that stand still; recording mends such times in the same way.
            pts = self._last + 1
        self._last = pts
        even = self._reformatter.reformat(
            frame, width=self.track.width, height=self.track.height, format=PIXELS, threads=1
        )
        even.pts, even.time_base = pts, Fraction(*self.track.time_base)
        at = pts * self._tick
        is_due = self._last_key is None or at - self._last_key >= KEY_SECONDS
        even.pict_type = PictureType.I if is_due else PictureType.NONE
        for coded in self._encoder.encode(even):
            if coded.is_keyframe:
                self._last_key = at
            yield Packet(
                track=self.track.index,
                kind=self.track.kind,
                data=bytes(coded),
                pts=coded.pts if coded.pts is not None else pts,
                dts=coded.dts if coded.dts is not None else pts,
                duration=0,
                is_key=coded.is_keyframe,
                arrived=arrived,
            )

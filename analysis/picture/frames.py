"""From an encoded key frame to a picture. One decoder a camera, kept while the stream stays the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import av
from av.video.reformatter import Interpolation, VideoReformatter

from analysis.picture.zones import width_needed
from hall.errors import MediaError
from hall.media import Packet, Track, TrackKind
from hall.place import Zone

if TYPE_CHECKING:
    from hall.ports import Picture

MOST_PIXELS = 50_000_000
"""Above 8K; a header that claims more is damaged."""
STRICT = {"hevc": {"err_detect": "explode"}}
"""FFmpeg marks a damaged H.264 picture as corrupt, but hands out a damaged H.265 one as if it were whole."""


class KeyFrameDecoder:
    """Decodes single key frames of one camera, no larger than its zones need."""

    def __init__(self, zones: Sequence[Zone], crop_size: int) -> None:
        self._zones = tuple(zones)
        self._crop_size = crop_size
        self._track: Track | None = None
        self._context: av.VideoCodecContext | None = None
        self._reformatter = VideoReformatter()

    def decode(self, track: Track, packets: Sequence[Packet]) -> Picture:
        """The picture (H×W×3, uint8, BGR) of the last packet. Raises MediaError for anything damaged."""
        context = self._decoder(track)
        frame: av.VideoFrame | None = None
        try:
            for packet in packets:
                for decoded in context.decode(av.Packet(packet.data)):
                    frame = decoded
            for decoded in context.decode(None):  # a single picture would otherwise wait for its successors
                frame = decoded
            context.flush_buffers()
        except (av.FFmpegError, ValueError, MemoryError) as error:
            self._context = None
            raise MediaError(f"a key frame cannot be decoded: {error}") from error
        if frame is None or frame.width < 1 or frame.height < 1:
            self._context = None
            raise MediaError(
                f"a key frame of {sum(len(packet.data) for packet in packets)} bytes holds no picture"
            )
        if frame.is_corrupt:
            raise MediaError("a key frame is damaged")
        return self.scaled(frame)

    def _decoder(self, track: Track) -> av.VideoCodecContext:
        if self._context is not None and self._track == track:
            return self._context
        if track.kind is not TrackKind.VIDEO:
            raise MediaError(f"'{track.codec}' is no picture track")
        try:
            context = av.CodecContext.create(track.codec, "r")
            if not isinstance(context, av.VideoCodecContext):
                raise MediaError(f"'{track.codec}' is no codec of pictures")
            context.thread_type = "NONE"
            context.options = {"max_pixels": str(MOST_PIXELS)} | STRICT.get(track.codec, {})
            if track.extradata:
                context.extradata = track.extradata
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"no decoder for '{track.codec}': {error}") from error
        self._track, self._context = track, context
        return context

    def scaled(self, frame: av.VideoFrame) -> Picture:
        """A decoded picture (H×W×3, uint8, BGR), no larger than the zones need. Raises MediaError."""
        width = width_needed(self._zones, frame.width, frame.height, self._crop_size)
        height = max(1, round(frame.height * width / frame.width))
        try:
            scaled = self._reformatter.reformat(
                frame, width=width, height=height, format="bgr24", interpolation=Interpolation.FAST_BILINEAR
            )
            return cast("Picture", scaled.to_ndarray())
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(
                f"a picture of {frame.width}×{frame.height} cannot be converted: {error}"
            ) from error

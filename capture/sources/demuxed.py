"""From FFmpeg's streams and packets to the kernel's tracks and packets."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Self

import av
import av.audio.stream
import av.container
import av.packet
import av.stream
import av.video.stream

from capture.mp4.parameter_sets import is_annex_b, lengths_to_annex_b, sets_of_configuration, to_annex_b
from hall.errors import SourceMalformed
from hall.media import Packet, Track, TrackKind

MICROSECOND = 1_000_000
PRODUCED = struct.Struct("<q")
"""The camera's own clock as FFmpeg hands it over with a packet (`prft`): UTC microseconds."""


@dataclass(frozen=True, slots=True)
class Demuxed:
    """One stream in use: its track, and whether its packets carry lengths in place of start codes."""

    stream: av.stream.Stream
    track: Track
    has_lengths: bool

    def packet(self, packet: av.packet.Packet[av.stream.Stream], arrived: float) -> Packet | None:
        """The packet in the kernel's words, H.264 and H.265 always as Annex B; None for one without any time.

        A packet without one of its two times gets the other: cameras' first packets have no dts.
        """
        pts = packet.pts if packet.pts is not None else packet.dts
        dts = packet.dts if packet.dts is not None else packet.pts
        if pts is None or dts is None:
            return None
        data = bytes(packet)
        return Packet(
            track=self.track.index,
            kind=self.track.kind,
            data=lengths_to_annex_b(data) if self.has_lengths else data,
            pts=pts,
            dts=dts,
            duration=packet.duration or 0,
            is_key=packet.is_keyframe or self.track.kind is TrackKind.AUDIO,
            arrived=arrived,
            sent_at_us=_produced_at(packet),
        )


def streams_in_use(container: av.container.InputContainer) -> dict[int, Demuxed]:
    """The first picture and the first sound of an opened input, by stream index.

    Raises SourceMalformed when there is neither.
    """
    chosen: Sequence[av.stream.Stream] = [*container.streams.video[:1], *container.streams.audio[:1]]
    found = {stream.index: _demuxed(number, stream) for number, stream in enumerate(chosen)}
    if not found:
        raise SourceMalformed("the stream has neither picture nor sound")
    return found


def _demuxed(number: int, stream: av.stream.Stream) -> Demuxed:
    if stream.codec_context is None:
        raise SourceMalformed("the stream is in a codec that is not known")
    codec = stream.codec_context.codec.canonical_name
    extradata = bytes(stream.codec_context.extradata or b"")
    has_lengths = codec in ("h264", "hevc") and bool(extradata) and not is_annex_b(extradata)
    if has_lengths:
        extradata = to_annex_b(sets_of_configuration(codec, extradata))
    base = stream.time_base or Fraction(1, 90_000)
    ticks = (base.numerator, base.denominator)
    if isinstance(stream, av.video.stream.VideoStream):
        context = stream.codec_context
        rate = stream.average_rate or stream.guessed_rate
        track = Track(
            index=number,
            kind=TrackKind.VIDEO,
            codec=codec,
            time_base=ticks,
            extradata=extradata,
            width=context.width,
            height=context.height,
            frame_rate=float(rate) if rate else 0.0,
        )
    elif isinstance(stream, av.audio.stream.AudioStream):
        track = Track(
            index=number,
            kind=TrackKind.AUDIO,
            codec=codec,
            time_base=ticks,
            extradata=extradata,
            sample_rate=stream.codec_context.sample_rate,
            channels=stream.codec_context.channels,
        )
    else:
        raise SourceMalformed("the stream is neither picture nor sound")
    return Demuxed(stream, track, has_lengths)


def _produced_at(packet: av.packet.Packet[av.stream.Stream]) -> int | None:
    if not packet.has_sidedata("prft"):
        return None
    data = bytes(packet.get_sidedata("prft"))
    return int(PRODUCED.unpack_from(data)[0]) if len(data) >= PRODUCED.size else None


class OpenContainer:
    """A source that FFmpeg has opened: its tracks, and that it is closed at the end of a `with` block."""

    def __init__(self, container: av.container.InputContainer) -> None:
        self._container = container
        self._streams: dict[int, Demuxed] = streams_in_use(container)

    @property
    def tracks(self) -> Sequence[Track]:
        """Picture and sound, as the container describes them."""
        return [demuxed.track for demuxed in self._streams.values()]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

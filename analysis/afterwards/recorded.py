"""From a recorded segment to what the live tap would have given: sampled key frames and batches of sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import BinaryIO

import av

from bus.sampling import SOUND_SECONDS, KeyFrameChoice
from hall.errors import MediaError
from hall.media import Packet, Segment, Track, TrackKind
from hall.names import RunId

MOST_LATE = timedelta(seconds=0.5)
"""A segment of the same run that begins later than this after the one before does not follow it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Packets of one track; the first was taken at `at` (UTC)."""

    track: Track
    packets: tuple[Packet, ...]
    at: datetime


@dataclass(slots=True)
class SegmentReader:
    """Reads the segments of one camera in order; remembers what goes on from one to the next.

    As in the tap, the first key frame of a run is a sample, and then the next at least `every` seconds later,
    by media time. Who begins in the middle of a run begins with the first key frame that is read, so that the
    samples may be others than the live ones, by less than `every`.
    """

    every: float
    _choice: KeyFrameChoice = field(init=False)
    _run: RunId | None = None
    _ended: datetime | None = None
    _played: float = 0.0
    """Seconds of media of the run before the present segment."""
    _sound: list[Packet] = field(default_factory=list)
    _sound_track: Track | None = None
    _sound_at: datetime | None = None
    _sound_began: float = 0.0

    def __post_init__(self) -> None:
        self._choice = KeyFrameChoice(self.every)

    def read(self, segment: Segment, file: BinaryIO) -> Iterator[Batch]:
        """The samples and sound of a segment, in the order of the file. Raises MediaError for a damaged one.

        The file's media time is laid evenly over the segment's interval of wall time.
        """
        self._begin(segment)
        try:
            with av.open(file, "r", format="mp4") as container:
                yield from self._batches(segment, container)
        except (av.FFmpegError, ValueError, MemoryError) as error:
            raise MediaError(f"segment {segment.id} cannot be read: {error}") from error
        finally:
            self._played += segment.media_duration

    def _begin(self, segment: Segment) -> None:
        start, end = segment.interval.start, segment.interval.end
        follows = self._run == segment.run and self._ended is not None and start - self._ended <= MOST_LATE
        if not follows:
            self._choice.forget()
            self._played = 0.0
            self._sound.clear()
        self._run, self._ended = segment.run, end

    def _batches(self, segment: Segment, container: av.container.InputContainer) -> Iterator[Batch]:
        tracks = {
            stream.index: track for stream in container.streams if (track := _track(stream)) is not None
        }
        if not tracks:
            raise MediaError(f"segment {segment.id} holds neither picture nor sound")
        rate = _wall_seconds(segment) / segment.media_duration if segment.media_duration > 0 else 1.0
        for demuxed in container.demux():
            track = tracks.get(demuxed.stream_index)
            if track is None or demuxed.size == 0 or demuxed.pts is None:
                continue
            seconds = demuxed.pts * track.time_base[0] / track.time_base[1]
            at = segment.interval.start + timedelta(seconds=seconds * rate)
            if track.kind is TrackKind.AUDIO:
                if (batch := self._heard(track, _packet(track, demuxed), seconds, at)) is not None:
                    yield batch
            elif demuxed.is_keyframe and self._choice.takes(self._played + seconds):
                yield Batch(track, (_packet(track, demuxed),), at)

    def _heard(self, track: Track, packet: Packet, seconds: float, at: datetime) -> Batch | None:
        if self._sound and self._sound_track != track:
            self._sound.clear()
        if not self._sound or self._sound_at is None:
            self._sound_track, self._sound_began, self._sound_at = track, self._played + seconds, at
        self._sound.append(packet)
        if self._played + seconds - self._sound_began < SOUND_SECONDS:
            return None
        batch = Batch(track, tuple(self._sound), self._sound_at)
        self._sound.clear()
        return batch


def _wall_seconds(segment: Segment) -> float:
    """Never zero: a clock that was set back may have squeezed a segment to nothing."""
    return max(segment.interval.duration(segment.interval.start).total_seconds(), 0.001)


def _track(stream: av.stream.Stream) -> Track | None:
    """What the file says of a track; None for what is neither picture nor sound."""
    base = stream.time_base or Fraction(1, 90_000)
    context = stream.codec_context
    if isinstance(context, av.VideoCodecContext):
        kind, rest = TrackKind.VIDEO, {"width": context.width, "height": context.height}
    elif isinstance(context, av.AudioCodecContext):
        kind, rest = TrackKind.AUDIO, {"sample_rate": context.sample_rate, "channels": context.channels}
    else:
        return None
    extradata = bytes(context.extradata or b"")
    return Track(
        stream.index,
        kind,
        context.codec.canonical_name,
        (base.numerator, base.denominator),
        extradata,
        **rest,
    )


def _packet(track: Track, demuxed: av.Packet[av.stream.Stream]) -> Packet:
    return Packet(
        track.index,
        track.kind,
        bytes(demuxed),
        demuxed.pts or 0,
        demuxed.dts or 0,
        demuxed.duration or 0,
        bool(demuxed.is_keyframe),
        0.0,
    )

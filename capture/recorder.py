"""Records one run: packets in, segment files and their facts out. Nothing is re-encoded but G.711 sound.

A segment is cut on a key frame; sound is cut at the same moment; the next segment starts exactly where
the last one ended.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from capture import metrics
from capture.anchor import Anchor
from capture.books import Books
from capture.interleave import Interleaver
from capture.mp4.fragment import Sample, TrackPart
from capture.mp4.header import AUDIO_CODECS, VIDEO_CODECS, timescale
from capture.mp4.parameter_sets import is_annex_b, is_complete, parameter_sets, to_annex_b, with_lengths
from capture.objects import LocalObjects
from capture.segment_file import Inscription, SegmentFile
from capture.sound import SoundToAac
from hall.errors import MediaError, SourceEnded, SourceMalformed
from hall.interval import Interval
from hall.media import Packet, Run, Segment, Track, TrackKind
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId

SHORTEST_FRAGMENT = 0.4
"""Seconds. A camera that sends key frames only must not make a fragment of each."""
LONGEST_FRAGMENT = 10.0
"""Seconds. A camera that hardly ever sends a key frame must not keep more than this from the disk."""
EARLY = 0.1
"""Seconds by which a key frame may come before a segment is due and still cut it."""
SOUND_FRAGMENT = 2.0
"""Seconds in one fragment of a source without a picture."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _OpenSegment:
    """A segment that is being written: its file, where it started, and how each track counts its time."""

    id: SegmentId
    key: ObjectKey
    file: SegmentFile
    sequence: int
    start: datetime
    media_start: float
    base: dict[int, int]


class Recorder:
    """One run of one camera, from its first key frame to its end."""

    def __init__(
        self,
        hall: HallId,
        camera: CameraId,
        tracks: Sequence[Track],
        anchor: Anchor,
        objects: LocalObjects,
        books: Books,
        segment_seconds: float,
        after: datetime | None = None,
    ) -> None:
        """`after` is where the run before this one ended. Raises SourceMalformed for an unknown codec."""
        self._hall = hall
        self._camera = camera
        self._source_tracks = tuple(tracks)
        self._anchor = anchor
        self._objects = objects
        self._books = books
        self._segment_seconds = segment_seconds
        self._after = after
        self._due_after = segment_seconds * first_share(camera)
        self._converters = {
            track.index: SoundToAac(track)
            for track in tracks
            if track.kind is TrackKind.AUDIO and track.codec not in AUDIO_CODECS
        }
        self._tracks = [
            self._converters[track.index].track if track.index in self._converters else track
            for track in tracks
        ]
        for track in self._tracks:
            if track.kind is TrackKind.VIDEO and track.codec not in VIDEO_CODECS:
                raise SourceMalformed(f"a picture in {track.codec} cannot be recorded; use H.264 or H.265")
        self._reference = next(
            (track for track in self._tracks if track.kind is TrackKind.VIDEO), self._tracks[0]
        )
        self._interleaver = Interleaver(self._tracks)
        self._run: Run | None = None
        self._announced = False
        self._is_broken = False
        self._segment: _OpenSegment | None = None
        self._parts: dict[int, TrackPart] = {}
        self._fragment_start = 0.0
        self._next_sequence = 0
        self._next_start: datetime | None = None
        self._last_media = 0.0
        self.recorded_until: datetime | None = None

    def take(self, packet: Packet) -> None:
        """Record a packet whose times were mended.

        Raises RecordingError, MediaError or SourceError; then the run can only be finished.
        """
        try:
            self._convert(packet)
        except BaseException:
            self._is_broken = True
            raise

    def _convert(self, packet: Packet) -> None:
        converter = self._converters.get(packet.track)
        if converter is None:
            self._order(packet)
            return
        try:
            converted = list(converter.convert(packet))
        except MediaError:
            metrics.DROPPED.labels("undecodable").inc()
            return
        for made in converted:
            self._order(made)

    def finish(self, reason: str) -> None:
        """End the run: what was taken is on the disk and its facts are on their way.

        After a failed write the whole fragments are kept, and the one that failed is given up. Raises
        RecordingError when not even that can be done; the file is then salvaged at the next start.
        """
        if not self._is_broken:
            for packet in self._interleaver.flush():
                self._write(packet)
        self._parts = {} if self._is_broken else self._parts
        self._finish_segment(self._fragment_start if self._is_broken else self._last_media)
        if self._announced and self._run is not None and self.recorded_until is not None:
            self._books.run_ended(self._camera, self._run.id, self.recorded_until, reason)

    def _order(self, packet: Packet) -> None:
        for ordered in self._interleaver.push(packet):
            self._write(ordered)

    def _write(self, packet: Packet) -> None:
        at = packet.dts * self._track(packet).time_base[0] / self._track(packet).time_base[1]
        if packet.track == self._reference.index:
            if self._segment is None:
                if not packet.is_key:
                    metrics.DROPPED.labels("before_key").inc()
                    return
                self._begin(packet, at)
            elif self._fragment_ends(packet, at):
                self._cut(packet, at)
            lasts = packet.duration * self._reference.time_base[0] / self._reference.time_base[1]
            self._last_media = at + lasts
        if self._segment is None:
            metrics.DROPPED.labels("before_key").inc()
            return
        self._append(self._segment, packet)

    def _fragment_ends(self, packet: Packet, at: float) -> bool:
        age = at - self._fragment_start
        if age >= LONGEST_FRAGMENT:
            return True
        if self._reference.kind is TrackKind.AUDIO:
            return age >= SOUND_FRAGMENT
        return packet.is_key and age >= SHORTEST_FRAGMENT

    def _begin(self, packet: Packet, at: float) -> None:
        """Begin with the first key frame; its own parameter sets count more than the description's."""
        own = parameter_sets(self._reference.codec, packet.data)
        if is_complete(self._reference.codec, own):
            self._reference = replace(self._reference, extradata=to_annex_b(own))
            self._tracks = [
                self._reference if track.index == self._reference.index else track for track in self._tracks
            ]
        if self._after is not None:
            self._anchor.begin_after(at, self._after)
        start = self._anchor.wall_at(at)
        run = RunId(f"{self._camera}-{start.astimezone(UTC):%Y%m%dT%H%M%S%f}Z")
        self._run = Run(run, self._camera, Interval(start), self._source_tracks)
        self._next_start = start
        self._begin_segment(at)

    def _cut(self, packet: Packet, at: float) -> None:
        segment = self._segment
        assert segment is not None
        self._finish_fragment(segment, at)
        if packet.is_key:
            known = parameter_sets(self._reference.codec, self._reference.extradata)
            if known and not set(parameter_sets(self._reference.codec, packet.data)) <= set(known):
                raise SourceEnded("the camera changed its picture's parameters")
            if at - segment.media_start >= self._due_after - EARLY:
                self._due_after = self._segment_seconds
                self._finish_segment(at)
                self._begin_segment(at)

    def _begin_segment(self, at: float) -> None:
        assert self._run is not None
        assert self._next_start is not None
        start = self._next_start
        segment_id = SegmentId(f"{self._run.id}-{self._next_sequence:06d}")
        key = ObjectKey(f"{self._camera}/{start.astimezone(UTC):%Y/%m/%d}/{segment_id}.mp4")
        inscription = Inscription(
            hall=self._hall,
            camera=self._camera,
            run=self._run.id,
            run_start_utc=self._run.interval.start,
            sequence=self._next_sequence,
            start_utc=start,
            rate=self._anchor.rate,
            tracks=tuple(replace(track, extradata=b"") for track in self._source_tracks),
        )
        file = SegmentFile(self._objects.partial(key), self._tracks, inscription)
        base = {track.index: round(at * timescale(track)) for track in self._tracks}
        self._segment = _OpenSegment(segment_id, key, file, self._next_sequence, start, at, base)
        self._next_sequence += 1
        self._fragment_start = at

    def _append(self, segment: _OpenSegment, packet: Packet) -> None:
        track = self._track(packet)
        start = _rescale(packet.dts, track) - segment.base[track.index]
        if start < 0:
            metrics.DROPPED.labels("late").inc()
            return
        is_video = track.kind is TrackKind.VIDEO
        data = packet.data
        if is_video and (is_annex_b(track.extradata) or not track.extradata):
            data = with_lengths(data)
        sample = Sample(
            data=data,
            duration=_rescale(packet.dts + packet.duration, track) - _rescale(packet.dts, track),
            is_key=packet.is_key,
            shift=_rescale(packet.pts, track) - _rescale(packet.dts, track) if is_video else 0,
        )
        part = self._parts.get(track.index)
        if part is None:
            number = self._tracks.index(track) + 1
            part = self._parts[track.index] = TrackPart(number, start)
        part.samples.append(sample)

    def _finish_fragment(self, segment: _OpenSegment, at: float) -> None:
        """Everything up to `at` is on the disk when this returns."""
        if not self._parts:
            return
        parts = [self._parts[index] for index in sorted(self._parts)]
        self._parts = {}
        written = segment.file.write(parts)
        metrics.BYTES.labels(self._camera).inc(written)
        self._fragment_start = at
        if not self._announced and self._run is not None:
            self._announced = True
            self._books.run_began(self._run)
            self._books.gap_ended(self._camera, self._run.interval.start)

    def _finish_segment(self, at: float) -> None:
        segment = self._segment
        if segment is None:
            return
        self._finish_fragment(segment, at)
        self._segment = None
        if segment.file.fragments == 0:
            segment.file.discard()
            return
        written = segment.file.finish()
        end = self._anchor.turn(at, self._segment_seconds)
        self._objects.put(segment.key, segment.file.path)
        self._next_start = self.recorded_until = end
        fact = Segment(
            id=segment.id,
            run=self._run.id if self._run else RunId(""),
            camera=self._camera,
            sequence=segment.sequence,
            interval=Interval(segment.start, end),
            media_duration=written.media_duration,
            size=written.size,
            sha256=written.sha256,
            key=segment.key,
            header_size=written.header_size,
            fragments=written.fragments,
            has_audio=written.has_audio,
            has_picture=written.has_picture,
        )
        self._books.segment_kept(fact)
        metrics.SEGMENTS.labels(self._camera).inc()

    def _track(self, packet: Packet) -> Track:
        return next(track for track in self._tracks if track.index == packet.track)


def first_share(camera: CameraId) -> float:
    """How much of a segment a run's first one takes, one half to all, so that cameras cut in turn."""
    return 0.5 + 0.5 * (zlib.crc32(camera.encode()) / 2**32)


def _rescale(ticks: int, track: Track) -> int:
    numerator, denominator = track.time_base
    return ticks * numerator * timescale(track) // denominator

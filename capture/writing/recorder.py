"""Records one connection: packets in, segment files and their facts out. Only G.711 sound is re-encoded.

A segment is cut on a key frame; sound is cut at the same moment; the next segment starts exactly where
the last one ended. A picture whose size or parameters change in the middle begins a new run at that key
frame, exactly where the run before ends.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from capture import metrics
from capture.books.books import Books
from capture.mp4.header import AUDIO_CODECS, VIDEO_CODECS
from capture.picture import PictureWatch
from capture.record.objects import LocalObjects
from capture.time.anchor import Anchor
from capture.writing.interleave import Interleaver
from capture.writing.open_segment import OpenSegment
from capture.writing.segment_file import Inscription, SegmentFile
from capture.writing.sound import SoundToAac
from hall.errors import MediaError, SourceMalformed
from hall.interval import Interval
from hall.media import Packet, Run, Track, TrackKind
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


class Recorder:
    """What one connection to a camera gives, from its first key frame to its end."""

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
        """`after` is where the recording before this ended. Raises SourceMalformed for an unknown codec."""
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
        reference = next((one for one in self._tracks if one.kind is TrackKind.VIDEO), self._tracks[0])
        self._reference = reference.index
        self._picture = PictureWatch(reference) if reference.kind is TrackKind.VIDEO else None
        self._tick = reference.time_base[0] / reference.time_base[1]
        self._interleaver = Interleaver(self._tracks)
        self._run: Run | None = None
        self._is_announced = False
        self._is_broken = False
        self._segment: OpenSegment | None = None
        self._next_sequence = 0
        self._next_start: datetime | None = None
        self._last_media = 0.0
        self.recorded_until: datetime | None = None

    def take(self, packet: Packet) -> None:
        """Record a packet whose times were mended.

        Raises RecordingError, MediaError or SourceError; then the run can only be finished.
        """
        try:
            converter = self._converters.get(packet.track)
            if converter is None:
                for ordered, lasts in self._interleaver.push(packet):
                    self._write(ordered, lasts)
            else:
                self._convert(converter, packet)
        except BaseException:
            self._is_broken = True
            raise

    def _convert(self, converter: SoundToAac, packet: Packet) -> None:
        try:
            converted = list(converter.convert(packet))
        except MediaError:
            metrics.DROPPED.labels("undecodable").inc()
            return
        for made in converted:
            for ordered, lasts in self._interleaver.push(made):
                self._write(ordered, lasts)

    def finish(self, reason: str) -> None:
        """End the run: what was taken is on the disk and its facts are on their way.

        After a failed write the whole fragments are kept, and the one that failed is given up. Raises
        RecordingError when not even that can be done; the file is then salvaged at the next start.
        """
        at = self._last_media
        if not self._is_broken:
            for packet, lasts in self._interleaver.flush():
                self._write(packet, lasts)
            at = self._last_media
        elif self._segment is not None:
            self._segment.drop_samples()
            at = self._segment.fragment_start
        self._finish_segment(at)
        self._end_run(reason)

    def _write(self, packet: Packet, lasts: int) -> None:
        if packet.track == self._reference:
            at = packet.dts * self._tick
            if self._segment is None:
                if packet.is_key:
                    self._begin(packet, at)
            elif packet.is_key or at - self._segment.fragment_start >= LONGEST_FRAGMENT:
                self._look_at(packet, at, self._segment)
            self._last_media = at + lasts * self._tick
        if self._segment is None:
            metrics.DROPPED.labels("before_key").inc()
        elif not self._segment.add(packet, lasts):
            metrics.DROPPED.labels("late").inc()

    def _begin(self, packet: Packet, at: float) -> None:
        """Begin with the first key frame; its own parameter sets count more than the description's."""
        if self._picture is not None and self._picture.has_changed(packet):
            self._tracks = self._with_picture(self._tracks, self._picture)
        if self._after is not None:
            self._anchor.begin_after(at, self._after, self._due_after)
        self._next_start = self._anchor.wall_at(at)
        self._begin_run()
        self._begin_segment(at)

    def _look_at(self, packet: Packet, at: float, segment: OpenSegment) -> None:
        """Cut what is to be cut before this packet: a fragment, a segment or the run."""
        if packet.is_key and self._picture is not None and self._picture.has_changed(packet):
            log.info("the picture has changed", camera=self._camera, width=self._picture.track.width)
            self._turn(at, "picture_changed")
            return
        age = at - segment.fragment_start
        if age < (SHORTEST_FRAGMENT if self._picture is not None else SOUND_FRAGMENT):
            return
        self._write_fragment(segment, at)
        if packet.is_key and at - segment.media_start >= self._due_after - EARLY:
            was_ahead = self._anchor.is_ahead
            self._due_after = self._segment_seconds
            self._finish_segment(at)
            if was_ahead and not self._anchor.is_ahead:
                self._turn(at, "caught_up_with_clock")
            else:
                self._begin_segment(at)

    def _turn(self, at: float, reason: str) -> None:
        """End the run, and begin the next one at the same moment of the same stream."""
        self._finish_segment(at)
        self._end_run(reason)
        if self._picture is not None:
            self._tracks = self._with_picture(self._tracks, self._picture)
            self._source_tracks = tuple(self._with_picture(self._source_tracks, self._picture))
        self._begin_run()
        self._begin_segment(at)

    def _with_picture(self, tracks: Sequence[Track], picture: PictureWatch) -> list[Track]:
        return [picture.track if track.index == self._reference else track for track in tracks]

    def _begin_run(self) -> None:
        assert self._next_start is not None
        run = RunId(f"{self._camera}-{self._next_start.astimezone(UTC):%Y%m%dT%H%M%S%f}Z")
        self._run = Run(run, self._camera, Interval(self._next_start), self._source_tracks)
        self._next_sequence = 0
        self._is_announced = False

    def _end_run(self, reason: str) -> None:
        if self._is_announced and self._run is not None and self.recorded_until is not None:
            self._books.run_ended(self._camera, self._run.id, self.recorded_until, reason)

    def _begin_segment(self, at: float) -> None:
        assert self._run is not None
        assert self._next_start is not None
        start = self._next_start
        segment = SegmentId(f"{self._run.id}-{self._next_sequence:06d}")
        key = ObjectKey(f"{self._camera}/{start.astimezone(UTC):%Y/%m/%d}/{segment}.mp4")
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
        file = self._new_file(key, inscription)
        self._segment = OpenSegment(segment, key, file, self._next_sequence, start, at, self._tracks)
        self._next_sequence += 1

    def _new_file(self, key: ObjectKey, inscription: Inscription) -> SegmentFile:
        return SegmentFile(self._objects.partial(key), self._tracks, inscription)

    def _write_fragment(self, segment: OpenSegment, at: float) -> None:
        written = segment.write_fragment(at)
        if not written:
            return
        metrics.BYTES.labels(self._camera).inc(written)
        if not self._is_announced and self._run is not None:
            self._is_announced = True
            self._books.run_began(self._run)
            if self.recorded_until is None:
                self._books.gap_ended(self._camera, self._run.interval.start)

    def _finish_segment(self, at: float) -> None:
        segment = self._segment
        if segment is None or self._run is None:
            return
        self._write_fragment(segment, at)
        self._segment = None
        if segment.file.fragments == 0:
            segment.file.discard()
            return
        end = self._anchor.turn(at, self._segment_seconds)
        kept = segment.finish(self._run.id, self._camera, end)
        self._objects.put(segment.key, segment.file.path)
        self._next_start = self.recorded_until = end
        self._books.segment_kept(kept)
        metrics.SEGMENTS.labels(self._camera).inc()


def first_share(camera: CameraId) -> float:
    """How much of a segment a run's first one takes, one half to all, so that cameras cut in turn."""
    return 0.5 + 0.5 * (zlib.crc32(camera.encode()) / 2**32)

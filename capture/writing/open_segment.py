"""A segment while it is written: packets in, fragments on the disk, and what is known of it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from capture.mp4.fragment import TrackPart
from capture.mp4.header import timescale
from capture.mp4.parameter_sets import is_annex_b, with_lengths
from capture.writing.segment_file import SegmentFile
from hall.interval import Interval
from hall.media import Packet, Segment, Track, TrackKind
from hall.names import CameraId, ObjectKey, RunId, SegmentId


class _Lane:
    """How one track is counted in the file, and its samples since the last fragment."""

    __slots__ = ("base", "denominator", "has_start_codes", "is_video", "number", "numerator", "part")

    def __init__(self, track: Track, number: int, media_start: float) -> None:
        scale = timescale(track)
        self.number = number
        self.numerator = track.time_base[0] * scale
        self.denominator = track.time_base[1]
        self.base = round(media_start * scale)
        self.is_video = track.kind is TrackKind.VIDEO
        self.has_start_codes = self.is_video and (is_annex_b(track.extradata) or not track.extradata)
        self.part: TrackPart | None = None


class OpenSegment:
    """One segment of a run. Its media time begins at `media_start` seconds, its wall time at `start`."""

    def __init__(
        self,
        segment: SegmentId,
        key: ObjectKey,
        file: SegmentFile,
        sequence: int,
        start: datetime,
        media_start: float,
        tracks: Sequence[Track],
    ) -> None:
        self.id = segment
        self.key = key
        self.file = file
        self.sequence = sequence
        self.start = start
        self.media_start = media_start
        self.fragment_start = media_start
        """Media time (seconds of the run) up to which everything is on the disk."""
        self._lanes = {
            track.index: _Lane(track, number, media_start) for number, track in enumerate(tracks, start=1)
        }
        self._all = tuple(self._lanes.values())

    def add(self, packet: Packet, lasts: int) -> bool:
        """Take a packet that lasts so many ticks; false when it belongs before the segment."""
        lane = self._lanes[packet.track]
        if lane.numerator == lane.denominator:
            dts, after, pts = packet.dts, packet.dts + lasts, packet.pts
        else:
            dts = packet.dts * lane.numerator // lane.denominator
            after = (packet.dts + lasts) * lane.numerator // lane.denominator
            pts = packet.pts * lane.numerator // lane.denominator
        start = dts - lane.base
        if start < 0:
            return False
        part = lane.part
        if part is None:
            part = lane.part = TrackPart(lane.number, start)
        pieces = with_lengths(packet.data, packet.units) if lane.has_start_codes else (packet.data,)
        part.add(pieces, after - dts, packet.is_key, pts - dts if lane.is_video else 0)
        return True

    def write_fragment(self, at: float) -> int:
        """Everything up to `at` is on the disk when this returns; how many bytes were written.

        Raises RecordingError; what was to be written is given up then.
        """
        parts = [lane.part for lane in self._all if lane.part is not None]
        if not parts:
            return 0
        self.drop_samples()
        written = self.file.write(parts)
        self.fragment_start = at
        return written

    def drop_samples(self) -> None:
        """Give up what is not written yet."""
        for lane in self._all:
            lane.part = None

    def finish(self, run: RunId, camera: CameraId, end: datetime) -> Segment:
        """Close the file, whose last packet lasts until `end` of wall time."""
        written = self.file.finish()
        return Segment(
            id=self.id,
            run=run,
            camera=camera,
            sequence=self.sequence,
            interval=Interval(self.start, end),
            media_duration=written.media_duration,
            size=written.size,
            sha256=written.sha256,
            key=self.key,
            header_size=written.header_size,
            fragments=written.fragments,
            has_audio=written.has_audio,
            has_picture=written.has_picture,
        )

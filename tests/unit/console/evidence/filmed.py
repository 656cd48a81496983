"""A camera whose recording is known packet by packet, for the tests of evidence."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

import av

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from console.evidence.clips import ClipWriter, Open, unbroken
from console.evidence.contents import Clip
from hall.clock import SimulatedClock
from hall.media import Packet, Segment, Track, TrackKind
from hall.names import CameraId, HallId
from store import recording
from tests.recorded import record
from tests.recordings import AtOnce, new_database

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CAMERA = CameraId("cam-1")


class Filmed:
    """Reels that were recorded one after the other, and what lies in the catalogue."""

    def __init__(self, folder: Path) -> None:
        self.objects = LocalObjects(folder / "recordings")
        self.database = new_database(folder / "hall.db")

    def record(self, reel: tuple[list[Track], list[Packet]], seconds: float = 0) -> None:
        """Record a reel as it plays from `seconds` after the start on, in segments of two seconds."""
        clock = SimulatedClock(wall=START)
        books = Books(
            cast(FactWriter, AtOnce(self.database)), Logbook(self.objects.disks, clock), HallId("h")
        )
        record(self.objects, books, CAMERA, reel, after(seconds))

    def segments(self) -> list[Segment]:
        """All of the camera."""
        with self.database.read() as tx:
            return recording.segments_between(tx, CAMERA, after(-3600), after(3600))

    def open(self, segment: Segment) -> BinaryIO:
        """A segment's file."""
        return self.objects.path(segment.key).open("rb")


def after(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


def clips(segments: list[Segment], opened: Open, start: float, end: float) -> list[tuple[Clip, bytes]]:
    """What of the segments lies between two moments, clip by clip."""
    made: list[tuple[Clip, bytes]] = []
    for part in unbroken(segments, after(start), after(end)):
        written = io.BytesIO()
        writer = ClipWriter(written.write)
        for piece in part:
            with opened(piece.segment) as file:
                assert writer.add(piece, file)
        made.append((writer.clip("clip.mp4", after(start), after(end)), written.getvalue()))
    return made


def samples(data: bytes, kind: TrackKind) -> list[tuple[bytes, float]]:
    """What another program reads of one kind of track: each sample and when it is shown, in seconds."""
    with av.open(io.BytesIO(data), "r") as container:
        streams = container.streams.video if kind is TrackKind.VIDEO else container.streams.audio
        return [
            (bytes(packet), float(packet.pts * packet.time_base))
            for packet in (container.demux(streams[0]) if streams else ())
            if packet.size and packet.pts is not None and packet.time_base is not None
        ]

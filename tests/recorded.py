"""Recordings for tests: real segment files of any time, in their place and in the catalogue."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event

from capture.books.books import Books
from capture.record.objects import LocalObjects
from capture.sources.file import FileSource
from capture.time.anchor import Anchor, Arrival
from capture.time.timeline import Timeline
from capture.writing.recorder import Recorder
from hall.clock import SimulatedClock, SystemClock
from hall.errors import SourceEnded
from hall.media import Packet, Track
from hall.names import CameraId, HallId
from hall.place import Camera, Text


def packets_of(path: Path) -> tuple[list[Track], list[Packet]]:
    """The tracks and packets of a reel, each as if it came when it is played."""
    camera = Camera(id=CameraId("reel"), name=Text(zh="一", en="one"), url=str(path))
    packets: list[Packet] = []
    with FileSource(SystemClock(), speed=1e9).open(camera, Event()) as stream:
        tracks = list(stream.tracks)
        with suppress(SourceEnded):
            packets.extend(stream)
    ticks = {track.index: track.time_base[0] / track.time_base[1] for track in tracks}
    return tracks, [replace(one, arrived=one.dts * ticks[one.track]) for one in packets]


def record(
    objects: LocalObjects,
    books: Books,
    camera: CameraId,
    reel: tuple[list[Track], list[Packet]],
    start: datetime,
    segment_seconds: float = 2,
) -> None:
    """Record a reel as if it had been played from `start` on; the facts are then on their way."""
    tracks, packets = reel
    clock = SimulatedClock(wall=start)
    anchor = Anchor(clock, [Arrival(0.0, 0.0)])
    hall = HallId("h")
    recorder = Recorder(hall, camera, tracks, anchor, objects, books, segment_seconds)
    timeline = Timeline(tracks)
    for packet in packets:
        if (mended := timeline.take(packet)) is not None:
            recorder.take(mended)
    recorder.finish("stopped")

"""What must hold between catalogue and disk, and what does not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from capture.objects import LocalObjects
from hall.clock import EPOCH
from hall.errors import NotFound
from hall.interval import Interval, uncovered
from hall.media import Gap, Segment
from hall.names import CameraId
from store import recording
from store.database import Database

UNEXPLAINED = timedelta(seconds=1)
"""Time without segment or gap that is borne: two frames of a slow camera and a reconnect's rounding."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold: about which segment or camera, and what."""

    subject: str
    message: str


@dataclass
class Report:
    """What was examined and what was found."""

    segments: int = 0
    gaps: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)


def examine(database: Database, objects: LocalObjects, now: datetime) -> Report:
    """Compare every segment with its file, and look for time that neither segment nor gap explains."""
    report = Report()
    with database.read() as tx:
        cameras = recording.recorded_cameras(tx)
    for camera in cameras:
        covered: list[Interval] = []
        for segment in _segments(database, camera, now):
            report.segments += 1
            report.bytes += segment.size
            covered.append(segment.interval)
            message = _fault_of(segment, objects)
            if message is not None:
                report.faults.append(Fault(segment.id, message))
        with database.read() as tx:
            gaps = recording.gaps_between(tx, camera, EPOCH, now)
        report.gaps += len(gaps)
        report.faults.extend(_holes(camera, covered, gaps))
    return report


def _segments(database: Database, camera: CameraId, now: datetime) -> Iterator[Segment]:
    start = EPOCH
    while True:
        with database.read() as tx:
            page = recording.segments_between(tx, camera, start, now, limit=PAGE)
        yield from page
        if len(page) < PAGE or page[-1].interval.end is None:
            return
        start = page[-1].interval.end


def _fault_of(segment: Segment, objects: LocalObjects) -> str | None:
    try:
        path = objects.path(segment.key)
        size = path.stat().st_size
        if size != segment.size:
            return f"{segment.key} has {size} bytes in place of {segment.size}"
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
    except NotFound:
        return f"{segment.key} is not there"
    except OSError as error:
        return f"{segment.key} cannot be read: {error.strerror}"
    return None if digest == segment.sha256 else f"{segment.key} has other content than was recorded"


def _holes(camera: CameraId, covered: list[Interval], gaps: list[Gap]) -> Iterator[Fault]:
    """Unexplained time between the first and the last segment; what is still being written comes after."""
    if not covered or covered[-1].end is None:
        return
    whole = Interval(covered[0].start, covered[-1].end)
    for hole in uncovered(whole, [*covered, *(gap.interval for gap in gaps)]):
        if hole.duration() > UNEXPLAINED:
            end = hole.end.isoformat() if hole.end is not None else ""
            yield Fault(camera, f"nothing explains {hole.start.isoformat()} to {end}")

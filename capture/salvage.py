"""Putting a camera's files in order after an abrupt end, before it is recorded again.

A `*.partial` file is cut to its last whole fragment and finished; a finished file that the catalogue does
not know is entered; runs that never ended are ended; the time since then is a gap.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from capture.facts import FactWriter
from capture.metrics import SALVAGED
from capture.mp4.read import FileIndex, read_index
from capture.objects import PARTIAL, LocalObjects
from capture.segment_file import Inscription
from hall.errors import MediaError, NotFound, RecordingError, StoreBusy
from hall.interval import Interval
from hall.media import Gap, GapReason, Run, Segment
from hall.names import CameraId, HallId, ObjectKey, SegmentId
from store import recording
from store.database import Database, Write

READ_SIZE = 1 << 20
OVERLAP = timedelta(days=1)
"""Files are looked for from so long before the last known one: rows are entered in order, but may be late."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that was put in order, with what it says about itself."""

    inscription: Inscription
    segment: Segment


def salvage(
    database: Database,
    objects: LocalObjects,
    facts: FactWriter,
    hall: HallId,
    camera: CameraId,
    now: datetime,
) -> None:
    """Put the files of one camera in order, and have the gap noted since they end.

    Nobody may be recording this camera yet; once this returns, somebody may. Without a database the files
    are put in order all the same: their facts wait, and files unknown to it are looked for at the next start.
    """
    found = [*_finish_partials(objects, camera)]
    try:
        found += _unknown_files(database, objects, camera, {file.segment.id for file in found})
    except StoreBusy as error:
        log.warning("files without rows are not looked for now", camera=camera, because=str(error))
    for file in sorted(found, key=lambda file: file.segment.interval.start):
        run = Run(file.segment.run, camera, Interval(file.inscription.run_start_utc), file.inscription.tracks)
        facts.put(partial(recording.begin_run, hall=hall, run=run))
        facts.put(partial(recording.add_segment, hall=hall, segment=file.segment))
    facts.put(partial(_close_books, hall=hall, camera=camera, now=now))


def _finish_partials(objects: LocalObjects, camera: CameraId) -> Iterator[_Found]:
    for path in sorted(path for folder in objects.folders(camera) for path in folder.rglob(f"*{PARTIAL}")):
        key = ObjectKey(objects.key(path).removesuffix(PARTIAL))
        try:
            with path.open("r+b") as file:
                index = read_index(file)
                inscription = Inscription.of(index.comment)
                if index.fragments:
                    file.truncate(index.end)
                    os.fsync(file.fileno())
        except (MediaError, OSError) as error:
            _set_aside(path, error)
            continue
        if not index.fragments:
            path.unlink(missing_ok=True)
            SALVAGED.labels("empty").inc()
            continue
        segment = _segment(path, key, index, inscription)
        objects.put(key, path)
        SALVAGED.labels("finished").inc()
        log.warning(
            "a file that was not finished was salvaged", key=key, seconds=round(segment.media_duration, 3)
        )
        yield _Found(inscription, segment)


def _set_aside(path: Path, error: Exception) -> None:
    """A file that cannot be read is kept for people, out of the way of the next start."""
    SALVAGED.labels("unreadable").inc()
    log.error("a file could not be salvaged", file=path.name, error=str(error))
    try:
        if path.stat().st_size == 0:
            path.unlink()
        else:
            path.rename(path.with_name(path.name.removesuffix(PARTIAL) + ".damaged"))
    except OSError as failed:
        raise RecordingError(f"a damaged file could not be set aside: {failed.strerror}") from failed


def _unknown_files(
    database: Database, objects: LocalObjects, camera: CameraId, known: set[SegmentId]
) -> Iterator[_Found]:
    with database.read() as tx:
        until = recording.last_segment_end(tx, camera)
    oldest = None if until is None else (until - OVERLAP).astimezone(UTC).date()
    for folder in (day for root in objects.folders(camera) for day in _days(root, oldest)):
        for path in sorted(folder.glob("*.mp4")):
            segment_id = SegmentId(path.stem)
            if segment_id in known or _is_entered(database, segment_id):
                continue
            key = objects.key(path)
            try:
                with path.open("rb") as file:
                    index = read_index(file)
                inscription = Inscription.of(index.comment)
                segment = _segment(path, key, index, inscription)
            except (MediaError, OSError) as error:
                SALVAGED.labels("unreadable").inc()
                log.error("a recorded file could not be read", key=key, error=str(error))
                continue
            SALVAGED.labels("adopted").inc()
            yield _Found(inscription, segment)


def _days(root: Path, oldest: date | None) -> Iterator[Path]:
    """The folders `YYYY/MM/DD` below `root`, from `oldest` on, in order."""
    for folder in sorted(root.glob("[0-9]*/[0-9]*/[0-9]*")):
        year, month, day = folder.parts[-3:]
        try:
            on = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if oldest is None or on >= oldest:
            yield folder


def _is_entered(database: Database, segment: SegmentId) -> bool:
    with database.read() as tx:
        try:
            recording.segment(tx, segment)
        except NotFound:
            return False
    return True


def _segment(path: Path, key: ObjectKey, index: FileIndex, inscription: Inscription) -> Segment:
    """The fact that the file is. Raises MediaError for a file without a whole fragment."""
    if not index.fragments:
        raise MediaError("the file holds no whole fragment")
    lasts = timedelta(seconds=index.media_duration * (1 + inscription.rate))
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(READ_SIZE):
            digest.update(piece)
        size = file.tell()
    return Segment(
        id=SegmentId(f"{inscription.run}-{inscription.sequence:06d}"),
        run=inscription.run,
        camera=inscription.camera,
        sequence=inscription.sequence,
        interval=Interval(inscription.start_utc, inscription.start_utc + lasts),
        media_duration=index.media_duration,
        size=size,
        sha256=digest.digest(),
        key=key,
        header_size=index.header_size,
        fragments=index.fragments,
        has_audio=index.has_audio,
    )


def _close_books(tx: Write, hall: HallId, camera: CameraId, now: datetime) -> None:
    """End the runs that no process records any more, and begin the gap that lasts until the next run."""
    for run in recording.open_runs(tx, camera):
        ends = [
            segment.interval.end
            for segment in recording.segments_between(tx, camera, run.interval.start, now + OVERLAP)
            if segment.run == run.id and segment.interval.end is not None
        ]
        recording.end_run(tx, run.id, max(ends, default=run.interval.start), GapReason.PROCESS_RESTART.value)
    until = recording.last_segment_end(tx, camera)
    reason = GapReason.STARTING if until is None else GapReason.PROCESS_RESTART
    recording.open_gap(tx, hall, Gap(camera, Interval(now if until is None else min(until, now)), reason))

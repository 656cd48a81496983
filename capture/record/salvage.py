"""Putting a camera's files in order after an abrupt end, before it is recorded again.

A `*.partial` file is cut to its last whole fragment and finished; a finished file that the catalogue does
not know is entered, and so are gaps that only the logbook knows; runs that never ended are ended; the time
since then is a gap.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog

from capture.books.books import Books
from capture.metrics import SALVAGED
from capture.mp4.read import read_index
from capture.record.history import History, history
from capture.record.objects import PARTIAL, LocalObjects
from capture.record.recorded_file import RecordedFile, read_recorded, recorded
from capture.writing.segment_file import Inscription
from hall.errors import MediaError, NotFound, RecordingError, StoreBusy
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, ObjectKey, RunId, SegmentId
from hall.pulse import renew
from store import catalogue, recording
from store.database import Database

OVERLAP = timedelta(days=1)
"""Files are looked for from so long before the last known one: rows are entered in order, but may be late."""
NOT_TRIED = frozenset({GapReason.NOT_SCHEDULED, GapReason.STARTING})
"""A camera that nobody tried until now is only being started."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a camera's books stood when nobody recorded it any more.

    `ends` says of each run that never ended up to when it is recorded; `until` up to when the camera is,
    `missed_until` where its newest gap ended, and `lasting` which one began since.
    """

    ends: dict[RunId, datetime]
    until: datetime | None
    missed_until: datetime | None
    lasting: Gap | None


def salvage(
    database: Database,
    objects: LocalObjects,
    books: Books,
    camera: CameraId,
    now: datetime,
    reason: GapReason | None = None,
) -> datetime | None:
    """Put the files of one camera in order, and have the gap noted since they end; says when that was.

    Nobody may be recording this camera yet; once this returns, somebody may. `reason` is that of the gap,
    where it is not a restart. Without a database the files are put in order all the same: their facts wait,
    and files unknown to it are looked for at the next start.
    """
    found = [*finish_partials(objects, camera)]
    standing: _Standing | None = None
    since: datetime | None = None
    try:
        with database.read() as tx:
            since = recording.last_segment_end(tx, camera)
        found += _unknown_files(database, objects, camera, since, {file.segment.id for file in found})
    except StoreBusy as error:
        log.warning("files without rows are not looked for now", camera=camera, because=str(error))
    told = _recent_history(books, camera, min(since or now, now))
    found.sort(key=lambda file: file.segment.interval.start)
    _enter(books, found, told)
    try:
        standing = _standing(database, camera, told)
    except StoreBusy:
        standing = _told_standing(objects, camera, told)
    standing = _with_found(standing, found)
    _end_runs(books, camera, standing, told)
    _begin_gap(books, camera, standing, found, now, reason)
    return standing.until


def _enter(books: Books, found: Sequence[RecordedFile], told: History) -> None:
    """Files into the catalogue, each run before its first."""
    entered: set[RunId] = set()
    for file in found:
        if file.run.id not in entered:
            entered.add(file.run.id)
            books.run_began(told.runs.get(file.run.id, file.run))
        books.segment_kept(file.segment)


def finish_partials(objects: LocalObjects, camera: CameraId) -> Iterator[RecordedFile]:
    """Finish what an earlier process was writing. Nobody may be recording the camera."""
    for path in sorted(path for folder in objects.folders(camera) for path in folder.rglob(f"*{PARTIAL}")):
        key = ObjectKey(objects.key(path).removesuffix(PARTIAL))
        try:
            with path.open("r+b") as file:
                index = read_index(file)
                inscription = Inscription.of(index.comment)
                if index.fragments:
                    file.truncate(index.end)
                    os.fsync(file.fileno())
            finished = recorded(path, key, index, inscription) if index.fragments else None
        except (MediaError, OSError) as error:
            _set_aside(path, error)
            continue
        if finished is None:
            path.unlink(missing_ok=True)
            SALVAGED.labels("empty").inc()
            continue
        objects.put(key, path)
        SALVAGED.labels("finished").inc()
        seconds = round(finished.segment.media_duration, 3)
        log.warning("a file that was not finished was salvaged", key=key, seconds=seconds)
        yield finished


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
    database: Database, objects: LocalObjects, camera: CameraId, since: datetime | None, known: set[SegmentId]
) -> Iterator[RecordedFile]:
    oldest = None if since is None else (since - OVERLAP).astimezone(UTC).date()
    for folder in (day for root in objects.folders(camera) for day in days(root, oldest)):
        for path in sorted(folder.glob("*.mp4")):
            renew()  # a lost catalogue means days of files
            segment_id = SegmentId(path.name.partition(".")[0])
            if segment_id in known or _is_entered(database, segment_id):
                continue
            key = objects.key(path)
            try:
                file = read_recorded(path, key)
            except (MediaError, OSError) as error:
                SALVAGED.labels("unreadable").inc()
                log.error("a recorded file could not be read", key=key, error=str(error))
                continue
            SALVAGED.labels("adopted").inc()
            yield file


def days(root: Path, oldest: date | None = None) -> Iterator[Path]:
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


def _recent_history(books: Books, camera: CameraId, since: datetime) -> History:
    """What the logbook tells since shortly before; nothing when no disk can be read."""
    try:
        pages = books.logbook.read(camera, (since - OVERLAP).astimezone(UTC).date())
    except OSError as error:
        log.error("a logbook could not be read", camera=camera, because=error.strerror)
        return History()
    return history(camera, pages.lines)


def _standing(database: Database, camera: CameraId, told: History) -> _Standing:
    """From the catalogue, once it has the gaps that only the logbook knew. Raises StoreBusy."""
    if told.gaps:
        with database.write() as tx:
            catalogue.restore_gaps(tx, [(noted.hall, noted.gap) for noted in told.gaps])
    with database.read() as tx:
        ends = {
            run.id: catalogue.end_of_run(tx, run) or run.interval.start
            for run in recording.open_runs(tx, camera)
        }
        return _Standing(
            ends,
            recording.last_segment_end(tx, camera),
            catalogue.missed_until(tx, camera),
            catalogue.lasting_gap(tx, camera),
        )


def _told_standing(objects: LocalObjects, camera: CameraId, told: History) -> _Standing:
    """Without the catalogue: from the logbook, and from the newest files on the disks."""
    ends = {run.id: run.interval.start for run in told.runs.values() if run.id not in told.endings}
    over = [noted.gap.interval.end for noted in told.gaps if noted.gap.interval.end is not None]
    standing = _Standing(ends, None, max(over, default=None), told.lasting)
    newest: list[RecordedFile] = []
    for folder in objects.folders(camera):
        for path in [path for day in [*days(folder)][-1:] for path in sorted(day.glob("*.mp4"))[-1:]]:
            with suppress(MediaError, OSError):
                newest.append(read_recorded(path, objects.key(path)))
    newest = [file for file in newest if file.segment.run in ends or file.segment.run in told.endings]
    return _with_found(standing, newest)


def _with_found(standing: _Standing, found: Sequence[RecordedFile]) -> _Standing:
    """The same with files that the catalogue need not have yet."""
    ends, until = dict(standing.ends), standing.until
    for file in found:
        end = file.segment.interval.end
        assert end is not None
        ends[file.run.id] = max(end, ends.get(file.run.id, end))
        until = end if until is None else max(until, end)
    return replace(standing, ends=ends, until=until)


def _end_runs(books: Books, camera: CameraId, standing: _Standing, told: History) -> None:
    """End the runs that no process records any more, as they ended where that is known."""
    for run, end in standing.ends.items():
        ending = told.endings.get(run)
        if ending is not None:
            books.run_ended(camera, run, ending.end, ending.reason)
        else:
            books.run_ended(camera, run, end, GapReason.PROCESS_RESTART.value)


def _begin_gap(
    books: Books,
    camera: CameraId,
    standing: _Standing,
    found: Sequence[RecordedFile],
    now: datetime,
    reason: GapReason | None,
) -> None:
    """Begin the gap that lasts until the next run: where the recording ends, or another gap does."""
    lasting = standing.lasting
    if lasting is not None:
        began = [file.segment.interval.start for file in found]
        after = [start for start in began if start >= lasting.interval.start]
        if after:
            books.gap_ended(camera, min(after))
            lasting = None
    if lasting is None:
        known = [end for end in (standing.until, standing.missed_until) if end is not None]
        start = min(max(known, default=now), now)
        why = GapReason.STARTING if standing.until is None else GapReason.PROCESS_RESTART
    else:
        start = max(now, lasting.interval.start)
        why = GapReason.STARTING if lasting.reason in NOT_TRIED else GapReason.PROCESS_RESTART
    why = reason or why
    if lasting is not None and lasting.reason is why:
        books.gap_lasts(camera, why)
    else:
        books.gap_began(Gap(camera, Interval(start), why))

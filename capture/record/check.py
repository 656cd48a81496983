"""Whether the record holds what it promises: each invariant, camera after camera, a page of rows at a time.

Safe while recording: what is being written now, or on its way into the catalogue, is not judged, and what
changed meanwhile is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from capture.books.logbook import Logbook, cameras
from capture.record.comparing import content_fault, inscription_fault
from capture.record.coverage import Coverage
from capture.record.files import DAMAGED, PARTIAL, other_files, segment_paths
from capture.record.history import history
from capture.record.invariants import FRESH, TOLERANCE, UNEXPLAINED, Examined, Fault, Invariant, Note
from capture.record.objects import LocalObjects
from capture.retention.marks import FOLDER as MARKS
from hall.clock import EPOCH, from_microseconds, to_microseconds
from hall.config import Configuration
from hall.errors import NotFound
from hall.interval import Interval
from hall.media import Gap, GapReason, Run, Segment
from hall.names import CameraId, RunId
from store import catalogue, copies, recording
from store.database import Database

LONGEST = timedelta(hours=1)
"""No segment is longer: so far back the one that lasts over a moment is looked for."""
SLACK = timedelta(seconds=60)
"""Beyond the length of a segment, before time that should be recorded by now is missed."""
CLOCK_SET = "timestamp_jump"
"""Why a run ended whose time left the clock's; what was recorded before stands under a wrong clock."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at. `hashes`: files are read and hashed, not only asked for their size."""

    cameras: frozenset[CameraId] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    hashes: bool = True

    @property
    def is_whole(self) -> bool:
        """True when no time is left out."""
        return self.since is None and self.until is None


class Check:
    """One look at the whole record, or a part. `examined` grows while `faults` is read."""

    def __init__(
        self,
        database: Database,
        objects: LocalObjects,
        logbook: Logbook,
        configuration: Configuration,
        now: datetime,
        *,
        running: bool,
        scope: Scope | None = None,
        progress: Callable[[CameraId, Examined], None] = lambda _camera, _examined: None,
    ) -> None:
        """`running`: a hall runs on these recordings now."""
        self.examined = Examined()
        self._database = database
        self._objects = objects
        self._logbook = logbook
        self._configuration = configuration
        self._now = now
        self._running = running
        self._scope = scope or Scope()
        self._progress = progress

    def faults(self) -> Iterator[Fault]:
        """Every fault, camera after camera. Raises StoreBusy, and OSError when a disk cannot be read."""
        with self._database.read() as tx:
            found = recording.recorded_cameras(tx)
        known = {*found, *cameras(self._objects.disks)}
        for camera in sorted(known):
            if self._scope.cameras and camera not in self._scope.cameras:
                continue
            self.examined.cameras += 1
            yield from self._segments(camera)
            yield from self._times(camera)
            yield from self._runs(camera)
            yield from self._files(camera)
            if self._scope.is_whole:
                yield from self._told(camera)
            self._progress(camera, self.examined)
        if self._scope.is_whole and not self._scope.cameras:
            yield from self._stray_copies()

    def _pages(self, camera: CameraId) -> Iterator[list[Segment]]:
        at = self._scope.since - LONGEST if self._scope.since is not None else EPOCH
        while True:
            with self._database.read() as tx:
                page = catalogue.segments_from(tx, camera, at)
            if not page:
                return
            at = page[-1].interval.start + timedelta(microseconds=1)
            yield [segment for segment in page if self._in_scope(segment.interval)]
            if self._scope.until is not None and at >= self._scope.until:
                return

    def _in_scope(self, interval: Interval) -> bool:
        return interval.overlaps(Interval(self._scope.since or EPOCH, self._scope.until))

    def _segments(self, camera: CameraId) -> Iterator[Fault]:
        """Each segment by itself (1, 2, 3, 11), beside the one before it (4, 5), and its run (9)."""
        before: Segment | None = None
        last_of: dict[RunId, Segment] = {}
        for page in self._pages(camera):
            for segment in page:
                self.examined.segments += 1
                self.examined.bytes += segment.size
                fault = self._file_fault(segment)
                if fault is not None and self._is_entered(segment):
                    yield fault
                yield from self._beside(before, segment)
                previous = last_of.get(segment.run)
                if previous is None:
                    yield from self._run_fault(segment)
                    last_of = {segment.run: segment}
                else:
                    yield from _in_sequence(previous, segment)
                    last_of[segment.run] = segment
                before = segment
            self._progress(camera, self.examined)

    def _file_fault(self, segment: Segment) -> Fault | None:
        if not segment.is_local:
            with self._database.read() as tx:
                if copies.is_copied(tx, segment):
                    return None
            message = "it is on no disk, and no archive has a copy of it"
            return Fault(Invariant.COPIES, segment.camera, segment.id, message)
        try:
            path = self._objects.path(segment.key)
            fault = content_fault(segment, path, hashes=self._scope.hashes)
            if fault is None and self._scope.hashes:
                fault = inscription_fault(segment, path)
        except (NotFound, FileNotFoundError):
            return Fault(Invariant.FILE, segment.camera, segment.id, f"{segment.key} is not there")
        return fault

    def _is_entered(self, segment: Segment) -> bool:
        """Whether it is still what it was, and retention is not about to take it."""
        for disk in self._objects.disks:
            if any((disk / MARKS).glob(f"{segment.id}.*")):
                self._note(segment.camera, segment.id, "retention is about to delete or change it")
                return False
        with self._database.read() as tx:
            try:
                return recording.segment(tx, segment.id) == segment
            except NotFound:
                return False

    def _beside(self, before: Segment | None, segment: Segment) -> Iterator[Fault]:
        if before is None or before.interval.end is None:
            return
        shared = before.interval.end - segment.interval.start
        if shared <= TOLERANCE:
            return
        message = f"it begins {shared.total_seconds():.3f} s before {before.id} ends"
        if before.run != segment.run and self._was_set_back(before, segment):
            self._note(segment.camera, segment.id, f"{message}: the clock was set back between them")
        else:
            overlap = Interval(segment.interval.start, before.interval.end)
            yield Fault(Invariant.OVERLAP, segment.camera, segment.id, message, overlap)

    def _was_set_back(self, one: Segment, other: Segment) -> bool:
        """Whether one of the runs ended because time leapt: both were recorded, one under a wrong clock."""
        with self._database.read() as tx:
            runs = [catalogue.run(tx, segment.run) for segment in (one, other)]
        return any(run is not None and run.ended_because == CLOCK_SET for run in runs)

    def _run_fault(self, segment: Segment) -> Iterator[Fault]:
        with self._database.read() as tx:
            run = catalogue.run(tx, segment.run)
        if run is None:
            yield Fault(
                Invariant.RUNS, segment.camera, segment.run, f"{segment.id} is of a run that is not entered"
            )

    def _times(self, camera: CameraId) -> Iterator[Fault]:
        """Segments and gaps together (6, 8)."""
        with self._database.read() as tx:
            first = catalogue.first_moment(tx, camera)
        if first is None:
            return
        first = max(first, self._scope.since or first)
        hall = self._configuration.camera(camera)
        zone = hall[0].zone_info if hall is not None else UTC
        coverage = Coverage(camera, first, zone)
        segments = (segment for page in self._pages(camera) for segment in page)
        for fault in coverage.over(segments, self._counted(self._gaps(camera))):
            if fault.invariant is Invariant.GAPS and self._is_of_clock(fault):
                self._note(camera, fault.subject, f"{fault.message}: the clock was set back then")
            else:
                yield fault
        until = self._explained_until(camera, coverage.until)
        if self._scope.until is not None:
            until = min(until, self._scope.until)
        yield from coverage.finish(until, UNEXPLAINED)

    def _counted(self, gaps: Iterator[Gap]) -> Iterator[Gap]:
        for gap in gaps:
            self.examined.gaps += 1
            yield gap

    def _is_of_clock(self, fault: Fault) -> bool:
        if fault.interval is None or fault.interval.end is None:
            return False
        with self._database.read() as tx:
            there = recording.segments_between(
                tx, fault.camera, fault.interval.start, fault.interval.end, fragments=False
            )
            runs = [catalogue.run(tx, identifier) for identifier in {segment.run for segment in there}]
        return any(run is not None and run.ended_because == CLOCK_SET for run in runs)

    def _gaps(self, camera: CameraId) -> Iterator[Gap]:
        after = (EPOCH, 0)
        if self._scope.since is not None:
            with self._database.read() as tx:
                yield from (
                    gap
                    for gap in recording.gaps_between(
                        tx, camera, self._scope.since, self._scope.since + timedelta(microseconds=1)
                    )
                    if gap.interval.start < self._scope.since
                )
            after = (self._scope.since, 0)
        while True:
            with self._database.read() as tx:
                page = catalogue.gaps_from(tx, camera, after)
            for _, gap in page:
                if self._scope.until is not None and gap.interval.start >= self._scope.until:
                    return
                yield gap
            if not page:
                return
            after = (page[-1][1].interval.start, page[-1][0])

    def _explained_until(self, camera: CameraId, known: datetime) -> datetime:
        """Until when segments and gaps should account for a camera; what is being written comes behind."""
        live = self._is_written(camera)
        found = self._configuration.camera(camera)
        expected = self._running and found is not None and found[1].record
        if live or not expected:
            return known
        slack = SLACK + timedelta(seconds=self._configuration.site.capture.segment_seconds)
        return known if self._now - known < slack else self._now

    def _is_written(self, camera: CameraId) -> bool:
        return any(self._is_fresh(path) for path in other_files(self._objects, camera, PARTIAL))

    def _is_fresh(self, path: Path) -> bool:
        try:
            changed = from_microseconds(path.stat().st_mtime_ns // 1000)
        except FileNotFoundError:
            return True
        return abs(self._now - changed) < FRESH

    def _runs(self, camera: CameraId) -> Iterator[Fault]:
        """Runs that should have ended, or ended too early (9)."""
        after, open_runs = (EPOCH, RunId("")), list[Run]()
        while True:
            with self._database.read() as tx:
                page = catalogue.runs_from(tx, camera, after)
                ends = [catalogue.end_of_run(tx, run) for run in page]
            for run, end in zip(page, ends, strict=True):
                self.examined.runs += 1
                if run.interval.end is None:
                    open_runs.append(run)
                elif end is not None and end - run.interval.end > TOLERANCE:
                    late = (end - run.interval.end).total_seconds()
                    yield Fault(
                        Invariant.RUNS, camera, run.id, f"it ended {late:.3f} s before its last segment"
                    )
            if not page:
                break
            after = (page[-1].interval.start, page[-1].id)
        if open_runs and (self._running or self._is_written(camera)):
            open_runs.pop()
        for run in open_runs:
            yield Fault(Invariant.RUNS, camera, run.id, "it never ended, and nobody records it")

    def _files(self, camera: CameraId) -> Iterator[Fault]:
        """Files that no row knows (7)."""
        day = timedelta(days=1)
        since = (self._scope.since - day).astimezone(UTC).date() if self._scope.since is not None else None
        until = self._scope.until.astimezone(UTC).date() if self._scope.until is not None else None
        paths = segment_paths(self._objects, camera, since, until)
        while places := list(islice(paths, catalogue.PAGE)):
            with self._database.read() as tx:
                known = catalogue.known(tx, {place.segment for place in places})
            for place in places:
                if place.segment not in known and not self._is_fresh(place.path):
                    yield Fault(Invariant.STRAY, camera, place.key, "no row knows this file")
        for path in other_files(self._objects, camera, PARTIAL):
            if not self._is_fresh(path):
                message = "an unfinished file was left behind"
                yield Fault(Invariant.STRAY, camera, self._objects.key(path), message)
        for path in other_files(self._objects, camera, DAMAGED):
            self._note(camera, self._objects.key(path), "a damaged file was set aside for people to look at")

    def _told(self, camera: CameraId) -> Iterator[Fault]:
        """What the logbook tells and the catalogue does not, and the other way round (10)."""
        pages = self._logbook.read(camera)
        if pages.damaged:
            self._note(
                camera, "logbook", f"{pages.damaged} lines are damaged, as a kill or a power cut leaves them"
            )
        told = history(camera, pages.lines)
        settled = self._now - FRESH
        in_book = {
            _place(noted.gap)
            for noted in told.gaps
            if noted.gap.interval.end and noted.gap.interval.end < settled
        }
        entered = {
            _place(gap)
            for gap in self._gaps(camera)
            if gap.interval.end is not None
            and gap.interval.end < settled
            and gap.reason is not GapReason.DELETED_BY_RETENTION
        }
        for start_us, end_us, reason in sorted(in_book - entered):
            interval = Interval(from_microseconds(start_us), from_microseconds(end_us))
            message = f"the catalogue does not know of the gap from {interval.start.isoformat()} ({reason})"
            yield Fault(Invariant.LOGBOOK, camera, reason, message, interval)
        missing = len(entered - in_book) + self._untold_runs(camera, set(told.runs))
        if missing:
            message = f"{missing} gaps and runs of the catalogue are not in the logbook"
            yield Fault(Invariant.LOGBOOK, camera, "logbook", message)

    def _untold_runs(self, camera: CameraId, told: set[RunId]) -> int:
        after, missing = (EPOCH, RunId("")), 0
        while True:
            with self._database.read() as tx:
                page = catalogue.runs_from(tx, camera, after)
            missing += sum(run.id not in told for run in page)
            if not page:
                return missing
            after = (page[-1].interval.start, page[-1].id)

    def _stray_copies(self) -> Iterator[Fault]:
        with self._database.read() as tx:
            stray = catalogue.stray_copies(tx)
        for segment, archive in stray:
            message = f"{archive} is said to have a copy of a segment that is not entered"
            yield Fault(Invariant.COPIES, CameraId(""), segment, message)

    def _note(self, camera: CameraId, subject: str, message: str) -> None:
        self.examined.notes.append(Note(camera, subject, message))


def _place(gap: Gap) -> tuple[int, int, str]:
    assert gap.interval.end is not None
    return to_microseconds(gap.interval.start), to_microseconds(gap.interval.end), gap.reason.value


def _in_sequence(before: Segment, segment: Segment) -> Iterator[Fault]:
    """Two segments of one run, in the order of their times."""
    if segment.sequence <= before.sequence:
        message = f"it comes after number {before.sequence} of its run"
        yield Fault(Invariant.SEQUENCE, segment.camera, segment.id, message)
    elif segment.sequence == before.sequence + 1 and before.interval.end is not None:
        hole = segment.interval.start - before.interval.end
        if hole > TOLERANCE:
            message = f"it begins {hole.total_seconds():.3f} s after {before.id} ends, in one run"
            between = Interval(before.interval.end, segment.interval.start)
            yield Fault(Invariant.SEQUENCE, segment.camera, segment.id, message, between)

"""The catalogue made again from the disks alone: files, and the logbook beside them.

Camera after camera, file after file in the order of time: memory does not grow with the recordings. What is
entered is entered once, so that a reindex which was broken off goes on where it was.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from capture.books.logbook import Logbook, cameras
from capture.record.files import SegmentPath, segment_paths
from capture.record.history import Noted, history
from capture.record.objects import LocalObjects
from capture.record.recorded_file import RecordedFile, read_recorded
from hall.errors import Conflict, MediaError, NotFound
from hall.interval import Interval
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId, HallId, RunId, SegmentId
from store import catalogue, recording
from store.database import Database

SAME_MOMENT = timedelta(milliseconds=1)
"""A file's own time is exact to a tick; where the next file begins is exact to a microsecond."""
AT_ONCE = 200
"""Segments a transaction."""
AHEAD = 4
"""Files in work for each process: enough that none waits, few enough to stay small."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be entered, and why."""

    key: str
    why: str


@dataclass
class Reindexed:
    """What was entered. `known` files were in the catalogue already."""

    runs: int = 0
    segments: int = 0
    gaps: int = 0
    known: int = 0
    bytes: int = 0
    damaged_lines: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)


Progress: TypeAlias = Callable[[CameraId, Reindexed], None]


_Read: TypeAlias = Callable[[Iterator[SegmentPath]], Iterator[RecordedFile | Unreadable]]


def reindex(
    database: Database,
    objects: LocalObjects,
    logbook: Logbook,
    processes: int | None = None,
    progress: Progress = lambda _camera, _so_far: None,
) -> Reindexed:
    """Enter whatever the disks know and the catalogue does not.

    Nobody may be recording. `processes` hash in parallel (all cores when None; none of their own for 0).
    The configuration must be in force: journal entries name the windows of a camera. Raises StoreBusy, and
    OSError when a disk cannot be read.
    """
    done = Reindexed()
    with _readers(processes) as read:
        for camera in cameras(objects.disks):
            _Camera(database, objects, camera, logbook, done).enter(read, progress)
    return done


class _Camera:
    """One camera entered."""

    def __init__(
        self,
        database: Database,
        objects: LocalObjects,
        camera: CameraId,
        logbook: Logbook,
        done: Reindexed,
    ) -> None:
        self._database = database
        self._objects = objects
        self._camera = camera
        self._done = done
        pages = logbook.read(camera)
        done.damaged_lines += pages.damaged
        self._told = history(camera, pages.lines)
        self._entered: set[RunId] = set()

    def enter(self, read: _Read, progress: Progress) -> None:
        batch: list[tuple[HallId, RecordedFile]] = []
        for file in self._exact(self._unknown(read)):
            batch.append((file.inscription.hall, file))
            if len(batch) == AT_ONCE:
                self._enter_files(batch)
                batch = []
                progress(self._camera, self._done)
        self._enter_files(batch)
        self._enter_rest()
        progress(self._camera, self._done)

    def _unknown(self, read: _Read) -> Iterator[RecordedFile]:
        """The files that are not entered yet, read, in the order of time."""
        for file in read(self._places_without_row()):
            if isinstance(file, Unreadable):
                self._done.unreadable.append(file)
            elif file.segment.camera != self._camera:
                self._done.unreadable.append(Unreadable(file.segment.key, "it belongs to another camera"))
            else:
                yield file

    def _places_without_row(self) -> Iterator[SegmentPath]:
        paths = segment_paths(self._objects, self._camera)
        while places := list(islice(paths, AT_ONCE)):
            with self._database.read() as tx:
                known = catalogue.known(tx, {place.segment for place in places})
            self._done.known += len(known)
            yield from (place for place in places if place.segment not in known)

    def _exact(self, files: Iterator[RecordedFile]) -> Iterator[RecordedFile]:
        """The same files, each ending exactly where the catalogue had it end."""
        before: RecordedFile | None = None
        for file in files:
            if before is not None:
                yield self._ended(before, file.segment)
            before = file
        if before is not None:
            yield self._ended(before, None)

    def _ended(self, file: RecordedFile, following: Segment | None) -> RecordedFile:
        segment = file.segment
        end = segment.interval.end
        assert end is not None
        changed = self._told.changed.get(segment.id)
        if changed is not None and changed.interval.start == segment.interval.start:
            return replace(file, segment=replace(segment, interval=changed.interval))
        if following is None or (following.run, following.sequence) != (segment.run, segment.sequence + 1):
            following = self._entered_after(segment)
        known = [following.interval.start] if following is not None else []
        if (ending := self._told.endings.get(segment.run)) is not None:
            known.append(ending.end)
        known += [noted.gap.interval.start for noted in self._told.deleted]
        exact = next((moment for moment in known if abs(moment - end) <= SAME_MOMENT), end)
        return replace(file, segment=replace(segment, interval=segment.interval.closed(exact)))

    def _entered_after(self, segment: Segment) -> Segment | None:
        with self._database.read() as tx:
            try:
                return recording.segment(tx, SegmentId(f"{segment.run}-{segment.sequence + 1:06d}"))
            except NotFound:
                return None

    def _enter_files(self, batch: list[tuple[HallId, RecordedFile]]) -> None:
        with self._database.write() as tx:
            for hall, file in batch:
                if file.segment.run not in self._entered:
                    self._entered.add(file.segment.run)
                    self._done.runs += catalogue.enter_run(tx, hall, self._told.run(file.run))
                try:
                    recording.add_segment(tx, hall, file.segment)
                except Conflict as error:
                    self._done.unreadable.append(Unreadable(file.segment.key, str(error)))
                    continue
                self._done.segments += 1
                self._done.bytes += file.segment.size

    def _enter_rest(self) -> None:
        """Runs of which no file is left, and the gaps."""
        told = self._told
        with self._database.write() as tx:
            for known in told.runs.values():
                if known.id not in self._entered:
                    self._done.runs += catalogue.enter_run(tx, told.halls[known.id], told.run(known))
        with self._database.write() as tx:
            gaps = [(noted.hall, gap) for noted in (*told.gaps, *told.deleted) for gap in self._left(noted)]
            gaps.sort(key=_start)
            self._done.gaps += catalogue.end_gap(tx, self._camera, [gap for _, gap in gaps])
            self._done.gaps += catalogue.enter_gaps(tx, self._camera, gaps)

    def _left(self, noted: Noted) -> Iterator[Gap]:
        """A gap as it must have been, by what is recorded after all.

        Retention writes down what it is about to delete, and may find it locked; a lost file may be back;
        and where the line about a gap's end is lost, the next file says that it ended.
        """
        gap = noted.gap
        if gap.interval.end is None:
            with self._database.read() as tx:
                following = catalogue.segments_from(tx, self._camera, gap.interval.start, 1)
            yield (
                replace(gap, interval=Interval(gap.interval.start, following[0].interval.start))
                if following
                else gap
            )
        elif gap.reason in (GapReason.DELETED_BY_RETENTION, GapReason.LOST):
            with self._database.read() as tx:
                there = recording.segments_between(
                    tx, self._camera, gap.interval.start, gap.interval.end, 1_000_000, fragments=False
                )
            for rest in catalogue.rests(gap.interval, [segment.interval for segment in there]):
                yield replace(gap, interval=rest)
        else:
            yield gap


def _start(entry: tuple[HallId, Gap]) -> datetime:
    return entry[1].interval.start


def _read_one(path: Path, place: SegmentPath) -> RecordedFile | Unreadable:
    try:
        file = read_recorded(path, place.key)
    except (MediaError, OSError) as error:
        return Unreadable(place.key, str(error))
    if file.segment.id != place.segment:
        return Unreadable(place.key, f"it says that it is {file.segment.id}")
    return file


@contextmanager
def _readers(processes: int | None) -> Iterator[_Read]:
    """What reads files in their order: other processes, some files ahead."""
    count = (os.cpu_count() or 1) if processes is None else processes
    if count == 0:
        yield lambda places: (_read_one(place.path, place) for place in places)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:

        def read(places: Iterator[SegmentPath]) -> Iterator[RecordedFile | Unreadable]:
            ahead: deque[Future[RecordedFile | Unreadable]] = deque()
            for place in places:
                ahead.append(pool.submit(_read_one, place.path, place))
                if len(ahead) >= count * AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

        yield read

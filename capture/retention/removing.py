"""Deleting segments, by a procedure that may be killed at any point (docs/design/0009-retention.md).

    1  write into the logbook that the segments go
    2  while no lock can be added: ask once more for locks, and move each file among the marks of its disk
    3  make the moves durable (the folders)
    4  free the space: the moved files are emptied
    5  in one transaction: the rows go, the gaps begin, the journal tells
    6  remove the marks, and folders of days that are empty now

The file is out of its place and empty before its row goes. What a kill leaves behind is a mark, and the next
start goes on where the mark says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from capture.books.books import Books
from capture.record.objects import LocalObjects
from capture.retention.marks import Marks, Tombstone, sync_folder
from capture.retention.metrics import DELETED, FREED
from capture.retention.policy import Removal, Rule
from hall.clock import Clock
from hall.errors import NotFound
from hall.media import Segment
from hall.names import CameraId, HallId
from store import deletion, holdings, locks, recording
from store.database import Database

AT_ONCE = 64
"""Segments a transaction: many enough for few of them, few enough that nobody waits long."""
QUIET = timedelta(days=2)
"""Folders of younger days stay, however empty: a recorder may be about to write there."""

log = structlog.get_logger(__name__)
Step = Callable[[int], None]


class Remover:
    """Deletes files of the disks of this machine, and nothing else. Used by one thread."""

    def __init__(
        self,
        database: Database,
        objects: LocalObjects,
        books: Callable[[HallId], Books],
        clock: Clock,
        step: Step = lambda _number: None,
    ) -> None:
        """`step` is told the number of each step of the procedure before it is done."""
        self._database = database
        self._objects = objects
        self._books = books
        self._clock = clock
        self._step = step
        self._marks = {disk: Marks(disk) for disk in objects.disks}

    def remove(self, removals: Sequence[Removal], *, at_any_cost: bool = False) -> int:
        """Delete whole segments; the bytes that were freed. What is locked, or not on a disk here, stays.

        `at_any_cost`: go on even when no disk takes the lines of the logbook. Raises StoreBusy or OSError;
        what was begun then is gone on with by `finish`.
        """
        removals = [one for one in removals if self._objects.places(one.holding.key)]
        self._step(1)
        noted = self._note(removals)
        if not noted and not at_any_cost:
            log.warning("nothing is deleted: the logbook cannot be written")
            return 0
        self._step(2)
        moved = self._move(removals)
        return self._finish(moved)

    def finish(self) -> int:
        """Go on with whatever was left undone; the bytes that were freed. Raises StoreBusy or OSError."""
        freed = 0
        for marks in self._marks.values():
            tombstones = [one for one in marks.tombstones() if not self._given_back(one)]
            for place in range(0, len(tombstones), AT_ONCE):
                freed += self._finish(tombstones[place : place + AT_ONCE])
        return freed

    def _note(self, removals: Sequence[Removal]) -> bool:
        """Whether the logbook took a line about each of them. That one stays after all does no harm."""
        going = [removal.holding for removal in removals if not removal.holding.has_copy]
        known: dict[tuple[HallId, CameraId], list[Segment]] = {}
        with self._database.read() as tx:
            for holding in going:
                hall = holdings.hall_of(tx, holding.run) or HallId("")
                with suppress(NotFound):
                    known.setdefault((hall, holding.camera), []).append(recording.segment(tx, holding.id))
        noted = [self._books(hall).segments_deleted(segments) for (hall, _), segments in known.items()]
        return all(noted)

    def _move(self, removals: Sequence[Removal]) -> list[Tombstone]:
        """Take the files out of their places while this transaction keeps everybody from adding a lock."""
        moved: list[Tombstone] = []
        with self._database.write() as tx:
            now = self._clock.now()
            for removal in removals:
                holding = removal.holding
                end = holding.interval.end
                assert end is not None
                if locks.locked_between(tx, holding.camera, holding.interval.start, end, now):
                    continue
                for disk, path in self._objects.places(holding.key):
                    marks = self._marks[disk]
                    marks.folder.mkdir(exist_ok=True)
                    target = marks.tombstone(holding.id, removal.rule)
                    path.rename(target)
                    moved.append(Tombstone(holding.id, removal.rule, target))
        return moved

    def _finish(self, tombstones: Sequence[Tombstone]) -> int:
        if not tombstones:
            return 0
        self._step(3)
        for folder in {tombstone.path.parent for tombstone in tombstones}:
            sync_folder(folder)
        self._step(4)
        freed = sum(_empty(tombstone.path) for tombstone in tombstones)
        self._step(5)
        self._enter(tombstones)
        self._step(6)
        for tombstone in tombstones:
            tombstone.path.unlink(missing_ok=True)
        return freed

    def _enter(self, tombstones: Sequence[Tombstone]) -> None:
        now = self._clock.now()
        for rule in Rule:
            segments = dict.fromkeys(one.segment for one in tombstones if one.rule is rule)
            if not segments:
                continue
            with self._database.write() as tx:
                done = deletion.delete_segments(tx, segments, rule.value, now)
            for gone in (*done.gone, *done.archived):
                DELETED.labels(rule.value).inc()
                FREED.labels(rule.value).inc(gone.size)
                self._drop_empty_folders(Path(gone.key).parent, now)

    def _given_back(self, tombstone: Tombstone) -> bool:
        """Whether a segment stays after all, and its mark is gone.

        A file that was moved but not emptied goes back when a lock has come meanwhile. A file in the old
        place means that somebody put one there.
        """
        with self._database.write() as tx:
            try:
                known = recording.segment(tx, tombstone.segment)
            except NotFound:
                return False
            home = tombstone.path.parent.parent / known.key
            if home.is_file():
                tombstone.path.unlink()
                return True
            end = known.interval.end
            assert end is not None
            now = self._clock.now()
            whole = tombstone.path.stat().st_size == known.size
            if whole and locks.locked_between(tx, known.camera, known.interval.start, end, now):
                home.parent.mkdir(parents=True, exist_ok=True)
                tombstone.path.rename(home)
                sync_folder(home.parent)
                return True
        return False

    def _drop_empty_folders(self, day: Path, now: datetime) -> None:
        """Remove the folder of a day that is over, and those above it, as far as they are empty."""
        quiet = now - QUIET
        if day.parts[-3:] >= (f"{quiet:%Y}", f"{quiet:%m}", f"{quiet:%d}"):
            return
        for disk in self._objects.disks:
            for folder in (disk / day, disk / day.parent, disk / day.parent.parent):
                with suppress(OSError):  # not empty, or gone already
                    folder.rmdir()


def _empty(path: Path) -> int:
    """Free the space of a file; needs none itself. The bytes that were freed."""
    size = path.stat().st_size
    if size:
        os.truncate(path, 0)
    return size

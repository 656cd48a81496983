"""Taking the picture or the sound out of segments, by a procedure that may be killed at any point.

    1  leave a note among the marks of the disk
    2  write what stays beside it, and make it durable
    3  write into the logbook that the segment changes
    4  move what was written to its own place: the old name with `.picture` or `.sound` (what is left) in it
    5  in one transaction, unless a lock has come: the row names the new file, the journal both hashes
    6  remove the old file
    7  remove the note

Until 5 the old file counts, from then on the new one: the note says of which segment to ask the catalogue.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from capture.books.books import Books
from capture.mp4.read import read_index
from capture.mp4.strip import strip
from capture.record.objects import LocalObjects, writing_failed
from capture.retention.marks import Marks, sync_folder
from capture.retention.metrics import FREED, STRIPPED
from capture.retention.policy import Rule
from capture.retention.removing import Step
from hall.clock import Clock
from hall.errors import MediaError, NotFound
from hall.media import Segment, TrackKind
from hall.names import HallId, ObjectKey, SegmentId
from store import deletion, holdings, locks, recording
from store.database import Database, Read

LEFT = {TrackKind.AUDIO: "picture", TrackKind.VIDEO: "sound"}
"""What is left, by what was taken out: it stands in the file's name."""
READ_SIZE = 1 << 20

log = structlog.get_logger(__name__)


class Stripper:
    """Strips files of the disks of this machine. Used by one thread."""

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

    def strip(self, identifier: SegmentId, taken: TrackKind) -> bool:
        """Take a part out of a segment; false when nothing else is in it, so that it has to go as a whole.

        A segment that is gone, locked, not here, stripped already or not what its hash says is left alone.
        Raises DiskFull, RecordingError, StoreBusy.
        """
        with self._database.read() as tx:
            before = _known(tx, identifier)
            hall = holdings.hall_of(tx, before.run) if before is not None else None
            if before is None or self._is_locked(tx, before):
                return True
        places = self._objects.places(before.key)
        if not places or not (before.has_audio if taken is TrackKind.AUDIO else before.has_picture):
            return True
        disk, path = places[0]
        marks = self._marks[disk]
        try:
            self._step(1)
            marks.folder.mkdir(exist_ok=True)
            marks.note(identifier).touch()
            sync_folder(marks.folder)
            self._step(2)
            after = self._write(before, taken, path, marks.stripping(identifier))
            if after is None:
                self._end(marks, identifier)
                return False
            self._change(hall or HallId(""), before, after, marks, disk)
        except MediaError as error:
            log.error("a segment cannot be taken apart", segment=identifier, because=str(error))
            self._end(marks, identifier)
        except OSError as error:
            raise writing_failed(error) from error
        return True

    def finish(self) -> None:
        """Put in order whatever was left undone. Raises StoreBusy or OSError."""
        for disk, marks in self._marks.items():
            for identifier in marks.notes():
                with self._database.read() as tx:
                    known = _known(tx, identifier)
                for path in (disk / key for key in _other_keys(known)):
                    path.unlink(missing_ok=True)
                self._end(marks, identifier)

    def _write(self, before: Segment, taken: TrackKind, path: Path, target: Path) -> Segment | None:
        """What the segment is without `taken`, written to `target`; None when nothing is left."""
        with path.open("rb") as source:
            if _hash(source) != before.sha256:
                raise MediaError("the file is not what its hash says")
            digest = hashlib.sha256()
            with target.open("wb") as file:

                def write(data: bytes) -> None:
                    file.write(data)
                    digest.update(data)

                if not strip(source, taken, write):
                    return None
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
        with target.open("rb") as written:
            index = read_index(written)
        return replace(
            before,
            media_duration=index.media_duration,
            size=size,
            sha256=digest.digest(),
            key=stripped_key(before.key, taken),
            header_size=index.header_size,
            fragments=index.fragments,
            has_audio=before.has_audio and taken is not TrackKind.AUDIO,
            has_picture=before.has_picture and taken is not TrackKind.VIDEO,
        )

    def _change(self, hall: HallId, before: Segment, after: Segment, marks: Marks, disk: Path) -> None:
        self._step(3)
        if not self._books(hall).segment_changed(after):
            self._end(marks, before.id)
            return
        self._step(4)
        target = disk / after.key
        marks.stripping(before.id).replace(target)
        sync_folder(target.parent)
        self._step(5)
        with self._database.write() as tx:
            locked = self._is_locked(tx, before)
            if not locked:
                deletion.change_segment(tx, before, after, Rule.AGE.value, self._clock.now())
        if locked:
            target.unlink(missing_ok=True)
        else:
            part = TrackKind.AUDIO if before.has_audio and not after.has_audio else TrackKind.VIDEO
            STRIPPED.labels(part.value).inc()
            FREED.labels(Rule.AGE.value).inc(before.size - after.size)
            self._step(6)
            for _, path in self._objects.places(before.key):
                path.unlink(missing_ok=True)
            sync_folder(target.parent)
        self._step(7)
        self._end(marks, before.id)

    def _is_locked(self, tx: Read, segment: Segment) -> bool:
        end = segment.interval.end
        assert end is not None
        return locks.locked_between(tx, segment.camera, segment.interval.start, end, self._clock.now())

    @staticmethod
    def _end(marks: Marks, identifier: SegmentId) -> None:
        marks.stripping(identifier).unlink(missing_ok=True)
        marks.note(identifier).unlink(missing_ok=True)


def stripped_key(key: ObjectKey, taken: TrackKind) -> ObjectKey:
    """Where a segment lies once a part was taken out."""
    return ObjectKey(f"{key.removesuffix('.mp4')}.{LEFT[taken]}.mp4")


def _other_keys(segment: Segment | None) -> list[ObjectKey]:
    """The keys under which a segment could lie, but the catalogue says it does not."""
    if segment is None:
        return []
    whole = segment.key
    for left in LEFT.values():
        whole = ObjectKey(whole.replace(f".{left}.mp4", ".mp4"))
    return [key for key in (whole, *(stripped_key(whole, part) for part in LEFT)) if key != segment.key]


def _known(tx: Read, identifier: SegmentId) -> Segment | None:
    try:
        return recording.segment(tx, identifier)
    except NotFound:
        return None


def _hash(source: io.BufferedReader) -> bytes:
    digest = hashlib.sha256()
    while piece := source.read(READ_SIZE):
        digest.update(piece)
    return digest.digest()

"""What is held, followed from the journal: how much a camera holds, how fast it writes, where to look first.

A catalogue of years is never read as a whole. Sums are counted once and kept up to date by the journal; each
question is asked of the oldest segments only, from where the last one found nothing more to do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from capture.record.objects import LocalObjects
from hall.interval import Interval
from hall.journal import FactKind, JournalEntry, Json
from hall.names import CameraId, ObjectKey
from hall.wire import from_wire
from store import holdings, journal
from store.database import Read
from store.holdings import Holding

FOLLOWED = (FactKind.SEGMENT, FactKind.SEGMENT_CHANGED, FactKind.SEGMENT_DELETED)
WINDOW = timedelta(days=1)
"""Over how long the rate of writing is measured."""
YOUNGEST = timedelta(minutes=1)
"""From how little of it a rate is told."""
BATCH = 500
FIRST_PAGE, LARGEST_PAGE = 4, 500
"""Rows asked for at once: few at first, because mostly nothing has to be done."""
MOST_A_DAY = 100_000


@dataclass
class _Meter:
    """What was written within the window: the end of each segment and its bytes."""

    written: deque[tuple[datetime, int]] = field(default_factory=deque)
    total: int = 0

    def note(self, at: datetime, size: int) -> None:
        self.written.append((at, size))
        self.total += size

    def within(self, since: datetime) -> int:
        while self.written and self.written[0][0] <= since:
            self.total -= self.written.popleft()[1]
        return self.total


class Stock:
    """What the cameras hold on the disks of this machine. Used by one thread."""

    def __init__(self, objects: LocalObjects) -> None:
        self._objects = objects
        self._seq: int | None = None
        self._bytes: dict[CameraId, int] = {}
        self._first: dict[CameraId, datetime] = {}
        self._reached: dict[tuple[str, CameraId], datetime] = {}
        self._meters: dict[tuple[Path, CameraId], _Meter] = {}
        self._began: datetime | None = None

    def look_again(self) -> None:
        """Where something was passed over before (a lock, a disk that was away), look again."""
        self._reached.clear()

    def follow(self, tx: Read, now: datetime) -> None:
        """Take in what happened since; to be called in the transaction in which questions are asked."""
        if self._seq is None:
            self._seq = journal.last_seq(tx)
            for camera in holdings.cameras(tx):
                for holding in holdings.oldest(tx, camera, now - WINDOW, MOST_A_DAY):
                    self._note_written(camera, holding.interval, holding.size, holding.key)
            return
        while True:
            newest = journal.last_seq(tx)
            entries = journal.tail(tx, self._seq, BATCH, FOLLOWED)
            for entry in entries:
                self._take(entry, now)
            self._seq = entries[-1].seq if len(entries) == BATCH else newest
            if len(entries) < BATCH:
                return

    def held(self, tx: Read, camera: CameraId) -> int:
        """The bytes of a camera on local disks; counted at the first question, followed from then on."""
        if camera not in self._bytes:
            self._bytes[camera] = holdings.held_bytes(tx, camera)
        return self._bytes[camera]

    def oldest(self, tx: Read, camera: CameraId) -> Holding | None:
        """The first segment that a camera has on a local disk."""
        return next(self.all_of(tx, camera), None)

    def all_of(
        self, tx: Read, camera: CameraId, question: str = "", *, copied: bool | None = None
    ) -> Iterator[Holding]:
        """What a camera holds, oldest first, from where `reached` was told for this question."""
        start = self._reached.get((question, camera)) if question else None
        start = start if start is not None else self._first.get(camera)
        is_first = copied is None and not question
        size = FIRST_PAGE
        while True:
            page = holdings.oldest(tx, camera, start, size, copied=copied)
            if is_first and page:
                self._first[camera] = page[0].interval.start
                is_first = False
            yield from page
            if len(page) < size:
                return
            size = min(LARGEST_PAGE, size * 4)
            start = page[-1].interval.start + timedelta(microseconds=1)

    def reached(self, question: str, camera: CameraId, start: datetime) -> None:
        """There is nothing to do about this question before `start`."""
        self._reached[question, camera] = start

    def rates(self, now: datetime) -> dict[tuple[Path, CameraId], float] | None:
        """Bytes a second by disk and camera, over the last day or since there are any; None: too early."""
        if self._began is None or now - max(self._began, now - WINDOW) < YOUNGEST:
            return None
        seconds = (now - max(self._began, now - WINDOW)).total_seconds()
        return {key: meter.within(now - WINDOW) / seconds for key, meter in self._meters.items()}

    def _take(self, entry: JournalEntry, now: datetime) -> None:
        body = entry.body
        camera = CameraId(str(body["camera"]))
        span = from_wire(Interval, cast(dict[str, Json], body["interval"]))
        size = _local_size(body)
        if entry.kind is FactKind.SEGMENT:
            if span.end is not None and span.end > now - WINDOW:
                self._note_written(camera, span, size, ObjectKey(str(body["key"])))
            if camera in self._first:
                self._first[camera] = min(self._first[camera], span.start)
            for question, of in list(self._reached):
                if of == camera and span.start < self._reached[question, of]:
                    self._reached[question, of] = span.start
        elif entry.kind is FactKind.SEGMENT_CHANGED:
            size -= _local_size(cast(dict[str, Json], body["before"]))
        else:
            size = -size
        if camera in self._bytes:
            self._bytes[camera] += size

    def _note_written(self, camera: CameraId, span: Interval, size: int, key: ObjectKey) -> None:
        self._began = span.start if self._began is None else min(self._began, span.start)
        places = self._objects.places(key) if len(self._objects.disks) > 1 else ()
        disk = places[0][0] if places else self._objects.disks[0]
        self._meters.setdefault((disk, camera), _Meter()).note(span.end or span.start, size)


def _local_size(body: dict[str, Json]) -> int:
    return int(cast(int, body["size"])) if body["is_local"] else 0

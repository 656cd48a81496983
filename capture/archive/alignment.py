"""Bringing the archive in line with one segment, whatever happened to either (docs/design/0010-archive.md).

What there is to do follows from the segment's row, its file and what is entered of its copy, never from what
was being done before: it may be done again, by anybody, after a kill at any point.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import Enum

import structlog

from capture.archive.metrics import COPIED, REFUSED, REMOVED, SENT
from capture.archive.objects import Pace, S3Objects
from capture.record.objects import LocalObjects
from hall.clock import Clock
from hall.errors import NotFound, RecordingError, RecordingRefused
from hall.media import Segment
from hall.names import SegmentId
from store import copies, deletion, locks, recording
from store.copies import Copy
from store.database import Database, Read

TRIES = 3
"""How often a segment may change while it is being copied before it has to wait for its next turn."""
RULE = "archive"
"""What the facts name as the rule under which a segment went that only the archive still had."""

log = structlog.get_logger(__name__)
Point = Callable[[str], None]


class Step(Enum):
    """What has to be done about a segment."""

    NOTHING = "nothing"
    SEND = "send"
    REMOVE = "remove"
    EXPIRE = "expire"
    RESTORE = "restore"


def decide(segment: Segment | None, copy: Copy | None, *, is_here: bool, is_over: bool) -> Step:
    """What to do. `is_here`: its file lies on a disk here; `is_over`: its copy has had its days."""
    if segment is None:
        return Step.NOTHING if copy is None else Step.REMOVE
    if is_over:
        return Step.NOTHING if copy is None else Step.EXPIRE
    if copy is not None and copy.is_of(segment):
        return Step.NOTHING
    if is_here:
        return Step.SEND
    is_undone = copy is not None and not copy.sha256 and not segment.is_local
    return Step.RESTORE if is_undone else Step.NOTHING


class Alignment:
    """Does what `decide` says. May be used by several threads, for different segments."""

    def __init__(
        self,
        database: Database,
        local: LocalObjects,
        archive: S3Objects,
        days: float | None,
        clock: Clock,
        point: Point = lambda _name: None,
    ) -> None:
        """`days` bounds the age of copies. `point` is told the name of each point that a kill may hit."""
        self._database = database
        self._local = local
        self._archive = archive
        self._age = None if days is None else timedelta(days=days)
        self._clock = clock
        self._point = point

    def align(self, identifier: SegmentId, pace: Pace) -> None:
        """Do what there is to do about a segment.

        Raises ArchiveUnreachable or RecordingError when the archive fails, StoreBusy, and what `pace` raises.
        A local file that is not the one entered is told and left alone.
        """
        for _ in range(TRIES):
            with self._database.read() as tx:
                segment, copy = _known(tx, identifier), copies.copy_of(tx, identifier, self._archive.name)
                is_over = segment is not None and self._is_over(tx, segment)
            is_here = segment is not None and bool(self._local.places(segment.key))
            step = decide(segment, copy, is_here=is_here, is_over=is_over)
            if step is Step.REMOVE and copy is not None:
                self._remove(copy)
            elif step is Step.EXPIRE and copy is not None and segment is not None:
                self.expire(segment, copy)
            elif step is Step.RESTORE and copy is not None and segment is not None:
                self.restore(segment, copy)
            elif step is Step.SEND and segment is not None and not self._send(segment, copy, pace):
                continue
            return

    def expire(self, segment: Segment, copy: Copy) -> None:
        """Take a copy out that has had its days; a segment that has nothing else goes with it.

        A lock that came meanwhile keeps it, unless the object is gone already. Raises as `align`.
        """
        with self._database.write() as tx:
            is_over = self._is_over(tx, segment)
            if is_over:
                copies.begin(tx, segment.id, copy.archive, copy.key, self._clock.now())
        if is_over:
            self.take_out(segment, copy)
        elif not copy.sha256 and not segment.is_local:
            self.restore(segment, copy)

    def take_out(self, segment: Segment, copy: Copy) -> None:
        """Remove a copy on which nobody counts any more. Raises as `align`."""
        self._point("expiring")
        self._archive.delete(copy.key)
        self._point("expired")
        self._forget(segment, copy)
        REMOVED.labels("expired").inc()

    def restore(self, segment: Segment, copy: Copy) -> None:
        """Taking the last copy out was begun, and is not wanted any more: count on it again, if it is there.

        Raises as `align`.
        """
        try:
            is_whole = self._archive.hash_of(copy.key) == segment.sha256
        except NotFound:
            self._forget(segment, copy)
            return
        if not is_whole:
            log.error("a copy is not the segment that was entered", segment=segment.id)
            return
        with self._database.write() as tx:
            copies.record(tx, segment, copy.archive, self._clock.now())

    def _forget(self, segment: Segment, copy: Copy) -> None:
        with self._database.write() as tx:
            copies.forget(tx, segment.id, copy.archive)
            known = _known(tx, segment.id)
            if known is not None and not known.is_local and not copies.is_copied(tx, known):
                deletion.forget_segments(tx, [segment.id], RULE, self._clock.now())

    def _is_over(self, tx: Read, segment: Segment) -> bool:
        end, now = segment.interval.end, self._clock.now()
        if self._age is None or end is None or end + self._age > now:
            return False
        return not locks.locked_between(tx, segment.camera, segment.interval.start, end, now)

    def _remove(self, copy: Copy) -> None:
        self._archive.delete(copy.key)
        self._point("removed")
        with self._database.write() as tx:
            copies.forget(tx, copy.segment, copy.archive)
        REMOVED.labels("deleted").inc()

    def _send(self, segment: Segment, copy: Copy | None, pace: Pace) -> bool:
        """Copy the file as it is now; false when it became another meanwhile.

        A later version overwrites the earlier one: a key is never left behind with sound that had to go.
        """
        key = copy.key if copy is not None else segment.key
        with self._database.write() as tx:
            copies.begin(tx, segment.id, self._archive.name, key, self._clock.now())
        self._point("begun")
        try:
            self._archive.put_verified(key, self._local.path(segment.key), segment.sha256, pace)
        except NotFound:
            return False
        except RecordingRefused as error:
            return self._refused(segment, error)
        except RecordingError:
            if not self._local.places(segment.key):
                return False
            raise
        self._point("sent")
        with self._database.write() as tx:
            is_recorded = copies.record(tx, segment, self._archive.name, self._clock.now())
        if is_recorded:
            COPIED.inc()
            SENT.inc(segment.size)
        return is_recorded

    def _refused(self, segment: Segment, error: RecordingRefused) -> bool:
        """Nothing was sent, and what is entered counts for nothing; false when the segment changed."""
        with self._database.read() as tx:
            known = _known(tx, segment.id)
        if known is None or known.sha256 != segment.sha256:
            return False
        REFUSED.inc()
        log.error("a segment is not archived", segment=segment.id, because=str(error))
        return True


def _known(tx: Read, identifier: SegmentId) -> Segment | None:
    try:
        return recording.segment(tx, identifier)
    except NotFound:
        return None

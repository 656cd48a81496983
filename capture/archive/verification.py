"""Reading copies back and comparing them, long after they were made: for `hallwatch check --archive`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from capture.archive.objects import S3Objects
from hall.clock import Clock
from hall.errors import NotFound
from hall.media import Segment
from hall.names import CameraId
from store import copies, holdings, recording
from store.copies import Copy
from store.database import Database

PAGE = 100


class CopyState(StrEnum):
    """How it stands with the copy of a segment.

    `whole`: every byte came back. `waiting`: not copied yet, the local file is here or elsewhere. `damaged`
    and `missing`: entered as verified, but the archive has something else, or nothing. `lost`: neither a
    local file nor a copy is entered.
    """

    WHOLE = "whole"
    WAITING = "waiting"
    DAMAGED = "damaged"
    MISSING = "missing"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Examined:
    """One segment, and what became of reading its copy back."""

    segment: Segment
    state: CopyState

    @property
    def is_fault(self) -> bool:
        """Whether somebody has to look after it."""
        return self.state not in (CopyState.WHOLE, CopyState.WAITING)


def verify_copies(
    database: Database,
    archive: S3Objects,
    start: datetime,
    end: datetime,
    cameras: Iterable[CameraId] | None = None,
) -> Iterator[Examined]:
    """Every segment that overlaps `[start, end)`, camera by camera and oldest first, as its copy is read.

    Reads the whole of every copy, one at a time: a day of a camera at a time is a good portion, and what was
    examined need not be examined again. Raises ArchiveUnreachable, which says nothing about any copy, and
    StoreBusy.
    """
    if cameras is None:
        with database.read() as tx:
            cameras = holdings.cameras(tx)
    for camera in cameras:
        following = start
        while True:
            with database.read() as tx:
                page = recording.segments_between(tx, camera, following, end, PAGE)
                found = [(segment, copies.copy_of(tx, segment.id, archive.name)) for segment in page]
            for segment, copy in found:
                yield Examined(segment, _state(archive, segment, copy))
            if len(page) < PAGE or page[-1].interval.end is None:
                break
            following = page[-1].interval.end


def send_again(database: Database, archive: str, faulty: Iterable[Examined], clock: Clock) -> int:
    """Let the archive's worker copy these anew, where the local file still is; how many that are.

    From now on retention does not count on their copies. What is only in the archive stays as it is entered:
    there is nothing to send.
    """
    marked = 0
    with database.write() as tx:
        for one in faulty:
            copy = copies.copy_of(tx, one.segment.id, archive)
            if copy is not None and recording.segment(tx, one.segment.id).is_local:
                copies.begin(tx, one.segment.id, archive, copy.key, clock.now())
                marked += 1
        copies.begin_again(tx, archive)
    return marked


def _state(archive: S3Objects, segment: Segment, copy: Copy | None) -> CopyState:
    if copy is None or not copy.is_of(segment):
        return CopyState.WAITING if segment.is_local else CopyState.LOST
    try:
        same = archive.hash_of(copy.key) == segment.sha256
    except NotFound:
        return CopyState.MISSING
    return CopyState.WHOLE if same else CopyState.DAMAGED

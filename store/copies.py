"""Copies of segments in an archive, and how far an archive has followed the journal.

A copy is entered before its first byte is sent, with an empty hash: whatever is killed when, no object lies
in an archive that no row names. It counts once its hash is that of the segment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hall.clock import from_microseconds, to_microseconds
from hall.errors import NotFound
from hall.media import Segment
from hall.names import CameraId, ObjectKey, SegmentId
from store import recording
from store.database import Read, Write
from store.tables import archive_cursors, copies, segments

UNVERIFIED = b""


@dataclass(frozen=True, slots=True)
class Copy:
    """What an archive has of a segment, under `key`.

    `sha256` is what was read back when it was last `verified`; empty while nothing has been yet.
    """

    segment: SegmentId
    archive: str
    key: ObjectKey
    size: int
    sha256: bytes
    verified: datetime

    def is_of(self, segment: Segment) -> bool:
        """Whether this is a verified copy of the segment as it is now."""
        return self.segment == segment.id and self.sha256 == segment.sha256


def cursor(tx: Read, follower: str) -> int:
    """Behind which journal entry this follower of an archive stands; 0 before the first."""
    query = select(archive_cursors.c.seq).where(archive_cursors.c.archive == follower)
    return tx.connection.execute(query).scalar_one_or_none() or 0


def move(tx: Write, follower: str, seq: int) -> None:
    """Stand behind a journal entry."""
    _enter(tx, archive_cursors, {"archive": follower}, {"seq": seq})


def begin_again(tx: Write, archive: str) -> None:
    """Let every follower of an archive look at the whole journal anew; what is copied is not copied again."""
    mine = archive_cursors.c.archive.startswith(f"{archive}#", autoescape=True)
    tx.connection.execute(update(archive_cursors).where(mine).values(seq=0))


def copy_of(tx: Read, segment: SegmentId, archive: str) -> Copy | None:
    """What an archive has of a segment, verified or not."""
    query = select(copies).where(copies.c.segment == segment, copies.c.archive == archive)
    row = tx.connection.execute(query).first()
    return None if row is None else _copy(row)


def copies_of(tx: Read, segment: SegmentId) -> list[Copy]:
    """What all archives have of a segment, verified or not."""
    query = select(copies).where(copies.c.segment == segment).order_by(copies.c.archive)
    return [_copy(row) for row in tx.connection.execute(query)]


def is_copied(tx: Read, segment: Segment) -> bool:
    """Whether any archive has a verified copy of the segment as it is now."""
    return any(copy.is_of(segment) for copy in copies_of(tx, segment.id))


def begin(tx: Write, segment: SegmentId, archive: str, key: ObjectKey, now: datetime) -> None:
    """Something is about to be sent under `key`: what is there counts for nothing until `record`."""
    values = {"key": key, "size": 0, "sha256": UNVERIFIED, "verified_us": to_microseconds(now)}
    _enter(tx, copies, {"segment": segment, "archive": archive}, values)


def record(tx: Write, segment: Segment, archive: str, now: datetime) -> bool:
    """The copy that was begun is a verified one of `segment`.

    False, and nothing is entered, when the segment is gone or another by now, or its copy is given up.
    """
    try:
        current = recording.segment(tx, segment.id)
    except NotFound:
        return False
    if current.sha256 != segment.sha256:
        return False
    changed = tx.connection.execute(
        update(copies)
        .where(copies.c.segment == segment.id, copies.c.archive == archive)
        .values(size=segment.size, sha256=segment.sha256, verified_us=to_microseconds(now))
    )
    return changed.rowcount == 1


def forget(tx: Write, segment: SegmentId, archive: str) -> None:
    """The archive has nothing of the segment any more."""
    mine = (copies.c.segment == segment) & (copies.c.archive == archive)
    tx.connection.execute(delete(copies).where(mine))


def copied(
    tx: Read,
    archive: str,
    camera: CameraId,
    start: datetime,
    end: datetime,
    limit: int = 100,
    *,
    only_sound_elsewhere: bool = False,
) -> list[tuple[Segment, Copy]]:
    """Segments of a camera that start at `start` or later and end by `end`, with their copies; oldest first.

    `only_sound_elsewhere`: those alone that hold sound and have no local file.
    """
    query = (
        select(copies)
        .join(segments, segments.c.id == copies.c.segment)
        .where(
            copies.c.archive == archive,
            segments.c.camera == camera,
            segments.c.start_us >= to_microseconds(start),
            segments.c.start_us < to_microseconds(end),
            segments.c.end_us <= to_microseconds(end),
        )
        .order_by(segments.c.start_us)
        .limit(limit)
    )
    if only_sound_elsewhere:
        query = query.where(segments.c.has_audio.is_(True), segments.c.is_local.is_(False))
    found = [_copy(row) for row in tx.connection.execute(query)]
    return [(recording.segment(tx, copy.segment), copy) for copy in found]


def _enter(tx: Write, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Insert a row, or give the one with this key these values."""
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values({**key, **values})
    tx.connection.execute(
        statement.on_conflict_do_update(index_elements=[table.c[name] for name in key], set_=dict(values))
    )


def _copy(row: Row[Any]) -> Copy:
    return Copy(
        segment=SegmentId(row.segment),
        archive=row.archive,
        key=ObjectKey(row.key),
        size=row.size,
        sha256=bytes(row.sha256),
        verified=from_microseconds(row.verified_us),
    )

"""Segments that go, or of which a part goes: the rows, the gaps they leave, and the facts that say why.

Each function runs in the transaction of who removes the files; what was entered before is not entered again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from hall.clock import to_microseconds
from hall.errors import Conflict, NotFound
from hall.interval import Interval
from hall.journal import FactKind, Json
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId, HallId, SegmentId
from hall.wire import to_wire
from store import holdings, journal, recording
from store.database import Read, Write
from store.recording import pack_fragments
from store.rows import interval
from store.tables import gaps, segments


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of segments: those that are gone, and those of which the archive alone has the file now."""

    gone: tuple[Segment, ...]
    archived: tuple[Segment, ...]


def delete_segments(tx: Write, identifiers: Iterable[SegmentId], rule: str, now: datetime) -> Deleted:
    """The local files of these segments are gone, under `rule`.

    A segment with a verified copy in an archive only stops to be local. The row of any other goes, and its
    time becomes a gap `deleted_by_retention`, one with those before and after it that touch. Segments that
    are not entered (any more) are passed over.
    """
    gone: list[Segment] = []
    archived: list[Segment] = []
    for identifier in identifiers:
        found = _segment(tx, identifier)
        if found is None:
            continue
        if _has_copy(tx, identifier):
            if found.is_local:
                _no_longer_local(tx, found, rule, now)
                archived.append(found)
            continue
        _delete(tx, found, rule, now)
        gone.append(found)
    _leave_gaps(tx, gone, now)
    return Deleted(tuple(gone), tuple(archived))


def forget_segments(tx: Write, identifiers: Iterable[SegmentId], rule: str, now: datetime) -> Deleted:
    """As `delete_segments`, where the last copy is gone too: the rows go whatever `copies` says."""
    gone = [found for one in identifiers if (found := _segment(tx, one)) is not None]
    for found in gone:
        _delete(tx, found, rule, now)
    _leave_gaps(tx, gone, now)
    return Deleted(tuple(gone), ())


def change_segment(tx: Write, before: Segment, after: Segment, why: str, now: datetime) -> None:
    """A part was taken out of a segment: its file is another now. Its time stays what it was.

    Raises NotFound, or Conflict when the segment is not `before` any more.
    """
    current = recording.segment(tx, before.id)
    if (current.key, current.sha256) != (before.key, before.sha256):
        raise Conflict(f"segment {before.id} has changed meanwhile")
    tx.connection.execute(
        update(segments)
        .where(segments.c.id == before.id)
        .values(
            media_duration=after.media_duration,
            size=after.size,
            sha256=after.sha256,
            key=after.key,
            header_size=after.header_size,
            fragments=pack_fragments(after.fragments),
            has_audio=after.has_audio,
            has_picture=after.has_picture,
            is_local=after.is_local,
        )
    )
    _tell_change(tx, before, after, why, now)


def _segment(tx: Read, identifier: SegmentId) -> Segment | None:
    try:
        return recording.segment(tx, identifier)
    except NotFound:
        return None


def _has_copy(tx: Read, identifier: SegmentId) -> bool:
    query = select(segments.c.id).where(segments.c.id == identifier, holdings.has_verified_copy())
    return tx.connection.execute(query).first() is not None


def _no_longer_local(tx: Write, found: Segment, rule: str, now: datetime) -> None:
    tx.connection.execute(update(segments).where(segments.c.id == found.id).values(is_local=False))
    _tell_change(tx, found, recording.segment(tx, found.id), rule, now)


def _delete(tx: Write, found: Segment, rule: str, now: datetime) -> None:
    tx.connection.execute(delete(segments).where(segments.c.id == found.id))
    body = {**_told(found), "rule": rule, "reason": GapReason.DELETED_BY_RETENTION.value}
    journal.append(tx, FactKind.SEGMENT_DELETED, holdings.hall_of(tx, found.run), now, body)


def _tell_change(tx: Write, before: Segment, after: Segment, why: str, now: datetime) -> None:
    body: dict[str, Json] = {**_told(after), "why": why, "before": _told(before)}
    journal.append(tx, FactKind.SEGMENT_CHANGED, holdings.hall_of(tx, after.run), now, body)


def _told(segment: Segment) -> dict[str, Json]:
    body = to_wire(segment)
    body.pop("fragments")
    return body


def _leave_gaps(tx: Write, gone: Sequence[Segment], now: datetime) -> None:
    """Gaps over the time of what is gone: neighbours that touch become one, so that they do not pile up."""
    for first, whole in _joined(gone):
        hall = holdings.hall_of(tx, first.run)
        _widen(tx, hall if hall is not None else HallId(""), first.camera, whole, now)


def _joined(gone: Sequence[Segment]) -> list[tuple[Segment, Interval]]:
    joined: list[tuple[Segment, Interval]] = []
    for one in sorted(gone, key=lambda one: (one.camera, one.interval.start)):
        if joined and joined[-1][0].camera == one.camera and joined[-1][1].end == one.interval.start:
            joined[-1] = joined[-1][0], Interval(joined[-1][1].start, one.interval.end)
        else:
            joined.append((one, one.interval))
    return joined


def _widen(tx: Write, hall: HallId, camera: CameraId, whole: Interval, now: datetime) -> None:
    assert whole.end is not None
    start_us, end_us = to_microseconds(whole.start), to_microseconds(whole.end)
    of_retention = (
        (gaps.c.camera == camera)
        & (gaps.c.reason == GapReason.DELETED_BY_RETENTION.value)
        & (gaps.c.start_us <= end_us)
        & (gaps.c.end_us >= start_us)
    )
    touching = list(tx.connection.execute(select(gaps).where(of_retention)))
    start_us = min([start_us, *(row.start_us for row in touching)])
    end_us = max([end_us, *(row.end_us for row in touching)])
    if touching:
        tx.connection.execute(delete(gaps).where(gaps.c.id.in_([row.id for row in touching[1:]])))
        tx.connection.execute(
            update(gaps).where(gaps.c.id == touching[0].id).values(start_us=start_us, end_us=end_us)
        )
    else:
        tx.connection.execute(
            insert(gaps).values(
                hall=hall,
                camera=camera,
                start_us=start_us,
                end_us=end_us,
                reason=GapReason.DELETED_BY_RETENTION.value,
                detail="",
            )
        )
    gap = Gap(camera, interval(start_us, end_us), GapReason.DELETED_BY_RETENTION)
    journal.append(tx, FactKind.GAP, hall, now, gap)

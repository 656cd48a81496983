"""The catalogue of the recordings: runs, segments and gaps."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from math import inf
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Column, Row, Select, func, insert, select, union_all, update

from hall.clock import to_microseconds
from hall.errors import Conflict, NotFound
from hall.interval import Interval
from hall.journal import FactKind
from hall.media import Fragment, Gap, GapReason, PlayedFile, Run, Segment
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from hall.wire import from_wire, to_wire
from store import journal, tagging
from store.database import Read, Write
from store.long_rows import LONG, LONG_US
from store.rows import interval, optional_microseconds, optional_time, overlapping
from store.tables import gaps, runs, segments


def begin_run(tx: Write, hall: HallId, run: Run) -> None:
    """Note that a connection began. Repeating it changes nothing."""
    if tx.connection.execute(select(runs.c.id).where(runs.c.id == run.id)).first() is not None:
        return
    tx.connection.execute(
        insert(runs).values(
            id=run.id,
            hall=hall,
            camera=run.camera,
            start_us=to_microseconds(run.interval.start),
            end_us=optional_microseconds(run.interval.end),
            ended_because=run.ended_because,
            tracks=json.dumps(to_wire(run)["tracks"]),
        )
    )
    journal.append(tx, FactKind.RUN, hall, run.interval.start, run)


def end_run(tx: Write, run: RunId, end: datetime, reason: str) -> None:
    """Note that a connection ended, and why. A run that has ended already keeps its first reason."""
    row = tx.connection.execute(select(runs).where(runs.c.id == run)).first()
    if row is None:
        raise NotFound(f"there is no run {run}")
    if row.end_us is not None:
        return
    end_us = max(to_microseconds(end), row.start_us)
    tx.connection.execute(update(runs).where(runs.c.id == run).values(end_us=end_us, ended_because=reason))
    ended = run_of_row(tx.connection.execute(select(runs).where(runs.c.id == run)).one())
    journal.append(tx, FactKind.RUN, HallId(row.hall), end, ended)


def open_runs(tx: Read, camera: CameraId) -> list[Run]:
    """The runs of a camera that have no end yet: one while it records, or what a killed process left."""
    query = select(runs).where(runs.c.camera == camera, runs.c.end_us.is_(None)).order_by(runs.c.start_us)
    return [run_of_row(row) for row in tx.connection.execute(query)]


def runs_now(tx: Read) -> dict[CameraId, Run]:
    """Per camera the newest run that has no end yet."""
    query = select(runs).where(runs.c.end_us.is_(None)).order_by(runs.c.start_us)
    return {CameraId(row.camera): run_of_row(row) for row in tx.connection.execute(query)}


def run_now(tx: Read, camera: CameraId) -> Run | None:
    """The newest run of a camera that has no end yet, if there is one."""
    query = select(runs).where(runs.c.camera == camera, runs.c.end_us.is_(None))
    row = tx.connection.execute(query.order_by(runs.c.start_us.desc()).limit(1)).first()
    return None if row is None else run_of_row(row)


def add_segment(tx: Write, hall: HallId, segment: Segment) -> None:
    """Enter a finished file. Its journal entry names the windows and transactions it overlaps now.

    Entering the same segment again changes nothing. Raises Conflict when another segment of the camera
    starts at the same microsecond.
    """
    taken = tx.connection.execute(
        select(segments.c.id).where(
            (segments.c.id == segment.id)
            | (
                (segments.c.camera == segment.camera)
                & (segments.c.start_us == to_microseconds(segment.interval.start))
            )
        )
    ).scalar_one_or_none()
    if taken == segment.id:
        return
    if taken is not None:
        raise Conflict(f"segment {taken} of {segment.camera} starts at the same moment as {segment.id}")
    if segment.interval.end is None:
        raise ValueError("a segment that is still being written cannot be entered")
    tx.connection.execute(
        insert(segments).values(
            camera=segment.camera,
            start_us=to_microseconds(segment.interval.start),
            end_us=to_microseconds(segment.interval.end),
            id=segment.id,
            run=segment.run,
            sequence=segment.sequence,
            media_duration=segment.media_duration,
            size=segment.size,
            sha256=segment.sha256,
            key=segment.key,
            header_size=segment.header_size,
            fragments=pack_fragments(segment.fragments),
            has_audio=segment.has_audio,
            has_picture=segment.has_picture,
            is_local=segment.is_local,
        )
    )
    body = to_wire(segment)
    body.pop("fragments")
    windows, handled = tagging.shown(tx, segment.camera, segment.interval.start, segment.interval.end)
    body["windows"] = list(windows)
    body["transactions"] = list(handled)
    journal.append(tx, FactKind.SEGMENT, hall, segment.interval.end, body)


def segments_between(
    tx: Read, camera: CameraId, start: datetime, end: datetime, limit: int = 10_000, *, fragments: bool = True
) -> list[Segment]:
    """The segments of a camera that overlap `[start, end)`, in order.

    Without `fragments` their index is not read and stays empty: it is most of a row, and only who plays a
    file needs it.
    """
    wanted = [column for column in segments.c if fragments or column.name != "fragments"]
    return [
        segment_of_row(row, unpack_fragments(row.fragments) if fragments else ())
        for row in tx.connection.execute(_overlapping(wanted, camera, start, end, limit))
    ]


def played_between(
    tx: Read, camera: CameraId, start: datetime, end: datetime, limit: int = 10_000, *, parts_of: float = 0.0
) -> list[PlayedFile]:
    """What there is to play of a camera over `[start, end)`, in order.

    Of files that lie within the time, fragments that follow each other are told as one until they last
    `parts_of` seconds. With infinity a file is one part, and the index of its fragments is not read, which of
    a day is two megabytes; its trailer is told with its last bytes: players pass over that box.
    """
    first_us, until_us = to_microseconds(start), to_microseconds(end)
    rows = tx.connection.execute(
        _overlapping(_WHOLE if parts_of == inf else _PLAYED, camera, start, end, limit)
    ).all()
    cut = {row.id for row in rows if row.start_us < first_us or row.end_us > until_us}
    packed = _packed(tx, cut) if parts_of == inf else {row.id: row.fragments for row in rows}

    def fragments(row: Row[Any]) -> tuple[Fragment, ...]:
        if row.id in packed:
            return unpack_fragments(packed[row.id], 0.0 if row.id in cut else parts_of)
        size = row.size - row.header_size
        return (Fragment(row.header_size, size, 0.0, row.media_duration),) if size > 0 else ()

    return [
        PlayedFile(
            SegmentId(row.id),
            interval(row.start_us, row.end_us),
            row.media_duration,
            row.header_size,
            fragments(row),
        )
        for row in rows
    ]


def _packed(tx: Read, files: Collection[str]) -> dict[str, str]:
    """The index of fragments of some files, by their ids."""
    query = select(segments.c.id, segments.c.fragments).where(segments.c.id.in_(files))
    return {row.id: row.fragments for row in tx.connection.execute(query)} if files else {}


def recorded_between(
    tx: Read, camera: CameraId, start: datetime, end: datetime, limit: int = 10_000
) -> list[tuple[Interval, bool]]:
    """Over which times a camera was recorded, file by file in order, each with whether there is sound."""
    wanted = [segments.c.start_us, segments.c.end_us, segments.c.has_audio]
    rows = tx.connection.execute(_overlapping(wanted, camera, start, end, limit)).all()
    return [(interval(start_us, end_us), has_audio) for start_us, end_us, has_audio in rows]


_WHOLE = [segments.c[name] for name in ("id", "start_us", "end_us", "media_duration", "header_size", "size")]
_PLAYED = [*_WHOLE, segments.c.fragments]


def _overlapping(
    columns: Sequence[Column[Any]], camera: CameraId, start: datetime, end: datetime, limit: int
) -> Select[Any]:
    """The files of a camera that overlap `[start, end)`.

    They do not overlap each other, so the first one is the last that starts at or before `start`: one step
    back in the primary key, never a scan.
    """
    before = (
        select(func.max(segments.c.start_us))
        .where(segments.c.camera == camera, segments.c.start_us <= to_microseconds(start))
        .scalar_subquery()
    )
    return (
        select(*columns)
        .where(
            segments.c.camera == camera,
            segments.c.start_us >= func.coalesce(before, 0),
            segments.c.start_us < to_microseconds(end),
            segments.c.end_us > to_microseconds(start),
        )
        .order_by(segments.c.start_us)
        .limit(limit)
    )


def segment(tx: Read, identifier: SegmentId) -> Segment:
    """One segment. Raises NotFound."""
    row = tx.connection.execute(select(segments).where(segments.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no segment {identifier}")
    return segment_of_row(row, unpack_fragments(row.fragments))


def last_segment_end(tx: Read, camera: CameraId) -> datetime | None:
    """Up to when the camera is recorded, or None when it never was."""
    query = (
        select(segments.c.end_us)
        .where(segments.c.camera == camera)
        .order_by(segments.c.start_us.desc())
        .limit(1)
    )
    return optional_time(tx.connection.execute(query).scalar_one_or_none())


def recorded_cameras(tx: Read) -> list[CameraId]:
    """Every camera that has a segment or a gap, whether it is still configured or not."""
    query = select(segments.c.camera).distinct().union(select(gaps.c.camera).distinct())
    return sorted(CameraId(camera) for camera in tx.connection.execute(query).scalars())


def open_gap(tx: Write, hall: HallId, gap: Gap) -> None:
    """Begin a gap, or go on with the one that is open. Another reason closes the old and opens a new one."""
    row = tx.connection.execute(
        select(gaps).where(gaps.c.camera == gap.camera, gaps.c.end_us.is_(None))
    ).first()
    if row is not None and row.reason == gap.reason.value:
        return
    if row is not None:
        boundary = max(gap.interval.start, interval(row.start_us, None).start)
        close_gap(tx, gap.camera, boundary)
        gap = Gap(gap.camera, Interval(boundary), gap.reason, gap.detail)
    insert_gap(tx, hall, gap)


def close_gap(tx: Write, camera: CameraId, end: datetime) -> None:
    """End the open gap of a camera; without one nothing happens."""
    row = tx.connection.execute(select(gaps).where(gaps.c.camera == camera, gaps.c.end_us.is_(None))).first()
    if row is None:
        return
    end_us = max(to_microseconds(end), row.start_us)
    tx.connection.execute(update(gaps).where(gaps.c.id == row.id).values(end_us=end_us))
    closed = Gap(camera, interval(row.start_us, end_us), GapReason(row.reason), row.detail)
    journal.append(tx, FactKind.GAP, HallId(row.hall), end, closed)


def add_gap(tx: Write, hall: HallId, gap: Gap) -> bool:
    """Enter a gap that is over; False when just that gap is known already."""
    same = (
        gaps.c.camera == gap.camera,
        gaps.c.start_us == to_microseconds(gap.interval.start),
        gaps.c.end_us == optional_microseconds(gap.interval.end),
        gaps.c.reason == gap.reason.value,
    )
    if tx.connection.execute(select(gaps.c.id).where(*same)).first() is not None:
        return False
    insert_gap(tx, hall, gap)
    return True


def interrupt_gaps(tx: Write, at: datetime) -> list[tuple[HallId, Gap]]:
    """Turn every gap that still lasts into one of a restart, from `at` on; gives those that begin.

    For a whole system that starts: until its cameras are tried again nobody knows whether what was wrong
    with them when the system ended is still wrong. Cameras that are not to be recorded stay as they are.
    """
    settled = (GapReason.PROCESS_RESTART, GapReason.NOT_SCHEDULED)
    begun: list[tuple[HallId, Gap]] = []
    lasting = [gap for gap in open_gaps(tx) if gap.reason not in settled]
    for gap in lasting:
        hall = tx.connection.execute(
            select(gaps.c.hall).where(gaps.c.camera == gap.camera, gaps.c.end_us.is_(None))
        ).scalar_one()
        start = max(at, gap.interval.start)
        begun.append((HallId(hall), Gap(gap.camera, Interval(start), GapReason.PROCESS_RESTART)))
        open_gap(tx, *begun[-1])
    return begun


def gaps_between(tx: Read, camera: CameraId, start: datetime, end: datetime) -> list[Gap]:
    """The gaps of a camera that overlap `[start, end)`, in order.

    Those of ordinary length are looked for no further back than they can last, the few longer ones by an
    index of their own.
    """
    earliest = to_microseconds(start) - LONG_US
    found = select(gaps).where(gaps.c.camera == camera, overlapping(gaps, start, end))
    lasting = found.where(LONG, gaps.c.start_us < earliest)
    either = union_all(
        found.where(gaps.c.start_us >= earliest),
        lasting.with_hint(gaps, "INDEXED BY ix_gaps_long", "sqlite"),
    ).order_by("start_us", "id")
    return [gap_of_row(row) for row in tx.connection.execute(either)]


def open_gaps(tx: Read) -> list[Gap]:
    """The gaps that last now, over all cameras."""
    query = select(gaps).where(gaps.c.end_us.is_(None)).order_by(gaps.c.camera)
    return [gap_of_row(row) for row in tx.connection.execute(query)]


def insert_gap(tx: Write, hall: HallId, gap: Gap) -> None:
    """Enter a gap as it is, whatever else is entered."""
    tx.connection.execute(
        insert(gaps).values(
            hall=hall,
            camera=gap.camera,
            start_us=to_microseconds(gap.interval.start),
            end_us=optional_microseconds(gap.interval.end),
            reason=gap.reason.value,
            detail=gap.detail,
        )
    )
    journal.append(tx, FactKind.GAP, hall, gap.interval.start, gap)


def pack_fragments(fragments: tuple[Fragment, ...]) -> str:
    """The index of fragments as it stands in a row."""
    return json.dumps([[part.offset, part.size, part.start, part.duration] for part in fragments])


def unpack_fragments(packed: str, parts_of: float = 0.0) -> tuple[Fragment, ...]:
    """Fragments as `pack_fragments` packed them.

    Those that follow each other are told as one until they last `parts_of` seconds: the same bytes and the
    same time in fewer parts.
    """
    known: list[tuple[int, int, float, float]] = from_json(packed)  # three times as quick as json
    if parts_of <= 0 or not known:
        return tuple(Fragment(*part) for part in known)
    parts: list[Fragment] = []
    offset, size, begun, lasting = known[0]
    for next_offset, more, at, longer in known[1:]:
        if lasting < parts_of and offset + size == next_offset:
            size += more
            lasting += longer
        else:
            parts.append(Fragment(offset, size, begun, lasting))
            offset, size, begun, lasting = next_offset, more, at, longer
    return (*parts, Fragment(offset, size, begun, lasting))


def segment_of_row(row: Row[Any], fragments: tuple[Fragment, ...]) -> Segment:
    """The segment of a row of `segments`, with these fragments."""
    return Segment(
        id=SegmentId(row.id),
        run=RunId(row.run),
        camera=CameraId(row.camera),
        sequence=row.sequence,
        interval=interval(row.start_us, row.end_us),
        media_duration=row.media_duration,
        size=row.size,
        sha256=bytes(row.sha256),
        key=ObjectKey(row.key),
        header_size=row.header_size,
        fragments=fragments,
        has_audio=row.has_audio,
        has_picture=row.has_picture,
        is_local=row.is_local,
    )


def run_of_row(row: Row[Any]) -> Run:
    """The run of a row of `runs`."""
    return from_wire(
        Run,
        {
            "id": row.id,
            "camera": row.camera,
            "interval": to_wire(interval(row.start_us, row.end_us)),
            "tracks": json.loads(row.tracks),
            "ended_because": row.ended_because,
        },
    )


def gap_of_row(row: Row[Any]) -> Gap:
    """The gap of a row of `gaps`."""
    return Gap(CameraId(row.camera), interval(row.start_us, row.end_us), GapReason(row.reason), row.detail)

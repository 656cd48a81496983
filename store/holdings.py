"""What local disks hold, as the catalogue tells it to retention: oldest first, without fragments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, literal, select

from hall.clock import to_microseconds
from hall.interval import Interval
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from store.database import Read
from store.rows import interval
from store.tables import copies, runs, segments


@dataclass(frozen=True, slots=True)
class Holding:
    """A segment whose file lies on a local disk. `has_copy`: the archive holds this very file, verified."""

    id: SegmentId
    run: RunId
    camera: CameraId
    interval: Interval
    size: int
    key: ObjectKey
    has_picture: bool
    has_audio: bool
    has_copy: bool


def has_verified_copy() -> ColumnElement[bool]:
    """Condition: an archive holds a verified copy of the segment's file as it is now."""
    return exists().where(copies.c.segment == segments.c.id, copies.c.sha256 == segments.c.sha256)


def oldest(
    tx: Read, camera: CameraId, start: datetime | None = None, limit: int = 500, *, copied: bool | None = None
) -> list[Holding]:
    """The first holdings of a camera that start at `start` or later; `copied` asks for one sort alone."""
    query = (
        select(
            segments.c.id,
            segments.c.run,
            segments.c.camera,
            segments.c.start_us,
            segments.c.end_us,
            segments.c.size,
            segments.c.key,
            segments.c.has_picture,
            segments.c.has_audio,
            (has_verified_copy() if copied is None else literal(copied)).label("has_copy"),
        )
        .where(segments.c.camera == camera, segments.c.is_local.is_(True))
        .order_by(segments.c.start_us)
        .limit(limit)
    )
    if start is not None:
        query = query.where(segments.c.start_us >= to_microseconds(start))
    if copied is not None:
        query = query.where(has_verified_copy() if copied else ~has_verified_copy())
    return [_holding(row) for row in tx.connection.execute(query)]


def held_bytes(tx: Read, camera: CameraId, start: datetime | None = None, end: datetime | None = None) -> int:
    """How many bytes of a camera lie on local disks: all, or of what overlaps `[start, end)`."""
    query = select(func.coalesce(func.sum(segments.c.size), 0)).where(
        segments.c.camera == camera, segments.c.is_local.is_(True)
    )
    if end is not None:
        query = query.where(segments.c.start_us < to_microseconds(end))
    if start is not None:
        query = query.where(segments.c.end_us > to_microseconds(start))
    return int(tx.connection.execute(query).scalar_one())


def cameras(tx: Read) -> list[CameraId]:
    """Every camera that has a segment: one look into the index a camera, however many segments there are."""
    found: list[CameraId] = []
    last = ""
    while True:
        following = select(func.min(segments.c.camera)).where(segments.c.camera > last)
        camera = tx.connection.execute(following).scalar_one()
        if camera is None:
            return found
        last = camera
        found.append(CameraId(camera))


def hall_of(tx: Read, run: RunId) -> HallId | None:
    """The hall to which a run belongs, or None for a run that is not entered."""
    hall = tx.connection.execute(select(runs.c.hall).where(runs.c.id == run)).scalar_one_or_none()
    return None if hall is None else HallId(hall)


def _holding(row: Row[Any]) -> Holding:
    return Holding(
        id=SegmentId(row.id),
        run=RunId(row.run),
        camera=CameraId(row.camera),
        interval=interval(row.start_us, row.end_us),
        size=row.size,
        key=ObjectKey(row.key),
        has_picture=row.has_picture,
        has_audio=row.has_audio,
        has_copy=bool(row.has_copy),
    )

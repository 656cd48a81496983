"""Locks: what retention must not touch. Each change of a lock is a fact."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotFound
from hall.journal import FactKind
from hall.locking import Lock, LockKind
from hall.names import CameraId, HallId, LockId
from store import journal
from store.database import Read, Write
from store.rows import interval, optional_microseconds, optional_time, overlapping
from store.tables import lock_cameras, locks


def add_lock(tx: Write, lock: Lock) -> None:
    """Enter a new lock. Raises Conflict when its id is taken."""
    if lock.interval.end is None or not lock.cameras:
        raise ValueError("a lock needs an end and a camera")
    if tx.connection.execute(select(locks.c.id).where(locks.c.id == lock.id)).first() is not None:
        raise Conflict(f"there is a lock {lock.id} already")
    tx.connection.execute(
        insert(locks).values(
            id=lock.id,
            hall=lock.hall,
            owner=lock.owner,
            kind=lock.kind.value,
            reference=lock.reference,
            reason=lock.reason,
            start_us=to_microseconds(lock.interval.start),
            end_us=to_microseconds(lock.interval.end),
            created_us=to_microseconds(lock.created_at),
            expires_us=optional_microseconds(lock.expires_at),
            released_us=optional_microseconds(lock.released_at),
            released_by=lock.released_by,
        )
    )
    cameras = dict.fromkeys(lock.cameras)
    tx.connection.execute(insert(lock_cameras), [{"camera": camera, "lock": lock.id} for camera in cameras])
    journal.append(tx, FactKind.LOCK, lock.hall, lock.created_at, lock)


def release_lock(tx: Write, identifier: LockId, who: str, at: datetime) -> Lock:
    """End a lock. Raises NotFound, or Conflict when it has been released before."""
    found = lock(tx, identifier)
    if found.released_at is not None:
        raise Conflict(f"lock: {identifier} has been released already by {found.released_by}")
    tx.connection.execute(
        update(locks).where(locks.c.id == identifier).values(released_us=to_microseconds(at), released_by=who)
    )
    released = replace(found, released_at=at, released_by=who)
    journal.append(tx, FactKind.LOCK, released.hall, at, released)
    return released


def lock(tx: Read, identifier: LockId) -> Lock:
    """One lock. Raises NotFound."""
    row = tx.connection.execute(select(locks).where(locks.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no lock {identifier}")
    return _locks(tx, [row])[0]


def locks_of(
    tx: Read,
    *,
    halls: Collection[HallId] | None = None,
    holding_at: datetime | None = None,
    before: tuple[datetime, LockId] | None = None,
    limit: int = 1000,
) -> list[Lock]:
    """Locks that fit every given member, the newest first; `before` is the cursor of the next page."""
    query = select(locks).order_by(locks.c.created_us.desc(), locks.c.id.desc()).limit(limit)
    if halls is not None:
        query = query.where(locks.c.hall.in_(halls))
    if holding_at is not None:
        query = query.where(_holds(holding_at))
    if before is not None:
        created_us = to_microseconds(before[0])
        query = query.where(
            (locks.c.created_us < created_us)
            | ((locks.c.created_us == created_us) & (locks.c.id < before[1]))
        )
    return _locks(tx, list(tx.connection.execute(query)))


def holding(tx: Read, now: datetime) -> list[Lock]:
    """Every lock that holds now."""
    return _locks(tx, list(tx.connection.execute(select(locks).where(_holds(now)).order_by(locks.c.id))))


def locked_between(tx: Read, camera: CameraId, start: datetime, end: datetime, now: datetime) -> bool:
    """Whether a lock holds over any part of `[start, end)` of a camera."""
    query = (
        select(locks.c.id)
        .join(lock_cameras, lock_cameras.c.lock == locks.c.id)
        .where(lock_cameras.c.camera == camera, _holds(now), overlapping(locks, start, end))
        .limit(1)
    )
    return tx.connection.execute(query).first() is not None


def _holds(now: datetime) -> ColumnElement[bool]:
    unexpired = or_(locks.c.expires_us.is_(None), locks.c.expires_us > to_microseconds(now))
    return locks.c.released_us.is_(None) & unexpired


def _locks(tx: Read, rows: list[Row[Any]]) -> list[Lock]:
    cameras: dict[str, list[CameraId]] = {row.id: [] for row in rows}
    of = select(lock_cameras).where(lock_cameras.c.lock.in_(list(cameras))).order_by(lock_cameras.c.camera)
    for one in tx.connection.execute(of):
        cameras[one.lock].append(CameraId(one.camera))
    return [
        Lock(
            id=LockId(row.id),
            hall=HallId(row.hall),
            owner=row.owner,
            kind=LockKind(row.kind),
            reference=row.reference,
            reason=row.reason,
            interval=interval(row.start_us, row.end_us),
            cameras=tuple(cameras[row.id]),
            created_at=from_microseconds(row.created_us),
            expires_at=optional_time(row.expires_us),
            released_at=optional_time(row.released_us),
            released_by=row.released_by,
        )
        for row in rows
    ]

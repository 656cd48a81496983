"""Locks: what retention must not touch. Each change of a lock is a fact."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class LockQuery:
    """Which locks are sought: those that fit every member that is given.

    `cameras`, `start` and `end` (both or none): locks over any part of that footage. `text` stands in the
    reason, the reference or the owner's name, however it is written.
    """

    halls: Collection[HallId] | None = None
    holding_at: datetime | None = None
    kind: LockKind | None = None
    cameras: Collection[CameraId] = ()
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""


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
            release_reason=lock.release_reason,
        )
    )
    cameras = dict.fromkeys(lock.cameras)
    tx.connection.execute(insert(lock_cameras), [{"camera": camera, "lock": lock.id} for camera in cameras])
    journal.append(tx, FactKind.LOCK, lock.hall, lock.created_at, lock)


def release_lock(tx: Write, identifier: LockId, who: str, at: datetime, reason: str = "") -> Lock:
    """End a lock. Raises NotFound, or Conflict when it has been released before."""
    found = lock(tx, identifier)
    if found.released_at is not None:
        raise Conflict(f"lock: {identifier} has been released already by {found.released_by}")
    tx.connection.execute(
        update(locks)
        .where(locks.c.id == identifier)
        .values(released_us=to_microseconds(at), released_by=who, release_reason=reason)
    )
    released = replace(found, released_at=at, released_by=who, release_reason=reason)
    journal.append(tx, FactKind.LOCK, released.hall, at, released)
    return released


def prolong_lock(tx: Write, identifier: LockId, until: datetime | None, at: datetime) -> Lock:
    """Let a lock hold until a later moment; None: until it is released.

    Raises NotFound, or Conflict when it does not hold any more (its footage may be gone), or would not hold
    longer than it does.
    """
    found = lock(tx, identifier)
    if not found.holds(at):
        raise Conflict(f"lock: {identifier} does not hold any more")
    if found.expires_at is None or (until is not None and until <= found.expires_at):
        raise Conflict(f"lock: {identifier} holds as long already")
    tx.connection.execute(
        update(locks).where(locks.c.id == identifier).values(expires_us=optional_microseconds(until))
    )
    prolonged = replace(found, expires_at=until)
    journal.append(tx, FactKind.LOCK, prolonged.hall, at, prolonged)
    return prolonged


def lock(tx: Read, identifier: LockId) -> Lock:
    """One lock. Raises NotFound."""
    row = tx.connection.execute(select(locks).where(locks.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no lock {identifier}")
    return _locks(tx, [row])[0]


def locks_of(
    tx: Read,
    sought: LockQuery | None = None,
    *,
    before: tuple[datetime, LockId] | None = None,
    limit: int = 1000,
) -> list[Lock]:
    """Locks, the newest first; `before` is the cursor of the next page."""
    query = select(locks).order_by(locks.c.created_us.desc(), locks.c.id.desc()).limit(limit)
    query = query.where(*_conditions(sought or LockQuery()))
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


def _conditions(sought: LockQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.halls is not None:
        found.append(locks.c.hall.in_(sought.halls))
    if sought.holding_at is not None:
        found.append(_holds(sought.holding_at))
    if sought.kind is not None:
        found.append(locks.c.kind == sought.kind.value)
    if sought.cameras:
        of_cameras = select(lock_cameras.c.lock).where(lock_cameras.c.camera.in_(sought.cameras))
        found.append(locks.c.id.in_(of_cameras))
    if sought.start is not None and sought.end is not None:
        found.append(overlapping(locks, sought.start, sought.end))
    if sought.text:
        columns = (locks.c.reason, locks.c.reference, locks.c.owner)
        found.append(or_(*(column.icontains(sought.text, autoescape=True) for column in columns)))
    return found


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
            release_reason=row.release_reason,
        )
        for row in rows
    ]

"""Locks: what retention must leave alone, who asked for it and why."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Cursor, Limit, Moment, Name, decode_cursor, encode_cursor, in_order
from console.api.shapes import PRINTABLE, Page
from console.dependencies import Dependencies, Given
from hall.errors import NotFound, RequestRefused
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.names import CameraId, HallId, LockId
from hall.permissions import Permission
from hall.place import Strict
from store import audit, locks
from store.database import Read, Write

router = APIRouter(prefix="/locks", tags=["locks"])

Keeper = Annotated[Visitor, may(Permission.EVIDENCE, Permission.LOCK)]

LONGEST = timedelta(days=3660)


class LockRequest(Strict):
    """What is to be kept, and why. `from` and `to` bound the footage; at `expires_at` the lock ends."""

    kind: LockKind
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]
    reference: Annotated[str | None, Field(max_length=200, pattern=PRINTABLE)] = None
    cameras: Annotated[list[Name], Field(min_length=1, max_length=200)]
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]
    expires_at: Moment | None = None


class LockList(Page[Lock]):
    """Locks, newest first."""


@router.get("", response_model=LockList)
def list_locks(
    visitor: Annotated[Visitor, may(Permission.EVIDENCE)],
    given: Given,
    hall: Name | None = None,
    holding: Annotated[bool, Query(description="Only those that hold now.")] = False,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> LockList:
    """Locks of a hall or of all, the newest first, whether they still hold or not."""
    before = decode_cursor(cursor)
    with given.database.read() as tx:
        found = locks.locks_of(
            tx,
            halls=scope.wanted(visitor, hall),
            holding_at=given.clock.now() if holding else None,
            before=(before[0], LockId(before[1])) if before is not None else None,
            limit=limit + 1,
        )
    is_more = len(found) > limit
    following = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if is_more else None
    seen = [lock for lock in found[:limit] if scope.sees_cameras_of(visitor, lock)]
    return LockList(items=seen, next=following)


@router.post("", status_code=201, response_model=Lock)
def add_lock(visitor: Keeper, given: Given, asked: LockRequest) -> Lock:
    """Keep footage of cameras over a time until the lock is released or expires.

    Every segment that overlaps the time is kept whole. What has been deleted before stays deleted.
    """
    now = given.clock.now()
    start, end = in_order(asked.start, asked.end, LONGEST)
    if asked.expires_at is not None and asked.expires_at <= now:
        raise RequestRefused("expires_at", "must lie in the future")
    with given.database.write() as tx:
        hall, cameras = cameras_of_one_hall(tx, given, visitor, asked.cameras)
        lock = Lock(
            id=LockId(secrets.token_hex(16)),
            hall=hall,
            owner=visitor.user.name,
            kind=asked.kind,
            reference=asked.reference or "",
            reason=asked.reason,
            interval=Interval(start, end),
            cameras=cameras,
            created_at=now,
            expires_at=asked.expires_at,
        )
        locks.add_lock(tx, lock)
        detail = f"{', '.join(cameras)} {start.isoformat()} to {end.isoformat()}: {asked.reason}"
        _note(tx, visitor, lock, "lock_add", detail)
    return lock


@router.delete("/{lock}", response_model=Lock)
def release_lock(visitor: Keeper, given: Given, lock: Name) -> Lock:
    """Release a lock; what it kept goes when it is due. 409 when it has been released before."""
    with given.database.write() as tx:
        known = scope.lock(visitor, tx, lock)
        released = locks.release_lock(tx, known.id, visitor.user.name, given.clock.now())
        _note(tx, visitor, released, "lock_release", released.reason)
    return released


def cameras_of_one_hall(
    tx: Read, given: Dependencies, visitor: Visitor, names: Sequence[str]
) -> tuple[HallId, tuple[CameraId, ...]]:
    """The cameras with these names, within reach and of one hall. Raises RequestRefused."""
    found: dict[CameraId, HallId] = {}
    for name in names:
        try:
            hall, camera = scope.camera(visitor, given, tx, name)
        except NotFound as error:
            raise RequestRefused("cameras", f"there is no camera '{name}'") from error
        found[camera.id] = hall.id
    halls = set(found.values())
    if len(halls) > 1:
        raise RequestRefused("cameras", "must be of one hall")
    return halls.pop(), tuple(found)


def _note(tx: Write, visitor: Visitor, lock: Lock, action: str, detail: str) -> None:
    at = lock.released_at or lock.created_at
    audit.record(
        tx,
        at=at,
        who=visitor.user.name,
        action=action,
        subject=f"lock:{lock.id}",
        detail=detail,
        address=visitor.address,
    )

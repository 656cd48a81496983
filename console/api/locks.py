"""Locks: what retention must leave alone, who asked for it and why."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from console.access.gate import Officer
from console.access.visitor import Visitor
from console.api.asked import Cursor, Limit, Moment, Name, decode_cursor, encode_cursor, in_order
from console.api.shapes import PRINTABLE, Page
from console.dependencies import Dependencies, Given
from hall.errors import NotFound, RequestRefused
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.names import CameraId, HallId, LockId
from hall.place import Strict
from store import audit, locks
from store.database import Read, Write

router = APIRouter(prefix="/locks", tags=["locks"])

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
    _visitor: Officer,
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
            hall=HallId(hall) if hall is not None else None,
            holding_at=given.clock.now() if holding else None,
            before=(before[0], LockId(before[1])) if before is not None else None,
            limit=limit + 1,
        )
    is_more = len(found) > limit
    following = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if is_more else None
    return LockList(items=found[:limit], next=following)


@router.post("", status_code=201, response_model=Lock)
def add_lock(visitor: Officer, given: Given, asked: LockRequest) -> Lock:
    """Keep footage of cameras over a time until the lock is released or expires.

    Every segment that overlaps the time is kept whole. What has been deleted before stays deleted.
    """
    now = given.clock.now()
    start, end = in_order(asked.start, asked.end, LONGEST)
    if asked.expires_at is not None and asked.expires_at <= now:
        raise RequestRefused("expires_at", "must lie in the future")
    with given.database.write() as tx:
        hall, cameras = cameras_of_one_hall(tx, given, asked.cameras)
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
def release_lock(visitor: Officer, given: Given, lock: Name) -> Lock:
    """Release a lock; what it kept goes when it is due. 409 when it has been released before."""
    with given.database.write() as tx:
        released = locks.release_lock(tx, LockId(lock), visitor.user.name, given.clock.now())
        _note(tx, visitor, released, "lock_release", released.reason)
    return released


def cameras_of_one_hall(
    tx: Read, given: Dependencies, names: Sequence[str]
) -> tuple[HallId, tuple[CameraId, ...]]:
    """The cameras with these names, which must be of one hall. Raises RequestRefused."""
    found: dict[CameraId, HallId] = {}
    for name in names:
        try:
            hall, camera = given.halls.camera(tx, name)
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

"""Locks: what retention must leave alone, who asked for it and why."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Moment, Name, bounds, decode_cursor, encode_cursor, in_order
from console.api.shapes import PRINTABLE, Page
from console.dependencies import Dependencies, Given
from hall.errors import NotFound, NotPermitted, RequestRefused
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.names import CameraId, HallId, LockId
from hall.permissions import Permission
from hall.place import Strict
from store import audit, locks
from store.database import Read, Write
from store.locks import LockQuery

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


class LockProlonging(Strict):
    """Until when a lock is to hold instead (null: until it is released), and why."""

    expires_at: Moment | None
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


class LockRelease(Strict):
    """Why footage need not be kept any more."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


class LocksSought(BaseModel):
    """Which locks are listed: those that fit every member that is given.

    `camera` may be repeated; with `from` and `to`, locks over any part of that time. `text` stands in the
    reason, the reference or the owner's name. `holding`: only those that hold now.
    """

    hall: Name | None = None
    holding: bool = False
    kind: LockKind | None = None
    camera: Annotated[list[Name], Field(max_length=200)] = []
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None
    text: Name | None = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class LockList(Page[Lock]):
    """Locks, newest first."""


@router.get("", response_model=LockList)
def list_locks(
    visitor: Annotated[Visitor, may(Permission.EVIDENCE)],
    given: Given,
    sought: Annotated[LocksSought, Query()],
) -> LockList:
    """Locks of a hall or of all, the newest first, whether they still hold or not."""
    before = decode_cursor(sought.cursor)
    is_of_a_time = sought.start is not None or sought.end is not None
    start, end = bounds(sought.start, sought.end, LONGEST) if is_of_a_time else (None, None)
    query = LockQuery(
        halls=scope.wanted(visitor, sought.hall),
        holding_at=given.clock.now() if sought.holding else None,
        kind=sought.kind,
        cameras=tuple(map(CameraId, sought.camera)),
        start=start,
        end=end,
        text=(sought.text or "").strip(),
    )
    with given.database.read() as tx:
        found = locks.locks_of(
            tx,
            query,
            before=(before[0], LockId(before[1])) if before is not None else None,
            limit=sought.limit + 1,
        )
    is_more = len(found) > sought.limit
    last = found[sought.limit - 1] if is_more else None
    following = encode_cursor(last.created_at, last.id) if last is not None else None
    seen = [lock for lock in found[: sought.limit] if scope.sees_cameras_of(visitor, lock)]
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
        detail = f"{', '.join(cameras)} {start.isoformat()} to {end.isoformat()}"
        _note(tx, visitor, lock, "lock_add", detail, now, asked.reason)
    return lock


@router.post("/{lock}/prolong", response_model=Lock)
def prolong_lock(visitor: Keeper, given: Given, lock: Name, asked: LockProlonging) -> Lock:
    """Let a lock hold longer. 409 when it does not hold any more: what it kept may be gone."""
    now = given.clock.now()
    with given.database.write() as tx:
        known = scope.lock(visitor, tx, lock)
        _may_change(visitor, known)
        prolonged = locks.prolong_lock(tx, known.id, asked.expires_at, now)
        until = (
            "until it is released" if asked.expires_at is None else f"until {asked.expires_at.isoformat()}"
        )
        _note(tx, visitor, prolonged, "lock_prolong", until, now, asked.reason)
    return prolonged


@router.post("/{lock}/release", response_model=Lock)
def release_lock(visitor: Keeper, given: Given, lock: Name, asked: LockRelease) -> Lock:
    """Release a lock; what it kept goes when it is due. 409 when it has been released before."""
    now = given.clock.now()
    with given.database.write() as tx:
        known = scope.lock(visitor, tx, lock)
        _may_change(visitor, known)
        released = locks.release_lock(tx, known.id, visitor.user.name, now, asked.reason)
        _note(tx, visitor, released, "lock_release", f"locked for: {released.reason}", now, asked.reason)
    return released


def _may_change(visitor: Visitor, lock: Lock) -> None:
    """Who is supervised must not end what others keep. Raises NotPermitted."""
    if lock.owner != visitor.user.name and not visitor.may(Permission.EXPORT):
        raise NotPermitted("only its owner, or who may export evidence, changes a lock")


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


def _note(
    tx: Write, visitor: Visitor, lock: Lock, action: str, detail: str, at: datetime, reason: str
) -> None:
    audit.record(
        tx,
        at=at,
        who=visitor.user.name,
        action=action,
        subject=f"lock:{lock.id}",
        detail=detail,
        address=visitor.address,
        reason=reason,
    )

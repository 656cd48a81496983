"""Announcements: what excuses the windows of a hall for a while, who entered it and why."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Moment, Name
from console.api.shapes import PRINTABLE, Page
from console.dependencies import Given
from hall import announcement as rules
from hall.announcement import Announcement, AnnouncementKind
from hall.config import HallSettings
from hall.errors import NotFound, RequestRefused
from hall.interval import Interval
from hall.names import AnnouncementId, WindowId
from hall.permissions import Permission
from hall.place import Strict
from store import announcing, audit
from store.database import Write

router = APIRouter(prefix="/announcements", tags=["announcements"])

MOST = 200

Announcer = Annotated[Visitor, may(Permission.BOARD, Permission.ANNOUNCE)]


class AnnouncementRequest(Strict):
    """What is announced, to which windows (all, where none is named), and why.

    It begins at once without `from`, which may lie up to 24 hours back. It lasts for 24 hours at most.
    """

    hall: Name
    kind: AnnouncementKind
    windows: Annotated[list[Name], Field(default_factory=list, max_length=200)]
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment, Field(alias="to")]
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]


class AnnouncementList(Page[Announcement]):
    """Announcements, the one that ends last first."""


@router.get("", response_model=AnnouncementList)
def list_announcements(
    visitor: Annotated[Visitor, may(Permission.BOARD)],
    given: Given,
    hall: Name | None = None,
    holding: Annotated[bool, Query(description="Only those that are in force or will be.")] = False,
) -> AnnouncementList:
    """Announcements of a hall, or of the first one: the newest 200, or all that are not over."""
    with given.database.read() as tx:
        known = scope.hall(visitor, given, tx, hall).id
        if holding:
            found = announcing.announcements_since(tx, known, given.clock.now())[::-1]
        else:
            found = announcing.newest_announcements(tx, known, MOST)
    return AnnouncementList(items=found)


@router.post("", status_code=201, response_model=Announcement)
def add_announcement(visitor: Announcer, given: Given, asked: AnnouncementRequest) -> Announcement:
    """Enter an announcement: nobody is due at its windows meanwhile, and their pauses do not count.

    What was found of them over that time is judged anew.
    """
    with given.database.write() as tx:
        now = given.clock.now()
        start = asked.start or now
        if asked.end <= start:
            raise RequestRefused("to", "must lie after 'from'")
        try:
            hall = scope.hall(visitor, given, tx, asked.hall)
        except NotFound as error:
            raise RequestRefused("hall", f"there is no hall '{asked.hall}'") from error
        announcement = Announcement(
            id=AnnouncementId(secrets.token_hex(16)),
            hall=hall.id,
            kind=asked.kind,
            interval=Interval(start, asked.end),
            author=visitor.user.name,
            reason=asked.reason,
            created_at=now,
            windows=_windows(hall, asked),
        )
        rules.check(announcement, visitor.user.role, now)
        announcing.add_announcement(tx, announcement)
        until = " to ".join(at.isoformat(timespec="seconds") for at in (start, asked.end))
        detail = f"{_named(announcement)}, {until}: {asked.reason}"
        _note(tx, visitor, announcement, "announcement_add", detail)
    return announcement


@router.post("/{announcement}/end", response_model=Announcement)
def end_announcement(visitor: Announcer, given: Given, announcement: Name) -> Announcement:
    """End an announcement now. 409 when it is over already."""
    rules.check_role(visitor.user.role)
    with given.database.write() as tx:
        now = given.clock.now()
        if not visitor.rights.sees_hall(announcing.announcement(tx, AnnouncementId(announcement)).hall):
            raise NotFound(f"there is no announcement {announcement}")
        ended = announcing.end_announcement(tx, AnnouncementId(announcement), visitor.user.name, now)
        _note(tx, visitor, ended, "announcement_end", ended.reason)
    return ended


def _windows(hall: HallSettings, asked: AnnouncementRequest) -> tuple[WindowId, ...]:
    """The windows that were asked for. Raises RequestRefused when the hall does not have one."""
    for window in asked.windows:
        if hall.window(WindowId(window)) is None:
            raise RequestRefused("windows", f"there is no window '{window}' in this hall")
    return tuple(WindowId(window) for window in dict.fromkeys(asked.windows))


def _named(announcement: Announcement) -> str:
    """What is announced to whom in one line, for the audit trail."""
    to = f"windows {', '.join(announcement.windows)}" if announcement.windows else "all windows"
    return f"{announcement.kind} to {to} of hall {announcement.hall}"


def _note(tx: Write, visitor: Visitor, announcement: Announcement, action: str, detail: str) -> None:
    audit.record(
        tx,
        at=announcement.ended_at or announcement.created_at,
        who=visitor.user.name,
        action=action,
        subject=f"announcement:{announcement.id}",
        detail=detail,
        address=visitor.address,
    )

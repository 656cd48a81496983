"""Silences: which alerts nobody outside is told of, from when to when, who asked for it and why."""

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
from hall import silencing as rules
from hall.config import HallSettings
from hall.errors import NotFound, RequestRefused
from hall.finding import AlertKind, Severity
from hall.interval import Interval
from hall.names import CameraId, SilenceId, WindowId
from hall.permissions import Permission
from hall.place import Strict
from hall.silencing import Matcher, Silence
from store import audit, silencing
from store.database import Write

router = APIRouter(prefix="/silences", tags=["silences"])

MOST = 200

Silencer = Annotated[Visitor, may(Permission.ALERTS, Permission.SILENCE)]


class SilenceRequest(Strict):
    """What is not to be told, and why. Members of the matcher that are left out fit all.

    It begins at once without `from`. Officers silence alerts below `serious` up to 24 hours ahead,
    administrators any for up to 31 days.
    """

    hall: Name
    windows: Annotated[list[Name], Field(default_factory=list, max_length=200)]
    cameras: Annotated[list[Name], Field(default_factory=list, max_length=200)]
    kinds: Annotated[list[AlertKind], Field(default_factory=list, max_length=50)]
    severities: Annotated[list[Severity], Field(default_factory=list, max_length=3)]
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment, Field(alias="to")]
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=PRINTABLE)]


class SilenceList(Page[Silence]):
    """Silences, the one that ends last first."""


@router.get("", response_model=SilenceList)
def list_silences(
    visitor: Annotated[Visitor, may(Permission.ALERTS)],
    given: Given,
    hall: Name | None = None,
    holding: Annotated[bool, Query(description="Only those that hold now or will hold.")] = False,
) -> SilenceList:
    """Silences of a hall, or of the first one: the newest 200, or all that are not over."""
    with given.database.read() as tx:
        known = scope.hall(visitor, given, tx, hall).id
        if holding:
            found = silencing.silences_since(tx, known, given.clock.now())[::-1]
        else:
            found = silencing.newest_silences(tx, known, MOST)
    return SilenceList(items=found)


@router.post("", status_code=201, response_model=Silence)
def add_silence(visitor: Silencer, given: Given, asked: SilenceRequest) -> Silence:
    """Silence alerts. They are found and shown as before; who is told of alerts hears nothing meanwhile.

    Those that still stand when the silence is over are told then.
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
        silence = Silence(
            id=SilenceId(secrets.token_hex(16)),
            matcher=_matcher(hall, asked),
            interval=Interval(start, asked.end),
            author=visitor.user.name,
            reason=asked.reason,
            created_at=now,
        )
        rules.check(silence, visitor.user.role, now)
        silencing.add_silence(tx, silence)
        until = f"{start.isoformat()} to {asked.end.isoformat()}"
        _note(tx, visitor, silence, "silence_add", f"{_named(silence.matcher)}, {until}: {asked.reason}")
    return silence


@router.delete("/{silence}", response_model=Silence)
def end_silence(visitor: Silencer, given: Given, silence: Name) -> Silence:
    """End a silence now. 409 when it is over already."""
    rules.check_ending(visitor.user.role)
    with given.database.write() as tx:
        now = given.clock.now()
        if not visitor.rights.sees_hall(silencing.silence(tx, SilenceId(silence)).matcher.hall):
            raise NotFound(f"there is no silence {silence}")
        ended = silencing.end_silence(tx, SilenceId(silence), visitor.user.name, now)
        _note(tx, visitor, ended, "silence_end", ended.reason)
    return ended


def _matcher(hall: HallSettings, asked: SilenceRequest) -> Matcher:
    """The matcher that was asked for. Raises RequestRefused when it names what the hall does not have."""
    cameras = {camera.id for camera in hall.cameras}
    for camera in asked.cameras:
        if camera not in cameras:
            raise RequestRefused("cameras", f"there is no camera '{camera}' in this hall")
    for window in asked.windows:
        if hall.window(WindowId(window)) is None:
            raise RequestRefused("windows", f"there is no window '{window}' in this hall")
    return Matcher(
        hall=hall.id,
        windows=tuple(WindowId(window) for window in dict.fromkeys(asked.windows)),
        cameras=tuple(CameraId(camera) for camera in dict.fromkeys(asked.cameras)),
        kinds=tuple(dict.fromkeys(asked.kinds)),
        severities=tuple(dict.fromkeys(asked.severities)),
    )


def _named(matcher: Matcher) -> str:
    """A matcher in one line, for the audit trail."""
    members = (matcher.windows, matcher.cameras, matcher.kinds, matcher.severities)
    return " ".join([f"hall {matcher.hall}", *(", ".join(member) for member in members if member)])


def _note(tx: Write, visitor: Visitor, silence: Silence, action: str, detail: str) -> None:
    audit.record(
        tx,
        at=silence.ended_at or silence.created_at,
        who=visitor.user.name,
        action=action,
        subject=f"silence:{silence.id}",
        detail=detail,
        address=visitor.address,
    )

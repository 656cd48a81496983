"""The calendar: holidays and adjusted workdays, by which limits are counted and halls are open.

A year is read with an ETag. Who sends it back as `If-Match` overwrites no change of somebody else (412).
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel, Field

from console.access.gate import may
from console.access.visitor import Visitor
from console.api.shapes import PRINTABLE
from console.dependencies import Given
from console.problems import ChangedMeanwhile
from hall.calendar import FIRST_YEAR, LAST_YEAR, CalendarDay, CalendarYear, Completeness, DayKind
from hall.errors import RequestRefused
from hall.permissions import Permission
from hall.place import Strict, Text
from hall.wire import to_wire
from store import audit
from store import calendar as store_calendar

router = APIRouter(prefix="/calendar", tags=["calendar"])

LARGEST_YEAR = 256 * 1024
MOST_NAMED = 20
"""Days that an audit entry spells out."""

Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]

ASSUMED = {
    Completeness.STATUTORY_ONLY: Text(
        zh="该年调休安排尚未录入：工作日按法定节假日和周末推算，期限可能变动",
        en="The adjusted workdays of this year are not entered yet: limits in it may move",
    ),
    Completeness.UNKNOWN: Text(
        zh="该年节假日尚未录入：工作日仅按周末推算，期限可能变动",
        en="The holidays of this year are not entered yet, only weekends count: limits in it may move",
    ),
}


class CalendarDayView(Strict):
    """One day that differs from the week. `basis`: where it is written, when not where the year is."""

    date: date
    kind: DayKind
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=PRINTABLE)]
    basis: Annotated[str, Field(max_length=120, pattern=f"^$|{PRINTABLE}")] = ""


class CalendarYearView(BaseModel):
    """A year of the calendar. `warning` says in words what is not known of it, null when all is.

    `etag` is what a change of it is made upon.
    """

    year: int
    etag: str
    completeness: Completeness
    source: str
    entered_by: str
    days: list[CalendarDayView]
    warning: Text | None


class CalendarYearRequest(Strict):
    """All days of a year that differ from the week, and where that is written (a notice, say).

    `complete` is false as long as the adjusted workdays are not published.
    """

    days: Annotated[list[CalendarDayView], Field(max_length=366)]
    source: Annotated[str, Field(min_length=1, max_length=120, pattern=PRINTABLE)]
    complete: bool = True


@router.get("/{year}", response_model=CalendarYearView)
def read_year(
    _visitor: Annotated[Visitor, may(Permission.BOARD)], given: Given, year: Year, response: Response
) -> CalendarYearView:
    """What is known of a year. A year that nobody entered is no error: it is `unknown`."""
    with given.database.read() as tx:
        found = store_calendar.year(tx, year)
    response.headers["ETag"] = f'"{_etag(found)}"'
    return _view(found)


@router.put("/{year}", response_model=CalendarYearView, max_body_size=LARGEST_YEAR)
def change_year(
    visitor: Annotated[Visitor, may(Permission.CONFIGURE)],
    given: Given,
    year: Year,
    asked: CalendarYearRequest,
    response: Response,
    match: Annotated[str | None, Header(alias="If-Match", max_length=200)] = None,
) -> CalendarYearView:
    """Put a year in the place of what was known of it. What the installation knows never overwrites it.

    With `If-Match`, 412 when somebody changed it meanwhile.
    """
    now = given.clock.now()
    completeness = Completeness.COMPLETE if asked.complete else Completeness.STATUTORY_ONLY
    days = tuple(CalendarDay(day.date, day.kind, day.name, day.basis) for day in asked.days)
    try:
        entered = CalendarYear(year, completeness, days, asked.source, visitor.user.name)
    except ValueError as error:
        raise RequestRefused("days", str(error)) from error
    with given.database.write() as tx:
        before = store_calendar.year(tx, year)
        if match is not None and match.strip().strip('"') != _etag(before):
            at = store_calendar.changed_at(tx, year) or now
            raise ChangedMeanwhile(before.entered_by, at, to_wire(before))
        store_calendar.save_year(tx, entered, now)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action="calendar_change",
            subject=f"calendar:{year}",
            detail=f"{completeness}, {len(days)} days, from {asked.source}{_new_days(before, entered)}",
            address=visitor.address,
        )
    response.headers["ETag"] = f'"{_etag(entered)}"'
    return _view(entered)


def _new_days(before: CalendarYear, entered: CalendarYear) -> str:
    """The days that are other than before, as the trail tells them; nothing when they are too many."""
    gone, new = set(before.days) - set(entered.days), set(entered.days) - set(before.days)
    if len(gone) + len(new) > MOST_NAMED:
        return ""
    told = [f"-{_told(day)}" for day in sorted(gone, key=lambda day: day.on)]
    told += [f"+{_told(day)}" for day in sorted(new, key=lambda day: day.on)]
    return "".join(f"; {one}" for one in told)


def _told(day: CalendarDay) -> str:
    return f"{day.on} {day.kind} {day.name}" + (f" ({day.basis})" if day.basis else "")


def _etag(year: CalendarYear) -> str:
    return hashlib.sha256(json.dumps(to_wire(year), sort_keys=True).encode()).hexdigest()[:32]


def _view(year: CalendarYear) -> CalendarYearView:
    return CalendarYearView(
        year=year.year,
        etag=_etag(year),
        completeness=year.completeness,
        source=year.source,
        entered_by=year.entered_by,
        days=[
            CalendarDayView(date=day.on, kind=day.kind, name=day.name, basis=day.basis) for day in year.days
        ],
        warning=ASSUMED.get(year.completeness),
    )

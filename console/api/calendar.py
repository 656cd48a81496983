"""The calendar: holidays and adjusted workdays, by which limits are counted and halls are open."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from console.access.gate import may
from console.access.visitor import Visitor
from console.api.shapes import PRINTABLE
from console.dependencies import Given
from hall.calendar import FIRST_YEAR, LAST_YEAR, CalendarDay, CalendarYear, Completeness, DayKind
from hall.errors import RequestRefused
from hall.permissions import Permission
from hall.place import Strict, Text
from store import audit
from store import calendar as store_calendar

router = APIRouter(prefix="/calendar", tags=["calendar"])

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
    """One day that differs from the week."""

    date: date
    kind: DayKind
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=PRINTABLE)]


class CalendarYearView(BaseModel):
    """A year of the calendar. `warning` says in words what is not known of it, null when all is."""

    year: int
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
    _visitor: Annotated[Visitor, may(Permission.BOARD)], given: Given, year: Year
) -> CalendarYearView:
    """What is known of a year. A year that nobody entered is no error: it is `unknown`."""
    with given.database.read() as tx:
        return _view(store_calendar.year(tx, year))


@router.put("/{year}", response_model=CalendarYearView)
def change_year(
    visitor: Annotated[Visitor, may(Permission.CONFIGURE)],
    given: Given,
    year: Year,
    asked: CalendarYearRequest,
) -> CalendarYearView:
    """Put a year in the place of what was known of it. What the installation knows never overwrites it."""
    now = given.clock.now()
    completeness = Completeness.COMPLETE if asked.complete else Completeness.STATUTORY_ONLY
    days = tuple(CalendarDay(day.date, day.kind, day.name) for day in asked.days)
    try:
        entered = CalendarYear(year, completeness, days, asked.source, visitor.user.name)
    except ValueError as error:
        raise RequestRefused("days", str(error)) from error
    with given.database.write() as tx:
        store_calendar.save_year(tx, entered, now)
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action="calendar_change",
            subject=f"calendar:{year}",
            detail=f"{completeness}, {len(days)} days, from {asked.source}",
            address=visitor.address,
        )
    return _view(entered)


def _view(year: CalendarYear) -> CalendarYearView:
    return CalendarYearView(
        year=year.year,
        completeness=year.completeness,
        source=year.source,
        entered_by=year.entered_by,
        days=[CalendarDayView(date=day.on, kind=day.kind, name=day.name) for day in year.days],
        warning=ASSUMED.get(year.completeness),
    )

"""The calendar of holidays and adjusted workdays: one for all halls, a year at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import delete, insert, select

from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind, WorkCalendar
from hall.clock import to_microseconds
from hall.journal import FactKind
from store import journal
from store.calendar_tables import calendar_days, calendar_years
from store.database import Read, Write
from store.rows import optional_time


def read(tx: Read) -> WorkCalendar:
    """All years that are entered."""
    days: dict[int, list[CalendarDay]] = defaultdict(list)
    for row in tx.connection.execute(select(calendar_days).order_by(calendar_days.c.date)):
        day = CalendarDay(date.fromisoformat(row.date), DayKind(row.kind), row.name, row.basis)
        days[row.year].append(day)
    rows = tx.connection.execute(select(calendar_years).order_by(calendar_years.c.year))
    return WorkCalendar(
        tuple(
            CalendarYear(
                row.year, Completeness(row.completeness), tuple(days[row.year]), row.source, row.entered_by
            )
            for row in rows
        )
    )


def year(tx: Read, number: int) -> CalendarYear:
    """One year; one that is not entered is `unknown`."""
    known = {entered.year: entered for entered in read(tx).years}
    return known.get(number, CalendarYear(number, Completeness.UNKNOWN))


def changed_at(tx: Read, number: int) -> datetime | None:
    """When what is known of a year was entered, None for a year that is not."""
    query = select(calendar_years.c.changed_us).where(calendar_years.c.year == number)
    return optional_time(tx.connection.execute(query).scalar_one_or_none())


def save_year(tx: Write, entered: CalendarYear, now: datetime) -> bool:
    """Put a year in the place of what was known of it. False, and nothing written, when it is the same."""
    if year(tx, entered.year) == entered:
        return False
    tx.connection.execute(delete(calendar_days).where(calendar_days.c.year == entered.year))
    tx.connection.execute(delete(calendar_years).where(calendar_years.c.year == entered.year))
    tx.connection.execute(
        insert(calendar_years).values(
            year=entered.year,
            completeness=entered.completeness.value,
            source=entered.source,
            entered_by=entered.entered_by,
            changed_us=to_microseconds(now),
        )
    )
    if entered.days:
        tx.connection.execute(
            insert(calendar_days),
            [
                {
                    "date": day.on.isoformat(),
                    "year": entered.year,
                    "kind": day.kind.value,
                    "name": day.name,
                    "basis": day.basis,
                }
                for day in entered.days
            ],
        )
    journal.append(tx, FactKind.CALENDAR, None, now, entered)
    return True

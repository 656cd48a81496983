"""The calendar in the store: a year at a time, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind, WorkCalendar
from hall.journal import FactKind
from hall.wire import from_wire
from store import calendar, journal
from store.database import Database
from tests import postgresql

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
AUTUMN = CalendarYear(
    2026,
    Completeness.COMPLETE,
    (
        CalendarDay(date(2026, 10, 1), DayKind.HOLIDAY, "国庆节"),
        CalendarDay(date(2026, 9, 20), DayKind.WORKDAY, "国庆节调休"),
    ),
    "notice",
    "wang",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hall.db'}"
    else:
        url = postgresql.new_database(request.getfixturevalue("server"))
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def save(database: Database, year: CalendarYear) -> bool:
    with database.write() as tx:
        return calendar.save_year(tx, year, NOW)


def read(database: Database) -> WorkCalendar:
    with database.read() as tx:
        return calendar.read(tx)


def test_a_year_is_read_as_it_was_entered(database: Database) -> None:
    assert read(database) == WorkCalendar()
    assert save(database, AUTUMN)
    assert read(database) == WorkCalendar((AUTUMN,))
    with database.read() as tx:
        assert calendar.year(tx, 2026) == AUTUMN


def test_a_year_that_nobody_entered_is_unknown_and_no_error(database: Database) -> None:
    with database.read() as tx:
        assert calendar.year(tx, 2027) == CalendarYear(2027, Completeness.UNKNOWN)


def test_a_year_is_replaced_whole_and_others_stay(database: Database) -> None:
    other = CalendarYear(2025, Completeness.STATUTORY_ONLY, source="law")
    shorter = replace(AUTUMN, days=AUTUMN.days[:1], source="correction")
    for year in (AUTUMN, other, shorter):
        assert save(database, year)
    assert read(database) == WorkCalendar((other, shorter))


def test_a_change_is_a_fact_and_the_same_year_again_is_none(database: Database) -> None:
    assert save(database, AUTUMN)
    assert not save(database, AUTUMN)
    with database.read() as tx:
        (entry,) = journal.tail(tx, 0, kinds=[FactKind.CALENDAR])
    assert entry.hall is None
    assert from_wire(CalendarYear, entry.body) == AUTUMN

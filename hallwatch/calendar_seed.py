"""What the installation itself knows of holidays and adjusted workdays, entered into the store.

Two packages tell: `chinesecalendar` holds the arrangements that the State Council has published, year by
year, and nothing of a year that is not published. `holidays` derives the statutory days of any year, and
knows adjusted workdays of published years only. A year that a person has entered is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from importlib.metadata import version

from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind
from store import calendar
from store.database import Database

YEARS_BACK, YEARS_AHEAD = 2, 1
"""Around the present year: most limits that run today began after the one and end before the other."""


def seed(database: Database, now: datetime) -> list[CalendarYear]:
    """Enter the years around `now` as far as more is known of them than before. Raises StoreBusy."""
    years = range(now.year - YEARS_BACK, now.year + YEARS_AHEAD + 1)
    with database.read() as tx:
        known = calendar.read(tx)
    by_hand = {year.year for year in known.years if year.entered_by}
    wanted = [year for year in years if year not in by_hand]
    published = published_years(wanted)
    unpublished = [year for year in wanted if year not in {found.year for found in published}]
    derived_before = {year.year for year in known.years if year.source == _source("holidays")}
    derived = derived_years([year for year in unpublished if year not in derived_before])
    changed = []
    for year in (*published, *derived):
        with database.write() as tx:
            if calendar.save_year(tx, year, now):
                changed.append(year)
    return changed


def published_years(years: Iterable[int]) -> list[CalendarYear]:
    """Those of the years that `chinesecalendar` holds, days of rest within a holiday included."""
    from chinese_calendar import constants  # noqa: PLC0415 - only who enters a calendar needs it

    source = _source("chinesecalendar")
    found = []
    for year in years:
        if date(year, 10, 1) not in constants.holidays:
            continue  # a notice tells of the whole year, National Day included
        free = {day: name for day, name in constants.holidays.items() if day.year == year}
        worked = {day: name for day, name in constants.workdays.items() if day.year == year}
        days = [
            *(CalendarDay(day, DayKind.HOLIDAY, _chinese(name)) for day, name in free.items()),
            *(CalendarDay(day, DayKind.WORKDAY, f"{_chinese(name)}调休") for day, name in worked.items()),
        ]
        found.append(CalendarYear(year, Completeness.COMPLETE, tuple(days), source))
    return found


def derived_years(years: Iterable[int]) -> list[CalendarYear]:
    """The years as `holidays` derives them from the law, complete where it knows adjusted workdays."""
    wanted = list(years)
    if not wanted:
        return []
    from holidays.countries.china import China  # noqa: PLC0415 - some megabytes, for the first start alone

    found = []
    for year in wanted:
        told = China(years=year, language="zh_CN")  # type: ignore[no-untyped-call]
        free = [CalendarDay(day, DayKind.HOLIDAY, name) for day, name in told.items() if day.year == year]
        worked = [
            CalendarDay(day, DayKind.WORKDAY, "调休") for day in told.weekend_workdays if day.year == year
        ]
        known = Completeness.COMPLETE if worked else Completeness.STATUTORY_ONLY
        found.append(CalendarYear(year, known, (*free, *worked), _source("holidays")))
    return found


def _chinese(name: str) -> str:
    from chinese_calendar import Holiday  # noqa: PLC0415

    return str(Holiday(name).chinese)


def _source(package: str) -> str:
    return f"{package} {version(package)}"

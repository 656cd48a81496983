"""A calendar as a CSV file, as it can be written in any spreadsheet: `date,kind,name`, one day a line."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from hall.calendar import FIRST_YEAR, LAST_YEAR, CalendarDay, CalendarYear, Completeness, DayKind
from hall.errors import ConfigurationError, Problem

COLUMNS = ("date", "kind", "name")
LARGEST_FILE = 1024 * 1024
LONGEST_NAME = 80
MOST_PROBLEMS = 100


def parse(
    content: bytes, source: str, entered_by: str, completeness: Completeness = Completeness.COMPLETE
) -> list[CalendarYear]:
    """The years of a CSV file, in order. Text is UTF-8, else GB18030.

    Raises ConfigurationError that names every line that is wrong; nothing of the file counts then.
    """
    if len(content) > LARGEST_FILE:
        raise ConfigurationError([Problem("file", None, "is larger than 1 MiB")], source)
    lines = csv.DictReader(io.StringIO(decoded(content, source), newline=""))
    missing = [column for column in COLUMNS if column not in (lines.fieldnames or ())]
    if missing:
        raise ConfigurationError(
            [Problem(column, 1, "is no column of the file") for column in missing], source
        )
    problems: list[Problem] = []
    days: dict[int, dict[date, CalendarDay]] = defaultdict(dict)
    for row in lines:
        try:
            day = _day(row)
            if day.on in days[day.on.year]:
                raise ValueError("date", f"{day.on} stands here for the second time")
            days[day.on.year][day.on] = day
        except ValueError as error:
            field, message = error.args
            problems.append(Problem(field, lines.line_num, message))
    if not problems and not days:
        problems.append(Problem("file", None, "has no days"))
    if problems:
        raise ConfigurationError(problems[:MOST_PROBLEMS], source)
    return [
        CalendarYear(year, completeness, tuple(of_year.values()), source, entered_by)
        for year, of_year in sorted(days.items())
    ]


def write(years: Iterable[CalendarYear]) -> str:
    """The days of some years as a CSV file that `parse` takes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for year in years:
        writer.writerows((day.on.isoformat(), day.kind.value, day.name) for day in year.days)
    return text.getvalue()


def _day(row: dict[str, str | None]) -> CalendarDay:
    """The day of a line. Raises ValueError with the column and what is wrong with it."""
    written, kind, name = ((row.get(column) or "").strip() for column in COLUMNS)
    try:
        on = date.fromisoformat(written)
    except ValueError:
        raise ValueError("date", f"'{written[:40]}' is no date, write for example 2026-10-01") from None
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise ValueError("date", f"use a year from {FIRST_YEAR} to {LAST_YEAR}")
    if kind not in set(DayKind):
        raise ValueError("kind", f"'{kind[:40]}' is not one of {', '.join(DayKind)}")
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise ValueError("name", f"is needed, in at most {LONGEST_NAME} characters")
    return CalendarDay(on, DayKind(kind), name)


def decoded(content: bytes, source: str) -> str:
    """The text of a file that a spreadsheet wrote: UTF-8, else GB18030. Raises ConfigurationError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigurationError([Problem("file", None, "is neither UTF-8 nor GB18030 text")], source)

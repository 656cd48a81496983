"""Small conversions between rows and intervals, shared by the modules of the store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Table, or_

from hall.clock import from_microseconds, to_microseconds
from hall.interval import Interval

Microseconds = int | BindParameter[int]


def optional_microseconds(at: datetime | None) -> int | None:
    """`to_microseconds`, or None for None."""
    return None if at is None else to_microseconds(at)


def optional_time(value: int | None) -> datetime | None:
    """`from_microseconds`, or None for None."""
    return None if value is None else from_microseconds(value)


def interval(start_us: int, end_us: int | None) -> Interval:
    """The interval of a row."""
    return Interval(from_microseconds(start_us), optional_time(end_us))


def overlapping(table: Table, start: datetime, end: datetime) -> ColumnElement[bool]:
    """Condition: the row's half-open interval shares a moment with `[start, end)`."""
    return overlapping_us(table, to_microseconds(start), to_microseconds(end))


def overlapping_us(table: Table, from_us: Microseconds, until_us: Microseconds) -> ColumnElement[bool]:
    """The same over `[from_us, until_us)`, which a statement that is put together once names only."""
    return (table.c.start_us < until_us) & or_(table.c.end_us.is_(None), table.c.end_us > from_us)

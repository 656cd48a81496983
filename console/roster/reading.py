"""What a table says of a roster: shifts and leave by row, or every fault by row and column.

Nothing is guessed: a person or window that two could be, a day that could be two days, and an end that lies
before its beginning on a day of its own are faults. What is understood is the times of a night: from 22:00 to
06:00 ends on the day after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from console.roster.columns import Column, EntryKind, columns_of
from console.roster.people import Named
from console.roster.row import RowReader, Sheet
from console.roster.table import Row, Table, refused
from hall.config import HallSettings
from hall.errors import TableFault, TableRefused
from hall.names import StaffId
from hall.roster import Leave, Shift
from hall.roster_change import RosterChange

MOST_FAULTS = 200
LONGEST_SPAN = timedelta(days=400)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Understood:
    """The change that a table asks for, in which row each entry stands, and what its columns are called."""

    change: RosterChange
    row_of: dict[Shift | Leave, int]
    columns: dict[Column, str]


@dataclass
class _Found:
    shifts: list[Shift] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    withdrawn: list[tuple[StaffId, datetime]] = field(default_factory=list)
    row_of: dict[Shift | Leave, int] = field(default_factory=dict)
    begun: dict[tuple[bool, StaffId, datetime], int] = field(default_factory=dict)

    def change(self) -> RosterChange:
        """All of it."""
        return RosterChange(tuple(self.shifts), tuple(self.leaves), tuple(self.withdrawn))

    def begin(self, row: int, entry: tuple[bool, StaffId, datetime]) -> int:
        """The first row with a shift (or else a leave) of this person and beginning."""
        return self.begun.setdefault(entry, row)


def understand(table: Table, hall: HallSettings) -> Understood:
    """The change that a table asks for. Raises TableRefused with every fault (at most MOST_FAULTS)."""
    if not table.rows:
        raise refused("文件是空的", "the file is empty")
    heading, *rows = table.rows
    columns = columns_of(heading)
    if not rows:
        raise refused("文件只有表头，没有内容", "the file has headings, but no rows")
    sheet, found, faults = Sheet(columns, hall, Named(hall), table.from_1904), _Found(), list[TableFault]()
    for row in rows:
        faults += _take(sheet, row, found)
        if len(faults) >= MOST_FAULTS:
            break
    faults += _spread(found)
    if faults:
        raise TableRefused(faults[:MOST_FAULTS])
    return Understood(
        found.change(), found.row_of, {column: called for column, (_, called) in columns.items()}
    )


def _take(sheet: Sheet, row: Row, found: _Found) -> list[TableFault]:
    """Add what a row says to what was found, or say what is wrong with it."""
    reader = RowReader(sheet, row)
    faults = reader.unreadable()
    if faults:
        return faults
    kind, staff = _asked(faults, reader.kind), _asked(faults, reader.staff)
    if kind is EntryKind.WITHDRAWN:
        begins = _asked(faults, reader.begins)
        if staff is not None and begins is not None and not faults:
            found.withdrawn.append((staff, begins))
            faults += _begun(sheet, row, found, (False, staff, begins))
        return faults
    if kind is None:
        return faults
    over = _asked(faults, lambda: reader.interval(kind))
    entry: Shift | Leave | None = None
    if kind is EntryKind.LEAVE:
        reason = _asked(faults, reader.reason)
        if staff is not None and over is not None and reason is not None:
            entry = Leave(staff, over, reason)
    else:
        window = _asked(faults, reader.window)
        if staff is not None and over is not None and window is not None:
            entry = Shift(staff, window, over, cover=kind is EntryKind.COVER)
    if entry is None or faults:
        return faults
    faults = _begun(sheet, row, found, (isinstance(entry, Shift), entry.staff, entry.interval.start))
    if not faults:
        found.row_of[entry] = row.number
        if isinstance(entry, Shift):
            found.shifts.append(entry)
        else:
            found.leaves.append(entry)
    return faults


def _begun(sheet: Sheet, row: Row, found: _Found, entry: tuple[bool, StaffId, datetime]) -> list[TableFault]:
    first = found.begin(row.number, entry)
    if first == row.number:
        return []
    called = sheet.columns[Column.FROM][1]
    zh, en = (
        f"与第 {first} 行是同一人、同一开始时间",
        f"is the beginning that row {first} has for the same person",
    )
    return [TableFault(row.number, called, zh, en)]


def _spread(found: _Found) -> Iterator[TableFault]:
    span = found.change().span()
    if span is not None and span.duration() > LONGEST_SPAN:
        days = LONGEST_SPAN.days
        zh = f"文件跨度超过 {days} 天，请检查年份，或分开导入"
        yield TableFault(
            None, "", zh, f"the file spans more than {days} days: look at its years, or split it"
        )


def _asked(faults: list[TableFault], question: Callable[[], Answer]) -> Answer | None:
    """The answer to a question, or None and one more fault."""
    try:
        return question()
    except TableRefused as error:
        faults += error.faults
        return None

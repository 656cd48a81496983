"""One row of a roster's table: each question is answered, or refused with row, column and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NoReturn

from console.roster.columns import KINDS, Column, EntryKind, folded, kind_of
from console.roster.moments import A_DAY, When, when, with_offset
from console.roster.people import Named
from console.roster.table import Broken, Cell, Formula, Row, refused
from hall.config import HallSettings
from hall.errors import TableFault
from hall.interval import Interval
from hall.names import StaffId, WindowId
from hall.roster import LONGEST_LEAVE, LONGEST_SHIFT

LONGEST_REASON = 200
LONGEST_NIGHT = timedelta(hours=14)
"""From beginning to end when the end is a time alone on the day after: beyond it, the two were mixed up."""
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What holds for every row: where its columns stand, what they are called, and the hall it is about."""

    columns: dict[Column, tuple[int, str]]
    hall: HallSettings
    named: Named
    from_1904: bool


class RowReader:
    """A row that is asked. Every question raises TableRefused with its one fault."""

    def __init__(self, sheet: Sheet, row: Row) -> None:
        self._sheet, self._row = sheet, row

    def unreadable(self) -> list[TableFault]:
        """What is wrong with the cells themselves."""
        faults: list[TableFault] = []
        for column, (_, called) in self._sheet.columns.items():
            cell = self._cell(column)
            if isinstance(cell, Formula):
                words = "是公式，请粘贴为数值", "holds a formula: paste it as a value"
            elif isinstance(cell, Broken):
                words = f"是错误值 {cell.shown}", f"shows the error {cell.shown}"
            else:
                continue
            faults.append(TableFault(self._row.number, called, *words))
        return faults

    def kind(self) -> EntryKind:
        """What the row is. Where it does not say so, a row with a window is a shift, else leave."""
        if not self._text(Column.KIND):
            return EntryKind.SHIFT if self._text(Column.WINDOW) else EntryKind.LEAVE
        kind = kind_of(self._cell(Column.KIND))
        if kind is None:
            shown, words = self._shown(Column.KIND), "、".join(words[0] for words in KINDS.values())
            self._fail(
                Column.KIND, f"“{shown}”不是 {words} 之一", f"'{shown}' is not one of {', '.join(EntryKind)}"
            )
        return kind

    def staff(self) -> StaffId:
        """Whom it is about."""
        people = self._sheet.named.people(self._text(Column.STAFF))
        if len(people) != 1:
            self._fail_naming(Column.STAFF, people, "工作人员", "工号", "staff member")
        return people[0]

    def window(self) -> WindowId:
        """At which window."""
        windows = self._sheet.named.windows(self._text(Column.WINDOW))
        if len(windows) != 1:
            self._fail_naming(Column.WINDOW, windows, "窗口", "编号", "window")
        return windows[0]

    def reason(self) -> str:
        """What a leave is for: 病假 says so by itself."""
        reason = self._text(Column.REASON)
        if not reason and folded(self._cell(Column.KIND)) in KINDS[EntryKind.LEAVE][1:]:
            reason = self._text(Column.KIND)
        if len(reason) > LONGEST_REASON or not reason.isprintable():
            self._fail(
                Column.REASON,
                f"最多 {LONGEST_REASON} 个字符，且不能有控制字符",
                f"has at most {LONGEST_REASON} characters, all of them printable",
            )
        return reason

    def begins(self) -> datetime:
        """When it begins."""
        return self._moment(Column.FROM, self._when(Column.FROM), self._day())

    def interval(self, kind: EntryKind) -> Interval:
        """From when until when. A leave may name days alone, of which the last is over when it is over."""
        start, first, last = self.begins(), self._when(Column.FROM), self._when(Column.TO)
        if kind is not EntryKind.LEAVE:
            for column, told in ((Column.FROM, first), (Column.TO, last)):
                if told.since_midnight is None:
                    self._fail(column, "只有日期，没有时刻", "has a day, but no time")
        end = self._end(start, first, last)
        if end <= start:
            self._fail(Column.TO, "不晚于开始时间", "is not after the beginning")
        longest = LONGEST_LEAVE if kind is EntryKind.LEAVE else LONGEST_SHIFT
        if end - start > longest:
            hours = round(longest / AN_HOUR)
            self._fail(Column.TO, f"超过最长时长 {hours} 小时", f"lasts for more than {hours} hours")
        return Interval(start, end)

    def _end(self, start: datetime, first: When, last: When) -> datetime:
        if last.day is not None:
            until = last if last.since_midnight is not None else When(last.day, A_DAY)
            return self._moment(Column.TO, until, None)
        day = first.day or self._day()
        end = self._moment(Column.TO, last, day)
        if end > start or last.since_midnight == first.since_midnight or day is None:
            return end
        end = self._moment(Column.TO, last, day + A_DAY)
        if end - start > LONGEST_NIGHT:
            self._fail(
                Column.TO,
                "早于开始时间；若到次日结束，请写明日期",
                "is before the beginning; write its day as well if it ends on the next",
            )
        return end

    def _day(self) -> date | None:
        """The day that a column of its own tells."""
        if not self._text(Column.DATE):
            return None
        found = self._when(Column.DATE)
        if found.day is None:
            self._fail_moment(Column.DATE)
        return found.day

    def _when(self, column: Column) -> When:
        cell = self._cell(column)
        if not self._text(column):
            self._fail(column, "未填写", "is needed")
        found = when(cell, from_1904=self._sheet.from_1904) or with_offset(cell, self._sheet.hall.zone_info)
        if found is None:
            self._fail_moment(column)
        return found

    def _moment(self, column: Column, found: When, day: date | None) -> datetime:
        on = found.day or day
        if on is None:
            self._fail(column, "只有时刻，没有日期", "has a time, but no day")
        if not FIRST_DAY <= on <= LAST_DAY:
            self._fail(column, "须在 2000 年至 2199 年之间", "lies between 2000 and 2199")
        if found.day is not None and day is not None and found.day != day:
            self._fail(column, "与日期列不是同一天", "is of another day than the column of days says")
        days, rest = divmod(found.since_midnight or timedelta(0), A_DAY)
        clock = (datetime.combine(on, time(0)) + rest).time()
        return datetime.combine(on + days * A_DAY, clock, self._sheet.hall.zone_info).astimezone(UTC)

    def _cell(self, column: Column) -> Cell:
        place, _ = self._sheet.columns.get(column, (-1, ""))
        return self._row.cells[place] if 0 <= place < len(self._row.cells) else None

    def _text(self, column: Column) -> str:
        cell = self._cell(column)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)  # spreadsheets keep the number of a window as 1.0
        return str(cell).strip() if cell is not None else ""

    def _shown(self, column: Column) -> str:
        return "".join(each if each.isprintable() else "?" for each in self._text(column)[:40])

    def _fail_naming(
        self, column: Column, several: list[StaffId] | list[WindowId], zh: str, by: str, en: str
    ) -> NoReturn:
        shown, some = self._shown(column), ", ".join(several[:5])
        if not shown:
            self._fail(column, "未填写", "is needed")
        if several:
            self._fail(
                column,
                f"“{shown}”不止一个，请写{by}：{some}",
                f"'{shown}' may be several, write one of {some}",
            )
        self._fail(column, f"本大厅没有{zh}“{shown}”", f"there is no {en} '{shown}' in this hall")

    def _fail_moment(self, column: Column) -> NoReturn:
        shown = self._shown(column)
        self._fail(
            column,
            f"“{shown}”不是可识别的时间，请写成 2026-03-02 09:00",
            f"'{shown}' is no time that can be read, write for example 2026-03-02 09:00",
        )

    def _fail(self, column: Column, zh: str, en: str) -> NoReturn:
        _, called = self._sheet.columns.get(column, (-1, column.value))
        raise refused(zh, en, self._row.number, called)

"""A roster as a table that can be imported again: what is due, or an example of how it is written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from console.roster.columns import HEADINGS, KINDS, Column, EntryKind
from console.roster.people import Named
from hall.config import HallSettings
from hall.interval import Interval
from hall.place import Text
from hall.roster import Leave, Shift

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = ("text/csv", XLSX_TYPE)
COLUMNS = (Column.KIND, Column.STAFF, Column.WINDOW, Column.FROM, Column.TO, Column.REASON)
WIDTHS = (10, 16, 16, 20, 20, 30)
MOMENT = "yyyy-mm-dd hh:mm"
COMPUTED = ("=", "+", "-", "@")
"""With what a text begins that a spreadsheet would compute."""

Value = str | datetime


class Language(StrEnum):
    """In whose words headings and names are."""

    ZH = "zh"
    EN = "en"


def table(
    entries: Iterable[Shift | Leave], hall: HallSettings, language: Language, *, as_workbook: bool
) -> tuple[bytes, str]:
    """The file of some entries and its media type. Importing it again changes nothing."""
    place = HEADINGS if language is Language.ZH else {column: (column.value,) for column in COLUMNS}
    heading = [place[column][0] for column in COLUMNS]
    writer = _Writer(hall, language)
    rows = [writer.row(entry) for entry in entries]
    return (_xlsx(heading, rows), XLSX_TYPE) if as_workbook else (_csv(heading, rows), CSV_TYPE)


def example(hall: HallSettings, now: datetime) -> list[Shift | Leave]:
    """A morning, a cover, a night and a leave of next Monday on, of people and windows that the hall has."""
    if not hall.staff or not hall.windows:
        return []
    today = now.astimezone(hall.zone_info).date()
    monday = today + timedelta(days=7 - today.weekday())

    def over(first: int, last: int) -> Interval:
        midnight = datetime.combine(monday, time(0), hall.zone_info)
        return Interval(midnight + timedelta(hours=first), midnight + timedelta(hours=last))

    one, other = hall.staff[0].id, hall.staff[-1].id
    window, beside = hall.windows[0].id, hall.windows[-1].id
    return [
        Shift(one, window, over(9, 12)),
        Shift(one, window, over(13, 17)),
        Shift(other, beside, over(33, 36), cover=True),
        Shift(other, beside, over(46, 54)),
        Leave(one, over(24, 48), "年假"),
    ]


class _Writer:
    def __init__(self, hall: HallSettings, language: Language) -> None:
        self._hall, self._language, self._named = hall, language, Named(hall)
        self._people = {person.id: person.name for person in hall.staff}

    def row(self, entry: Shift | Leave) -> list[Value]:
        """The cells of an entry, in the order of COLUMNS."""
        assert entry.interval.end is not None
        if isinstance(entry, Shift):
            kind = EntryKind.COVER if entry.cover else EntryKind.SHIFT
            window, reason = self._window(entry), ""
        else:
            kind, window, reason = EntryKind.LEAVE, "", _harmless(entry.reason)
        return [
            KINDS[kind][0] if self._language is Language.ZH else kind.value,
            self._person(entry),
            window,
            _local(entry.interval.start, self._hall.zone_info),
            _local(entry.interval.end, self._hall.zone_info),
            reason,
        ]

    def _person(self, entry: Shift | Leave) -> str:
        """The name, where it is nobody else's and no spreadsheet computes it; else the identifier."""
        name = self._people.get(entry.staff, Text(zh=entry.staff, en=entry.staff))
        called = name.zh if self._language is Language.ZH else name.en
        is_plain = self._named.people(called) == [entry.staff] and not called.startswith(COMPUTED)
        return called if is_plain else entry.staff

    def _window(self, shift: Shift) -> str:
        window = self._hall.window(shift.window)
        number = window.number if window is not None else ""
        is_plain = self._named.windows(number) == [shift.window] and not number.startswith(COMPUTED)
        return number if number and is_plain else shift.window


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; the blank before it is not read again."""
    return f" {text}" if text.startswith(COMPUTED) else text


def _csv(heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    for row in rows:
        writer.writerow([cell if isinstance(cell, str) else _shown(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")  # with the mark by which spreadsheets know UTF-8


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"


def _xlsx(heading: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(heading[1])
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEF", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    cells = [WriteOnlyCell(sheet, value=word) for word in heading]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    for row in rows:
        written = [WriteOnlyCell(sheet, value=value) for value in row]
        for cell, value in zip(written, row, strict=True):
            if isinstance(value, datetime):
                cell.number_format = MOMENT
            else:
                cell.data_type = "s"
        sheet.append(written)
    packed = io.BytesIO()
    workbook.save(packed)
    return packed.getvalue()

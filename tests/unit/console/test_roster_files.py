"""Rosters as offices write them: whatever stands in a file is understood, or refused by row and column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from console.roster import workbook
from console.roster.moments import When, when
from console.roster.reading import Understood
from console.roster.table import LARGEST_FILE, MOST_ROWS, Cell
from console.roster.trial import read_file
from console.roster.writing import Language, example, table
from hall.config import HallSettings, parse_configuration
from hall.errors import TableRefused
from hall.interval import Interval
from hall.names import StaffId, WindowId
from hall.roster import Leave, Shift
from hall.roster_change import RosterChange

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=SHANGHAI).astimezone(UTC)
NIGHT_HALL = """
site: {data: data}
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: u1, name: {zh: 一, en: One}}]
    staff:
      - {id: li, name: {zh: 李明, en: Li Ming}, unit: u1}
      - {id: wang, name: {zh: 王芳, en: Wang Fang}, unit: u1}
      - {id: wang2, name: {zh: 王芳, en: Fang Wang}, unit: u1}
    windows:
      - {id: w01, number: "1", name: {zh: 户籍, en: Registration}, unit: u1}
      - {id: w02, number: "02", name: {zh: 证照, en: Licences}, unit: u1}
"""
HALL: HallSettings = parse_configuration(NIGHT_HALL).halls[0]
HEAD = "类型,工号,窗口,日期,上班时间,下班时间,备注\n"
W1, W2, LI, WANG = WindowId("w01"), WindowId("w02"), StaffId("li"), StaffId("wang")


def local(day: int, hour: int) -> datetime:
    """A moment as a spreadsheet has it, in March 2026: without a zone."""
    return datetime(2026, 3, day, hour, tzinfo=UTC).replace(tzinfo=None)


def over(start: float, end: float) -> Interval:
    return Interval(MIDNIGHT + timedelta(hours=start), MIDNIGHT + timedelta(hours=end))


MORNING = Shift(LI, W1, over(9, 12))


def said(content: str | bytes) -> Understood:
    return read_file(content.encode() if isinstance(content, str) else content, HALL)


def faults(content: str | bytes) -> list[tuple[int | None, str, str]]:
    with pytest.raises(TableRefused) as refused:
        said(content)
    return [(fault.row, fault.column, fault.en) for fault in refused.value.faults]


def packed(*rows: Sequence[object], mac: bool = False) -> bytes:
    """An XLSX file of these rows."""
    book = Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_with_the_delimiters_of_spreadsheets(
    encoding: str, delimiter: str
) -> None:
    text = HEAD + "班次,李明,1,2026/3/2,9:00,12:00,\n"
    assert said(text.replace(",", delimiter).encode(encoding)).change == RosterChange((MORNING,))


def test_headings_and_kinds_are_read_in_both_languages_and_more_columns_do_not_matter() -> None:
    english = "Staff,Window,Start,End,Telephone\nLi Ming,w01,2026-03-02 09:00,2026-03-02 12:00,123\n"
    assert said(english).change == RosterChange((MORNING,))
    mixed = HEAD + (
        "顶岗,li,2号窗口,2026-03-02,13:00,17:00,\n"
        "病假,li,,2026-03-03,0:00,24:00,\n"
        "销假,李明,,2026-03-05,9:00,,\n"
    )
    assert said(mixed).change == RosterChange(
        (Shift(LI, W2, over(13, 17), cover=True),),
        (Leave(LI, over(24, 48), "病假"),),
        ((LI, MIDNIGHT + timedelta(hours=81)),),
    )


def test_a_night_ends_on_the_day_after_and_a_leave_of_days_with_its_last() -> None:
    text = HEAD + "班次,li,w01,2026-03-02,22:00,06:00,\n请假,wang,,,2026-03-02,2026-03-04,公出\n"
    assert said(text).change == RosterChange(
        (Shift(LI, W1, over(22, 30)),), (Leave(WANG, over(0, 72), "公出"),)
    )


def test_what_begins_after_it_ends_is_no_night() -> None:
    assert faults(HEAD + "班次,li,w01,2026-03-02,17:00,9:00,\n") == [
        (2, "下班时间", "is before the beginning; write its day as well if it ends on the next")
    ]


def test_a_workbook_is_read_with_its_own_dates_serial_numbers_and_text() -> None:
    head = ["人员", "窗口", "日期", "开始", "结束"]
    rows: list[Sequence[object]] = [
        ["李明", 1, date(2026, 3, 2), time(9), time(12)],
        ["li", 1.0, 46083, 13 / 24, 17 / 24],
        [None, None, None],
        ["li", "1号", None, local(3, 9), "2026年3月3日 12:00"],
        ["wang", "02", None, 46084.375, 46084.5],
    ]
    assert said(packed(head, *rows)).change == RosterChange(
        (MORNING, Shift(LI, W1, over(13, 17)), Shift(LI, W1, over(33, 36)), Shift(WANG, W2, over(33, 36)))
    )
    mac = packed(head, ["li", 1, 46083 - 1462, 9 / 24, 0.5], mac=True)
    assert said(mac).change == RosterChange((MORNING,))


def test_every_fault_is_told_by_its_row_and_column() -> None:
    text = HEAD + (
        "班次,li,1,2026-03-02,9:00,12:00,\n"
        "加班,赵,9,2026-03-02,9:00,12:00,\n"
        "班次,王芳,9,02/03/2026,9:00,,\n"
        "请假,li,,2026-03-02,9:00,9:00,\n"
        "班次,li,2,2026-03-02,9:00,10:00,\n"
    )
    assert faults(text) == [
        (3, "类型", "'加班' is not one of shift, cover, leave, withdrawn"),
        (3, "工号", "there is no staff member '赵' in this hall"),
        (4, "工号", "'王芳' may be several, write one of wang, wang2"),
        (4, "日期", "'02/03/2026' is no time that can be read, write for example 2026-03-02 09:00"),
        (4, "窗口", "there is no window '9' in this hall"),
        (5, "下班时间", "is not after the beginning"),
        (6, "上班时间", "is the beginning that row 2 has for the same person"),
    ]
    assert faults("工号,窗口\nli,1\n") == [
        (1, "", "the first row has headings; the column 'from' is missing")
    ]
    assert "say the same" in faults("工号,姓名,开始\n")[0][2]
    assert faults(HEAD) == [(None, "", "the file has headings, but no rows")]
    assert faults(b"") == [(None, "", "is empty")]
    assert (
        "spans more than"
        in faults(HEAD + "班次,li,1,2026-03-02,9:00,12:00,\n班次,li,1,2028-03-02,9:00,12:00,\n")[0][2]
    )


def test_a_formula_is_never_computed_and_an_error_is_no_value() -> None:
    head = ["人员", "窗口", "开始", "结束"]
    book = packed(head, ["li", "=1", local(2, 9), "=C2+1"], ["#N/A", 1, 46083.375, 46083.5])
    assert faults(book) == [
        (2, "窗口", "holds a formula: paste it as a value"),
        (2, "结束", "holds a formula: paste it as a value"),
        (3, "人员", "shows the error #N/A"),
    ]


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in parts.items():
            pack.writestr(name.replace("__", "/") + ".xml", content)
    return file.getvalue()


def test_what_would_unpack_to_too_much_or_declares_entities_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the workbook was opened")

    monkeypatch.setattr(workbook, "load_workbook", never)
    bomb = zipped(**{f"xl__sheet{n}": bytes(10 * 1024 * 1024) for n in range(5)})
    assert len(bomb) < LARGEST_FILE
    assert faults(bomb) == [(None, "", "unpacks to more than can be taken")]
    laughs = b'<?xml version="1.0"?>' + b" " * workbook.CHUNK + b'<!DOCTYPE x [<!ENTITY a "ha">]><x>&a;</x>'
    assert faults(zipped(xl__workbook=laughs)) == [(None, "", "holds XML declarations that are not taken")]
    hidden = "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE x>".encode("utf-16")
    assert faults(zipped(xl__workbook=hidden)) == [(None, "", "holds XML declarations that are not taken")]
    assert faults(zipped(**{f"p{n}": b"" for n in range(workbook.MOST_PARTS + 1)}))[0][0] is None
    assert "old or encrypted" in faults(workbook.OLD_WORKBOOK + bytes(600))[0][2]
    assert faults(bytes(LARGEST_FILE + 1)) == [(None, "", "is larger than 4 MiB")]


def test_a_sheet_of_too_many_rows_or_columns_is_refused() -> None:
    rows = "班次,li,1,2026-03-02,9:00,12:00,\n"
    assert faults(HEAD + rows * MOST_ROWS) == [(None, "", f"has more than {MOST_ROWS} rows")]
    assert faults("," * 70 + "\n") == [(1, "", "has more than 64 columns")]
    assert faults("工号,开始\n" + "x" * 2000 + ",1\n") == [(2, "", "has a cell of more than 1000 characters")]
    book = Workbook()
    assert book.active is not None
    book.active["A1"], book.active["B1"], book.active["A1048576"] = "工号", "开始", "li"
    file = io.BytesIO()
    book.save(file)
    assert faults(file.getvalue()) == [(None, "", f"has more than {MOST_ROWS} rows")]


@pytest.mark.parametrize("as_workbook", [True, False])
@pytest.mark.parametrize("language", list(Language))
def test_the_example_and_whatever_is_given_out_can_be_taken_again(
    language: Language, as_workbook: bool
) -> None:
    entries = [
        *example(HALL, MIDNIGHT),
        Leave(LI, over(300, 301), "=HYPERLINK(1)"),
        Leave(WANG, over(300, 301), "-"),
        Shift(StaffId("wang2"), W2, over(300, 301)),
    ]
    content, _ = table(entries, HALL, language, as_workbook=as_workbook)
    change = said(content).change
    assert [*change.shifts, *change.leaves] == sorted(entries, key=lambda one: isinstance(one, Leave))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("2026-03-02", When(date(2026, 3, 2), None)),
        ("２０２６／３／２　９：０５", When(date(2026, 3, 2), timedelta(hours=9, minutes=5))),
        ("2026年3月2日 周一 9点30分", When(date(2026, 3, 2), timedelta(hours=9, minutes=30))),
        ("20260302", When(date(2026, 3, 2), None)),
        ("2026.3.2 08:30:15", When(date(2026, 3, 2), timedelta(hours=8, minutes=30, seconds=15))),
        ("46083.375", When(date(2026, 3, 2), timedelta(hours=9))),
        ("24:00", When(None, timedelta(hours=24))),
        (1 / 3, When(None, timedelta(hours=8))),
        (local(1, 0).replace(year=1900, month=1), When(None, timedelta(hours=24))),
        (timedelta(hours=23, minutes=59), When(None, timedelta(hours=23, minutes=59))),
        ("24:01", None),
        ("9:60", None),
        ("2026-02-30", None),
        ("3/2/2026", None),
        ("900", None),
        (float("nan"), None),
        (float("inf"), None),
        (-1, None),
        (True, None),
        ("", None),
    ],
)
def test_a_moment_is_read_or_it_is_none(cell: Cell, told: When | None) -> None:
    assert when(cell) == told


def test_a_moment_that_says_its_offset_is_taken_to_the_halls_time() -> None:
    text = "staff,window,from,to\nli,1,2026-03-02T01:00:00Z,2026-03-02T12:00:00+08:00\n"
    assert said(text).change == RosterChange((MORNING,))


def said_or_refused(content: bytes) -> Understood | None:
    """What a file says, None when it is refused with words in both languages. Anything else is raised."""
    try:
        return said(content)
    except TableRefused as error:
        told = [fault for fault in error.faults if fault.zh and fault.en]
    assert len(told) > 0
    return None


CELLS = st.sampled_from(
    [
        "班次",
        "请假",
        "li",
        "王芳",
        "1",
        "w02",
        "2026-03-02",
        "9:00",
        "24:00",
        "46083.5",
        "",
        '"',
        "=1",
        "\x00",
    ]
) | st.text(max_size=12)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(rows=st.lists(st.lists(CELLS, max_size=9), max_size=6), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_any_text_is_understood_or_refused(rows: list[list[str]], encoding: str) -> None:
    text = HEAD + "\n".join(",".join(row) for row in rows)
    found = said_or_refused(text.encode(encoding, "replace"))
    if found is not None:
        assert set(found.row_of) == {*found.change.shifts, *found.change.leaves}


SOUND = packed(["工号", "窗口", "开始", "结束"], ["li", 1, local(2, 9), local(2, 12)])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=8),
    st.integers(4, len(SOUND)),
)
def test_a_damaged_workbook_is_understood_or_refused(damage: list[tuple[int, int]], length: int) -> None:
    content = bytearray(SOUND)
    for place, byte in damage:
        content[place] = byte
    said_or_refused(bytes(content[:length]))

"""The headings of a roster's table, in the words that offices use for them."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from console.roster.table import Cell, Row, refused


class Column(StrEnum):
    """What a column tells; the value is the heading of the interface's own files."""

    KIND = "kind"
    STAFF = "staff"
    WINDOW = "window"
    DATE = "date"
    FROM = "from"
    TO = "to"
    REASON = "reason"


HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.KIND: ("类型", "类别", "kind", "type"),
    Column.STAFF: ("人员", "工号", "姓名", "工作人员", "人员编号", "staff", "name", "person"),
    Column.WINDOW: ("窗口", "窗口号", "窗口编号", "window", "counter"),
    Column.DATE: ("日期", "date", "day"),
    Column.FROM: ("开始", "开始时间", "上班", "上班时间", "from", "start", "begin"),
    Column.TO: ("结束", "结束时间", "下班", "下班时间", "to", "end", "until"),
    Column.REASON: ("事由", "原因", "备注", "说明", "reason", "remark", "note"),
}
"""The first of each is what our own files say in Chinese."""
NEEDED = (Column.STAFF, Column.FROM)


class EntryKind(StrEnum):
    """What a row is."""

    SHIFT = "shift"
    COVER = "cover"
    LEAVE = "leave"
    WITHDRAWN = "withdrawn"


KINDS: dict[EntryKind, tuple[str, ...]] = {
    EntryKind.SHIFT: ("班次", "排班", "上班", "当班", "值班", "shift"),
    EntryKind.COVER: ("顶岗", "代班", "替班", "ab岗", "b岗", "cover"),
    EntryKind.LEAVE: ("请假", "休假", "公出", "年假", "病假", "事假", "leave"),
    EntryKind.WITHDRAWN: ("销假", "撤销请假", "withdrawn"),
}
"""The first of each is what our own files say in Chinese."""


def folded(cell: Cell) -> str:
    """A text without what offices write differently: width, case, blanks, and a note in brackets."""
    text = unicodedata.normalize("NFKC", str(cell or "")).casefold()
    return "".join(text.split("(")[0].split()).rstrip(":*")


def columns_of(heading: Row) -> dict[Column, tuple[int, str]]:
    """At which place each column stands, and what the file calls it. Raises TableRefused."""
    meant = {word: column for column, words in HEADINGS.items() for word in words}
    found: dict[Column, tuple[int, str]] = {}
    for place, cell in enumerate(heading.cells):
        column = meant.get(folded(cell))
        if column is None:
            continue
        if column in found:
            first = found[column][1]
            raise refused(
                f"“{first}”和“{cell}”两列意思相同，只留一列",
                f"'{first}' and '{cell}' say the same: keep one of these columns",
                heading.number,
            )
        found[column] = (place, str(cell).strip())
    for column in NEEDED:
        if column not in found:
            zh, en = HEADINGS[column][0], column.value
            raise refused(
                f"第一行须为表头，缺少“{zh}”列",
                f"the first row has headings; the column '{en}' is missing",
                heading.number,
            )
    return found


def kind_of(cell: Cell) -> EntryKind | None:
    """What a row says that it is, None when no word of ours."""
    word = folded(cell)
    return next((kind for kind, words in KINDS.items() if word in words), None)

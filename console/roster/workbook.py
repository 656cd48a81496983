"""A table as a workbook (XLSX).

Whoever sends one chose every byte of it: sizes are checked before anything is unpacked, entities are refused,
formulas are never computed, and nothing outside of the file is looked at.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from console.roster.table import MOST_COLUMNS, MOST_ROWS, Broken, Cell, Formula, Row, Table, checked, refused
from hall.errors import TableRefused

ZIP = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
LARGEST_UNPACKED = 48 * 1024 * 1024
MOST_PARTS = 500
FARTHEST_ROW = 2 * MOST_ROWS
"""Empty rows between others are passed over so far."""
CHUNK = 64 * 1024
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def is_workbook(content: bytes) -> bool:
    """Whether a file is a workbook rather than text; those before XLSX count, to be refused by name."""
    return content.startswith((ZIP, OLD_WORKBOOK))


def read_workbook(content: bytes) -> Table:
    """The table on the first sheet that is shown. Raises TableRefused."""
    if content.startswith(OLD_WORKBOOK):
        raise refused(
            "是旧版或加密的 Excel 文件，请另存为不加密的 .xlsx",
            "is an old or encrypted Excel file: save it as .xlsx",
        )
    try:
        _check_parts(content)
        return _first_sheet(content)
    except TableRefused:
        raise
    # A damaged workbook fails in more ways than can be named: the parser is given whatever somebody sends.
    except Exception as error:
        raise refused("不是可读的 .xlsx 文件", "is no .xlsx file that can be read") from error


def _check_parts(content: bytes) -> None:
    """Raises TableRefused for what unpacks to too much, or declares entities in its XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        # Reading stops where the directory says that a part ends, whatever lies there.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise refused("解压后过大", "unpacks to more than can be taken")
        for part in parts:
            if part.flag_bits & 1:
                raise refused("已加密，请取消密码后再导入", "is encrypted: save it without a password")
            if part.filename.endswith((".xml", ".rels")):
                _check_xml(packed, part)


def _check_xml(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    tail = b""
    with packed.open(part) as file:
        while chunk := file.read(CHUNK):
            seen = tail + chunk
            # UTF-16 would hide a declaration from the search; no office writes it.
            if b"\0" in chunk or any(each in seen for each in DECLARATIONS):
                raise refused("含有不允许的 XML 声明", "holds XML declarations that are not taken")
            tail = seen[-len(max(DECLARATIONS, key=len)) :]


def _first_sheet(content: bytes) -> Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that nobody reads here
        workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            if not shown:
                raise refused("没有工作表", "has no sheet")
            return Table(list(_rows(shown[0])), from_1904=workbook.epoch == CALENDAR_MAC_1904)
        finally:
            workbook.close()


def _rows(sheet: Any) -> Iterator[Row]:  # noqa: ANN401 - the reading sheet of openpyxl has no type of its own
    sheet.reset_dimensions()  # they are what the file says, not what it holds
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number <= FARTHEST_ROW and all(cell.value is None for cell in cells):
            continue
        row = Row(number, tuple(_cell(cell) for cell in cells))
        if number > FARTHEST_ROW or not row.is_empty:
            yield checked(row)


def _cell(cell: Any) -> Cell:  # noqa: ANN401 - as above
    value = cell.value
    if cell.data_type == "f" or isinstance(value, ArrayFormula | DataTableFormula):
        return Formula()
    if cell.data_type == "e":
        return Broken(str(value))
    if isinstance(value, CellRichText):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float | datetime | date | time | timedelta):
        return value
    return str(value)

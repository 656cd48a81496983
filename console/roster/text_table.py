"""A table as text: CSV as spreadsheets of many countries and years write it."""

from __future__ import annotations

import csv
import io

from console.roster.table import Row, Table, checked, refused

DELIMITERS = (",", ";", "\t")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(content: bytes) -> Table:
    """The table of a CSV file: UTF-8, UTF-16 with its mark, else GB18030; comma, semicolon or tab.

    Raises TableRefused.
    """
    text = _decoded(content)
    if "\0" in text:
        raise refused("不是文本文件", "is no text")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows: list[Row] = []
    try:
        for number, cells in enumerate(reader, 1):
            row = checked(Row(number, tuple(cells)))
            if not row.is_empty:
                rows.append(row)
    except csv.Error as error:
        raise refused("引号不成对，或单元格过长", f"cannot be read as CSV: {error}") from error
    return Table(rows)


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refused("文字编码既不是 UTF-8 也不是 GB18030", "is neither UTF-8 nor GB18030 text")


def _delimiter(text: str) -> str:
    """What stands most often in the first line that holds something; a heading never holds one itself."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=heading.count)

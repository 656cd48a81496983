"""A table as it stands in a file, CSV or XLSX: rows of cells, nothing of it understood yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hall.errors import TableFault, TableRefused

LARGEST_FILE = 4 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 64
LONGEST_CELL = 1000
"""Characters of one cell; no person, window or reason needs more."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that would be computed. It never is: what it shows to whom is not what stands in the file."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that shows an error of the spreadsheet, as `#N/A`."""

    shown: str


Cell = str | int | float | bool | datetime | date | time | timedelta | Formula | Broken | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number in the file, the first being 1."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        """True when nothing but blanks stands in it."""
        return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file that hold something, in order. `from_1904`: its serial dates count from 1904."""

    rows: Sequence[Row]
    from_1904: bool = False


def refused(zh: str, en: str, row: int | None = None, column: str = "") -> TableRefused:
    """A refusal for one fault."""
    return TableRefused([TableFault(row, column, zh, en)])


def checked(row: Row) -> Row:
    """The row, if its size is sound. Raises TableRefused."""
    if row.number > MOST_ROWS:
        raise refused(f"超过 {MOST_ROWS} 行", f"has more than {MOST_ROWS} rows")
    if len(row.cells) > MOST_COLUMNS:
        raise refused(f"超过 {MOST_COLUMNS} 列", f"has more than {MOST_COLUMNS} columns", row.number)
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in row.cells):
        raise refused(
            f"有单元格超过 {LONGEST_CELL} 个字符",
            f"has a cell of more than {LONGEST_CELL} characters",
            row.number,
        )
    return row

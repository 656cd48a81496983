"""What would come of a table: what would be new, changed and gone, and what stands in the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from console.roster.columns import HEADINGS, Column
from console.roster.reading import MOST_FAULTS, Understood, understand
from console.roster.table import LARGEST_FILE, refused
from console.roster.text_table import read_text
from console.roster.workbook import is_workbook, read_workbook
from hall.config import HallSettings
from hall.errors import TableFault
from hall.roster import Leave, Shift
from hall.roster_change import Clash, RosterDifference, clashes
from hall.wire import to_wire
from store import roster
from store.database import Read


@dataclass(frozen=True, slots=True)
class Trial:
    """What would come of a table now. It can be taken when it has no `faults`.

    `digest` names file and outcome: where it is the same again, the same would happen.
    """

    difference: RosterDifference
    faults: tuple[TableFault, ...]
    digest: str


def read_file(content: bytes, hall: HallSettings) -> Understood:
    """What a file says, CSV or XLSX. Raises TableRefused with every fault that was found."""
    if not content:
        raise refused("是空的", "is empty")
    if len(content) > LARGEST_FILE:
        mebibytes = LARGEST_FILE // 1024 // 1024
        raise refused(f"超过 {mebibytes} MiB", f"is larger than {mebibytes} MiB")
    table = read_workbook(content) if is_workbook(content) else read_text(content)
    return understand(table, hall)


def try_out(tx: Read, hall: HallSettings, content: bytes, said: Understood) -> Trial:
    """What would come of a file that was understood."""
    known, changed = roster.planned(tx, hall.id, hall.zone_info, said.change)
    faults = _faults(said, list(clashes(known, changed)), hall)
    told = json.dumps(to_wire(changed), sort_keys=True)
    outcome = hashlib.sha256(told.encode()).hexdigest()[:32]
    return Trial(changed, tuple(faults[:MOST_FAULTS]), f"{digest_of(content)}-{outcome}")


def digest_of(content: bytes) -> str:
    """The name of a file's content, with which the digest of its trial begins."""
    return hashlib.sha256(content).hexdigest()[:32]


def _faults(said: Understood, found: Sequence[Clash], hall: HallSettings) -> list[TableFault]:
    column = said.columns.get(Column.FROM, HEADINGS[Column.FROM][0])
    faults = [_fault(said, clash, column, hall) for clash in found]
    return sorted(faults, key=lambda fault: fault.row or 0)


def _fault(said: Understood, clash: Clash, column: str, hall: HallSettings) -> TableFault:
    row, other = said.row_of.get(clash.entry), said.row_of.get(clash.other)
    if row is None or other is None or row > other:
        return TableFault(row, column, *_words(clash.other, other, hall))
    return TableFault(other, column, *_words(clash.entry, row, hall))


def _words(stands: Shift | Leave, row: int | None, hall: HallSettings) -> tuple[str, str]:
    """What stands in the way: in a row of the file, or in the roster already."""
    assert stands.interval.end is not None
    start, end = (at.astimezone(hall.zone_info) for at in (stands.interval.start, stands.interval.end))
    span = f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"
    window = hall.window(stands.window) if isinstance(stands, Shift) else None
    zh, en = (f"在{window.name.zh}", f" at {window.name.en}") if window is not None else ("", "")
    if row is None:
        return f"排班表中此人{span}{zh}已有班次", f"by the roster this person is due{en} {span} already"
    return f"与第 {row} 行冲突：此人{span}{zh}已有班次", f"by row {row} this person is due{en} {span} already"

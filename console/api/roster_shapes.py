"""The roster as the API takes and answers it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from console.api.asked import Moment, Name
from console.api.shapes import PRINTABLE
from hall.errors import TableFault
from hall.place import Strict
from hall.roster import Leave, Shift
from hall.roster_change import RosterDifference, counted, paired
from store.roster import Entered
from store.roster_history import KeptChange, RosterOrigin

MOST_ENTRIES = 2000
"""Shifts, and leaves, that one change takes out or puts in."""
MOST_LINES = 500
"""Lines of a trial's answer; the counts are of all."""


class ShiftEntry(Strict):
    """One person is due at one window. `cover`: in another's place."""

    staff: Name
    window: Name
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]
    cover: bool = False

    @classmethod
    def of(cls, shift: Shift) -> ShiftEntry:
        """The entry of a shift."""
        over = shift.interval
        return cls.model_validate(
            {
                "staff": shift.staff,
                "window": shift.window,
                "from": over.start,
                "to": over.end,
                "cover": shift.cover,
            }
        )


class LeaveEntry(Strict):
    """Approved leave of one person, and what it is for."""

    staff: Name
    start: Annotated[Moment, Field(alias="from")]
    end: Annotated[Moment, Field(alias="to")]
    reason: Annotated[str, Field(max_length=200, pattern=f"^$|{PRINTABLE}")] = ""

    @classmethod
    def of(cls, leave: Leave) -> LeaveEntry:
        """The entry of a leave."""
        over = leave.interval
        return cls.model_validate(
            {"staff": leave.staff, "from": over.start, "to": over.end, "reason": leave.reason}
        )


class RosterEntries(Strict):
    """Shifts and leaves."""

    shifts: Annotated[list[ShiftEntry], Field(default_factory=list, max_length=MOST_ENTRIES)]
    leaves: Annotated[list[LeaveEntry], Field(default_factory=list, max_length=MOST_ENTRIES)]


class RosterChangeRequest(Strict):
    """What is taken out, exactly as it was read, and what is put in. A changed entry is in both."""

    remove: Annotated[RosterEntries, Field(default_factory=lambda: RosterEntries.model_validate({}))]
    add: Annotated[RosterEntries, Field(default_factory=lambda: RosterEntries.model_validate({}))]


class EnteredShift(ShiftEntry):
    """A shift, who entered it and when; null where that was not kept."""

    entered_by: str
    entered_at: datetime | None

    @classmethod
    def entered(cls, told: Entered, shift: Shift) -> EnteredShift:
        """The view of a shift as it stands."""
        entry = ShiftEntry.of(shift).model_dump(by_alias=True)
        return cls.model_validate({**entry, "entered_by": told.by, "entered_at": told.at})


class EnteredLeave(LeaveEntry):
    """A leave, who entered it and when; null where that was not kept."""

    entered_by: str
    entered_at: datetime | None

    @classmethod
    def entered(cls, told: Entered, leave: Leave) -> EnteredLeave:
        """The view of a leave as it stands."""
        entry = LeaveEntry.of(leave).model_dump(by_alias=True)
        return cls.model_validate({**entry, "entered_by": told.by, "entered_at": told.at})


class RosterView(BaseModel):
    """The roster of a hall over a time: shifts and leaves by their beginning."""

    shifts: list[EnteredShift]
    leaves: list[EnteredLeave]


class ChangeCounts(BaseModel):
    """How many entries are new, are another than before, and are gone."""

    added: int
    changed: int
    removed: int


class RosterChangeView(BaseModel):
    """A change of a roster. `note` is a file's name, or the number of the change that was undone.

    `first` and `last` bound all that it touched. `undone_by` is the number of the change that undid it.
    `id` is null, and the counts are nought, when nothing was new in it.
    """

    id: int | None
    at: datetime
    by: str
    origin: RosterOrigin
    note: str
    shifts: ChangeCounts
    leaves: ChangeCounts
    first: datetime | None
    last: datetime | None
    undone_by: int | None

    @classmethod
    def of(cls, kept: KeptChange) -> RosterChangeView:
        """The view of a change that is kept."""
        span = kept.difference.span()
        return cls(
            id=kept.id or None,
            at=kept.at,
            by=kept.author.who,
            origin=kept.author.origin,
            note=kept.author.note,
            shifts=shift_counts(kept.difference),
            leaves=leave_counts(kept.difference),
            first=None if span is None else span.start,
            last=None if span is None else span.end,
            undone_by=kept.undone_by,
        )


class RosterChangeList(BaseModel):
    """Changes of a roster, the newest first."""

    items: list[RosterChangeView]


class ShiftLine(BaseModel):
    """A shift as it is and as it would be; null before for a new one, null after for one that goes."""

    before: ShiftEntry | None
    after: ShiftEntry | None


class LeaveLine(BaseModel):
    """A leave as it is and as it would be; null before for a new one, null after for one that goes."""

    before: LeaveEntry | None
    after: LeaveEntry | None


class FaultWords(BaseModel):
    """What is wrong, in both languages."""

    zh: str
    en: str


class RosterFault(BaseModel):
    """What is wrong in a file: the row (1-based; null: the file), the column as the file calls it."""

    row: int | None
    column: str
    message: FaultWords

    @classmethod
    def of(cls, fault: TableFault) -> RosterFault:
        """The view of a fault."""
        return cls(row=fault.row, column=fault.column, message=FaultWords(zh=fault.zh, en=fault.en))


class RosterTrial(BaseModel):
    """What would come of a file. With faults nothing of it can be taken.

    `digest` is sent as `If-Match` when the file is taken. At most 500 lines of each kind are told.
    """

    digest: str
    faults: list[RosterFault]
    shifts: ChangeCounts
    leaves: ChangeCounts
    shift_lines: list[ShiftLine]
    leave_lines: list[LeaveLine]


class TableFormat(StrEnum):
    """As what a table is given out."""

    CSV = "csv"
    XLSX = "xlsx"


class TableLanguage(StrEnum):
    """In whose words a table's headings and names are."""

    ZH = "zh"
    EN = "en"


def shift_counts(changed: RosterDifference) -> ChangeCounts:
    """How many shifts a difference touches."""
    return ChangeCounts(**counted(changed.removed_shifts, changed.added_shifts))


def leave_counts(changed: RosterDifference) -> ChangeCounts:
    """How many leaves a difference touches."""
    return ChangeCounts(**counted(changed.removed_leaves, changed.added_leaves))


def shift_lines(changed: RosterDifference) -> list[ShiftLine]:
    """The first shifts that a difference touches, by their beginning."""
    pairs = sorted(paired(changed.removed_shifts, changed.added_shifts), key=_begins)
    return [
        ShiftLine(
            before=None if was is None else ShiftEntry.of(was),
            after=None if will is None else ShiftEntry.of(will),
        )
        for was, will in pairs[:MOST_LINES]
    ]


def leave_lines(changed: RosterDifference) -> list[LeaveLine]:
    """The first leaves that a difference touches, by their beginning."""
    pairs = sorted(paired(changed.removed_leaves, changed.added_leaves), key=_begins)
    return [
        LeaveLine(
            before=None if was is None else LeaveEntry.of(was),
            after=None if will is None else LeaveEntry.of(will),
        )
        for was, will in pairs[:MOST_LINES]
    ]


def _begins(pair: tuple[Shift | Leave | None, Shift | Leave | None]) -> tuple[datetime, str]:
    entry = pair[1] or pair[0]
    assert entry is not None
    return entry.interval.start, entry.staff

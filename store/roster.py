"""The roster of each hall: read over a time, and changed by differences that know what they take out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, delete, insert, select

from hall.clock import to_microseconds
from hall.errors import Conflict
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import HallId, StaffId, WindowId
from hall.roster import LONGEST_SHIFT, Leave, Roster, Shift
from hall.roster_change import RosterChange, RosterDifference, clashes, day_of, difference
from store import journal, roster_history
from store.database import Read, Write
from store.roster_history import NOBODY, RosterAuthor
from store.roster_tables import leaves, shifts
from store.rows import interval, optional_time

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entered:
    """A shift or a leave as it stands, by whom it was entered, and when; None before that was kept."""

    entry: Shift | Leave
    by: str
    at: datetime | None


def between(tx: Read, hall: HallId, zone: ZoneInfo, start: datetime, end: datetime) -> Roster:
    """The roster of a hall as far as it overlaps `[start, end)`."""
    return Roster(
        zone,
        tuple(_shift(row) for row in _shift_rows(tx, hall, start, end)),
        tuple(_leave(row) for row in _leave_rows(tx, hall, start, end)),
    )


def entered_between(tx: Read, hall: HallId, start: datetime, end: datetime) -> list[Entered]:
    """The shifts, then the leaves, that overlap `[start, end)`, each with who entered it."""
    return [
        *(_entered(_shift(row), row) for row in _shift_rows(tx, hall, start, end)),
        *(_entered(_leave(row), row) for row in _leave_rows(tx, hall, start, end)),
    ]


def entered_at(tx: Read, hall: HallId, like: Shift | Leave) -> Entered | None:
    """What stands in the place of an entry: of the same person and beginning."""
    table = shifts if isinstance(like, Shift) else leaves
    query = select(table).where(
        table.c.hall == hall,
        table.c.staff == like.staff,
        table.c.start_us == to_microseconds(like.interval.start),
    )
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        return None
    return _entered(_shift(row) if isinstance(like, Shift) else _leave(row), row)


def missing(tx: Read, hall: HallId, changed: RosterDifference) -> tuple[Shift | Leave, Entered | None] | None:
    """The first entry to be taken out that does not stand as it says, with what stands in its place."""
    removed: list[Shift | Leave] = [*changed.removed_shifts, *changed.removed_leaves]
    for entry in removed:
        stands = entered_at(tx, hall, entry)
        if stands is None or stands.entry != entry:
            return entry, stands
    return None


def planned(tx: Read, hall: HallId, zone: ZoneInfo, wanted: RosterChange) -> tuple[Roster, RosterDifference]:
    """What is known around a change, and what the change would take out of it and put in."""
    known = _around(tx, hall, zone, wanted.shifts, wanted.leaves, wanted.withdrawn)
    return known, difference(known, wanted)


def beside(tx: Read, hall: HallId, zone: ZoneInfo, changed: RosterDifference) -> Roster:
    """What is known beside a difference: enough to say what of it cannot stand."""
    return _around(
        tx,
        hall,
        zone,
        (*changed.removed_shifts, *changed.added_shifts),
        (*changed.removed_leaves, *changed.added_leaves),
    )


def change(
    tx: Write,
    hall: HallId,
    zone: ZoneInfo,
    wanted: RosterChange,
    now: datetime,
    author: RosterAuthor = NOBODY,
) -> RosterDifference:
    """Enter a change, and say what was new in it. Raises Conflict as `take` does."""
    _, changed = planned(tx, hall, zone, wanted)
    take(tx, hall, zone, changed, now, author)
    return changed


def take(
    tx: Write,
    hall: HallId,
    zone: ZoneInfo,
    changed: RosterDifference,
    now: datetime,
    author: RosterAuthor,
) -> int | None:
    """Take entries out and put others in. The number under which it is undone; None when nothing is new.

    Raises Conflict when a person would be due at two windows at once, two entries of one person would begin
    together, or what is taken out does not stand as it says.
    """
    if changed.is_empty:
        return None
    if (stale := missing(tx, hall, changed)) is not None:
        raise Conflict(f"the entry of {stale[0].staff} is not as it was", None)
    for clash in clashes(beside(tx, hall, zone, changed), changed):
        raise Conflict(clash.words(zone))
    for table, removed in ((shifts, changed.removed_shifts), (leaves, changed.removed_leaves)):
        if removed:
            named = delete(table).where(
                table.c.hall == hall,
                table.c.staff == bindparam("of_staff"),
                table.c.start_us == bindparam("begins_us"),
            )
            keys = [
                {"of_staff": one.staff, "begins_us": to_microseconds(one.interval.start)} for one in removed
            ]
            tx.connection.execute(named, keys)
    by = {"entered_by": author.who[:63], "entered_us": to_microseconds(now)}
    if changed.added_shifts:
        rows = [
            {**_columns(hall, one), "window": one.window, "cover": one.cover, **by}
            for one in changed.added_shifts
        ]
        tx.connection.execute(insert(shifts), rows)
    if changed.added_leaves:
        rows = [{**_columns(hall, one), "reason": one.reason, **by} for one in changed.added_leaves]
        tx.connection.execute(insert(leaves), rows)
    journal.append(tx, FactKind.ROSTER, hall, now, changed.counts())
    return roster_history.keep(tx, hall, changed, now, author)


def _around(
    tx: Read,
    hall: HallId,
    zone: ZoneInfo,
    named: tuple[Shift, ...],
    excused: tuple[Leave, ...],
    withdrawn: tuple[tuple[StaffId, datetime], ...] = (),
) -> Roster:
    """The shifts on the days of some shifts and beside them, and the leaves that begin when some do."""
    due: tuple[Shift, ...] = ()
    if named:
        days = [day_of(one, zone) for one in named]
        first, last = _begins(min(days), zone), _begins(max(days) + A_DAY, zone)
        due = tuple(_shift(row) for row in _shift_rows(tx, hall, first - A_DAY, last + LONGEST_SHIFT))
    begun = [one.interval.start for one in excused] + [begins for _, begins in withdrawn]
    away: tuple[Leave, ...] = ()
    if begun:
        within = leaves.c.start_us.between(to_microseconds(min(begun)), to_microseconds(max(begun)))
        rows = tx.connection.execute(select(leaves).where(leaves.c.hall == hall, within))
        away = tuple(_leave(row) for row in rows)
    return Roster(zone, due, away)


def _shift_rows(tx: Read, hall: HallId, start: datetime, end: datetime) -> list[Row[Any]]:
    query = select(shifts).where(
        shifts.c.hall == hall,
        shifts.c.start_us > to_microseconds(start - LONGEST_SHIFT),
        shifts.c.start_us < to_microseconds(end),
        shifts.c.end_us > to_microseconds(start),
    )
    return list(tx.connection.execute(query.order_by(shifts.c.start_us, shifts.c.staff)))


def _leave_rows(tx: Read, hall: HallId, start: datetime, end: datetime) -> list[Row[Any]]:
    query = select(leaves).where(
        leaves.c.hall == hall,
        leaves.c.end_us > to_microseconds(start),
        leaves.c.start_us < to_microseconds(end),
    )
    return list(tx.connection.execute(query.order_by(leaves.c.start_us, leaves.c.staff)))


def _shift(row: Row[Any]) -> Shift:
    return Shift(StaffId(row.staff), WindowId(row.window), interval(row.start_us, row.end_us), row.cover)


def _leave(row: Row[Any]) -> Leave:
    return Leave(StaffId(row.staff), interval(row.start_us, row.end_us), row.reason)


def _entered(entry: Shift | Leave, row: Row[Any]) -> Entered:
    return Entered(entry, row.entered_by, optional_time(row.entered_us))


def _columns(hall: HallId, entry: Shift | Leave) -> dict[str, object]:
    over: Interval = entry.interval
    assert over.end is not None
    return {
        "hall": hall,
        "staff": entry.staff,
        "start_us": to_microseconds(over.start),
        "end_us": to_microseconds(over.end),
    }


def _begins(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)

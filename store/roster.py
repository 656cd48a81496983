"""The roster of each hall: shifts are replaced by the window and the day, leave is entered and withdrawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from hall.clock import to_microseconds
from hall.errors import Conflict
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import HallId, StaffId, WindowId
from hall.roster import LONGEST_SHIFT, Leave, Roster, Shift
from store import journal
from store.database import Read, Write
from store.roster_tables import leaves, shifts
from store.rows import interval


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What is new. All shifts of each window's day that `shifts` name are replaced by them.

    `leaves` are entered, in the place of one of the same person and beginning; those in `withdrawn` (person
    and beginning) are removed.
    """

    shifts: tuple[Shift, ...] = ()
    leaves: tuple[Leave, ...] = ()
    withdrawn: tuple[tuple[StaffId, datetime], ...] = ()


def between(tx: Read, hall: HallId, zone: ZoneInfo, start: datetime, end: datetime) -> Roster:
    """The roster of a hall as far as it overlaps `[start, end)`."""
    first, last = to_microseconds(start), to_microseconds(end)
    longest = timedelta(microseconds=1)
    due = select(shifts).where(
        shifts.c.hall == hall,
        shifts.c.start_us > first - LONGEST_SHIFT // longest,
        shifts.c.start_us < last,
        shifts.c.end_us > first,
    )
    away = select(leaves).where(
        leaves.c.hall == hall,
        leaves.c.end_us > first,
        leaves.c.start_us < last,
    )
    return Roster(
        zone,
        tuple(
            Shift(StaffId(row.staff), WindowId(row.window), interval(row.start_us, row.end_us), row.cover)
            for row in tx.connection.execute(due.order_by(shifts.c.start_us, shifts.c.staff))
        ),
        tuple(
            Leave(StaffId(row.staff), interval(row.start_us, row.end_us), row.reason)
            for row in tx.connection.execute(away.order_by(leaves.c.start_us, leaves.c.staff))
        ),
    )


def change(tx: Write, hall: HallId, zone: ZoneInfo, changed: RosterChange, now: datetime) -> None:
    """Enter a change. Raises Conflict when a person would be due at two windows at once."""
    for window, day in {(shift.window, _day(shift, zone)) for shift in changed.shifts}:
        start, end = _bounds(day, zone)
        tx.connection.execute(
            delete(shifts).where(
                shifts.c.hall == hall,
                shifts.c.window == window,
                shifts.c.start_us >= to_microseconds(start),
                shifts.c.start_us < to_microseconds(end),
            )
        )
    for staff, begins in (
        *changed.withdrawn,
        *((leave.staff, leave.interval.start) for leave in changed.leaves),
    ):
        tx.connection.execute(
            delete(leaves).where(
                leaves.c.hall == hall, leaves.c.staff == staff, leaves.c.start_us == to_microseconds(begins)
            )
        )
    _refuse_collisions(tx, hall, zone, changed.shifts)
    for shift in changed.shifts:
        values = {**_columns(hall, shift.staff, shift.interval), "window": shift.window, "cover": shift.cover}
        tx.connection.execute(insert(shifts).values(values))
    for leave in changed.leaves:
        values = {**_columns(hall, leave.staff, leave.interval), "reason": leave.reason}
        tx.connection.execute(insert(leaves).values(values))
    told = {"shifts": len(changed.shifts), "leaves": len(changed.leaves), "withdrawn": len(changed.withdrawn)}
    journal.append(tx, FactKind.ROSTER, hall, now, told)


def _refuse_collisions(tx: Read, hall: HallId, zone: ZoneInfo, new: tuple[Shift, ...]) -> None:
    if not new:
        return
    start = min(shift.interval.start for shift in new)
    end = max(shift.interval.start for shift in new) + LONGEST_SHIFT
    others = between(tx, hall, zone, start, end).shifts
    try:
        Roster(zone, (*others, *new))
    except ValueError as error:
        raise Conflict(str(error)) from error
    begun = Counter((shift.staff, shift.interval.start) for shift in (*others, *new))
    (staff, at), times = begun.most_common(1)[0]
    if times > 1:
        raise Conflict(f"two shifts of {staff} begin at {at}")


def _columns(hall: HallId, staff: StaffId, over: Interval) -> dict[str, object]:
    assert over.end is not None
    return {
        "hall": hall,
        "staff": staff,
        "start_us": to_microseconds(over.start),
        "end_us": to_microseconds(over.end),
    }


def _day(shift: Shift, zone: ZoneInfo) -> date:
    return shift.interval.start.astimezone(zone).date()


def _bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return datetime.combine(day, time(0), zone), datetime.combine(day + timedelta(days=1), time(0), zone)

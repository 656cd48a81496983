"""Changes of a roster (排班变更): what is wanted, what of that is new, and what would come of it.

A change is taken as a difference: entries that are taken out as they stand, and entries that are put in. It
cannot be put through twice, and its inverse undoes it. Pure: the store reads and writes, here it is decided.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from hall.interval import Interval
from hall.names import StaffId
from hall.roster import Leave, Roster, Shift

Entry = TypeVar("Entry", Shift, Leave)

AN_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RosterChange:
    """What is wanted. All shifts of each window's day that `shifts` name are replaced by them.

    `leaves` are entered, in the place of one of the same person and beginning; those in `withdrawn` (person
    and beginning) are removed.
    """

    shifts: tuple[Shift, ...] = ()
    leaves: tuple[Leave, ...] = ()
    withdrawn: tuple[tuple[StaffId, datetime], ...] = ()

    def span(self) -> Interval | None:
        """From the first beginning to the last end of all that it names, None for nothing."""
        named = [shift.interval for shift in self.shifts] + [leave.interval for leave in self.leaves]
        starts = [one.start for one in named] + [begins for _, begins in self.withdrawn]
        ends = [end for one in named if (end := one.end) is not None]
        ends += [begins + AN_INSTANT for _, begins in self.withdrawn]
        return Interval(min(starts), max(ends)) if starts else None


@dataclass(frozen=True, slots=True)
class RosterDifference:
    """What a change takes out of a roster, and what it puts in. A changed entry is among both."""

    removed_shifts: tuple[Shift, ...] = ()
    added_shifts: tuple[Shift, ...] = ()
    removed_leaves: tuple[Leave, ...] = ()
    added_leaves: tuple[Leave, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when nothing would be another than it is."""
        return not (self.removed_shifts or self.added_shifts or self.removed_leaves or self.added_leaves)

    def inverse(self) -> RosterDifference:
        """What undoes it."""
        return RosterDifference(
            self.added_shifts, self.removed_shifts, self.added_leaves, self.removed_leaves
        )

    def counts(self) -> dict[str, int]:
        """How many entries are new, are another than before, and are gone; by kind."""
        shifts, leaves = (
            counted(self.removed_shifts, self.added_shifts),
            counted(self.removed_leaves, self.added_leaves),
        )
        return {
            **{f"shifts_{name}": number for name, number in shifts.items()},
            **{f"leaves_{name}": number for name, number in leaves.items()},
        }

    def span(self) -> Interval | None:
        """From the first beginning to the last end of all that it touches, None for nothing."""
        named = [one.interval for one in (*self.removed_shifts, *self.added_shifts)]
        named += [one.interval for one in (*self.removed_leaves, *self.added_leaves)]
        if not named:
            return None
        return Interval(min(one.start for one in named), max(one.end for one in named if one.end is not None))


def paired(
    removed: tuple[Entry, ...], added: tuple[Entry, ...]
) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Each entry as it was and as it will be: None before for a new one, None after for one that goes.

    Entries of one person and beginning are the same entry.
    """
    before = {(one.staff, one.interval.start): one for one in removed}
    left: list[Entry] = []
    for one in added:
        was = before.pop((one.staff, one.interval.start), None)
        if was is None:
            left.append(one)
        else:
            yield was, one
    yield from ((None, one) for one in left)
    yield from ((one, None) for one in before.values())


def counted(removed: tuple[Entry, ...], added: tuple[Entry, ...]) -> dict[str, int]:
    """How many are `added`, `changed` and `removed`."""
    numbers = Counter(
        "added" if was is None else "removed" if will is None else "changed"
        for was, will in paired(removed, added)
    )
    return {name: numbers[name] for name in ("added", "changed", "removed")}


def difference(known: Roster, wanted: RosterChange) -> RosterDifference:
    """What a change would take out of what is known, and put in. Repeating it would be empty."""
    days = {(shift.window, day_of(shift, known.zone)) for shift in wanted.shifts}
    replaced = [one for one in known.shifts if (one.window, day_of(one, known.zone)) in days]
    shifts = dict.fromkeys(wanted.shifts)
    stay = shifts.keys() & set(replaced)
    entered = {(one.staff, one.interval.start): one for one in wanted.leaves}
    named = {*entered, *wanted.withdrawn}
    touched = [one for one in known.leaves if (one.staff, one.interval.start) in named]
    kept = set(entered.values()) & set(touched)
    return RosterDifference(
        tuple(one for one in replaced if one not in stay),
        tuple(one for one in shifts if one not in stay),
        tuple(one for one in touched if one not in kept),
        tuple(one for one in entered.values() if one not in kept),
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """Two entries that cannot stand beside each other: `entry` is the one that a change puts in.

    Shifts clash when one person would be due at two windows at once, and two of one person's when they begin
    together, as leaves do.
    """

    entry: Shift | Leave
    other: Shift | Leave

    def words(self, zone: ZoneInfo) -> str:
        """What is wrong, in one sentence; times are the hall's."""
        who, begins = self.entry.staff, f"{self.entry.interval.start.astimezone(zone):%Y-%m-%d %H:%M}"
        if isinstance(self.entry, Leave) or isinstance(self.other, Leave):
            return f"a leave of {who} begins at {begins} already"
        if self.entry.window == self.other.window:
            return f"two shifts of {who} begin at {begins}"
        from_, to = (at.astimezone(zone) for at in _ends(self.other.interval))
        return f"{who} is due at {self.other.window} from {from_:%Y-%m-%d %H:%M} to {to:%H:%M}"


def clashes(known: Roster, changed: RosterDifference) -> Iterator[Clash]:
    """What a change puts in that cannot stand beside the rest of it, or beside what stays of the known."""
    removed, gone = set(changed.removed_shifts), set(changed.removed_leaves)
    shifts = defaultdict[tuple[StaffId, date], list[Shift]](list)
    for one in known.shifts:
        if one not in removed:
            shifts[one.staff, one.interval.start.date()].append(one)
    leaves = {(one.staff, one.interval.start): one for one in known.leaves if one not in gone}
    for shift in changed.added_shifts:
        begins = shift.interval.start.date()
        # No shift is longer than a day: what overlaps begins the day before, on that day or the day after.
        around = [each for days in (-1, 0, 1) for each in shifts[shift.staff, begins + timedelta(days=days)]]
        yield from (Clash(shift, other) for other in around if _collide(shift, other))
        shifts[shift.staff, begins].append(shift)
    for leave in changed.added_leaves:
        key = leave.staff, leave.interval.start
        if key in leaves:
            yield Clash(leave, leaves[key])
        leaves[key] = leave


def day_of(shift: Shift, zone: ZoneInfo) -> date:
    """The local day on which a shift begins, and to which it therefore belongs."""
    return shift.interval.start.astimezone(zone).date()


def _collide(shift: Shift, other: Shift) -> bool:
    if shift.window != other.window:
        return shift.interval.overlaps(other.interval)
    return shift.interval.start == other.interval.start


def _ends(over: Interval) -> tuple[datetime, datetime]:
    assert over.end is not None, "no shift is open"
    return over.start, over.end

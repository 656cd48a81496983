"""Rosters (排班): who is due at which window when, and who is excused by approved leave (请假/公出).

A roster answers one question: is anybody due at a window at a moment? Where it says nothing of a window's
day it answers `unknown`, and opening hours and the queue system decide alone, as they do without a roster.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hall.interval import Interval
from hall.names import StaffId, WindowId

LONGEST_SHIFT = timedelta(hours=24)
LONGEST_LEAVE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Shift:
    """One person is due at one window over a closed interval (班次). `cover`: in another's place (顶岗).

    Raises ValueError for one that has no end or lasts for more than a day.
    """

    staff: StaffId
    window: WindowId
    interval: Interval
    cover: bool = False

    def __post_init__(self) -> None:
        _check(self.interval, LONGEST_SHIFT, "a shift")


@dataclass(frozen=True, slots=True)
class Leave:
    """Approved leave of one person over a closed interval, with the words of who approved it.

    Raises ValueError for one that has no end or lasts for more than a year.
    """

    staff: StaffId
    interval: Interval
    reason: str = ""

    def __post_init__(self) -> None:
        _check(self.interval, LONGEST_LEAVE, "a leave")


class DutyStanding(StrEnum):
    """Whether anybody is due at a window.

    `due`: somebody has a shift and no leave. `on_leave`: whoever has a shift is on approved leave, and nobody
    covers. `off`: the window has shifts on that day, but none at that moment. `unknown`: it has none.
    """

    DUE = "due"
    ON_LEAVE = "on_leave"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is due at a window at a moment: those with a shift and no leave, and those whom leave excuses.

    `until` is when the roster says something else, None when it never does.
    """

    standing: DutyStanding
    staff: tuple[StaffId, ...] = ()
    on_leave: tuple[StaffId, ...] = ()
    until: datetime | None = None

    @property
    def excuses(self) -> bool:
        """True when an empty window is no absence, because nobody is due there."""
        return self.standing in (DutyStanding.ON_LEAVE, DutyStanding.OFF)


@dataclass(frozen=True, slots=True)
class Duties:
    """What a roster says of one window over time: from each of `edges`, in order, the duty beside it."""

    edges: tuple[datetime, ...] = ()
    duties: tuple[Duty, ...] = ()

    def at(self, moment: datetime) -> Duty:
        """What it says at a moment; `unknown` before the first edge."""
        place = bisect_right(self.edges, moment) - 1
        return (
            self.duties[place]
            if place >= 0
            else Duty(DutyStanding.UNKNOWN, until=next(iter(self.edges), None))
        )

    def on_leave(self) -> tuple[Interval, ...]:
        """When whoever is due is on approved leave and nobody covers; open where that never ends."""
        ends: list[datetime | None] = [*self.edges[1:], None][: len(self.edges)]
        parts = zip(self.edges, ends, self.duties, strict=True)
        return tuple(
            Interval(start, end)
            for start, end, duty in parts
            if duty.standing is DutyStanding.ON_LEAVE and start != end
        )

    def excused_until(self, moment: datetime) -> datetime | None:
        """When a standing that excuses at `moment` is over, however often it changes in between who is due.

        None when nothing excuses then, or when it never ends.
        """
        standing = self.at(moment).standing
        if not self.at(moment).excuses:
            return None
        later = zip(self.edges, self.duties, strict=True)
        return next((edge for edge, duty in later if edge > moment and duty.standing is not standing), None)


@dataclass(frozen=True, slots=True)
class Roster:
    """The shifts and leaves of one hall, in any order. `zone` is where its days begin and end.

    Raises ValueError when one person is due at two windows at once.
    """

    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    leaves: tuple[Leave, ...] = ()
    _at: Mapping[WindowId, tuple[Shift, ...]] = field(init=False, repr=False, compare=False)
    _of: Mapping[StaffId, tuple[Leave, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for first, second in self.collisions():
            raise ValueError(
                f"{first.staff} is due at {first.window} and at {second.window} from {second.interval.start}"
            )
        at, of = defaultdict[WindowId, list[Shift]](list), defaultdict[StaffId, list[Leave]](list)
        for shift in self.shifts:
            at[shift.window].append(shift)
        for leave in self.leaves:
            of[leave.staff].append(leave)
        object.__setattr__(self, "_at", {window: tuple(shifts) for window, shifts in at.items()})
        object.__setattr__(self, "_of", {staff: tuple(leaves) for staff, leaves in of.items()})

    def collisions(self) -> Iterator[tuple[Shift, Shift]]:
        """Pairs of shifts in which one person is due at two windows at once."""
        under_way = defaultdict[StaffId, list[Shift]](list)
        for shift in sorted(self.shifts, key=lambda shift: (shift.interval.start, shift.window)):
            others = [one for one in under_way[shift.staff] if one.interval.overlaps(shift.interval)]
            yield from ((other, shift) for other in others if other.window != shift.window)
            under_way[shift.staff] = [*others, shift]

    def duty(self, window: WindowId, at: datetime) -> Duty:
        """Who is due at a window at a moment."""
        until = next((edge for edge in self.edges(window) if edge > at), None)
        return self._duty(window, at, self._days(window), until)

    def _duty(self, window: WindowId, at: datetime, days: set[date], until: datetime | None) -> Duty:
        shifts = [shift for shift in self._at.get(window, ()) if shift.interval.contains(at)]
        if not shifts:
            known = at.astimezone(self.zone).date() in days
            return Duty(DutyStanding.OFF if known else DutyStanding.UNKNOWN, until=until)
        people = dict.fromkeys(shift.staff for shift in shifts)
        away = tuple(person for person in people if self._is_on_leave(person, at))
        here = tuple(person for person in people if person not in away)
        return Duty(DutyStanding.DUE if here else DutyStanding.ON_LEAVE, here, away, until)

    def duties(self, window: WindowId) -> Duties:
        """Who is due at a window at every moment."""
        edges = self.edges(window)
        days = self._days(window)
        following = [*edges[1:], None]
        return Duties(
            tuple(edges),
            tuple(
                self._duty(window, edge, days, until) for edge, until in zip(edges, following, strict=False)
            ),
        )

    def windows(self) -> tuple[WindowId, ...]:
        """The windows of which the roster tells something."""
        return tuple(self._at)

    def edges(self, window: WindowId) -> list[datetime]:
        """Every moment at which the answer for a window can change, in order."""
        edges: set[datetime] = set()
        for shift in self._at.get(window, ()):
            edges |= _ends(shift.interval)
            for leave in self._of.get(shift.staff, ()):
                if leave.interval.overlaps(shift.interval):
                    edges |= _ends(leave.interval)
        for day in self._days(window):
            for border in (day, day + timedelta(days=1)):
                edges.add(datetime.combine(border, time(0), self.zone).astimezone(UTC))
        return sorted(edges)

    def _is_on_leave(self, staff: StaffId, at: datetime) -> bool:
        return any(leave.interval.contains(at) for leave in self._of.get(staff, ()))

    def _days(self, window: WindowId) -> set[date]:
        """The local days of which the roster tells something for a window."""
        days: set[date] = set()
        for shift in self._at.get(window, ()):
            first = shift.interval.start.astimezone(self.zone).date()
            assert shift.interval.end is not None
            last = (shift.interval.end - timedelta(microseconds=1)).astimezone(self.zone).date()
            days |= {first, last}
        return days


def _check(interval: Interval, longest: timedelta, what: str) -> None:
    if interval.end is None or not timedelta(0) < interval.end - interval.start <= longest:
        raise ValueError(f"{what} ends after it starts, within {longest.days} days")


def _ends(interval: Interval) -> set[datetime]:
    return {interval.start} if interval.end is None else {interval.start, interval.end}

"""The hours of a rule: openings that touch one another, over midnight for example, are one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hall.interval import Interval
from hall.schedule import Schedule

A_DAY = timedelta(days=1)
FORESEEN = timedelta(days=60)
"""How far ahead an opening is looked for; later ones are found when that time has come."""
LONGEST = timedelta(days=7)
"""So far openings that touch one another are followed to either side."""
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class RuleHours:
    """When a rule with a schedule finds."""

    schedule: Schedule
    zone: ZoneInfo

    def at(self, at: datetime) -> Interval | None:
        """The opening that holds `at`, or None outside of all."""
        part = self.schedule.open_at(at, self.zone)
        return None if part is None else self._whole(part)

    def next_opening(self, at: datetime) -> datetime | None:
        """When the hours begin next, as far as that is foreseen."""
        return self.schedule.next_opening(at, self.zone, FORESEEN.days)

    def openings(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The openings that hold a moment from `start` to `end`, both included, whole and in order."""
        until: datetime | None = None
        for part in self._parts(start, end):
            if part.start > end:
                return
            opening = self._whole(part)
            if (until is None or opening.start > until) and (opening.end is None or opening.end >= start):
                until = opening.end
                yield opening

    def closing_before(self, at: datetime) -> datetime | None:
        """When the hours were over last, `at` itself included; None within them, or when they never were.

        It is looked for as far back as openings are foreseen.
        """
        if self.schedule.open_at(at, self.zone) is not None:
            return None
        day = at.astimezone(self.zone).date()
        for back in range(FORESEEN.days + 1):
            for part in reversed(self.schedule.intervals_on(day - back * A_DAY, self.zone)):
                if part.end is not None and part.end <= at:
                    return part.end
        return None

    def any_between(self, start: datetime, end: datetime) -> bool:
        """True when they hold a moment from `start` on and before `end`."""
        return start < end and any(part.overlaps(Interval(start, end)) for part in self._parts(start, end))

    def _whole(self, part: Interval) -> Interval:
        """A stretch of one day with those that touch it."""
        start, end = part.start, part.end
        earliest, latest = start - LONGEST, start + LONGEST
        while start > earliest and (before := self.schedule.open_at(start - INSTANT, self.zone)):
            start = before.start
        while end is not None and end < latest and (following := self.schedule.open_at(end, self.zone)):
            end = following.end
        return Interval(start, end)

    def _parts(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The stretches of each local day from that of `start` to that of `end`."""
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            yield from self.schedule.intervals_on(day, self.zone)
            day += A_DAY

"""Limits in working days (办理期限): when one ends that began with an acceptance.

Sources: 行政许可法 art. 82 (limits are counted in working days, without statutory holidays) and art. 45 (time
for hearings, tests, expert reviews and the like is not counted); 民法典 arts. 201 to 203 (the day on which a
period begins is not counted; it ends at 24:00 of its last day, or with that day's business hours).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hall.calendar import WorkCalendar
from hall.interval import Interval
from hall.schedule import Schedule


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The end of a limit: its last day (in the hall's zone) and the moment (UTC) at which it is over.

    `assumed` are the years on the way whose arrangement is not completely known: with them the end may move.
    """

    last_day: date
    ends_at: datetime
    assumed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HallDays:
    """The days of one hall: what is worked, when it opens and closes, and where midnight is."""

    calendar: WorkCalendar
    schedule: Schedule
    zone: ZoneInfo

    def date_of(self, at: datetime) -> date:
        """The local day of a moment."""
        return at.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """When a day begins for those who come: with the opening of the hall, or at midnight."""
        hours = self.schedule.intervals_on(day, self.zone)
        return hours[0].start if hours else self._midnight(day)

    def ends(self, day: date) -> datetime:
        """When a day ends for those who come: with the last hours of the hall, or at 24:00."""
        last = self.schedule.intervals_on(day, self.zone)[-1:]
        return last[0].end if last and last[0].end is not None else self._midnight(day + timedelta(days=1))

    def limit(self, accepted_at: datetime, days: int, suspended: Sequence[Interval] = ()) -> TimeLimit:
        """The end of a limit of `days` working days.

        A working day that `suspended` touches, be it for a minute, is not counted: in doubt for those who
        have to keep the limit. Of a suspension that has not ended only the first day is known. Raises
        ValueError when `days` is not positive, OverflowError as `WorkCalendar.add_working_days`.
        """
        if days < 1:
            raise ValueError(f"a limit has one working day or more, not {days}")
        passed_over = [self._days_of(stretch) for stretch in suspended if stretch.end != stretch.start]

        def counts(day: date) -> bool:
            return not any(first <= day <= last for first, last in passed_over)

        accepted_on = self.date_of(accepted_at)
        last_day = self.calendar.add_working_days(accepted_on, days, counts)
        return TimeLimit(last_day, self.ends(last_day), self.calendar.assumed(accepted_on, last_day))

    def _days_of(self, stretch: Interval) -> tuple[date, date]:
        """The first and the last day that an interval touches; of one that is open, its first day alone."""
        first = self.date_of(stretch.start)
        last = first if stretch.end is None else self.date_of(stretch.end - timedelta(microseconds=1))
        return first, last

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(0), self.zone).astimezone(UTC)

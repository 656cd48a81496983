"""When a hall is due to be open: weekly hours, the calendar of holidays, and days that differ."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hall.calendar import CalendarDay, DayKind
from hall.interval import Interval
from hall.place import Strict

LAST_SECOND = time(23, 59, 59)
"""As a closing time: midnight at the end of the day."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _weekday(value: str) -> str:
    if value not in WEEKDAYS:
        raise ValueError(f"use one of {', '.join(WEEKDAYS)}")
    return value


def _not_a_number(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("write the time in quotes, for example '13:00': YAML takes 13:00 for a number")
    return value


def _local(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("opening hours are in the hall's own time zone: leave the offset out")
    return value


LocalTime = Annotated[time, BeforeValidator(_not_a_number), AfterValidator(_local)]


class Hours(Strict):
    """One stretch of a day in the hall's local time, `open` before `close`.

    Midnight at the end of the day is written 23:59:59.
    """

    open: LocalTime
    close: LocalTime

    @model_validator(mode="after")
    def _in_order(self) -> Hours:
        if self.open >= self.close:
            raise ValueError(f"opens at {self.open:%H:%M} but closes at {self.close:%H:%M}")
        return self


class DayException(Strict):
    """A date on which other hours hold: none on a holiday, some on an adjusted workday."""

    date: date
    hours: tuple[Hours, ...] = ()


class Schedule(Strict):
    """Opening hours of a hall. `always` is for halls, and demonstrations, that never close.

    A hall that `follows_calendar` is closed on holidays and keeps its hours on adjusted workdays, whatever
    weekday they are. `exceptions` say otherwise for single days, and win.
    """

    always: bool = False
    follows_calendar: bool = True
    days: tuple[Annotated[str, AfterValidator(_weekday)], ...] = ("mon", "tue", "wed", "thu", "fri")
    hours: tuple[Hours, ...] = Field(
        default=(Hours(open=time(9), close=time(12)), Hours(open=time(13), close=time(17)))
    )
    exceptions: tuple[DayException, ...] = ()

    @property
    def ever_opens(self) -> bool:
        """False when there is no day, past or future, on which it is open."""
        return self.always or bool(self.days and self.hours) or any(day.hours for day in self.exceptions)

    @property
    def carries_over(self) -> bool:
        """True where nobody closes at night: what was open yesterday is still open today."""
        return self.always

    @cached_property
    def exceptional_hours(self) -> dict[date, tuple[Hours, ...]]:
        """The hours of each day of exception; of two for one day the later holds."""
        return {exception.date: exception.hours for exception in self.exceptions}

    def with_calendar(self, days: Iterable[CalendarDay]) -> Schedule:
        """The same hours with the calendar's days as exceptions, unless it does not follow it."""
        if self.always or not self.follows_calendar:
            return self
        added = tuple(
            DayException(date=day.on, hours=self.hours if day.kind is DayKind.WORKDAY else ())
            for day in days
            if day.on not in self.exceptional_hours
        )
        # Made anew: a copy would take the hours of its exceptions along, which are kept once computed.
        return Schedule(days=self.days, hours=self.hours, exceptions=(*self.exceptions, *added))

    def intervals_on(self, day: date, zone: ZoneInfo) -> list[Interval]:
        """The open stretches of one local day, as UTC intervals, in order."""
        if self.always:
            start = datetime.combine(day, time(0), zone)
            return [Interval(_utc(start), _utc(start + timedelta(days=1)))]
        usual = self.hours if WEEKDAYS[day.weekday()] in self.days else ()
        hours = self.exceptional_hours.get(day, usual)
        return [
            Interval(
                _utc(datetime.combine(day, stretch.open, zone)),
                _utc(_closing(day, stretch, zone)),
            )
            for stretch in sorted(hours, key=lambda stretch: stretch.open)
        ]

    def open_at(self, at: datetime, zone: ZoneInfo) -> Interval | None:
        """The open stretch that holds `at`, or None when the hall is closed then."""
        for interval in self.intervals_on(at.astimezone(zone).date(), zone):
            if interval.contains(at):
                return interval
        return None

    def next_opening(self, at: datetime, zone: ZoneInfo, days: int = 60) -> datetime | None:
        """The first opening after `at` within `days` days, or None."""
        today = at.astimezone(zone).date()
        for ahead in range(days + 1):
            for interval in self.intervals_on(today + timedelta(days=ahead), zone):
                if interval.start > at:
                    return interval.start
        return None


class SharedHours(Schedule):
    """The hours in which two schedules are both open; a place and its rule, in this order."""

    first: Schedule
    second: Schedule

    @classmethod
    def of(cls, first: Schedule, second: Schedule) -> SharedHours:
        """Both together."""
        return cls(always=first.always and second.always, first=first, second=second)

    @property
    def carries_over(self) -> bool:
        """As the place: a rule's hours close nothing there."""
        return self.first.carries_over

    def intervals_on(self, day: date, zone: ZoneInfo) -> list[Interval]:
        """The stretches of one local day in which both are open, as UTC intervals, in order."""
        others = self.second.intervals_on(day, zone)
        parts = (one.intersection(other) for one in self.first.intervals_on(day, zone) for other in others)
        return [part for part in parts if part is not None]


def _closing(day: date, stretch: Hours, zone: ZoneInfo) -> datetime:
    if stretch.close == LAST_SECOND:
        return datetime.combine(day + timedelta(days=1), time(0), zone)
    return datetime.combine(day, stretch.close, zone)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)

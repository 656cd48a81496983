"""Working days (工作日): the week, and the days that differ from it.

China's State Council publishes once a year which days of the next year are holidays and which days of rest
are worked in their place (调休). Those are data and stand in the store. A year that is not there is no error:
it is answered by what is known of it, by the bare week at worst, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

SATURDAY = 5
A_DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years that a calendar may tell about."""


class DayKind(StrEnum):
    """How a day differs from the week: nobody works (节假日), or a day of rest is worked (调休上班)."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


class Completeness(StrEnum):
    """What is known of a year.

    `complete`: its arrangement, adjusted workdays included. `statutory_only`: the holidays that the law
    gives, but not yet which days are worked in their place. `unknown`: nothing beyond the week.
    """

    COMPLETE = "complete"
    STATUTORY_ONLY = "statutory_only"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that differs from the week, or is named although it falls on a day of rest.

    `basis`: where this day is written, empty when it is where the whole year is.
    """

    on: date
    kind: DayKind
    name: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A year as far as it is known.

    `source` says where it comes from: a package and its version, a file, a notice. `entered_by` is the user
    who entered it, empty when it came with the installation. Days are kept in order. Raises ValueError when a
    day lies in another year or stands there twice.
    """

    year: int
    completeness: Completeness
    days: tuple[CalendarDay, ...] = ()
    source: str = ""
    entered_by: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(sorted(self.days, key=lambda day: day.on)))
        dates = [day.on for day in self.days]
        for strange in (day for day in dates if day.year != self.year):
            raise ValueError(f"{strange} is no day of {self.year}")
        if len(set(dates)) < len(dates):
            raise ValueError(f"{max(dates, key=dates.count)} stands there twice")


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked, over all years. Without years: Monday to Friday."""

    years: tuple[CalendarYear, ...] = ()
    _days: Mapping[date, CalendarDay] = field(init=False, repr=False, compare=False)
    _known: Mapping[int, Completeness] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = {day.on: day for year in self.years for day in year.days}
        object.__setattr__(self, "_days", days)
        object.__setattr__(self, "_known", {year.year: year.completeness for year in self.years})

    def day(self, on: date) -> CalendarDay | None:
        """What the calendar says of a day, or None when it is as its weekday."""
        return self._days.get(on)

    def completeness(self, year: int) -> Completeness:
        """What is known of a year."""
        return self._known.get(year, Completeness.UNKNOWN)

    def is_working_day(self, on: date) -> bool:
        """True for Monday to Friday but holidays, and for adjusted workdays."""
        known = self._days.get(on)
        return on.weekday() < SATURDAY if known is None else known.kind is DayKind.WORKDAY

    def add_working_days(
        self, start: date, count: int, counts: Callable[[date], bool] = lambda _: True
    ) -> date:
        """The `count`-th working day after `start`, which is not counted itself; before it, when negative.

        Zero gives `start`, whatever day it is. Working days for which `counts` is false are passed over.
        Raises OverflowError when it lies beyond what a date can be.
        """
        step = A_DAY if count > 0 else -A_DAY
        day, left = start, abs(count)
        while left:
            day += step
            left -= self.is_working_day(day) and counts(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` and up to `end`; negative when `end` lies before.

        It undoes `add_working_days`: `add_working_days(start, working_days_between(start, end))` is `end` for
        every working day `end`.
        """
        if end >= start:
            return sum(self.is_working_day(start + n * A_DAY) for n in range(1, (end - start).days + 1))
        return -sum(self.is_working_day(end + n * A_DAY) for n in range((start - end).days))

    def assumed(self, first: date, last: date) -> tuple[int, ...]:
        """The years of `[first, last]` of which not everything is known: answers may be wrong."""
        years = range(first.year, last.year + 1)
        return tuple(year for year in years if self.completeness(year) is not Completeness.COMPLETE)

    @property
    def days(self) -> tuple[CalendarDay, ...]:
        """All days that differ, year by year."""
        return tuple(day for year in self.years for day in year.days)

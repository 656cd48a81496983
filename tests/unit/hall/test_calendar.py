"""Working days: the week, what differs from it, and limits that are counted in them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind, WorkCalendar
from hall.interval import Interval
from hall.schedule import DayException, Schedule
from hall.time_limit import HallDays, TimeLimit

SHANGHAI = ZoneInfo("Asia/Shanghai")


def holiday(month: int, day: int, name: str = "国庆节", year: int = 2026) -> CalendarDay:
    return CalendarDay(date(year, month, day), DayKind.HOLIDAY, name)


def worked(month: int, day: int, year: int = 2026) -> CalendarDay:
    return CalendarDay(date(year, month, day), DayKind.WORKDAY, "国庆节")


AUTUMN = CalendarYear(
    2026,
    Completeness.COMPLETE,
    (worked(9, 20), *(holiday(10, day) for day in range(1, 8)), worked(10, 10)),
    "test",
)
"""National Day in 2026: 1 to 7 October are free, Sunday 20 September and Saturday 10 October are worked."""
CALENDAR = WorkCalendar((AUTUMN,))

days = st.dates(date(2025, 6, 1), date(2027, 6, 1))
calendars = st.builds(
    lambda kinds: WorkCalendar(
        (
            CalendarYear(
                2026,
                Completeness.COMPLETE,
                tuple(
                    CalendarDay(date(2026, 1, 1) + timedelta(days=place), kind, "x")
                    for place, kind in kinds.items()
                ),
            ),
        )
    ),
    st.dictionaries(st.integers(0, 364), st.sampled_from(DayKind), max_size=60),
)


def test_a_holiday_is_no_working_day_and_an_adjusted_day_of_rest_is_one() -> None:
    assert [CALENDAR.is_working_day(date(2026, 10, day)) for day in range(1, 12)] == [
        *(False for _ in range(7)),
        True,
        True,
        True,
        False,
    ]
    assert WorkCalendar().is_working_day(date(2026, 10, 1))
    assert not WorkCalendar().is_working_day(date(2026, 10, 10))


def test_working_days_are_counted_over_a_holiday() -> None:
    assert CALENDAR.add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CALENDAR.add_working_days(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CALENDAR.add_working_days(date(2026, 10, 3), -1) == date(2026, 9, 30)
    assert CALENDAR.working_days_between(date(2026, 9, 18), date(2026, 10, 11)) == 12


def test_a_year_that_is_not_known_is_answered_by_the_week_and_named() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert CALENDAR.assumed(date(2026, 9, 1), date(2026, 12, 31)) == ()
    assert CALENDAR.assumed(date(2025, 12, 31), date(2027, 1, 1)) == (2025, 2027)


def test_a_year_of_which_only_the_statutory_days_are_known_is_assumed_too() -> None:
    calendar = WorkCalendar((CalendarYear(2027, Completeness.STATUTORY_ONLY, (holiday(1, 1, year=2027),)),))
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.assumed(date(2027, 1, 4), date(2027, 1, 5)) == (2027,)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [((holiday(1, 1, year=2027),), "2027-01-01 is no day of 2026"), ((holiday(5, 1), worked(5, 1)), "twice")],
)
def test_a_year_with_days_of_another_or_one_day_twice_is_refused(
    wrong: tuple[CalendarDay, ...], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        CalendarYear(2026, Completeness.COMPLETE, wrong)


@given(calendars, days, st.integers(-40, 40))
def test_between_undoes_add(calendar: WorkCalendar, start: date, count: int) -> None:
    end = calendar.add_working_days(start, count)
    assert calendar.working_days_between(start, end) == count
    assert count == 0 or calendar.is_working_day(end)


@given(calendars, days, days)
def test_add_undoes_between_for_working_days(calendar: WorkCalendar, start: date, end: date) -> None:
    if start != end and calendar.is_working_day(end):
        assert calendar.add_working_days(start, calendar.working_days_between(start, end)) == end


@given(calendars, days, st.integers(1, 30), st.integers(1, 30))
def test_days_add_up(calendar: WorkCalendar, start: date, first: int, second: int) -> None:
    at_once = calendar.add_working_days(start, first + second)
    assert calendar.add_working_days(calendar.add_working_days(start, first), second) == at_once
    middle = start + timedelta(days=first)
    assert calendar.working_days_between(start, at_once) == calendar.working_days_between(
        start, middle
    ) + calendar.working_days_between(middle, at_once)


@given(calendars, days, st.integers(0, 60), st.integers(0, 30))
def test_who_begins_later_never_ends_earlier(
    calendar: WorkCalendar, start: date, later: int, count: int
) -> None:
    after = start + timedelta(days=later)
    assert calendar.add_working_days(after, count) >= calendar.add_working_days(start, count)
    assert calendar.add_working_days(start, count + 1) > calendar.add_working_days(start, count)


def local(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def hall(calendar: WorkCalendar = CALENDAR, schedule: Schedule | None = None) -> HallDays:
    followed = (schedule or Schedule()).with_calendar(calendar.days)
    return HallDays(calendar, followed, SHANGHAI)


def test_the_day_of_acceptance_is_not_counted_and_the_limit_ends_when_the_hall_closes() -> None:
    assert hall().limit(local(9, 29, 9, 1), 2) == TimeLimit(date(2026, 10, 8), local(10, 8, 17))
    assert hall().limit(local(9, 29, 16, 59), 2) == hall().limit(local(9, 29, 9, 1), 2)


def test_what_was_accepted_before_midnight_by_the_halls_own_clock_counts_from_that_day() -> None:
    assert hall().limit(local(9, 28, 23, 59), 1).last_day == date(2026, 9, 29)
    assert hall().limit(local(9, 29, 0, 1), 1).last_day == date(2026, 9, 30)


def test_a_limit_may_end_on_an_adjusted_workday_within_its_hours() -> None:
    assert hall().limit(local(10, 9, 10), 1) == TimeLimit(date(2026, 10, 10), local(10, 10, 17))


def test_a_limit_whose_last_day_the_hall_is_closed_ends_at_midnight() -> None:
    closed = Schedule(exceptions=(DayException(date=date(2026, 9, 30)),))
    assert hall(schedule=closed).limit(local(9, 29, 9), 1).ends_at == local(10, 1)
    assert hall(schedule=Schedule(always=True)).limit(local(9, 29, 9), 1).ends_at == local(10, 1)


def test_days_on_which_the_count_was_suspended_are_not_counted() -> None:
    accepted = local(9, 21, 9)
    test_of_the_goods = Interval(local(9, 22, 15), local(9, 24, 9))
    assert hall().limit(accepted, 2).last_day == date(2026, 9, 23)
    assert hall().limit(accepted, 2, [test_of_the_goods]).last_day == date(2026, 9, 28)  # 25th counts
    at_night = Interval(local(9, 22, 18), local(9, 23))
    assert hall().limit(accepted, 2, [at_night]).last_day == date(2026, 9, 24)


def test_a_limit_says_when_it_rests_on_an_assumption() -> None:
    assert hall().limit(local(12, 30, 9), 1).assumed == ()
    assert hall().limit(local(12, 30, 9), 2).assumed == (2027,)


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_limit_of_no_days_is_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="one working day or more"):
        hall().limit(local(9, 29), wrong)


@given(st.integers(0, 50 * 1440), st.integers(1, 10))
def test_a_limit_ends_on_a_working_day_after_its_acceptance(minutes: int, count: int) -> None:
    accepted = local(9, 1) + timedelta(minutes=minutes)
    limit = hall().limit(accepted, count)
    assert CALENDAR.is_working_day(limit.last_day)
    assert limit.ends_at > accepted
    assert CALENDAR.working_days_between(hall().date_of(accepted), limit.last_day) == count


def test_a_hall_closes_on_holidays_and_keeps_its_hours_on_adjusted_workdays() -> None:
    followed = Schedule().with_calendar(CALENDAR.days)
    assert followed.intervals_on(date(2026, 10, 1), SHANGHAI) == []
    assert [part.start for part in followed.intervals_on(date(2026, 10, 10), SHANGHAI)] == [
        local(10, 10, 9),
        local(10, 10, 13),
    ]
    assert followed.next_opening(local(9, 30, 18), SHANGHAI) == local(10, 8, 9)


def test_the_halls_own_exceptions_win_over_the_calendar() -> None:
    own = Schedule(exceptions=(DayException(date=date(2026, 10, 1), hours=Schedule().hours),))
    followed = own.with_calendar(CALENDAR.days)
    assert len(followed.intervals_on(date(2026, 10, 1), SHANGHAI)) == 2
    assert followed.intervals_on(date(2026, 10, 2), SHANGHAI) == []


@pytest.mark.parametrize("schedule", [Schedule(follows_calendar=False), Schedule(always=True)])
def test_a_hall_that_does_not_follow_the_calendar_is_open_as_before(schedule: Schedule) -> None:
    assert schedule.with_calendar(CALENDAR.days) == schedule
    assert schedule.intervals_on(date(2026, 10, 1), SHANGHAI) != []

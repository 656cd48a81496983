"""Opening hours: what a file may say of them, and when a hall is open."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import ValidationError

from hall.schedule import Schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")


def schedule(text: str) -> Schedule:
    return Schedule.model_validate(yaml.safe_load(text))


def test_hours_are_in_the_halls_own_time() -> None:
    afternoon = schedule("hours: [{open: '13:00', close: '17:00'}]")
    (interval,) = afternoon.intervals_on(date(2026, 3, 2), SHANGHAI)
    assert (interval.start, interval.end) == (
        datetime(2026, 3, 2, 5, tzinfo=UTC),
        datetime(2026, 3, 2, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("{open: 13:00, close: 17:00}", "in quotes"),
        ("{open: '09:00+08:00', close: '17:00'}", "leave the offset out"),
        ("{open: '17:00', close: '09:00'}", "opens at 17:00 but closes at 09:00"),
    ],
)
def test_hours_that_would_be_taken_for_others_are_refused(hours: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        schedule(f"hours: [{hours}]")


def test_a_holiday_closes_and_an_adjusted_workday_opens() -> None:
    days = schedule(
        "exceptions: [{date: 2026-03-02}, {date: 2026-03-07, hours: [{open: '09:00', close: '12:00'}]}]"
    )
    assert days.intervals_on(date(2026, 3, 2), SHANGHAI) == []
    assert len(days.intervals_on(date(2026, 3, 7), SHANGHAI)) == 1
    assert days.next_opening(datetime(2026, 3, 1, 0, tzinfo=UTC), SHANGHAI) == datetime(
        2026, 3, 3, 1, tzinfo=UTC
    )

"""Opening hours follow the calendar: who is not due on a holiday is not absent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import structlog
from prometheus_client import REGISTRY
from structlog.testing import LogCapture

from alerts import known_years
from alerts.known_years import KnownYears
from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind, WorkCalendar
from hall.finding import AlertStatus
from hall.observing import Presence
from hall.queueing import WindowState
from hall.schedule import DayException, Schedule
from store import calendar
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import TEN, after, configuration, seen, status


def year(*days: CalendarDay, completeness: Completeness = Completeness.COMPLETE) -> CalendarYear:
    return CalendarYear(2026, completeness, days, "notice", "wang")


MONDAY_OFF = year(CalendarDay(date(2026, 3, 2), DayKind.HOLIDAY, "假日"))
SUNDAY = 86_400 * 6
SUNDAY_WORKED = year(CalendarDay(date(2026, 3, 8), DayKind.WORKDAY, "调休"))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    """What is logged about years, whatever other tests made of the logging of the process."""
    capture = LogCapture()
    monkeypatch.setattr(known_years, "log", structlog.wrap_logger(None, processors=[capture]))
    return capture


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Window 3 was opened this morning, and everybody leaves at ten."""
    made = Scene.at(tmp_path, configuration())
    open_and_leave(made, 0)
    yield made
    made.database.close()


def open_and_leave(scene: Scene, at: float) -> None:
    """Window 3 was opened a while before, and nobody is on post any more, surely six seconds later."""
    scene.clock.wall = after(at - 60)
    scene.tell(status(WindowState.OPEN, at - 3000))
    scene.see(seen(Presence.ON_POST, at - 3000))
    scene.to(at + 6)
    scene.see(seen(Presence.LEAVING, at), seen(Presence.ABSENT, at + 6))


def enter(scene: Scene, entered: CalendarYear) -> None:
    with scene.database.write() as tx:
        calendar.save_year(tx, entered, scene.clock.now())


def test_a_hall_that_a_holiday_closes_raises_no_absence(scene: Scene) -> None:
    enter(scene, MONDAY_OFF)
    scene.to(3000)
    assert scene.alerts() == []


def test_a_holiday_that_is_entered_late_ends_the_absence(scene: Scene) -> None:
    scene.to(60)
    assert scene.only().interval.is_open
    enter(scene, MONDAY_OFF)
    scene.to(61)
    assert scene.only().status is AlertStatus.RESOLVED
    assert scene.flips(scene.only())[-1].reason.key in ("absence.retracted", "absence.ended.hall_closed")


@pytest.mark.parametrize("is_worked", [False, True])
def test_an_absence_on_a_sunday_is_found_only_when_it_is_an_adjusted_workday(
    tmp_path: Path, is_worked: bool
) -> None:
    scene = Scene.at(tmp_path, configuration())
    if is_worked:
        enter(scene, SUNDAY_WORKED)
    open_and_leave(scene, SUNDAY)
    scene.to(SUNDAY + 60)
    assert len(scene.alerts()) == is_worked
    scene.database.close()


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(follows_calendar=False),
        Schedule(exceptions=(DayException(date=date(2026, 3, 2), hours=Schedule().hours),)),
        Schedule(always=True),
    ],
)
def test_a_hall_that_works_on_the_holiday_finds_absences(tmp_path: Path, schedule: Schedule) -> None:
    scene = Scene.at(tmp_path, configuration(schedule=schedule))
    open_and_leave(scene, 0)
    enter(scene, MONDAY_OFF)
    scene.to(60)
    assert len(scene.alerts()) == 1
    scene.database.close()


def test_a_calendar_that_knows_nothing_changes_nothing_and_is_told(scene: Scene, logged: LogCapture) -> None:
    scene.restart()
    scene.to(60)
    assert scene.only().interval.is_open
    assert [entry["year"] for entry in logged.entries if entry["log_level"] == "warning"] == [2026]


def test_a_year_is_missed_a_month_before_it_begins_and_once_a_day(logged: LogCapture) -> None:
    years, known = KnownYears(), WorkCalendar((year(),))
    told = []
    for at in ((11, 30), (12, 2), (12, 2), (12, 3)):
        years.look(known, datetime(2026, *at, 2, tzinfo=UTC))
        told.append([(entry["year"], entry["known"]) for entry in logged.entries])
        logged.entries.clear()
    assert told == [[], [(2027, "unknown")], [], [(2027, "unknown")]]
    assert assumed() == 1
    years.look(known, TEN)
    assert assumed() == 0


def assumed() -> float | None:
    return REGISTRY.get_sample_value("hallwatch_alerts_calendar_assumed_years")

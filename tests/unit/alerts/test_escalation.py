"""When an alert that nobody acknowledges is told to whom next, by a clock that the test sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.escalation import Escalation, escalation_due
from alerts.muting import Mutes
from hall.config import HallSettings
from hall.config.telling import EscalationStep, LocalHours, QuietHours
from hall.finding import Alert, AlertStatus, Flip, FlipKind, Severity
from hall.interval import Interval
from hall.names import NotifierId, SilenceId
from hall.place import Text
from hall.schedule import Schedule
from hall.silencing import Matcher, Silence
from hall.testing_notifiers import a_flip
from tests.unit.alerts.small_hall import HALL, TEN, settings

MINUTE = timedelta(minutes=1)
CHIEF, DIRECTOR = Text(zh="值班主任", en="Duty manager"), Text(zh="中心主任", en="Director")
NIGHT = QuietHours(hours=(LocalHours(start=time(18), end=time(8, 30)),))


def step(minutes: float, role: Text = CHIEF, **members: object) -> EscalationStep:
    base = EscalationStep(after_minutes=minutes, role=role, notifiers=(NotifierId("duty"),))
    return base.model_copy(update=members)


CHAIN = (step(5), step(15, DIRECTOR))


def open_alert(at: datetime = TEN, severity: Severity = Severity.WARNING) -> tuple[Alert, list[Flip]]:
    alert, flip = a_flip()
    subject = replace(alert.subject, hall=HALL)
    alert = replace(alert, subject=subject, interval=Interval(at), opened_at=at, severity=severity)
    return alert, [replace(flip, at=at, severity=severity)]


def hall(quiet: QuietHours | None = None, **members: object) -> HallSettings:
    return settings(quiet=quiet or QuietHours(), **members)


def due(
    minutes: float, alert: Alert, flips: list[Flip], mutes: Mutes | None = None, since: datetime = TEN
) -> Escalation:
    return escalation_due(alert, flips, CHAIN, mutes or Mutes(hall()), since + minutes * MINUTE)


def test_each_step_is_told_once_when_its_minutes_are_up() -> None:
    alert, flips = open_alert()
    assert due(0, alert, flips) == Escalation(due=TEN + 5 * MINUTE)
    assert due(5, alert, flips) == Escalation(level=1)
    told = replace(alert, level=1)
    assert due(5, told, flips) == Escalation(due=TEN + 15 * MINUTE)
    assert due(15, told, flips) == Escalation(level=2)
    assert due(15, replace(alert, level=2), flips) == Escalation()


def test_steps_that_came_due_while_nobody_led_are_told_one_after_another() -> None:
    alert, flips = open_alert()
    assert due(60, alert, flips) == Escalation(level=1)
    assert due(60, replace(alert, level=1), flips) == Escalation(level=2)


@pytest.mark.parametrize("status", [AlertStatus.ACKNOWLEDGED, AlertStatus.RESOLVED, AlertStatus.DISMISSED])
def test_what_somebody_has_settled_goes_no_further(status: AlertStatus) -> None:
    alert, flips = open_alert()
    assert due(60, replace(alert, status=status), flips) == Escalation()


def test_a_snoozed_alert_waits_and_goes_on_from_its_return_without_repeating_a_step() -> None:
    alert, flips = open_alert()
    snoozed = replace(alert, level=1, snoozed_until=TEN + 60 * MINUTE)
    assert due(30, snoozed, flips) == Escalation()
    asleep = replace(
        flips[0], kind=FlipKind.SNOOZE, before=AlertStatus.OPEN, snoozed_until=TEN + 60 * MINUTE, revision=2
    )
    back = replace(asleep, snoozed_until=None, at=TEN + 60 * MINUTE, revision=3)
    returned = replace(alert, level=1)
    assert due(60, returned, [*flips, asleep, back]) == Escalation(due=TEN + 75 * MINUTE)
    assert due(75, returned, [*flips, asleep, back]) == Escalation(level=2)


def test_what_was_reopened_counts_from_then_and_no_comment_changes_that() -> None:
    alert, flips = open_alert()
    flips.append(replace(flips[0], before=AlertStatus.OPEN, after=AlertStatus.ACKNOWLEDGED, revision=2))
    flips.append(replace(flips[0], before=AlertStatus.ACKNOWLEDGED, at=TEN + 20 * MINUTE, revision=3))
    flips.append(replace(flips[-1], kind=FlipKind.COMMENT, at=TEN + 24 * MINUTE, revision=4))
    assert due(24, alert, flips) == Escalation(due=TEN + 25 * MINUTE)


def test_a_step_for_worse_alerts_is_told_once_the_alert_is_worse() -> None:
    chain = (step(5, severity=Severity.SERIOUS), step(15))
    alert, flips = open_alert()
    mutes, later = Mutes(hall()), TEN + 10 * MINUTE
    assert escalation_due(alert, flips, chain, mutes, later) == Escalation(due=TEN + 15 * MINUTE)
    worse = replace(alert, severity=Severity.SERIOUS)
    assert escalation_due(worse, flips, chain, mutes, later) == Escalation(level=1)


def test_by_day_and_by_night_different_people_are_told() -> None:
    day = LocalHours(start=time(8, 30), end=time(18))
    night = LocalHours(start=time(18), end=time(8, 30))
    chain = (step(5, hours=(day,)), step(5, hours=(night,)))
    alert, flips = open_alert()  # at 10:00 in the hall
    assert escalation_due(alert, flips, chain, Mutes(hall()), TEN + 5 * MINUTE) == Escalation(level=1)
    evening = TEN + timedelta(hours=9)
    alert, flips = open_alert(evening)
    assert escalation_due(alert, flips, chain, Mutes(hall()), evening + 5 * MINUTE) == Escalation(level=2)


def test_minutes_in_quiet_hours_do_not_count() -> None:
    evening = datetime(2026, 3, 2, 9, 57, tzinfo=UTC)  # 17:57 in the hall
    alert, flips = open_alert(evening)
    morning = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)  # 8:30
    mutes = Mutes(hall(NIGHT))
    assert due(0, alert, flips, mutes, evening) == Escalation(due=morning + 2 * MINUTE)
    assert due(2, alert, flips, mutes, morning) == Escalation(level=1)


def test_serious_alerts_break_through_quiet_hours() -> None:
    night = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # 2:00 in the hall
    alert, flips = open_alert(night, Severity.SERIOUS)
    assert due(5, alert, flips, Mutes(hall(NIGHT)), night) == Escalation(level=1)


def test_quiet_while_the_hall_is_closed_ends_with_its_next_opening_after_the_weekend() -> None:
    friday = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)  # Friday 18:00 in the hall
    monday = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)  # Monday 9:00
    alert, flips = open_alert(friday)
    mutes = Mutes(hall(QuietHours(when_closed=True)))
    assert mutes.end(alert, friday) == monday
    assert due(0, alert, flips, mutes, friday) == Escalation(due=monday + 5 * MINUTE)


def test_a_hall_that_never_opens_again_is_no_endless_search() -> None:
    alert, flips = open_alert()
    mutes = Mutes(hall(QuietHours(when_closed=True), schedule=Schedule(days=())))
    assert mutes.end(alert, TEN) is None
    assert due(60, alert, flips, mutes) == Escalation()


def test_minutes_under_a_silence_do_not_count() -> None:
    alert, flips = open_alert()
    interval = Interval(TEN + 2 * MINUTE, TEN + 62 * MINUTE)
    silence = Silence(SilenceId("s"), Matcher(HALL), interval, "wang", "drill", TEN)
    mutes = Mutes(hall(), (silence,))
    assert due(30, alert, flips, mutes) == Escalation(due=TEN + 65 * MINUTE)
    ended = Mutes(hall(), (replace(silence, ended_at=TEN + 12 * MINUTE),))
    assert due(15, alert, flips, ended) == Escalation(level=1)


def test_a_step_that_came_due_just_before_a_silence_is_not_told_within_it() -> None:
    alert, flips = open_alert()
    interval = Interval(TEN + 5 * MINUTE, TEN + 65 * MINUTE)
    silence = Silence(SilenceId("s"), Matcher(HALL), interval, "wang", "drill", TEN)
    assert due(6, alert, flips, Mutes(hall(), (silence,))) == Escalation(due=TEN + 65 * MINUTE)

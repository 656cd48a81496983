"""Overdue steps: each step of a service has its limit, whoever works on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.again.findings import findings
from alerts.again.history import facts_of
from alerts.matter_facts import Service
from alerts.rules import finished, judge
from alerts.rules.overdue_step import ending
from hall.finding import AlertKind, AlertStatus, Standing
from hall.interval import Interval
from hall.names import PeriodId, RuleId, StaffId, TicketId, TransactionId
from hall.queueing import Period, Step, Transaction
from hall.rule import OverdueStepRule
from store import queueing
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, C2, HALL, TEN, W3, after, configuration, over, settings

RULE = OverdueStepRule(
    id=RuleId("step"),
    limit_seconds=600,
    steps={Step.REVIEW: 120},
    items={"passport": {Step.REVIEW: 60}},
)
ID = TransactionId("gulou-A012-20260302T020000")


def period(step: Step, start: float, end: float | None = None, staff: str = "li") -> Period:
    return Period(PeriodId(f"{ID}.{start}"), ID, W3, StaffId(staff), step, over(start, end))


def service(*periods: Period, item: str | None = None) -> Service:
    end = periods[-1].interval.end if periods else None
    transaction = Transaction(
        ID, HALL, TicketId("t"), "A012", None, item, W3, StaffId("li"), Interval(TEN, end)
    )
    return Service(settings(), transaction, periods)


@pytest.mark.parametrize(
    ("step", "item", "limit"),
    [
        (Step.ACCEPT, None, 600),
        (Step.REVIEW, None, 120),
        (Step.REVIEW, "passport", 60),
        (Step.ACCEPT, "passport", 600),
        (Step.REVIEW, "other", 120),
    ],
)
def test_each_step_has_its_own_limit(step: Step, item: str | None, limit: int) -> None:
    facts = service(period(step, 0), item=item)
    assert judge(facts, after(limit - 1), RULE).due == after(limit)
    found = judge(facts, after(limit), RULE)
    assert (found.standing, found.since, found.reached_at) == (Standing.FOUND, TEN, after(limit))


def test_the_sentence_names_window_ticket_step_and_limit() -> None:
    reason = judge(service(period(Step.REVIEW, 0)), after(130), RULE).reason
    assert reason.zh == "3号窗口 A012 号的审核环节自 10:00:00 起已 2 分 10 秒（限 2 分）"
    assert reason.en == (
        "The review of ticket A012 at window 3 goes on since 10:00:00, for 2 min 10 s (limit 2 min)"
    )


def test_a_step_goes_on_when_another_takes_over() -> None:
    facts = service(period(Step.REVIEW, 0, 100), period(Step.REVIEW, 100, staff="wang"))
    assert judge(facts, after(121), RULE).since == TEN


def test_a_step_ends_with_the_next_one_which_has_its_own_time() -> None:
    facts = service(period(Step.REVIEW, 0, 200), period(Step.APPROVE, 200))
    ended = ending(facts, TEN, after(300), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(200), "overdue_step.ended")
    assert judge(facts, after(300), RULE).due == after(800)


def test_a_step_that_ended_in_time_but_was_told_late_is_taken_back() -> None:
    ended = ending(service(period(Step.REVIEW, 0, 100)), TEN, after(300), RULE)
    assert ended is not None
    assert ended.reason.key == "overdue_step.retracted"
    gone = ending(service(period(Step.REVIEW, 5)), TEN, after(300), RULE)
    assert gone is not None
    assert (gone.ended_at, gone.reason.key) == (TEN, "overdue_step.retracted")


def test_a_step_that_nobody_ended_is_not_counted_beyond_its_day() -> None:
    facts = service(period(Step.REVIEW, 0))
    midnight = after(14 * 3600)
    assert judge(facts, midnight - timedelta(seconds=1), RULE).due == midnight
    assert judge(facts, midnight, RULE).standing is Standing.CLEAR
    ended = ending(facts, TEN, midnight, RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (midnight, "overdue_step.expired")


def test_every_step_that_took_too_long_is_found_afterwards() -> None:
    facts = service(
        period(Step.ACCEPT, 0, 700), period(Step.REVIEW, 700, 800), period(Step.APPROVE, 800, 2000)
    )
    past = list(finished(facts, TEN, after(3000), RULE))
    assert [(one.found.since, one.ended.ended_at) for one in past] == [
        (TEN, after(700)),
        (after(800), after(2000)),
    ]
    assert [one.found.since for one in finished(facts, after(700), after(3000), RULE)] == [after(800)]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.at(tmp_path, configuration(rules=(RULE,)))
    yield made
    made.database.close()


def save(scene: Scene, *periods: Period) -> None:
    facts = service(*periods)
    with scene.database.write() as tx:
        queueing.save_transaction(tx, facts.transaction, facts.periods, scene.clock.now())


def test_an_alert_opens_at_the_limit_and_ends_with_the_step(scene: Scene) -> None:
    save(scene, period(Step.REVIEW, 0))
    scene.to(119)
    assert scene.alerts() == []
    scene.to(150)
    alert = scene.only()
    assert (alert.kind, alert.opened_at, alert.cameras) == (AlertKind.OVERDUE_STEP, after(120), (C1, C2))
    assert (alert.subject.window, alert.subject.ticket_number, alert.subject.transaction) == (W3, "A012", ID)
    scene.restart()
    save(scene, period(Step.REVIEW, 0, 160), period(Step.APPROVE, 160))
    scene.to(170)
    assert (scene.only().status, scene.only().interval) == (AlertStatus.RESOLVED, over(0, 160))


def test_an_alert_of_a_transaction_that_never_was_is_taken_back(scene: Scene) -> None:
    save(scene, period(Step.REVIEW, 0))
    scene.to(150)
    with scene.database.write() as tx:
        queueing.remove_transactions(tx, TicketId("t"), (), scene.clock.now())
    scene.to(151)
    assert scene.only().interval == over(0, 0)
    assert scene.flips(scene.only())[-1].reason.key == "overdue_step.retracted"


def test_a_rule_that_is_switched_off_ends_its_alert(scene: Scene) -> None:
    save(scene, period(Step.REVIEW, 0))
    scene.to(150)
    scene.apply(configuration(rules=(RULE.model_copy(update={"enabled": False}),)))
    scene.to(151)
    assert scene.only().status is AlertStatus.RESOLVED


def test_a_hall_without_the_rule_reads_no_transactions(scene: Scene) -> None:
    scene.apply(configuration(rules=()))
    save(scene, period(Step.REVIEW, 0))
    scene.to(10)
    assert scene.evaluator._picture is not None
    known = scene.evaluator._picture.keys()
    assert not [name for _, name in known if name.startswith("transaction:")]


def test_a_transaction_found_at_a_restart_is_judged_as_before(scene: Scene) -> None:
    save(scene, period(Step.REVIEW, 0, 50, "li"), replace(period(Step.REVIEW, 50), staff=StaffId("wang")))
    scene.restart()
    scene.to(130)
    assert scene.only().interval == over(0)


def test_a_past_step_is_found_again_with_its_own_limit_even_if_it_ended_later(scene: Scene) -> None:
    save(scene, period(Step.ACCEPT, 0, 200), period(Step.REVIEW, 200, 400), period(Step.CLOSE, 400, 500))
    for end, found_at in ((300, []), (330, [Interval(after(200))]), (450, [over(200, 400)])):
        stretch = over(-60, end)
        facts = list(facts_of(scene.database, settings(), stretch))
        assert [one.interval for one in findings(facts, [RULE], stretch)] == found_at

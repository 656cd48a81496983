"""Whom a rule is about: its scope names windows, units, items, steps, cameras; an exemption takes out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alerts import judging
from alerts.facts import Facts, Outage, Post, Sight, Wait, WaitingArea
from alerts.matter_facts import CaseFile, Service
from alerts.rules.scoped import scoped
from hall.calendar import WorkCalendar
from hall.case import Case
from hall.finding import AlertStatus, Standing
from hall.media import GapReason
from hall.names import PeriodId, RuleId, TicketId, TransactionId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import Period, Step, Transaction, WindowState
from hall.rule import (
    CalledNotServedRule,
    CameraFaultRule,
    CrowdingRule,
    OverdueStepRule,
    OverdueTransactionRule,
    OverlongWaitRule,
    Rule,
    Scope,
)
from tests.unit.alerts.many_cameras import K1, K2, K3, hall_outage, outage_of
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import (
    ABSENCE,
    C1,
    C2,
    HALL,
    W1,
    W3,
    after,
    configuration,
    gap,
    over,
    seen,
    settings,
    status,
    ticket,
)  # fmt: skip

SMALL = settings()
POST = Post(SMALL, SMALL.windows[1])
RENEWAL = Transaction(TransactionId("t1"), HALL, TicketId("x"), "A012", None, "renewal", W3, None, over(0))
STEPS = (
    Period(PeriodId("p1"), RENEWAL.id, W3, None, Step.ACCEPT, over(0, 100)),
    Period(PeriodId("p2"), RENEWAL.id, W3, None, Step.HANDLE, over(100)),
)
SERVICE = Service(SMALL, RENEWAL, STEPS)
CASE = CaseFile(SMALL, Case(HALL, "S1", "renewal", after(0), window=W3), WorkCalendar())
CALLED = Wait(SMALL, replace(ticket(called=10), item="renewal"))
STEP = OverdueStepRule(id=RuleId("step"), limit_seconds=60)
CALL = CalledNotServedRule(id=RuleId("call"), limit_seconds=60)
DUE = OverdueTransactionRule(id=RuleId("due"))
WAITING = OverlongWaitRule(id=RuleId("wait"), limit_seconds=60)
FAULT = CameraFaultRule(id=RuleId("fault"), limit_seconds=60)
CROWD = CrowdingRule(id=RuleId("crowd"), limit_people=20, limit_seconds=60)


def within(rule: Rule, **scope: object) -> Rule:
    return rule.model_copy(update={"scope": Scope.model_validate(scope)})


def without(rule: Rule, **exempt: object) -> Rule:
    return rule.model_copy(update={"exempt": Scope.model_validate(exempt)})


@pytest.mark.parametrize(
    ("facts", "rule", "names", "others"),
    [
        (POST, ABSENCE, {"windows": ["w03", "w01"]}, {"windows": ["w01"]}),
        (POST, ABSENCE, {"units": ["civil"]}, {"units": ["tax"]}),
        (POST, ABSENCE, {"cameras": ["c02"]}, {"cameras": ["c09"]}),
        (CALLED, CALL, {"windows": ["w03"], "items": ["renewal"]}, {"windows": ["w03"], "items": ["visa"]}),
        (CALLED, WAITING, {"items": ["renewal"]}, {"items": ["visa"]}),
        (SERVICE, STEP, {"units": ["civil"], "items": ["renewal"]}, {"windows": ["w01"]}),
        (CASE, DUE, {"items": ["renewal"], "windows": ["w03"]}, {"units": ["tax"]}),
        (Outage(SMALL, SMALL.cameras[0]), FAULT, {"cameras": ["c01"]}, {"cameras": ["c02"]}),
    ],
)
def test_a_rule_is_about_what_its_scope_names(
    facts: Facts, rule: Rule, names: dict[str, object], others: dict[str, object]
) -> None:
    assert scoped(rule, facts) is facts
    assert scoped(within(rule, **names), facts) == facts
    assert scoped(within(rule, **others), facts) is None
    assert scoped(without(rule, **names), facts) is None
    assert scoped(without(rule, **others), facts) == facts


def test_what_has_no_window_yet_is_in_no_scope_of_windows() -> None:
    nobody_called = Wait(SMALL, ticket())
    assert scoped(within(CALL, windows=["w01", "w03"]), nobody_called) is None
    assert scoped(without(CALL, windows=["w01", "w03"]), nobody_called) == nobody_called


def test_of_a_transaction_only_the_steps_of_the_scope_are_judged() -> None:
    assert judging.judge(SERVICE, after(200), within(STEP, steps=["handle"])).since == after(100)
    accepted = within(STEP, steps=["accept"])
    assert judging.judge(SERVICE, after(200), accepted).standing is Standing.CLEAR
    assert [past.found.since for past in judging.finished(SERVICE, after(0), after(200), accepted)] == [
        after(0)
    ]
    assert (
        judging.judge(SERVICE, after(200), without(STEP, items=["renewal"], steps=["handle"])).since is None
    )
    assert judging.judge(SERVICE, after(200), without(STEP, items=["visa"], steps=["handle"])).since == after(
        100
    )


def test_a_crowd_is_counted_by_the_cameras_of_the_scope() -> None:
    def counted(camera: str, people: float) -> Sight:
        seen_there = Observation(
            ObservationKind.PEOPLE,
            SMALL.cameras[0].id,
            ZoneId("z"),
            None,
            over(0),
            "counted",
            people,
            1.0,
            "t@1",
        )
        return Sight(C1 if camera == "c01" else C2, ZoneId("z"), (seen_there,), after(1e6))

    area = WaitingArea(SMALL, (counted("c01", 15), counted("c02", 15)))
    assert judging.judge(area, after(100), CROWD).people == 30
    assert judging.judge(area, after(100), within(CROWD, cameras=["c01"])).standing is Standing.CLEAR
    assert judging.judge(area, after(100), without(CROWD, cameras=["c02"])).standing is Standing.CLEAR
    none_left = judging.judge(area, after(100), within(CROWD, cameras=["c09"]))
    assert none_left.reason.key == "scope.outside"


def test_what_no_rule_is_about_says_so_and_waits_for_nothing() -> None:
    verdict = judging.judge(POST, after(0), within(ABSENCE, windows=["w01"]))
    assert (verdict.standing, verdict.due) == (Standing.CLEAR, None)
    assert (verdict.reason.zh, verdict.reason.en) == (
        "不在规则「absence」的适用范围内",
        "The rule 'absence' is not about this",
    )
    assert list(judging.finished(POST, after(0), after(100), within(ABSENCE, windows=["w01"]))) == []


def empty_hall(tmp_path: Path, *hall_rules: Rule) -> Scene:
    """Both windows are open, and both are left at ten."""
    scene = Scene.at(tmp_path, configuration(rules=hall_rules))
    scene.tell(status(WindowState.OPEN, -3000))
    scene.tell(status(WindowState.OPEN, -3000, window=W1))
    scene.see(
        seen(Presence.ON_POST, -3000),
        seen(Presence.ABSENT, 0),
        seen(Presence.ABSENT, 0, zone="s1", window=W1),
    )
    return scene


def test_each_window_has_the_limit_of_the_rule_that_names_it(tmp_path: Path) -> None:
    patient = ABSENCE.model_copy(update={"id": RuleId("patient"), "limit_seconds": 120})
    scene = empty_hall(tmp_path, within(ABSENCE, windows=["w03"]), without(patient, windows=["w03"]))
    scene.to(200)
    found = [(alert.rule, alert.subject.window, alert.opened_at) for alert in scene.alerts()]
    assert found == [("absence", W3, after(15)), ("patient", W1, after(120))]
    scene.database.close()


def test_an_alert_ends_when_its_rule_is_no_longer_about_it(tmp_path: Path) -> None:
    scene = empty_hall(tmp_path, ABSENCE)
    scene.to(20)
    scene.apply(configuration(rules=(within(ABSENCE, windows=["w01"]),)))
    scene.to(30)
    ended = next(alert for alert in scene.alerts() if alert.subject.window == W3)
    assert (ended.status, ended.interval) == (AlertStatus.RESOLVED, over(0, 20))
    assert scene.flips(ended)[-1].reason.key == "scope.outside"
    stands = next(alert for alert in scene.alerts() if alert.subject.window == W1)
    assert stands.status is AlertStatus.OPEN
    scene.database.close()


def test_how_it_ended_is_told_also_of_what_has_left_the_scope() -> None:
    """A call that went on to another window ended there, not when somebody looked at the scope."""
    rule = within(CALL, windows=["w01"])
    moved = Wait(SMALL, replace(ticket(called=10), calling=over(100), past_calls=(over(10, 100),)))
    ended = judging.ending(moved, after(10), after(300), rule)
    assert ended is not None
    assert ended.ended_at == after(100)


def test_a_camera_outside_the_scope_may_fail_unnoticed() -> None:
    outage = Outage(SMALL, SMALL.cameras[0], (gap(GapReason.OFFLINE, 0),))
    assert judging.judge(outage, after(100), FAULT).standing is Standing.FOUND
    assert judging.judge(outage, after(100), without(FAULT, cameras=["c01"])).standing is Standing.CLEAR


def test_cameras_outside_the_scope_make_no_outage_of_the_hall() -> None:
    gaps = [gap(GapReason.OFFLINE, 0, None, camera) for camera in (K1, K2, K3)]
    hall, two = hall_outage(*gaps), within(FAULT, cameras=["k1", "k2"])
    assert judging.judge(hall, after(100), FAULT).standing is Standing.FOUND
    assert judging.judge(hall, after(100), two).standing is Standing.CLEAR
    assert judging.judge(outage_of(hall, K1), after(100), FAULT).standing is Standing.CLEAR
    assert judging.judge(outage_of(hall, K1), after(100), two).standing is Standing.FOUND
    assert judging.judge(outage_of(hall, K3), after(100), two).standing is Standing.CLEAR

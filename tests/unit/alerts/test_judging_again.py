"""Recorded facts judged again: alike under the same rules, and what differs under others."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from alerts.again.comparing import Change, Compared, compared
from alerts.again.findings import Finding, continued, findings
from alerts.again.history import days, facts_of
from hall.config import HallSettings
from hall.finding import AlertKind, AlertStatus, Severity
from hall.interval import Interval
from hall.media import GapReason
from hall.names import RuleId
from hall.observing import Presence
from hall.queueing import PauseReason, WindowState
from hall.rule import AbsenceRule, OverlongWaitRule, Rule
from hall.schedule import Schedule
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import ABSENCE, HALL, W3, after, configuration, over, seen, status, ticket

HERE, LEAVING, ABSENT = Presence.ON_POST, Presence.LEAVING, Presence.ABSENT
UNSEEN = Presence.UNKNOWN


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Window 3 is open and staffed."""
    made = Scene.at(tmp_path, configuration())
    made.tell(status(WindowState.OPEN, -3000))
    made.see(seen(HERE, -3000))
    yield made
    made.database.close()


def away(scene: Scene, start: float, end: float) -> None:
    """Nobody is on post between two moments, which is sure after six seconds."""
    scene.to(start + 6)
    scene.see(seen(LEAVING, start), seen(ABSENT, start + 6))
    scene.to(end)
    scene.see(seen(HERE, end))
    scene.to(end)


def again(
    scene: Scene,
    whole: Interval,
    rules: Sequence[Rule] | None = None,
    settings: HallSettings | None = None,
) -> list[Compared]:
    """Everything between two moments judged again, under the rules of the hall unless others are given."""
    hall = settings or configuration().halls[0]
    found: list[Finding] = []
    for day in days(hall, whole):
        found += findings(facts_of(scene.database, hall, day), rules or hall.rules, day)
    return compared(scene.alerts(), continued(found), whole)


def test_under_the_same_rules_nothing_differs(scene: Scene) -> None:
    scene.queue(ticket("A001", taken=10))
    away(scene, 100, 140)
    scene.lose(GapReason.OFFLINE, 200)
    scene.to(260)
    scene.recover(260)
    scene.to(700)
    scene.queue(ticket("A001", taken=10, called=700))
    scene.to(700)
    causes = again(scene, over(-3000, 800))
    assert [(each.kind, each.change) for each in causes] == [
        (AlertKind.OVERLONG_WAIT, Change.ALIKE),
        (AlertKind.ABSENCE, Change.ALIKE),
        (AlertKind.CAMERA_FAULT, Change.ALIKE),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happened_the_evaluators_alerts_are_found_again(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    scene = Scene.at(tmp_path, configuration())
    statuses = [status(WindowState.OPEN, -3000)]
    scene.tell(*statuses)
    for _ in range(40):
        at = (scene.clock.now() - after(0)).total_seconds() + chance.choice((1, 4, 9, 20, 70))
        scene.to(at)
        if chance.random() < 0.2:
            state = chance.choice((WindowState.OPEN, WindowState.PAUSED, WindowState.CLOSED))
            reason = PauseReason.BREAK if state is WindowState.PAUSED else None
            ended = replace(statuses[-1], interval=statuses[-1].interval.closed(after(at)))
            statuses = [*statuses[:-1], ended, status(state, at, reason=reason)]
            scene.tell(*statuses)
        else:
            scene.see(seen(chance.choice((HERE, LEAVING, ABSENT, UNSEEN)), at))
        scene.to(at)
    whole = Interval(after(-3000), scene.clock.now())
    causes = again(scene, whole)
    assert {each.change for each in causes} <= {Change.ALIKE}
    assert len(causes) == len(scene.alerts())
    scene.database.close()


def test_a_shorter_limit_finds_more_and_a_longer_one_less(scene: Scene) -> None:
    away(scene, 100, 112)
    away(scene, 200, 230)
    stricter = ABSENCE.model_copy(update={"limit_seconds": 10, "version": 2})
    [short, long] = again(scene, over(0, 300), [stricter])
    assert (short.change, short.start) == (Change.NEW, after(100))
    assert short.finding is not None
    assert short.finding.interval == over(100, 112)
    assert "10" in short.finding.reason.en
    assert (long.change, long.start) == (Change.ALIKE, after(200))
    [gone] = again(scene, over(0, 300), [ABSENCE.model_copy(update={"limit_seconds": 60})])
    assert gone.change is Change.GONE


def test_an_alert_that_an_officer_called_false_is_known_as_such(scene: Scene) -> None:
    away(scene, 100, 130)
    scene.officer(scene.only().id, AlertStatus.DISMISSED)
    [gone] = again(scene, over(0, 300), [ABSENCE.model_copy(update={"limit_seconds": 60})])
    assert (gone.change, gone.was_dismissed) == (Change.GONE, True)


def test_another_severity_is_a_difference(scene: Scene) -> None:
    away(scene, 100, 130)
    [one] = again(scene, over(0, 300), [ABSENCE.model_copy(update={"severity": Severity.SERIOUS})])
    assert one.change is Change.SEVERITY


def test_a_pause_that_is_not_excused_any_more_makes_an_absence_longer(scene: Scene) -> None:
    scene.tell(
        status(WindowState.OPEN, -3000, 100),
        status(WindowState.PAUSED, 100, 150, reason=PauseReason.BREAK),
        status(WindowState.OPEN, 150),
    )
    away(scene, 100, 200)
    [one] = again(scene, over(0, 300), [ABSENCE.model_copy(update={"allowed_pauses": {}})])
    assert one.change is Change.TIMES
    assert one.alert is not None
    assert one.alert.interval == over(150, 200)
    assert one.finding is not None
    assert one.finding.interval == over(100, 200)


def test_a_rule_that_is_switched_off_finds_nothing(scene: Scene) -> None:
    away(scene, 100, 130)
    [gone] = again(scene, over(0, 300), [ABSENCE.model_copy(update={"enabled": False})])
    assert gone.change is Change.GONE


def test_who_was_called_after_the_end_of_the_time_waited_at_its_end(scene: Scene) -> None:
    scene.queue(ticket("A001", taken=0))
    scene.to(700)
    scene.queue(ticket("A001", taken=0, called=1000))
    scene.to(1000)
    [one] = again(scene, over(0, 650))
    assert one.change is Change.ALIKE
    assert one.finding is not None
    assert one.finding.interval.is_open
    assert again(scene, over(0, 500)) == [], "its limit was reached later"


def test_an_absence_over_midnight_is_one(tmp_path: Path) -> None:
    settings = configuration(schedule=Schedule(always=True))
    scene = Scene.at(tmp_path, settings)
    midnight = 14 * 3600
    scene.clock.wall = after(midnight - 900)
    scene.tell(status(WindowState.OPEN, midnight - 900))
    scene.see(seen(HERE, midnight - 900))
    away(scene, midnight - 600, midnight + 1200)
    [one] = again(scene, over(0, midnight + 3600), settings=settings.halls[0])
    assert one.change is Change.ALIKE
    assert one.finding is not None
    assert one.finding.interval == over(midnight - 600, midnight + 1200)
    scene.database.close()


def test_days_are_those_of_the_hall() -> None:
    whole = over(0, 2 * 86400)
    parts = list(days(configuration().halls[0], whole))
    assert parts[0].start == whole.start
    assert parts[0].end == after(14 * 3600), "midnight in Shanghai is fourteen hours after ten"
    assert parts[-1].end == whole.end
    assert all(one.end == other.start for one, other in pairwise(parts))


def test_facts_of_a_stretch_reach_back_a_day(scene: Scene) -> None:
    scene.queue(ticket("A001", taken=-3000))
    start = after(0) + timedelta(hours=12)
    facts = list(facts_of(scene.database, configuration().halls[0], Interval(start, start + timedelta(1))))
    assert {each.subject.name for each in facts} == {
        "window:w01",
        "window:w03",
        "ticket:gulou-20260302-A001",
        "camera:c01",
        "camera:c02",
        "hall:gulou",
    }


def test_two_alerts_of_one_window_are_not_taken_for_one(scene: Scene) -> None:
    away(scene, 100, 120)
    away(scene, 200, 220)
    causes = again(scene, over(0, 300), [ABSENCE, OverlongWaitRule(id=RuleId("wait"))])
    assert [each.change for each in causes] == [Change.ALIKE, Change.ALIKE]
    assert [each.start for each in causes] == [after(100), after(200)]
    assert {each.alert.subject.window for each in causes if each.alert is not None} == {W3}
    assert {each.alert.subject.hall for each in causes if each.alert is not None} == {HALL}
    assert isinstance(causes[0].finding and causes[0].finding.rule, AbsenceRule)

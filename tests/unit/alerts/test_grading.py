"""Ladders of severities: what lasts or grows gets more serious, once, by itself, whatever restarts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import judging
from alerts.again.comparing import Change, compared
from alerts.again.findings import continued, findings
from alerts.again.history import facts_of
from alerts.facts import Sight, WaitingArea
from hall.alert_life import SEVERITIES, Action
from hall.finding import AlertStatus, FlipKind, Severity
from hall.names import RuleId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.place import Zone, ZoneRole
from hall.queueing import WindowState
from hall.rule import AbsenceRule, CrowdingRule, OverlongWaitRule, Raise
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import (
    ABSENCE,
    C1,
    after,
    configuration,
    over,
    seen,
    settings,
    status,
    ticket,
)

ATTENTION, WARNING, SERIOUS = Severity
LADDER = (Raise(severity=WARNING, after_seconds=60), Raise(severity=SERIOUS, after_seconds=300))
RULE = ABSENCE.model_copy(update={"severity": ATTENTION, "raises": LADDER})
WAITING = OverlongWaitRule(
    id=RuleId("overlong-wait"),
    limit_seconds=600,
    severity=ATTENTION,
    raises=(Raise(severity=SERIOUS, after_seconds=900),),
)
CROWD = CrowdingRule(
    id=RuleId("crowding"),
    limit_people=20,
    limit_seconds=60,
    severity=ATTENTION,
    raises=(Raise(severity=WARNING, people=30), Raise(severity=SERIOUS, people=40)),
)
WAIT = ZoneId("wait")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Window 3 is open and was left at ten, under the ladder."""
    made = Scene.at(tmp_path, configuration(rules=(RULE, WAITING)))
    made.tell(status(WindowState.OPEN, -3000))
    made.see(seen(Presence.ON_POST, -3000))
    made.to(6)
    made.see(seen(Presence.LEAVING, 0), seen(Presence.ABSENT, 6))
    yield made
    made.database.close()


def back(scene: Scene, at: float) -> None:
    scene.to(at)
    scene.see(seen(Presence.ON_POST, at))
    scene.to(at)


def raised(scene: Scene) -> list[tuple[float, Severity]]:
    """When the only alert got which severity, in seconds after ten."""
    flips = scene.flips(scene.only())
    return [
        ((flip.at - after(0)).total_seconds(), flip.severity)
        for flip in flips
        if flip.kind is FlipKind.SEVERITY or flip.before is None
    ]


def test_time_alone_makes_what_lasts_more_serious(scene: Scene) -> None:
    scene.to(1000)
    assert raised(scene) == [(15, ATTENTION), (60, WARNING), (300, SERIOUS)]
    assert scene.only().severity is SERIOUS


def test_the_flip_that_raises_says_how_long_it_has_lasted(scene: Scene) -> None:
    scene.to(61)
    assert scene.flips(scene.only())[-1].reason.zh == "3号窗口自 10:00:00 起无人在岗，已 1 分（限 15 秒）"


@pytest.mark.parametrize("moments", [(59, 61), (60,), (16, 60, 299, 300, 301)])
def test_restarts_raise_nothing_twice_and_lose_nothing(scene: Scene, moments: tuple[float, ...]) -> None:
    for moment in moments:
        scene.to(moment)
        scene.restart()
    scene.to(1000)
    assert raised(scene) == [(15, ATTENTION), (60, WARNING), (300, SERIOUS)]


def test_what_was_reached_while_nobody_judged_is_raised_once_on_return(scene: Scene) -> None:
    scene.to(20)
    scene.clock.wall = after(400)
    scene.watch(after(400))
    scene.restart()
    scene.to(500)
    assert raised(scene) == [(15, ATTENTION), (400, SERIOUS)]


def test_an_acknowledged_alert_is_open_again_when_it_is_more_serious(scene: Scene) -> None:
    scene.to(20)
    scene.act(scene.only(), Action.ACKNOWLEDGE)
    scene.to(61)
    assert (scene.only().status, scene.only().severity) == (AlertStatus.OPEN, WARNING)


def test_a_dismissed_alert_is_not_raised(scene: Scene) -> None:
    scene.to(20)
    scene.act(scene.only(), Action.DISMISS)
    scene.to(1000)
    assert (scene.only().status, scene.only().severity) == (AlertStatus.DISMISSED, ATTENTION)


def test_what_ends_before_a_step_of_the_ladder_stays_below_it(scene: Scene) -> None:
    back(scene, 59)
    scene.to(1000)
    assert raised(scene) == [(15, ATTENTION)]


def test_a_cause_found_late_has_the_severity_of_its_whole_length(scene: Scene) -> None:
    back(scene, 14)
    scene.to(1000)
    scene.queue(ticket(taken=20, called=921))
    scene.queue(ticket("A013", taken=20, called=920))
    scene.to(1001)
    found = {alert.subject.ticket_number: alert.severity for alert in scene.alerts()}
    assert found == {"A012": SERIOUS, "A013": ATTENTION}


def test_judging_again_gives_the_severities_that_were_raised(scene: Scene) -> None:
    back(scene, 200)
    scene.queue(ticket(taken=10))
    scene.to(1000)
    whole = over(-3000, 1000)
    under = (RULE, WAITING)
    found = continued(findings(facts_of(scene.database, settings(), whole), under, whole))
    causes = compared(scene.alerts(), found, whole)
    assert [(each.change, each.finding and each.finding.severity) for each in causes] == [
        (Change.ALIKE, WARNING),
        (Change.ALIKE, SERIOUS),
    ]
    without = [rule.model_copy(update={"raises": ()}) for rule in under]
    found = continued(findings(facts_of(scene.database, settings(), whole), without, whole))
    assert [each.change for each in compared(scene.alerts(), found, whole)] == [Change.SEVERITY] * 2


def people(count: int, start: float, end: float | None = None) -> Observation:
    return Observation(
        ObservationKind.PEOPLE, C1, WAIT, None, over(start, end), "counted", float(count), 1.0, "test@1"
    )


def crowd_at(seconds: float, *counts: Observation) -> Severity | None:
    area = WaitingArea(settings(), (Sight(C1, WAIT, counts, after(1e6)),))
    return judging.judge(area, after(seconds), CROWD).severity


def test_a_crowd_is_as_serious_as_the_most_who_were_in_it() -> None:
    counts = people(25, 0, 100), people(45, 100, 110), people(21, 110)
    assert [crowd_at(seconds, *counts) for seconds in (99, 105, 200)] == [ATTENTION, SERIOUS, SERIOUS]


def test_a_crowd_that_grows_is_raised_when_it_does(tmp_path: Path) -> None:
    zone = Zone(id=WAIT, role=ZoneRole.WAITING, polygon=((0, 0), (1, 0), (1, 1)))
    camera = settings().cameras[0]
    cameras = (camera.model_copy(update={"zones": (*camera.zones, zone)}),)
    scene = Scene.at(tmp_path, configuration(rules=(CROWD,), cameras=cameras))
    for moment, count in ((0, 25), (100, 32), (200, 22), (300, 31), (400, 41)):
        scene.to(moment)
        scene.see(people(count, moment))
        scene.to(moment)
        scene.restart()
    scene.to(500)
    assert raised(scene) == [(60, ATTENTION), (100, WARNING), (400, SERIOUS)]
    scene.database.close()


def test_a_late_severity_without_a_ladder_is_the_rules_own() -> None:
    area = WaitingArea(settings(), (Sight(C1, WAIT, (people(25, 0),), after(1e6)),))
    plain = CROWD.model_copy(update={"raises": ()})
    assert judging.judge(area, after(100), plain).severity is None


@given(st.lists(st.integers(1, 400), min_size=2, max_size=20), st.integers(0, 60))
def test_severity_never_falls_while_a_cause_lasts(moments: list[int], most: int) -> None:
    rule = AbsenceRule(id=RuleId("a"), severity=ATTENTION, raises=LADDER)
    lengths = [after(moment) - after(0) for moment in sorted(moments)]
    severities = [SEVERITIES.index(rule.severity_of(length, most)) for length in lengths]
    assert all(before <= later for before, later in pairwise(severities))


@given(st.integers(0, 400))
def test_the_next_raise_is_the_first_moment_with_another_severity(seconds: int) -> None:
    lasted = after(seconds) - after(0)
    following = RULE.next_raise(lasted)
    now = RULE.severity_of(lasted, None)
    if following is None:
        assert now is SERIOUS
    else:
        instant = after(0.000001) - after(0)
        assert RULE.severity_of(following - instant, None) is now
        assert RULE.severity_of(following, None) is not now


def test_an_alert_counts_from_its_own_beginning(scene: Scene) -> None:
    """Facts may reach further back than what an alert was opened for: nobody saw what was in between."""
    scene.to(20)
    alert = replace(scene.only(), interval=over(100))
    area = WaitingArea(settings(), (Sight(C1, WAIT, (people(25, 0),), after(1e6)),))
    timed = CROWD.model_copy(update={"raises": (Raise(severity=SERIOUS, after_seconds=300),)})
    assert judging.judge(area, after(310), timed).severity is SERIOUS
    verdict = judging.judge(area, after(310), timed, alert)
    assert (verdict.severity, verdict.due) == (ATTENTION, after(400))


def test_a_ladder_that_was_made_milder_lowers_nothing_that_stands(scene: Scene) -> None:
    scene.to(61)
    milder = RULE.model_copy(update={"raises": (Raise(severity=SERIOUS, after_seconds=500),)})
    scene.apply(configuration(rules=(milder,)))
    scene.to(400)
    assert raised(scene) == [(15, ATTENTION), (60, WARNING)]
    scene.to(501)
    assert raised(scene) == [(15, ATTENTION), (60, WARNING), (500, SERIOUS)]
    assert scene.only().rule_version == 1

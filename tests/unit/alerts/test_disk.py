"""Disks: each state that is not well is found once, with its figures, and ends when it is over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.facts import DiskSpace
from alerts.rules import applies
from alerts.rules.disk import ending, judge
from hall.finding import Alert, AlertKind, AlertStatus, Standing
from hall.interval import Interval
from hall.names import RuleId
from hall.rule import CameraFaultRule, DiskRule
from hall.storage import Disk, DiskState
from store import alerting, disks
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import ALL, HALL, TEN, after, configuration, settings

RULE = DiskRule(id=RuleId("disk"))
BAD = [state for state in DiskState if state is not DiskState.OK]


def disk(state: DiskState, since: float = 0, short: float | None = None) -> Disk:
    """A terabyte, a tenth of it free, 100 GB a day."""
    short_at = None if short is None else after(short)
    return Disk("/srv/one", 10**12, 10**11, 1e11 / 86_400, short_at, state, after(since), after(since))


def space(state: DiskState, since: float = 0, short: float | None = None) -> DiskSpace:
    return DiskSpace(settings(), disk(state, since, short))


@pytest.mark.parametrize("state", BAD)
def test_every_state_that_is_not_well_is_found_from_its_begin_with_its_own_words(state: DiskState) -> None:
    verdict = judge(space(state, 5, 3600), after(6), RULE)
    assert (verdict.standing, verdict.since, verdict.reason.key) == (
        Standing.FOUND,
        after(5),
        f"disk.{state}",
    )
    others = [judge(space(other), after(6), RULE).reason for other in DiskState if other is not state]
    assert verdict.reason.zh not in [one.zh for one in others]
    assert verdict.reason.en not in [one.en for one in others]


def test_a_disk_that_is_well_is_not_found() -> None:
    assert judge(space(DiskState.OK), after(6), RULE).standing is Standing.CLEAR


def test_a_limit_is_waited_for() -> None:
    rule = DiskRule(id=RuleId("disk"), limit_seconds=60)
    early = judge(space(DiskState.SHORT, 5), after(64), rule)
    assert (early.standing, early.due) == (Standing.CLEAR, after(65))
    assert judge(space(DiskState.SHORT, 5), after(65), rule).standing is Standing.FOUND


def test_the_reason_tells_the_moment_and_the_figures_in_both_languages() -> None:
    reason = judge(space(DiskState.SHORT_SOON, 0, 86_400), TEN, RULE).reason
    assert reason.zh.startswith("磁盘 /srv/one 将于 2026-03-03 10:00")
    assert "剩余 100.0 GB，每天写入 100.0 GB" in reason.zh
    assert "at 2026-03-03 10:00" in reason.en
    assert "100.0 GB free, 100.0 GB written a day" in reason.en
    assert reason.values["short_at"] == "2026-03-03T10:00:00+08:00"


def test_a_finding_lasts_while_its_state_does_and_ends_with_the_next() -> None:
    assert ending(space(DiskState.SHORT_SOON, 5), after(5)) is None
    worse = ending(space(DiskState.SHORT, 50), after(5))
    well = ending(space(DiskState.OK, 60), after(5))
    assert worse is not None
    assert well is not None
    assert (worse.ended_at, well.ended_at) == (after(50), after(60))
    assert "well again" in well.reason.en


def test_the_rule_is_about_disks_alone() -> None:
    assert applies(RULE, space(DiskState.OK))
    assert not applies(CameraFaultRule(id=RuleId("c")), space(DiskState.OK))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path, configuration(rules=(RULE,)))


def measure(scene: Scene, state: DiskState, short: float | None = None) -> None:
    measured = replace(disk(state, 0, short), since=scene.clock.now(), at=scene.clock.now())
    with scene.database.write() as tx:
        disks.measured(tx, HALL, measured)


def found(scene: Scene) -> list[Alert]:
    with scene.database.read() as tx:
        return alerting.alerts_of(tx, start=ALL.start)[::-1]


def test_an_alert_opens_before_the_disk_is_full_and_closes_when_it_is_well(scene: Scene) -> None:
    measure(scene, DiskState.OK)
    scene.to(10)
    assert found(scene) == []
    measure(scene, DiskState.SHORT_SOON, 86_400)
    scene.to(20)
    measure(scene, DiskState.SHORT_SOON, 80_000)
    scene.to(30)
    (alert,) = found(scene)
    assert (alert.kind, alert.status, alert.subject.disk) == (AlertKind.DISK, AlertStatus.OPEN, "/srv/one")
    assert (alert.interval, alert.cameras) == (Interval(after(10)), ())
    measure(scene, DiskState.OK)
    scene.to(40)
    (alert,) = found(scene)
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, Interval(after(10), after(30)))


def test_what_gets_worse_is_told_anew(scene: Scene) -> None:
    measure(scene, DiskState.SHORT_SOON, 100)
    scene.to(10)
    measure(scene, DiskState.FULL)
    scene.to(20)
    assert [(one.status, one.reason.key) for one in found(scene)] == [
        (AlertStatus.RESOLVED, "disk.short_soon"),
        (AlertStatus.OPEN, "disk.full"),
    ]


def test_a_restart_of_the_evaluator_finds_the_same_alert(scene: Scene) -> None:
    measure(scene, DiskState.SHORT)
    scene.to(10)
    scene.restart()
    scene.to(20)
    measure(scene, DiskState.OK)
    scene.to(30)
    (alert,) = found(scene)
    assert alert.status is AlertStatus.RESOLVED


def test_a_disk_that_is_no_longer_configured_ends_its_alert(scene: Scene) -> None:
    measure(scene, DiskState.SHORT)
    scene.to(10)
    with scene.database.write() as tx:
        disks.forget(tx, HALL, disks.all_disks(tx)[0])
    scene.to(20)
    assert [one.status for one in found(scene)] == [AlertStatus.RESOLVED]

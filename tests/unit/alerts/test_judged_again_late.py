"""Alerts that are over, and what facts that come hours or days late make of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hall.finding import AlertStatus
from hall.interval import Interval
from hall.media import GapReason
from hall.observing import Presence
from hall.queueing import PauseReason, WindowState
from hall.rule import AbsenceRule, Rule
from tests.unit.alerts.many_cameras import K1, K2, K3, SIX, picture, six_cameras
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C2, after, configuration, over, seen, status, ticket
from tests.unit.alerts.small_hall import settings as settings_of

OFFLINE, RESTART = GapReason.OFFLINE, GapReason.PROCESS_RESTART
AN_HOUR = 3600


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.at(tmp_path, configuration())
    yield made
    made.database.close()


@pytest.fixture
def cameras(tmp_path: Path) -> Iterator[Scene]:
    """Six cameras; three that are out at once are the hall."""
    made = Scene.at(tmp_path, six_cameras(settings_of().rules[2]))
    made.watched = SIX
    yield made
    made.database.close()


def intervals(scene: Scene) -> list[tuple[str, Interval, bool]]:
    """Each alert: about what, from when to when, and whether it is taken back."""
    return [
        (one.subject.name, one.interval, scene.flips(one)[-1].reason.key.endswith(".retracted"))
        for one in sorted(scene.alerts(), key=lambda one: one.subject.name)
    ]


def test_a_camera_that_was_out_behind_a_restart_goes_on_in_the_same_alert(cameras: Scene) -> None:
    """The recorder restarts, cannot reach the database, and tells only later what it had found at once."""
    cameras.lose(OFFLINE, 0, K1)
    cameras.to(50)
    cameras.lose(RESTART, 50, K1)
    cameras.to(90)
    assert intervals(cameras) == [("camera:k1", over(0, 50), False)]
    cameras.lose(OFFLINE, 60, K1)
    cameras.to(91)
    assert intervals(cameras) == [("camera:k1", over(0), False)]
    assert cameras.only().status is AlertStatus.OPEN


def test_cameras_told_one_by_one_are_the_hall_s_when_the_third_is_told_late(cameras: Scene) -> None:
    for camera in (K1, K2):
        cameras.lose(OFFLINE, 0, camera)
    cameras.to(100)
    for camera in (K1, K2):
        cameras.recover(100, camera)
    cameras.to(200)
    assert intervals(cameras) == [("camera:k1", over(0, 100), False), ("camera:k2", over(0, 100), False)]
    cameras.lose(OFFLINE, 0, K3)
    cameras.recover(100, K3)
    cameras.to(201)
    cameras.restart()
    cameras.to(202)
    assert intervals(cameras) == [
        ("camera:k1", over(0, 0), True),
        ("camera:k2", over(0, 0), True),
        ("hall:gulou", over(0, 100), False),
    ]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_pause_told_five_hours_late_takes_an_absence_of_the_morning_back(
    scene: Scene, restarts: bool
) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.ON_POST, -3000), seen(Presence.ABSENT, 0))
    scene.to(40)
    scene.see(seen(Presence.ON_POST, 50))
    scene.to(5 * AN_HOUR)
    assert intervals(scene) == [("window:w03", over(0, 50), False)]
    paused = status(WindowState.PAUSED, -1, 51, reason=PauseReason.BREAK)
    if restarts:
        scene.restart()
        scene.to(5 * AN_HOUR + 1)
    scene.tell(status(WindowState.OPEN, -3000, -1), paused, status(WindowState.OPEN, 51))
    scene.to(5 * AN_HOUR + 2)
    assert intervals(scene) == [("window:w03", over(0, 0), True)]


def test_cameras_of_the_morning_are_judged_again_in_the_evening(cameras: Scene) -> None:
    for camera in (K1, K2):
        cameras.lose(OFFLINE, 0, camera)
    cameras.to(100)
    for camera in (K1, K2):
        cameras.recover(100, camera)
    cameras.to(5 * AN_HOUR)
    cameras.lose(OFFLINE, 0, K3)
    cameras.recover(90, K3)
    cameras.to(5 * AN_HOUR + 1)
    assert intervals(cameras) == [
        ("camera:k1", over(0, 0), True),
        ("camera:k2", over(0, 0), True),
        ("hall:gulou", over(0, 100), False),
    ]


def test_a_ticket_that_is_corrected_days_later_is_judged_again(scene: Scene) -> None:
    scene.queue(ticket(taken=0))
    scene.to(700)
    scene.queue(ticket(taken=0, called=700))
    scene.to(710)
    scene.clock.wall = after(3 * 24 * AN_HOUR)
    scene.restart()
    scene.to(3 * 24 * AN_HOUR + 1)
    scene.queue(ticket(taken=0, called=500))
    scene.to(3 * 24 * AN_HOUR + 2)
    assert intervals(scene) == [("ticket:gulou-20260302-A012", over(0, 500), True)]


def test_what_was_found_under_other_limits_is_left_as_it_is(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.ON_POST, -3000), seen(Presence.ABSENT, 0))
    scene.to(40)
    scene.see(seen(Presence.ON_POST, 50))
    scene.to(60)
    longer: list[Rule] = [
        rule.model_copy(update={"limit_seconds": 60}) if isinstance(rule, AbsenceRule) else rule
        for rule in settings_of().rules
    ]
    scene.apply(configuration(rules=tuple(longer)))
    scene.to(70)
    scene.tell(status(WindowState.OPEN, -3000, 45), status(WindowState.OPEN, 45))
    scene.to(71)
    assert intervals(scene) == [("window:w03", over(0, 50), False)]


def test_a_beginning_that_is_told_with_the_end_is_that_of_the_alert(cameras: Scene) -> None:
    """Both become known in one pass: that the camera had been covered before, and that the hall was out."""
    cameras.to(1)
    cameras.lose(OFFLINE, 0, K1)
    cameras.to(70)
    assert intervals(cameras) == [("camera:k1", over(0), False)]
    for camera in (K2, K3):
        cameras.lose(OFFLINE, 35, camera)
    cameras.see(picture("covered", -50), picture("clear", 5))
    cameras.to(71)
    assert intervals(cameras) == [("camera:k1", over(-50, 65), False), ("hall:gulou", over(35), False)]


@pytest.mark.parametrize("restarts", [False, True])
def test_what_another_camera_saw_beside_a_blind_one_lengthens_an_absence_whoever_judges(
    scene: Scene, restarts: bool
) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.ON_POST, -3000), seen(Presence.ABSENT, 0))
    scene.to(40)
    scene.see(seen(Presence.UNKNOWN, 40))
    scene.to(60)
    assert intervals(scene) == [("window:w03", over(0, 40), False)]
    if restarts:
        scene.restart()
        scene.to(70)
    other = seen(Presence.ON_POST, -3000, camera=C2), seen(Presence.ABSENT, 0, camera=C2)
    scene.see(*other, seen(Presence.ON_POST, 65, camera=C2))
    scene.to(71)
    assert intervals(scene) == [("window:w03", over(0, 65), False)]


@pytest.mark.parametrize("restarts", [False, True])
def test_what_ended_only_with_a_watermark_is_not_lengthened_whoever_judges(
    scene: Scene, restarts: bool
) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.ON_POST, -3000), seen(Presence.ABSENT, 0))
    scene.to(40)
    scene.analysis_runs = False
    scene.to(60)
    assert intervals(scene) == [("window:w03", over(0, 40), False)]
    scene.analysis_runs = True
    if restarts:
        scene.restart()
    scene.to(61)
    scene.tell(status(WindowState.OPEN, -3000, -100), status(WindowState.OPEN, -100))
    scene.to(62)
    assert intervals(scene) == [("window:w03", over(0, 40), False)]

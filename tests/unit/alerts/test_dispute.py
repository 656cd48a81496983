"""When raised voices are a dispute, where, and what does not interrupt it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.facts import Sight, Voices
from alerts.rules.dispute import ending, finished, judge
from hall.finding import Severity, Standing
from hall.names import CameraId, RuleId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.rule import DisputeRule
from tests.unit.alerts.many_cameras import whole
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, C2, TEN, W3, after, configuration, over, settings

RULE = DisputeRule(id=RuleId("dispute"), limit_seconds=60, gap_seconds=15)


def voice(state: str, start: float, end: float | None = None, camera: CameraId = C2) -> Observation:
    return whole(ObservationKind.VOICES, state, start, end, camera)


def facts(*heard: Observation, watched: float = 10_000) -> Voices:
    """At window 3, as camera c02 hears it, or both."""
    cameras = dict.fromkeys(each.camera for each in heard)
    sights = tuple(
        Sight(camera, ZoneId(""), tuple(each for each in heard if each.camera == camera), after(watched))
        for camera in cameras
    )
    return Voices(settings(), sights, settings().window(W3))


def test_raised_voices_are_found_exactly_when_the_limit_is_reached() -> None:
    known = facts(voice("calm", -100, 0), voice("raised", 0))
    assert judge(known, after(59), RULE).standing is Standing.CLEAR
    assert judge(known, after(59), RULE).due == after(60)
    found = judge(known, after(60), RULE)
    assert (found.standing, found.since, RULE.severity) == (Standing.FOUND, TEN, Severity.ATTENTION)
    assert found.reason.zh == (
        "3号窗口自 10:00:00 起持续高声说话，已 1 分（限 1 分）；只判断音量，不识别内容"
    )
    assert found.reason.en == (
        "Voices at window 3 have been raised since 10:00:00, for 1 min (limit 1 min); "
        "only how loud they are is known, not what is said"
    )


def test_a_brief_calm_is_bridged_and_a_longer_one_ends_it_where_it_began() -> None:
    known = facts(voice("raised", 0, 40), voice("calm", 40, 54), voice("raised", 54, 70), voice("calm", 70))
    assert judge(known, after(69), RULE).since == TEN
    assert ending(known, TEN, after(84), RULE) is None
    assert judge(known, after(80), RULE).due == after(85)
    ended = ending(known, TEN, after(85), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(70), "dispute.ended.calm")


def test_the_limit_is_not_reached_while_it_is_calm() -> None:
    known = facts(voice("raised", 0, 55), voice("calm", 55, 65), voice("raised", 65))
    assert judge(known, after(64), RULE).standing is Standing.CLEAR
    assert judge(known, after(65), RULE).since == TEN


def test_two_short_quarrels_are_none() -> None:
    known = facts(voice("raised", 0, 50), voice("calm", 50, 80), voice("raised", 80, 130), voice("calm", 130))
    assert all(judge(known, after(seconds), RULE).since is None for seconds in range(0, 200, 5))


def test_what_nobody_hears_is_unknown_and_ends_it() -> None:
    assert judge(facts(voice("unknown", 0)), after(100), RULE).standing is Standing.UNKNOWN
    ended = ending(facts(voice("raised", 0, 90), voice("unknown", 90)), TEN, after(95), RULE)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.UNKNOWN, after(90))
    assert judge(facts(voice("raised", 0), watched=20), after(100), RULE).standing is Standing.UNKNOWN


def test_one_of_two_microphones_is_enough() -> None:
    known = facts(voice("raised", 0), voice("calm", -500, None, C1))
    assert judge(known, after(60), RULE).standing is Standing.FOUND


def test_one_that_turns_out_to_be_shorter_is_taken_back() -> None:
    ended = ending(facts(voice("raised", 0, 20), voice("calm", 20)), TEN, after(100), RULE)
    assert ended is not None
    assert ended.reason.key == "dispute.retracted"


def test_what_is_over_is_found_with_its_interval() -> None:
    (past,) = finished(facts(voice("raised", 0, 100), voice("calm", 100)), TEN, after(200), RULE)
    assert (past.found.since, past.found.reached_at, past.ended.ended_at) == (TEN, after(60), after(100))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.at(tmp_path, configuration(rules=(RULE,)))
    yield made
    made.database.close()


@pytest.mark.parametrize("restarts", [False, True])
def test_it_is_about_the_window_that_a_camera_shows_alone_and_else_about_the_camera(
    scene: Scene, restarts: bool
) -> None:
    scene.see(voice("calm", -100), voice("calm", -100, None, C1))
    scene.to(5)
    scene.see(voice("raised", 0), voice("raised", 0, None, C1))
    scene.to(59)
    if restarts:
        scene.restart()
    scene.to(61)
    assert sorted(alert.subject.name for alert in scene.alerts()) == ["camera:c01", "window:w03"]
    assert [alert.cameras for alert in scene.alerts() if alert.subject.window] == [(C2,)]
    scene.see(voice("calm", 100), voice("calm", 100, None, C1))
    scene.to(120)
    assert {alert.interval for alert in scene.alerts()} == {over(0, 100)}


def test_facts_that_come_late_give_the_same_alert(scene: Scene) -> None:
    scene.to(300)
    scene.see(voice("calm", -100), voice("raised", 0), voice("calm", 100))
    scene.to(301)
    assert scene.only().interval == over(0, 100)
    assert not scene.only().stands

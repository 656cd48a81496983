"""Cameras judged again: the same causes, of the hall where they were the hall's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.again.comparing import Change, Compared, compared
from alerts.again.findings import Finding, continued, findings
from alerts.again.history import days, facts_of
from hall.finding import AlertKind
from hall.interval import Interval
from hall.media import GapReason
from hall.names import RuleId
from hall.observing import Observation, ObservationKind
from hall.rule import AudioFaultRule, CameraFaultRule, DetectorStaleRule, DisputeRule, RecordingGapRule, Rule
from tests.unit.alerts.many_cameras import (
    K2,
    K3,
    K4,
    SIX,
    microphone,
    picture,
    six_cameras,
    whole,
)
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import over

FAULT = CameraFaultRule(id=RuleId("camera-fault"), limit_seconds=30, picture_seconds=60)
RULES: tuple[Rule, ...] = (
    FAULT,
    RecordingGapRule(id=RuleId("recording-gap")),
    AudioFaultRule(id=RuleId("audio-fault")),
    DetectorStaleRule(id=RuleId("detector-stale")),
    DisputeRule(id=RuleId("dispute")),
)
OFFLINE, RESTART = GapReason.OFFLINE, GapReason.PROCESS_RESTART
WHOLE = over(-3000, 2000)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A day of six cameras: one is covered, three fail with it, one has no sound, people are loud."""
    made = Scene.at(tmp_path, six_cameras(*RULES))
    made.watched = SIX
    made.see(picture("covered", 0), microphone("digital_silence", 0, camera=K4))
    made.see(voices("raised", 10))
    for camera in (K2, K3, K4):
        made.lose(OFFLINE, 100, camera)
    made.to(150)
    made.see(voices("calm", 150))
    for number, camera in enumerate((K2, K3, K4)):
        made.recover(200 + number, camera)
    made.to(300)
    made.see(picture("clear", 300), microphone("good", 300, camera=K4))
    made.to(400)
    for camera in SIX:
        made.lose(RESTART, 400, camera)
    made.to(500)
    for camera in SIX:
        made.recover(500, camera)
    made.to(600)
    yield made
    made.database.close()


def voices(state: str, start: float) -> Observation:
    return whole(ObservationKind.VOICES, state, start)


def again(scene: Scene, whole: Interval, *rules: Rule) -> list[Compared]:
    """Everything between two moments judged again, under the rules of the hall unless others are given."""
    hall = six_cameras(*RULES).halls[0]
    found: list[Finding] = []
    for day in days(hall, whole):
        found += findings(facts_of(scene.database, hall, day), rules or hall.rules, day)
    return compared(scene.alerts(), continued(found), whole)


def test_under_the_same_rules_each_cause_is_found_again_and_alike(scene: Scene) -> None:
    causes = again(scene, WHOLE)
    assert [(each.kind, each.change) for each in causes if each.change is not Change.ALIKE] == []
    assert [(each.kind, each.alert.subject.name) for each in causes if each.alert is not None] == [
        (AlertKind.AUDIO_FAULT, "camera:k4"),
        (AlertKind.CAMERA_FAULT, "camera:k1"),
        (AlertKind.DISPUTE, "camera:k1"),
        (AlertKind.CAMERA_FAULT, "hall:gulou"),
        (AlertKind.RECORDING_GAP, "hall:gulou"),
    ]


def test_what_the_hall_was_told_of_is_told_of_one_by_one_under_a_rule_that_never_groups(scene: Scene) -> None:
    causes = again(scene, WHOLE, FAULT.model_copy(update={"together": 100}))
    faults = [each for each in causes if each.kind is AlertKind.CAMERA_FAULT]
    assert sorted(
        (each.change, each.finding.subject.name) for each in faults if each.finding is not None
    ) == [
        (Change.ALIKE, "camera:k1"),
        (Change.NEW, "camera:k2"),
        (Change.NEW, "camera:k3"),
        (Change.NEW, "camera:k4"),
    ]
    assert [each.change for each in faults if each.finding is None] == [Change.GONE]


def test_how_far_analysis_had_come_is_not_known_any_more(scene: Scene) -> None:
    facts = list(facts_of(scene.database, six_cameras(*RULES).halls[0], WHOLE))
    stale = DetectorStaleRule(id=RuleId("stricter"), limit_seconds=1)
    assert list(findings(facts, [stale], WHOLE)) == []

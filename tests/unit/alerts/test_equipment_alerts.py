"""Cameras, their pictures and analysis on a real store: one alert for each cause, whatever happens."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.picture import Picture
from alerts.rules import judge
from hall.finding import AlertKind, AlertStatus, FlipKind
from hall.interval import Interval
from hall.media import GapReason
from hall.names import CameraId, HallId, RuleId
from hall.observing import Presence
from hall.queueing import WindowState
from hall.rule import CameraFaultRule, DetectorStaleRule, RecordingGapRule
from store.database import Database
from tests.unit.alerts.many_cameras import K1, K2, K3, K4, SIX, picture, six_cameras
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, C2, TEN, after, configuration, over, seen, status

OFFLINE, RESTART = GapReason.OFFLINE, GapReason.PROCESS_RESTART
FAULT = CameraFaultRule(id=RuleId("camera-fault"), limit_seconds=30, picture_seconds=60)
STALE = DetectorStaleRule(id=RuleId("detector-stale"))
GAP = RecordingGapRule(id=RuleId("recording-gap"))
LEAVING, ABSENT, HERE = Presence.LEAVING, Presence.ABSENT, Presence.ON_POST


def a_scene(folder: Path, *rules: CameraFaultRule | DetectorStaleRule | RecordingGapRule) -> Scene:
    scene = Scene.at(folder, six_cameras(*rules))
    scene.watched = SIX
    return scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Six cameras that all rules about cameras look after."""
    made = a_scene(tmp_path, FAULT, STALE, GAP)
    yield made
    made.database.close()


def pass_time(scene: Scene, seconds: float) -> None:
    """Let time pass as the role does, which looks every second."""
    now = (scene.clock.now() - TEN).total_seconds()
    while now + 1 < seconds:
        now += 1
        scene.to(now)
    scene.to(seconds)


def standing(scene: Scene) -> list[str]:
    return [alert.subject.name for alert in scene.alerts() if alert.stands]


def test_a_whole_hall_that_fails_gives_one_alert_and_one_end(scene: Scene) -> None:
    for camera in SIX:
        scene.lose(OFFLINE, 0, camera)
    scene.to(90)
    assert standing(scene) == ["hall:gulou"]
    for camera in SIX:
        scene.recover(95, camera)
    scene.to(100)
    alert = scene.only()
    assert (alert.kind, alert.interval, alert.cameras) == (AlertKind.CAMERA_FAULT, over(0, 95), SIX)
    assert [flip.after for flip in scene.flips(alert)] == [AlertStatus.OPEN, AlertStatus.RESOLVED]


def test_single_alerts_go_over_into_the_hall_s_and_out_of_it_again(scene: Scene) -> None:
    scene.lose(OFFLINE, 0, K1)
    scene.to(35)
    assert standing(scene) == ["camera:k1"]
    scene.lose(OFFLINE, 35, K2)
    scene.lose(OFFLINE, 35, K3)
    scene.to(66)
    assert standing(scene) == ["hall:gulou"]
    scene.recover(70, K2)
    scene.recover(71, K3)
    scene.to(150)
    assert standing(scene) == ["camera:k1"]
    single, hall = sorted(scene.alerts(), key=lambda alert: alert.subject.name)
    assert (single.interval, hall.interval) == (Interval(TEN), over(35, 101))
    assert [flip.reason.key for flip in scene.flips(single)] == [
        "camera_fault.found",
        "camera_fault.goes_on_with_hall",
        "camera_fault.found",
    ]


def test_what_an_officer_dismissed_is_not_opened_again_when_the_hall_is_back(scene: Scene) -> None:
    scene.lose(OFFLINE, 0, K1)
    scene.to(35)
    scene.officer(scene.only().id, AlertStatus.DISMISSED)
    for camera in (K2, K3):
        scene.lose(OFFLINE, 35, camera)
    scene.to(66)
    for camera in (K2, K3):
        scene.recover(70, camera)
    scene.to(150)
    assert standing(scene) == []
    assert [alert.status for alert in scene.alerts() if alert.subject.camera] == [AlertStatus.DISMISSED]


def test_who_joins_a_hall_s_outage_is_named_in_its_alert_without_telling_it_again(scene: Scene) -> None:
    for camera in (K1, K2, K3):
        scene.lose(OFFLINE, 0, camera)
    scene.to(40)
    scene.lose(OFFLINE, 40, K4)
    scene.to(80)
    alert = scene.only()
    assert alert.cameras == (K1, K2, K3, K4)
    assert alert.reason.values["out"] == "4"
    assert [flip.kind for flip in scene.flips(alert)] == [FlipKind.STATUS, FlipKind.COMMENT]


def test_another_fault_of_the_same_camera_is_told_in_its_alert(scene: Scene) -> None:
    scene.see(picture("covered", 0))
    scene.to(100)
    scene.see(picture("unknown", 100))
    scene.lose(OFFLINE, 100, K1)
    scene.to(140)
    alert = scene.only()
    assert (alert.interval, alert.reason.values["fault"]) == (Interval(TEN), "offline")
    assert [flip.reason.values["fault"] for flip in scene.flips(alert)] == ["covered", "offline"]
    scene.recover(150, K1)
    scene.see(picture("clear", 155))
    scene.to(160)
    assert scene.only().interval == over(0, 155)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_restart_while_a_camera_changes_its_fault_changes_nothing(scene: Scene, restarts: bool) -> None:
    scene.see(picture("covered", 0))
    for seconds, state in ((100, "unknown"), (130, "black"), (400, "covered"), (720, "clear")):
        scene.to(seconds)
        scene.see(picture(state, seconds))
        if restarts:
            scene.restart()
    scene.to(800)
    alert = scene.only()
    assert alert.interval == over(0, 720)
    assert [flip.reason.values.get("fault") for flip in scene.flips(alert)] == [
        "covered",
        "black",
        "covered",
        None,
    ]


def test_a_fault_that_became_known_late_is_found_with_its_interval(scene: Scene) -> None:
    scene.to(500)
    scene.see(picture("clear", 0), picture("washed_out", 100), picture("clear", 300))
    scene.to(501)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, over(100, 300))


def test_analysis_that_stops_is_one_alert_for_the_hall_and_ends_when_it_is_back(scene: Scene) -> None:
    pass_time(scene, 5)
    scene.analysis_runs = False
    pass_time(scene, 64)
    assert scene.alerts() == []
    pass_time(scene, 66)
    alert = scene.only()
    assert (alert.kind, alert.subject.name) == (AlertKind.DETECTOR_STALE, "hall:gulou")
    assert alert.interval.start == after(5)
    assert alert.reason.values["out"] == alert.reason.values["of"] == "6"
    pass_time(scene, 80)
    scene.analysis_runs = True
    pass_time(scene, 83)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, over(5, 81))


def test_one_camera_that_is_not_examined_is_one_alert_for_it(scene: Scene) -> None:
    pass_time(scene, 5)
    scene.watched = SIX[1:]
    pass_time(scene, 70)
    assert standing(scene) == ["camera:k1"]
    assert scene.only().interval == over(5)
    scene.watched = SIX
    pass_time(scene, 73)
    assert scene.only().interval == over(5, 71)


def test_a_camera_that_is_not_recorded_is_not_expected_to_be_examined(scene: Scene) -> None:
    pass_time(scene, 5)
    scene.lose(OFFLINE, 5, K1)
    scene.watched = SIX[1:]
    pass_time(scene, 90)
    assert [alert.kind for alert in scene.alerts()] == [AlertKind.CAMERA_FAULT]
    scene.recover(90, K1)
    pass_time(scene, 148)
    assert len(scene.alerts()) == 1
    pass_time(scene, 152)
    assert [alert.interval for alert in scene.alerts()] == [over(5, 90), over(90)]


def test_a_camera_that_goes_offline_is_no_longer_overdue(scene: Scene) -> None:
    pass_time(scene, 5)
    scene.watched = SIX[1:]
    pass_time(scene, 70)
    scene.lose(OFFLINE, 70, K1)
    pass_time(scene, 101)
    stale, fault = scene.alerts()
    assert (stale.kind, stale.interval) == (AlertKind.DETECTOR_STALE, over(5, 70))
    assert (fault.kind, fault.interval) == (AlertKind.CAMERA_FAULT, over(70))


def test_a_restart_of_the_alerts_role_neither_ends_nor_doubles_what_analysis_lacks(scene: Scene) -> None:
    pass_time(scene, 5)
    scene.analysis_runs = False
    pass_time(scene, 70)
    before = scene.only()
    scene.restart()
    pass_time(scene, 135)
    assert scene.only() == before
    scene.watched = (K1, K2, K3)
    scene.analysis_runs = True
    pass_time(scene, 138)
    assert scene.only() == before
    scene.watched = SIX
    pass_time(scene, 140)
    assert scene.only().status is AlertStatus.RESOLVED


def test_a_system_that_was_switched_off_over_night_does_not_begin_with_an_alert(scene: Scene) -> None:
    pass_time(scene, 5)
    scene.clock.advance(36_000)
    scene.analysis_runs = False
    scene.restart()
    pass_time(scene, 36_050)
    assert scene.alerts() == []


def test_a_recorder_that_was_off_is_a_gap_in_the_record_of_the_hall_and_no_fault(scene: Scene) -> None:
    for camera in SIX:
        scene.lose(RESTART, 0, camera)
    scene.to(59)
    assert scene.alerts() == []
    scene.to(300)
    for camera in SIX:
        scene.recover(300, camera)
    scene.to(310)
    alert = scene.only()
    assert (alert.kind, alert.interval, alert.subject.name) == (
        AlertKind.RECORDING_GAP,
        over(0, 300),
        "hall:gulou",
    )


def test_what_a_system_missed_is_one_gap_though_it_becomes_known_camera_by_camera(scene: Scene) -> None:
    scene.to(5)
    scene.clock.advance(300)
    scene.restart()
    for number, camera in enumerate(SIX):
        scene.lose(RESTART, 5, camera)
        scene.recover(306 + number, camera)
        scene.to(306 + number)
    scene.to(319)
    assert scene.alerts() == []
    scene.to(330)
    alert = scene.only()
    assert (alert.subject.name, alert.interval) == ("hall:gulou", over(5, 311))


def test_a_successor_that_takes_over_at_once_judges_cameras_at_once(scene: Scene) -> None:
    scene.lose(OFFLINE, 0, K1)
    scene.to(25)
    scene.restart()
    scene.to(30)
    assert scene.only().opened_at == after(30)


def test_what_retention_takes_asks_for_no_judgement(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.to(1)
    judged: list[str] = []
    evaluate = scene.evaluator._evaluate

    def noting(picture: Picture, key: tuple[HallId, str], at: datetime) -> datetime | None:
        judged.append(key[1])
        return evaluate(picture, key, at)

    monkeypatch.setattr(scene.evaluator, "_evaluate", noting)
    scene.lose(GapReason.DELETED_BY_RETENTION, -5000, K1)
    scene.step()
    assert judged == []
    scene.lose(OFFLINE, 1, K2)
    scene.step()
    assert judged == ["hall:gulou", "camera:k2"]


def test_one_outage_of_a_camera_gives_one_alert_though_two_rules_look_at_it(scene: Scene) -> None:
    scene.lose(OFFLINE, 0, K1)
    scene.to(200)
    scene.recover(200, K1)
    scene.to(210)
    assert scene.only().kind is AlertKind.CAMERA_FAULT


def test_a_covered_camera_gives_a_fault_and_no_absence(tmp_path: Path) -> None:
    """As analysis states it: the zones are unknown since the cover began."""
    rules = (*configuration().halls[0].rules[:1], FAULT)
    scene = Scene.at(tmp_path, configuration(rules=rules))
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(HERE, -3000), picture("clear", -3000, camera=C1))
    scene.to(10)
    scene.see(picture("covered", 4, camera=C1), seen(Presence.UNKNOWN, 4))
    scene.to(500)
    assert [alert.kind for alert in scene.alerts()] == [AlertKind.CAMERA_FAULT]
    # Somebody takes the cover off, and nobody is there: emptiness counts from now on.
    scene.see(picture("clear", 500, camera=C1), seen(LEAVING, 500), seen(ABSENT, 506))
    scene.to(520)
    assert [alert.interval for alert in scene.alerts()] == [over(4, 500), over(500)]
    scene.database.close()


def test_a_detector_that_stands_still_gives_its_own_alert_and_no_absence(tmp_path: Path) -> None:
    rules = (*configuration().halls[0].rules[:1], STALE)
    scene = Scene.at(tmp_path, configuration(rules=rules))
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(HERE, -3000))
    pass_time(scene, 5)
    scene.see(seen(LEAVING, 5), seen(ABSENT, 6))
    scene.analysis_runs = False
    pass_time(scene, 90)
    alert = scene.only()
    assert (alert.kind, alert.cameras) == (AlertKind.DETECTOR_STALE, (C1, C2))
    scene.database.close()


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["lose", "lose", "recover", "all fail", "all back", "time", "restart", "away"]),
        st.sampled_from(SIX),
        st.sampled_from([3, 12, 31, 45]),
        st.sampled_from([OFFLINE, GapReason.STALLED, RESTART]),
    ),
    min_size=6,
    max_size=18,
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with six cameras."""
    folder = tmp_path_factory.mktemp("template")
    a_scene(folder, FAULT).database.close()
    return folder / "hall.db"


@hypothesis_settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(events=EVENTS)
def test_after_any_outages_and_restarts_each_camera_is_told_of_by_one_alert(
    template: Path, events: list[tuple[str, CameraId, int, GapReason]]
) -> None:
    folder = Path(tempfile.mkdtemp(dir=template.parent))
    shutil.copy(template, folder)
    scene = Scene(Database(f"sqlite:///{folder / template.name}"), watched=SIX)
    scene.restart()
    lost: set[CameraId] = set()
    now = 0.0
    try:
        for kind, camera, seconds, reason in events:
            whom = SIX if kind.startswith("all") else (camera,)
            for each in whom:
                if kind in ("lose", "all fail"):
                    scene.lose(reason if kind == "lose" else OFFLINE, now, each)
                    lost.add(each)
                elif kind in ("recover", "all back") and each in lost:
                    scene.recover(now, each)
                    lost.discard(each)
            now += seconds
            if kind == "away":
                scene.clock.advance(seconds)
            if kind in ("restart", "away"):
                scene.restart()
            if kind == "away":
                now += 15  # until what a whole system missed would have become known
            scene.to(now)
            check(scene)
    finally:
        scene.database.close()


def check(scene: Scene) -> None:
    """Every camera that is out over its limit is told of by exactly one alert, and no other is."""
    at = scene.clock.now()
    alone = FAULT.model_copy(update={"together": 100})
    with scene.database.read() as tx:
        known = Picture(tx, at)
        facts = {key: each for key in known.keys() for each in known.facts(key)}  # noqa: SIM118
    singles = {
        key[1]: judge(each, at, alone).since is not None
        for key, each in facts.items()
        if key[1].startswith("camera:")
    }
    told = standing(scene)
    assert len(told) == len(set(told))
    for name, is_out in singles.items():
        if is_out:
            assert ("hall:gulou" in told) + (name in told) == 1
        else:
            assert name not in told
    for alert in scene.alerts():
        flips = scene.flips(alert)
        assert flips[-1].after is alert.status
        assert alert.stands == alert.interval.is_open

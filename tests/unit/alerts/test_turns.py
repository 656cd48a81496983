"""What time alone makes of alerts: what was turns out otherwise, or is over before a late pass looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hall.finding import AlertStatus
from hall.interval import Interval
from hall.media import GapReason
from hall.names import CameraId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import WindowState
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, C2, W1, after, over, seen, status
from tests.unit.alerts.true_story import hall_of_the_story

C3 = CameraId("c03")
OFFLINE, RESTART = GapReason.OFFLINE, GapReason.PROCESS_RESTART


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Camera 2 is offline for 40 seconds, then its recorder restarts; the other two go offline meanwhile.

    By 60 seconds the cameras' faults have become the hall's; the restart is too long only after 65.5.
    """
    made = Scene.at(tmp_path, hall_of_the_story())
    made.watched = (C1, C2, C3)
    made.see(*(_picture(camera, "clear", 0) for camera in made.watched))
    made.lose(OFFLINE, 0, C2)
    made.to(30)
    made.lose(OFFLINE, 30, C1)
    made.to(40)
    made.recover(40, C2)
    made.lose(RESTART, 40, C2)
    made.to(45)
    yield made
    made.database.close()


def _picture(camera: CameraId, state: str, start: float) -> Observation:
    kind = ObservationKind.PICTURE
    return Observation(kind, camera, None, None, over(start), state, source="test@1")


def _faults(scene: Scene) -> list[tuple[str, Interval, str]]:
    """The faults that were found and not taken back: of whom, when, and the last word on each."""
    found = [(one, scene.flips(one)[-1].reason.key) for one in scene.alerts() if one.rule == "fault"]
    return sorted(
        (one.subject.camera or "hall", one.interval, word.removeprefix("camera_fault."))
        for one, word in found
        if one.status is not AlertStatus.RESOLVED or not word.endswith(".retracted")
    )


@pytest.mark.parametrize("restarts", [False, True])
def test_a_restart_that_takes_too_long_ends_an_outage_that_its_hall_had_gone_on_with(
    scene: Scene, restarts: bool
) -> None:
    scene.see(_picture(C2, "covered", 45))
    scene.to(50)
    scene.lose(OFFLINE, 50, C3)
    scene.to(60)
    assert _faults(scene) == [
        ("c02", over(0, 55.5), "goes_on_with_hall"),
        ("hall", over(50), "hall_found"),
    ]
    if restarts:
        scene.clock.wall = over(68).start
        scene.restart()
    scene.to(70)
    assert _faults(scene) == [("c02", over(0, 40), "not_tried"), ("hall", over(50), "hall_found")]


@pytest.mark.parametrize("restarts", [False, True])
def test_a_hall_of_which_a_restart_was_taken_for_an_outage_was_never_out(
    scene: Scene, restarts: bool
) -> None:
    scene.to(50)
    scene.lose(OFFLINE, 50, C3)
    scene.to(60)
    assert [who for who, _, _ in _faults(scene)] == ["c02", "hall"]
    if restarts:
        scene.clock.wall = over(68).start
        scene.restart()
    scene.to(80)
    assert _faults(scene) == [
        ("c01", over(30), "found"),
        ("c02", over(0, 40), "not_tried"),
        ("c03", over(50), "found"),
    ]


def test_an_absence_that_the_closing_ended_before_a_pass_that_came_late_is_found(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path, hall_of_the_story())
    scene.tell(status(WindowState.OPEN, -600, window=W1))
    scene.see(seen(Presence.ON_POST, -600, zone="s1", window=W1))
    scene.to(40)
    scene.see(seen(Presence.ABSENT, 40, zone="s1", window=W1))
    scene.to(50)
    assert scene.alerts() == []
    scene.clock.wall = after(69)  # no pass between 55.5 and the closing at 60
    scene.step()
    assert scene.only().interval == over(40, 60)
    scene.database.close()

"""Zones of a camera whose picture has a fault: unknown since it began, never absent; and kept views."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.picture.condition.keeping import POLL_SECONDS, ViewKeeper
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.watcher import CameraWatch
from hall.config.settings import AnalysisSettings
from hall.interval import Interval
from hall.names import CameraId
from hall.observing import Observation, ObservationKind
from hall.ports import Detection
from store import reference_views
from store.database import Database
from tests.unit.analysis.test_picture_condition import (
    START,
    _known,
    covered,
    frozen,
    hall,
    known_watch,
    seconds,
    told,
    warped,
)
from tests.unit.analysis.test_watcher import STAFFED, BrightThings, Watching, camera, story

if TYPE_CHECKING:
    from hall.ports import Picture

CAMERA = CameraId("cam")


def known() -> Watching:
    condition = PictureWatch(CAMERA, _known(), START)
    return Watching(watch=CameraWatch(camera(), AnalysisSettings(), "none@0", condition))


class EveryoneThere(BrightThings):
    """Finds whoever `there` says, whatever the picture shows."""

    there = True

    def _look(self, crop: Picture) -> list[Detection]:
        return super()._look(STAFFED[:, :320]) if self.there else []


def watched() -> tuple[Watching, EveryoneThere]:
    watching = known()
    detector = EveryoneThere()
    watching.detector = detector
    return watching, detector


def test_when_the_lens_is_covered_zones_are_unknown_since_then_and_never_absent() -> None:
    watching, detector = watched()
    for second in range(1, 11):
        watching.see(hall(second))
    detector.there = False
    asked = detector.asked
    changes = [change for second in range(11, 31) for change in watching.see(covered(hall(0), second))]
    assert ("None", "covered", 11) in changes
    assert {(zone, state) for zone, state, _ in changes if zone != "None"} == {
        ("left", "unknown"),
        ("right", "unknown"),
    }
    assert detector.asked == asked
    assert all(10 <= since <= 11 for _, _, since in changes)


def test_zones_are_judged_again_once_the_picture_is_clear() -> None:
    watching, _ = watched()
    for second in range(1, 31):
        watching.see(hall(second) if second < 11 else covered(hall(0), second))
    changes = [change for second in range(31, 45) for change in watching.see(hall(second))]
    assert ("None", "clear", 31) in changes
    assert {zone for zone, state, _ in changes if state == "on_post"} == {"left", "right"}


def test_a_frozen_picture_makes_zones_unknown_since_the_first_repeat() -> None:
    watching, _ = watched()
    for second in range(1, 11):
        watching.see(hall(second))
    changes = [change for second in range(11, 31) for change in watching.see(frozen(hall(0), second))]
    assert ("None", "frozen", 12) in changes
    assert ("left", "unknown", 12) in changes
    assert "absent" not in {state for _, state, _ in changes}


def test_after_a_move_zones_stay_unknown_until_the_view_is_confirmed() -> None:
    watching, _ = watched()
    turned = warped(across=0.2)
    for second in range(1, 11):
        watching.see(hall(second))
    changes = [change for second in range(11, 60) for change in watching.see(turned(hall(second), second))]
    assert [state for zone, state, _ in changes if zone == "None"] == ["moved"]
    assert [state for zone, state, _ in changes if zone == "left"] == ["unknown"]
    assert watching.watch.condition is not None
    watching.watch.condition.forget_view()
    changes = [change for second in range(60, 80) for change in watching.see(turned(hall(second), second))]
    assert "on_post" in {state for zone, state, _ in changes if zone == "left"}


def test_without_pictures_the_condition_becomes_unknown_with_the_zones() -> None:
    watching, _ = watched()
    for second in range(1, 11):
        watching.see(hall(second))
    assert ("None", "unknown", 10) in watching.wait(5)


def test_a_moved_camera_is_still_moved_after_a_restart() -> None:
    standing = Observation(ObservationKind.PICTURE, CAMERA, None, None, Interval(START), "moved")
    watching, _ = watched()
    begun = watching.watch.begin([standing], START, START + timedelta(seconds=1), 0.0)
    assert {zone for zone, _, _ in story(begun)} == {"left", "right"}
    turned = warped(across=0.2)
    assert [change for second in range(1, 20) for change in watching.see(turned(hall(second), second))] == []


def test_a_view_outlives_the_process_and_is_forgotten_when_it_is_reset(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    keeper = ViewKeeper(database)
    watch = known_watch()
    keeper.put(watch, 0.0)
    keeper.step(0.0)
    with database.read() as tx:
        stored = reference_views.all_views(tx)
    opened = ViewKeeper(database).open(CAMERA, stored)
    assert [each.state for _, each in told(opened, seconds(50, 62, warped(across=0.2)))] == ["moved"]

    with database.write() as tx:
        reference_views.reset(tx, CAMERA, START + timedelta(seconds=62))
    keeper.step(POLL_SECONDS)
    keeper.take_resets({CAMERA: opened})
    assert opened.view is None
    keeper.put(watch, 100.0)  # learnt before the reset: must not come back
    keeper.step(2 * POLL_SECONDS)
    with database.read() as tx:
        assert reference_views.all_views(tx)[CAMERA].view is None


def test_a_kept_view_that_cannot_be_read_is_learnt_anew(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    with database.write() as tx:
        reference_views.learnt(tx, CAMERA, b"nonsense", START)
    with database.read() as tx:
        stored = reference_views.all_views(tx)
    assert ViewKeeper(database).open(CAMERA, stored).view is None

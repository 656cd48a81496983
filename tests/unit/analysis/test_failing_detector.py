"""A detector that fails, or cannot tell, makes zones unknown, one by one, and never absent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from analysis.picture.watcher import CameraWatch
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.names import ZoneId
from hall.place import Zone, ZoneRole
from hall.ports import Detection
from tests.unit.analysis.test_watcher import EMPTY, LEFT, RIGHT, STAFFED, BrightThings, Watching, camera

if TYPE_CHECKING:
    from hall.ports import Picture

NAN = float("nan")
DARK = 7


def marked(picture: Picture) -> Picture:
    """The picture with a dark pixel in its upper left corner."""
    copied = picture.copy()
    copied[0, 0] = DARK
    return copied


@dataclass
class Unreliable(BrightThings):
    """Finds bright things until it is told to do otherwise; the left zone's crops begin with a dark pixel."""

    does: Callable[[], object] | None = None
    for_left_only: bool = False

    def _look(self, crop: Picture) -> list[Detection]:
        if self.does is not None and (crop[0, 0, 0] == DARK or not self.for_left_only):
            self.asked += 1
            return cast("list[Detection]", self.does())
        return super()._look(crop)


def raises(error: Exception) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


def see(watching: Watching, picture: Picture, seconds: int) -> list[tuple[str, str, float]]:
    """Show a picture for some seconds; what is stated, whether the detector fails or not."""
    told = []
    for _ in range(seconds):
        try:
            told += watching.see(picture)
        except DetectorError:
            told += watching.wait(0)
    return told


@pytest.mark.parametrize(
    "does",
    [
        raises(DetectorError("out of order")),
        raises(RuntimeError("a fault")),
        lambda: None,
        lambda: [Detection((NAN, NAN, NAN, NAN), 0.5)],
        lambda: [Detection((0.1, 0.1, 0.2, 0.2), NAN)],
        lambda: [Detection((100.0, 100.0, 200.0, 200.0), 0.5)],
        lambda: "nobody",
    ],
    ids=["fails", "raises", "none", "no numbers", "no score", "pixels", "no list"],
)
def test_whatever_a_detector_does_wrong_zones_are_unknown_since_they_were_seen_and_never_absent(
    does: Callable[[], object],
) -> None:
    detector = Unreliable()
    watching = Watching(detector=detector)
    see(watching, STAFFED, 10)
    detector.does = does
    told = see(watching, EMPTY, 30)
    assert told == [("left", "unknown", 10), ("right", "unknown", 10)]
    detector.does = None
    assert see(watching, STAFFED, 2) == [("left", "on_post", 41)]


def test_a_detector_that_gives_too_few_answers_is_not_believed() -> None:
    class Short(BrightThings):
        def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
            return super().detect(crops)[1:] if self.broken else super().detect(crops)

    watching = Watching(detector=Short())
    see(watching, STAFFED, 10)
    watching.detector.broken = True
    watching.detector.detect = lambda crops: []  # type: ignore[method-assign] # a class of which one part breaks
    assert see(watching, EMPTY, 10) == [("left", "unknown", 10), ("right", "unknown", 10)]


def test_one_zone_that_it_cannot_stand_is_unknown_alone() -> None:
    detector = Unreliable(for_left_only=True)
    watching = Watching(detector=detector)
    see(watching, marked(STAFFED), 10)
    detector.does = raises(ValueError("this zone"))
    assert see(watching, marked(EMPTY), 60) == [("left", "unknown", 10)]
    both = marked(EMPTY)
    both[100:260, 420:540] = 255
    assert ("right", "on_post", 71) in see(watching, both, 5)


def test_a_failing_detector_is_asked_again_at_every_picture() -> None:
    detector = Unreliable()
    watching = Watching(detector=detector)
    see(watching, EMPTY, 10)
    detector.does = raises(RuntimeError("a fault"))
    see(watching, STAFFED, 1)
    asked = detector.asked
    see(watching, STAFFED, 3)
    assert detector.asked >= asked + 3


@dataclass
class Remembering:
    """A detector of places: somebody where it is bright, else it cannot tell while `is_unsure`."""

    name: str = "remembering@1"
    counts_people: bool = False
    is_unsure: bool = False
    asked: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        raise AssertionError("it is asked about places")

    def detect_at(
        self, places: Sequence[str], crops: Sequence[Picture], now: float
    ) -> list[list[Detection] | None]:
        self.asked += [(place, crop.shape) for place, crop in zip(places, crops, strict=True)]
        return [self._look(crop) for crop in crops]

    def _look(self, crop: Picture) -> list[Detection] | None:
        found = BrightThings()._look(crop)
        return None if self.is_unsure and not found else found


def test_a_zone_about_which_a_detector_cannot_tell_becomes_unknown_and_another_stays() -> None:
    detector = Remembering()
    watching = Watching(detector=detector)  # type: ignore[arg-type] # any detector will do
    both = STAFFED.copy()
    both[100:260, 420:540] = 255
    see(watching, both, 10)
    detector.is_unsure = True
    assert see(watching, STAFFED, 3) == []
    assert see(watching, STAFFED, 30) == [("right", "unknown", 10)]
    detector.is_unsure = False
    assert see(watching, STAFFED, 8)[-1] == ("right", "absent", 48)


def test_a_detector_of_places_sees_each_place_always_cut_alike() -> None:
    detector = Remembering()
    watching = Watching(detector=detector)  # type: ignore[arg-type] # any detector will do
    see(watching, STAFFED, 5)
    see(watching, EMPTY, 30)
    assert {place for place, _ in detector.asked} == {"cam/left/0", "cam/right/0"}
    assert len(set(detector.asked)) == 2


def test_waiting_zones_are_unknown_to_a_detector_that_does_not_count() -> None:
    zones = (
        Zone(id=ZoneId("wait"), role=ZoneRole.WAITING, polygon=LEFT),
        camera().zones[1].model_copy(update={"polygon": RIGHT}),
    )
    watch = CameraWatch(camera().model_copy(update={"zones": zones}), AnalysisSettings(), "none@0")
    detector = Remembering()
    watching = Watching(detector=detector, watch=watch)  # type: ignore[arg-type] # any detector will do
    told = see(watching, STAFFED, 10)
    assert {zone for zone, _, _ in told} == {"right"}
    assert {place for place, _ in detector.asked} == {"cam/right/0"}


def test_somebody_beside_a_zone_says_nothing_about_the_zone_to_a_detector_that_does_not_count() -> None:
    watching = Watching(detector=Remembering())  # type: ignore[arg-type] # any detector will do
    see(watching, EMPTY, 10)
    beside = EMPTY.copy()
    beside[100:260, 322:360] = 255
    assert see(watching, beside, 30) == [("right", "on_post", 11), ("left", "unknown", 10)]

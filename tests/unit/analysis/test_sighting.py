"""Where people are in a picture, as screens are told: who counts for a zone, by that picture alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analysis.picture.watcher import CameraWatch
from hall.config.settings import AnalysisSettings
from hall.names import ZoneId
from hall.place import Zone, ZoneRole
from hall.ports import Detection
from tests.unit.analysis.test_picture_condition import covered, hall
from tests.unit.analysis.test_watcher import LEFT, RIGHT, STAFFED, START, BrightThings, Watching, camera
from tests.unit.analysis.test_zones_under_fault import watched

if TYPE_CHECKING:
    from hall.ports import Picture


def told(watch: CameraWatch) -> dict[str, int]:
    """How many boxes are told of each zone."""
    sighting = watch.sighting()
    return {zone.zone: len(zone.boxes) for zone in sighting.zones} if sighting is not None else {}


def test_a_box_is_a_share_of_the_whole_picture_and_an_empty_zone_has_none() -> None:
    watching = Watching()
    watching.see(STAFFED)
    sighting = watching.watch.sighting()
    assert sighting is not None
    assert (sighting.camera, sighting.at) == ("cam", START + timedelta(seconds=1))
    left, right = sighting.zones
    assert (left.zone, right.zone, right.boxes) == ("left", "right", ())
    (box,) = left.boxes
    assert box == pytest.approx((100 / 640, 100 / 360, 220 / 640, 260 / 360), abs=0.01)


def test_who_is_not_looked_at_again_because_nothing_changed_is_there_by_the_newer_picture_too() -> None:
    watching = Watching()
    watching.see(STAFFED, seconds=8)
    asked = watching.detector.asked
    watching.see(STAFFED)
    assert watching.detector.asked == asked
    sighting = watching.watch.sighting()
    assert sighting is not None
    assert sighting.at == START + timedelta(seconds=9)
    assert told(watching.watch) == {"left": 1, "right": 0}


def test_before_the_first_picture_and_by_one_that_is_not_believed_nothing_is_told() -> None:
    watching, _ = watched()
    assert watching.watch.sighting() is None
    watching.see(hall(1))
    assert told(watching.watch) == {"left": 1, "right": 1}
    watching.see(covered(hall(0), 2))
    assert watching.watch.sighting() is None


@dataclass
class Comparing(BrightThings):
    """Says by comparison with an earlier picture where something moved."""

    counts_people: bool = True

    def detect_at(
        self, places: Sequence[str], crops: Sequence[Picture], now: float
    ) -> list[list[Detection] | None]:
        return [list(found) for found in self.detect(crops)]


def test_where_something_moved_is_no_box_around_somebody() -> None:
    watching = Watching(detector=Comparing())
    assert watching.see(STAFFED) == [("left", "on_post", 1)]
    assert watching.watch.sighting() is None


def test_a_waiting_area_is_told_of_only_by_pictures_in_which_it_was_counted() -> None:
    zones = (
        Zone(id=ZoneId("left"), role=ZoneRole.WAITING, polygon=LEFT),
        Zone(id=ZoneId("right"), role=ZoneRole.CUSTOMER, window=camera().zones[1].window, polygon=RIGHT),
    )
    seat = camera().model_copy(update={"zones": zones})
    watching = Watching(watch=CameraWatch(seat, AnalysisSettings(), "none@0"))
    pictures = []
    for _ in range(12):
        watching.see(STAFFED)
        pictures.append(told(watching.watch))
    assert {"right": 0} in pictures
    assert {"left": 1, "right": 0} in pictures
    assert all("right" in each for each in pictures)


class Spilling(BrightThings):
    """Finds people whose boxes reach beyond the picture."""

    def _look(self, crop: Picture) -> list[Detection]:
        found = super()._look(crop)
        return [Detection((-0.2, each.box[1], each.box[2], 1.2), each.score) for each in found]


def test_a_box_beyond_the_picture_ends_at_its_edge() -> None:
    watching = Watching(detector=Spilling())
    watching.see(STAFFED)
    sighting = watching.watch.sighting()
    assert sighting is not None
    ((left, _, _, bottom),) = sighting.zones[0].boxes
    assert (left, bottom) == (0.0, 1.0)

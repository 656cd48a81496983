"""One camera watched by a detector made of rules: when it is asked, what is stated, and blindness."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.picture.watcher import CameraWatch
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.interval import Interval
from hall.names import CameraId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.place import Camera, Text, Zone, ZoneRole
from hall.ports import Detection

if TYPE_CHECKING:
    from hall.ports import Picture

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
EMPTY: Picture = np.full((360, 640, 3), 60, np.uint8)
STAFFED: Picture = EMPTY.copy()
STAFFED[100:260, 100:220] = 255


@dataclass
class BrightThings:
    """Finds one person where a crop is bright; `asked` counts crops, `blinks` makes it miss so many times."""

    name: str = "bright@1"
    asked: int = 0
    blinks: int = 0
    broken: bool = False
    sizes: list[tuple[int, ...]] = field(default_factory=list)

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        if self.broken:
            raise DetectorError("out of order")
        return [self._look(crop) for crop in crops]

    def _look(self, crop: Picture) -> list[Detection]:
        self.asked += 1
        self.sizes.append(crop.shape)
        rows, columns = np.nonzero(crop[:, :, 0] > 200)
        if rows.size == 0:
            return []
        if self.blinks:
            self.blinks -= 1
            return []
        height, width = crop.shape[:2]
        box = (columns.min() / width, rows.min() / height, columns.max() / width, rows.max() / height)
        return [Detection(tuple(float(value) for value in box), 0.5)]  # type: ignore[arg-type] # four values


def camera() -> Camera:
    return Camera(
        id=CameraId("cam"),
        name=Text(zh="一", en="One"),
        url="rtsp://127.0.0.1/1",
        sample_every=1.0,
        zones=(
            Zone(id=ZoneId("left"), role=ZoneRole.STAFF, window=WindowId("w1"), polygon=LEFT),
            Zone(id=ZoneId("right"), role=ZoneRole.STAFF, window=WindowId("w2"), polygon=RIGHT),
        ),
    )


@dataclass
class Watching:
    """A watch and its time; `see` takes one picture a second."""

    detector: BrightThings = field(default_factory=BrightThings)
    watch: CameraWatch = field(default_factory=lambda: CameraWatch(camera(), AnalysisSettings(), "none@0"))
    second: float = 0.0

    def see(self, picture: Picture, seconds: int = 1) -> list[tuple[str, str, float]]:
        told: list[Observation] = []
        for _ in range(seconds):
            self.second += 1
            at = START + timedelta(seconds=self.second)
            told += self.watch.see(picture, at, self.second, self.detector)
            told += self.watch.tick(self.second)
        return story(told)

    def wait(self, seconds: float) -> list[tuple[str, str, float]]:
        self.second += seconds
        return story(self.watch.tick(self.second))


def story(told: Sequence[Observation]) -> list[tuple[str, str, float]]:
    return [(str(each.zone), each.state, (each.interval.start - START).total_seconds()) for each in told]


def test_at_first_everything_is_unknown_and_said_so() -> None:
    assert story(CameraWatch(camera(), AnalysisSettings(), "none@0").begin([], None, START, 0.0)) == [
        ("left", "unknown", 0),
        ("right", "unknown", 0),
    ]


def test_a_person_is_stated_where_they_are_with_the_name_of_the_detector() -> None:
    watching = Watching()
    told = watching.watch.see(STAFFED, START, 0.0, watching.detector)
    assert [(each.zone, each.window, each.state, each.source, each.confidence) for each in told] == [
        ("left", "w1", "on_post", "bright@1", 0.5)
    ]


def test_a_still_person_stays_present_and_an_empty_zone_absent_without_asking_every_time() -> None:
    watching = Watching()
    watching.see(STAFFED, 10)
    asked = watching.detector.asked
    assert watching.see(STAFFED, 60) == []
    assert watching.detector.asked - asked <= 2 * 7


def test_a_person_who_enters_and_sits_still_is_seen_at_the_next_picture() -> None:
    watching = Watching()
    watching.see(EMPTY, 20)
    before = watching.second
    told = watching.see(STAFFED, 3)
    assert told == [("left", "on_post", before + 1)]


def test_a_missed_look_at_an_unchanged_picture_is_repeated_at_once_with_another_margin() -> None:
    watching = Watching()
    watching.detector.blinks = 2
    assert ("left", "on_post", 3) in watching.see(STAFFED, 3)
    lefts = watching.detector.sizes[0::2]
    assert len(set(lefts)) > 1


def test_without_pictures_everything_is_unknown_since_the_last_one() -> None:
    watching = Watching()
    watching.see(STAFFED, 10)
    assert watching.wait(4) == []
    assert watching.wait(0.5) == [("left", "unknown", 10), ("right", "unknown", 10)]
    assert watching.wait(100) == []
    assert watching.see(STAFFED) == [("left", "on_post", 115.5)]


def test_a_detector_that_fails_states_nothing_and_makes_blind() -> None:
    watching = Watching()
    watching.see(STAFFED, 10)
    watching.detector.broken = True
    for _ in range(3):
        with pytest.raises(DetectorError):
            watching.see(EMPTY)
    assert watching.wait(2) == [("left", "unknown", 10), ("right", "unknown", 10)]


def test_a_camera_with_rare_key_frames_is_judged_by_its_own_period() -> None:
    watching = Watching()
    for _ in range(5):
        watching.second += 5
        at = START + timedelta(seconds=watching.second)
        watching.watch.see(STAFFED, at, watching.second, watching.detector)
    assert watching.wait(19) == []
    assert ("left", "unknown", 25) in watching.wait(2)


def test_a_period_of_key_frames_counts_for_ten_seconds_at_most() -> None:
    watching = Watching()
    for _ in range(5):
        watching.second += 20
        at = START + timedelta(seconds=watching.second)
        watching.watch.see(STAFFED, at, watching.second, watching.detector)
    assert watching.watch.blind_after == AnalysisSettings().blind_samples * 10
    assert watching.wait(20) == []
    assert ("left", "unknown", 100) in watching.wait(21)


def test_what_an_earlier_process_stated_goes_on_when_pictures_come_soon() -> None:
    watching = Watching()
    standing = Observation(
        ObservationKind.PRESENCE, CameraId("cam"), ZoneId("left"), WindowId("w1"), Interval(START), "absent"
    )
    last = START + timedelta(seconds=100)
    begun = watching.watch.begin([standing], last, last + timedelta(seconds=2), 0.0)
    assert story(begun) == [("right", "unknown", 102)]
    watching.second = 102
    assert [told for told in watching.see(EMPTY, 10) if told[0] == "left"] == []


def test_when_no_picture_comes_after_a_restart_what_stood_becomes_unknown() -> None:
    watching = Watching()
    standing = Observation(
        ObservationKind.PRESENCE, CameraId("cam"), ZoneId("left"), WindowId("w1"), Interval(START), "on_post"
    )
    watching.watch.begin([standing], START + timedelta(seconds=50), START + timedelta(seconds=52), 0.0)
    assert watching.wait(5) == [("left", "unknown", 50)]


def test_a_zone_that_counts_people_states_the_count_and_unknown() -> None:
    waiting = Zone(id=ZoneId("wait"), role=ZoneRole.WAITING, polygon=LEFT)
    only = camera().model_copy(update={"zones": (waiting,)})
    watching = Watching(watch=CameraWatch(only, AnalysisSettings(), "none@0"))
    assert watching.see(STAFFED) == [("wait", "counted", 1)]
    assert watching.wait(5) == [("wait", "unknown", 1)]


def told_of(steps: list[tuple[str, int]]) -> list[tuple[str, str, float, float]]:
    """Zone, state, its begin and when that was stated; steps wait so many eighths of a second first."""
    waiting = Zone(id=ZoneId("wait"), role=ZoneRole.WAITING, polygon=LEFT)
    every = camera().model_copy(update={"zones": (*camera().zones, waiting)})
    watch, detector = CameraWatch(every, AnalysisSettings(), "none@0"), BrightThings()
    second, told = 0.0, list[tuple[str, str, float, float]]()
    for what, step in steps:
        second += step / 8
        detector.broken = what == "broken"
        changes: list[Observation] = []
        if what != "nothing":
            with suppress(DetectorError):
                picture = STAFFED if what == "staffed" else EMPTY
                changes += watch.see(picture, START + timedelta(seconds=second), second, detector)
        changes += watch.tick(second)
        told += [(*each, second) for each in story(changes)]
    return told


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["staffed", "staffed", "empty", "empty", "broken", "nothing"]),
            st.one_of(st.integers(1, 24), st.integers(24, 480)),
        ),
        max_size=60,
    )
)
def test_whatever_comes_however_often_each_zone_tells_one_story(steps: list[tuple[str, int]]) -> None:
    """Any rate, gap or failure: no interval runs back or repeats, nobody is there, or away, unseen."""
    showed: dict[str, set[float]] = {"staffed": set(), "empty": set()}
    second = 0.0
    for what, step in steps:
        second += step / 8
        if what in showed:
            showed[what].add(second)
    told = told_of(steps)
    for zone in ("left", "right", "wait"):
        of_zone = [each[1:] for each in told if each[0] == zone]
        for (state, begin, _), (later, later_begin, _) in pairwise(of_zone):
            assert begin <= later_begin
            assert state != later or zone == "wait"
        assert all(begin <= stated for _, begin, stated in of_zone)
        nobody = showed["empty"] if zone == "left" else showed["empty"] | showed["staffed"]
        for state, begin, _ in of_zone:
            if state == "on_post":
                assert zone == "left"
                assert begin in showed["staffed"]
            elif state in ("leaving", "absent"):
                assert begin in nobody

"""A drawn hall watched through a real encoder while its light, its clock and its encoder misbehave.

Looks stay rare; whoever comes, and then sits still, or goes is seen at the very next sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from math import sin
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.picture.watcher import CameraWatch
from analysis.picture.zones import Crop
from hall.config.settings import AnalysisSettings
from hall.names import CameraId, WindowId, ZoneId
from hall.place import Camera, Text, Zone, ZoneRole
from hall.ports import Detection
from tests.unit.analysis.drawn_hall import (
    BLUE,
    CHAIR_GREY,
    DESK,
    FLOOR,
    HEIGHT,
    STAFF,
    WALL_GREY,
    WIDTH,
    Someone,
    drawn,
    filmed,
    lit,
    under_lamp,
    with_clock,
)

if TYPE_CHECKING:
    from hall.ports import Picture

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SECONDS = 30
LEARNT = 36
"""Seconds after which what flickers is known well enough."""
RARELY = 8
"""Looks in so many seconds; three are taken in any case, and every second would be thirty."""
CLERK = Someone(BLUE)
FAR = 0.08 * HEIGHT
"""Somebody far away is 8 % of the picture's height tall."""


@dataclass
class Witness:
    """A detector that knows who is where; it is told each picture before it is asked about parts of it."""

    name: str = "witness@1"
    looks: int = 0
    misses: int = 0
    """How many looks find nobody although somebody is there."""
    picture: Picture = field(default_factory=lambda: np.zeros((1, 1, 3), np.uint8))
    people: Sequence[Someone] = ()

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        self.looks += len(crops)
        return [self._look(crop) for crop in crops]

    def _look(self, crop: Picture) -> list[Detection]:
        if self.misses and self.people:
            self.misses -= 1
            return []
        row, rest = divmod(crop.ctypes.data - self.picture.ctypes.data, self.picture.strides[0])
        left, top = rest / self.picture.strides[1] / WIDTH, row / HEIGHT
        shown = Crop(left, top, left + crop.shape[1] / WIDTH, top + crop.shape[0] / HEIGHT)
        return [person.found_in(shown) for person in self.people if person.lies_in(shown)]


def watch_of(polygon: tuple[tuple[float, float], ...]) -> CameraWatch:
    zone = Zone(id=ZoneId("zone"), role=ZoneRole.STAFF, window=WindowId("w"), polygon=polygon)
    name = Text(zh="一", en="One")
    camera = Camera(id=CameraId("cam"), name=name, url="rtsp://127.0.0.1/1", sample_every=1.0, zones=(zone,))
    return CameraWatch(camera, AnalysisSettings(), "none@0")


Condition = Callable[["Picture", int], "Picture"]


def still(picture: Picture, second: int) -> Picture:
    return filmed(picture, second)


def light_that_changes_slowly(picture: Picture, second: int) -> Picture:
    return filmed(lit(picture, 1 - 0.008 * second), second)


def light_that_hunts(picture: Picture, second: int) -> Picture:
    return filmed(lit(picture, 1 + 0.15 * sin(1.1 * second)), second)


def a_lamp_that_flickers(picture: Picture, second: int) -> Picture:
    return filmed(under_lamp(picture, (1.0, 0.75, 0.9, 1.0, 0.75)[second * 7 % 5]), second)


def a_burnt_in_clock(picture: Picture, second: int) -> Picture:
    return filmed(with_clock(picture, second), second)


def compression_that_pulses(picture: Picture, second: int) -> Picture:
    return filmed(picture, second, quality=(24, 38)[second % 2])


def bad_compression(picture: Picture, second: int) -> Picture:
    return filmed(picture, second, quality=40)


def an_evening_hall(picture: Picture, second: int) -> Picture:
    return filmed(lit(picture, 0.3), second, noise=5.0)


BRIGHT = (
    still,
    light_that_changes_slowly,
    light_that_hunts,
    a_lamp_that_flickers,
    a_burnt_in_clock,
    compression_that_pulses,
    bad_compression,
)
CONDITIONS = (*BRIGHT, an_evening_hall)


@cache
def shown(condition: Condition, people: tuple[Someone, ...], second: int) -> Picture:
    return condition(drawn(*people), second)


@dataclass
class Watched:
    """One zone of the hall under a condition, a picture a second."""

    condition: Condition
    watch: CameraWatch
    witness: Witness = field(default_factory=Witness)
    second: int = 0

    def see(self, *people: Someone) -> list[tuple[str, int]]:
        self.second += 1
        self.witness.picture = shown(self.condition, people, self.second)
        self.witness.people = people
        at = START + timedelta(seconds=self.second)
        told = self.watch.see(self.witness.picture, at, float(self.second), self.witness)
        return [(each.state, round((each.interval.start - START).total_seconds())) for each in told]

    def looks_while(self, who: Callable[[int], Sequence[Someone]], seconds: int) -> int:
        """How many looks were taken while these people were there."""
        before = self.witness.looks
        for _ in range(seconds):
            self.see(*who(self.second))
        return self.witness.looks - before

    def settle(self, *people: Someone) -> None:
        """Go on until just after a look, so that the next sample is not looked at for its age."""
        for wanted in (True, False):
            for _ in range(15):
                before = self.witness.looks
                self.see(*people)
                if (self.witness.looks > before) is wanted:
                    break


def nobody(_: int) -> Sequence[Someone]:
    return ()


def swaying(second: int) -> Sequence[Someone]:
    return (Someone(BLUE, column=160 + 2.5 * sin(1.3 * second), top=CLERK.top + sin(0.7 * second)),)


def named(condition: Condition) -> str:
    return condition.__name__


@pytest.mark.parametrize("condition", CONDITIONS, ids=named)
def test_an_empty_post_is_looked_at_rarely_and_whoever_sits_down_is_seen_at_once(
    condition: Condition,
) -> None:
    watched = Watched(condition, watch_of(STAFF.polygon))
    watched.looks_while(nobody, LEARNT)
    assert watched.looks_while(nobody, SECONDS) <= RARELY
    watched.settle()
    for clothes in (BLUE, WALL_GREY, CHAIR_GREY):
        arrival = deepcopy(watched)
        sitter, since = Someone(clothes), arrival.second + 1
        assert ("on_post", since) in [told for _ in range(4) for told in arrival.see(sitter)]


@pytest.mark.parametrize("condition", BRIGHT, ids=named)
def test_whoever_comes_into_a_large_zone_far_away_is_seen_at_once(condition: Condition) -> None:
    watched = Watched(condition, watch_of(EVERYWHERE))
    watched.looks_while(nobody, LEARNT)
    watched.settle()
    for clothes, column, row in (
        (BLUE, 420, 300),
        (WALL_GREY, 300, 190),
        (WALL_GREY, 480, 245),
        (BLUE, 60, 100),
    ):
        arrival = deepcopy(watched)
        someone = Someone(clothes, column=column, top=row, tall=FAR, hidden_from=FLOOR)
        since = arrival.second + 1
        assert ("on_post", since) in [told for _ in range(4) for told in arrival.see(someone)]


def test_in_the_evening_whoever_comes_into_a_large_zone_in_dark_clothes_is_seen_at_once() -> None:
    watched = Watched(an_evening_hall, watch_of(EVERYWHERE))
    watched.looks_while(nobody, 12)
    watched.settle()
    since = watched.second + 1
    someone = Someone(BLUE, column=420, top=300, tall=FAR, hidden_from=FLOOR)
    assert ("on_post", since) in [told for _ in range(4) for told in watched.see(someone)]


@pytest.mark.parametrize("condition", CONDITIONS, ids=named)
def test_a_clerk_who_sways_is_looked_at_rarely_and_is_missed_at_once(condition: Condition) -> None:
    watched = Watched(condition, watch_of(STAFF.polygon))
    watched.looks_while(swaying, 10)
    assert watched.looks_while(swaying, SECONDS) <= RARELY
    watched.settle(CLERK)
    since = watched.second + 1
    assert ("leaving", since) in [told for _ in range(4) for told in watched.see()]


BELOW = Someone(WALL_GREY, column=205, top=DESK - 60, tall=250, hidden_from=FLOOR)
"""A customer who leans over the desk: within the crop, but not within the staff's zone."""


def test_whoever_is_overlooked_when_they_come_is_seen_at_the_sample_after() -> None:
    watched = Watched(still, watch_of(STAFF.polygon))
    watched.looks_while(nobody, 12)
    watched.settle()
    watched.witness.misses = 1
    since = watched.second + 2
    assert ("on_post", since) in [told for _ in range(5) for told in watched.see(CLERK)]


def test_a_customer_who_leans_over_is_not_the_clerk_and_does_not_hide_their_return() -> None:
    watched = Watched(still, watch_of(STAFF.polygon))
    watched.looks_while(lambda _: (BELOW,), 12)
    watched.settle(BELOW)
    since = watched.second + 1
    assert ("on_post", since) in [told for _ in range(4) for told in watched.see(CLERK, BELOW)]


def test_a_clerk_who_goes_is_missed_though_a_customer_comes_at_the_same_time() -> None:
    watched = Watched(still, watch_of(STAFF.polygon))
    watched.looks_while(swaying, 12)
    watched.settle(CLERK)
    since = watched.second + 1
    assert ("leaving", since) in [told for _ in range(4) for told in watched.see(BELOW)]


def test_a_post_stays_staffed_when_a_second_clerk_comes_and_the_first_goes() -> None:
    watched = Watched(still, watch_of(STAFF.polygon))
    first, second = Someone(BLUE, column=130), Someone(CHAIR_GREY, column=195)
    watched.looks_while(lambda _: (first,), 12)
    told = [told for who in ((first, second), (second,)) for _ in range(12) for told in watched.see(*who)]
    assert told == []
    since = watched.second + 1
    assert ("leaving", since) in [told for _ in range(4) for told in watched.see()]


def test_when_one_of_two_goes_the_post_is_looked_at_at_once() -> None:
    watched = Watched(still, watch_of(STAFF.polygon))
    coat, clerk = Someone(CHAIR_GREY, column=130), Someone(BLUE, column=195)
    watched.looks_while(lambda _: (coat, clerk), 12)
    watched.settle(coat, clerk)
    before = watched.witness.looks
    watched.see(coat)
    assert watched.witness.looks == before + 1


class Comparer(Witness):
    """A detector that remembers places and compares pictures itself."""

    counts_people = False

    def detect_at(
        self, places: Sequence[str], crops: Sequence[Picture], now: float
    ) -> list[list[Detection] | None]:
        assert len(places) == len(crops)
        assert now > 0
        return [*self.detect(crops)]


def test_a_detector_that_compares_pictures_is_asked_about_every_move() -> None:
    watched = Watched(still, watch_of(STAFF.polygon), Comparer())
    watched.looks_while(swaying, 10)
    assert watched.looks_while(swaying, 10) >= 9


def test_a_zone_that_became_unknown_is_looked_at_whatever_it_shows() -> None:
    watched = Watched(still, watch_of(STAFF.polygon))
    watched.looks_while(swaying, 12)
    watched.settle(CLERK)
    before = watched.witness.looks
    told = watched.watch.tick(watched.second + 100.0)
    assert [each.state for each in told] == ["unknown"]
    watched.see(CLERK)
    assert watched.witness.looks == before + 1

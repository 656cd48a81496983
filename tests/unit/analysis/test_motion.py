"""Somebody or nobody without a model: what it takes to say either, and when it says that it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from analysis.detectors.motion import LONG_QUIET, QUIET, RECENT, Motion
from hall.errors import DetectorError
from tests.unit.analysis.pictures import empty_counter

if TYPE_CHECKING:
    from hall.ports import Picture

SIDE = 160
DESK = empty_counter(SIDE, SIDE)
STEP = 5.0
"""Seconds between two pictures."""


def clerk(posture: int = 0, left: int = 53) -> Picture:
    """Somebody behind the desk; head and arms lie elsewhere in each of four postures."""
    picture = DESK.copy()
    lean = (posture % 4) * 5
    cv2.rectangle(picture, (left, 67), (left + 53, 147), (60, 30, 20), -1)
    cv2.circle(picture, (left + 19 + lean, 50), 17, (120, 150, 200), -1)
    cv2.rectangle(picture, (left - 13 + lean, 100), (left + 13 + lean, 113), (200, 190, 220), -1)
    return picture


def lit(picture: Picture, factor: float) -> Picture:
    lighter: Picture = np.clip(picture * factor, 0, 255).astype(np.uint8)
    return lighter


@dataclass
class Place:
    """A place before a camera, and what is said about it."""

    motion: Motion = field(default_factory=Motion)
    second: float = 0.0
    step: float = STEP
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    def shows(self, picture: Picture) -> str:
        """`somebody`, `nobody` or `?` for the next picture, which has a camera's noise."""
        self.second += self.step
        noisy = np.clip(picture + self.chance.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        found = self.motion.detect_at(["cam/desk"], [noisy], self.second)[0]
        return "?" if found is None else "somebody" if found else "nobody"

    def rests(self, picture: Picture, seconds: float) -> set[str]:
        return {self.shows(picture) for _ in range(int(seconds / self.step))}

    def works(self, seconds: float) -> set[str]:
        return {self.shows(clerk(number)) for number in range(int(seconds / self.step))}


def proven() -> Place:
    """A place of which is known how it looks without anybody, and nobody is there."""
    place = Place()
    place.rests(DESK, QUIET + 10)
    place.works(60)
    place.rests(DESK, 60)
    return place


def test_at_first_it_cannot_tell_however_long_nothing_moves() -> None:
    assert Place().rests(DESK, 2 * QUIET) == {"?"}
    assert Place().rests(clerk(), 2 * QUIET) == {"?"}


def test_whoever_moves_is_seen_before_anything_is_known_of_the_place() -> None:
    place = Place()
    place.works(15)
    assert place.works(60) == {"somebody"}


def test_a_place_that_looks_as_before_somebody_came_and_went_is_empty() -> None:
    place = Place()
    place.rests(DESK, QUIET + 10)
    place.works(15)
    assert place.works(60) == {"somebody"}
    place.rests(DESK, 40)
    assert place.rests(DESK, 120) == {"nobody"}


def test_a_clerk_who_sits_still_for_a_minute_stays() -> None:
    place = proven()
    place.works(30)
    assert place.rests(clerk(1), 60) == {"somebody"}


def test_a_clerk_who_sits_still_for_very_long_becomes_unknown_and_never_absent() -> None:
    place = proven()
    place.works(30)
    place.rests(clerk(1), RECENT)
    place.step = 40.0
    assert place.rests(clerk(1), 2 * LONG_QUIET) == {"?"}
    place.step = STEP
    place.works(10)
    assert "nobody" not in place.works(120)


def test_a_clerk_who_was_there_from_the_first_picture_is_never_absent() -> None:
    place = Place()
    assert "nobody" not in place.works(300)
    assert "nobody" not in place.rests(clerk(2), 2 * QUIET)
    assert "nobody" not in place.works(300)
    assert "nobody" not in place.rests(DESK, 60)


def test_everything_changing_at_once_is_no_person() -> None:
    place = proven()
    other = np.ascontiguousarray(DESK[::-1, ::-1])
    assert place.rests(other, 30) == {"?"}
    place.rests(DESK, 30)
    assert place.rests(DESK, 30) == {"nobody"}


def test_a_lamp_that_is_switched_on_is_no_person_and_hides_none() -> None:
    place = proven()
    assert "somebody" not in place.rests(lit(DESK, 1.2), 60)
    assert place.rests(lit(DESK, 1.2), 60) == {"nobody"}
    place.rests(lit(clerk(0), 1.2), STEP)
    place.rests(lit(clerk(1), 1.2), STEP)
    assert place.rests(lit(clerk(2), 1.2), 30) == {"somebody"}


def test_half_of_the_place_in_other_light_at_once_is_no_person() -> None:
    place = proven()
    sunny = DESK.copy()
    sunny[:, : SIDE * 6 // 10] = 255 - sunny[:, : SIDE * 6 // 10] // 3
    assert "somebody" not in place.rests(sunny, 120)
    place.rests(DESK, 40)
    assert place.rests(DESK, 60) == {"nobody"}


def test_somebody_close_to_the_lens_is_seen_while_moving_on() -> None:
    place = proven()
    said = []
    for number in range(12):
        close = DESK.copy()
        left = 20 + 50 * (number % 2)
        close[20:, left : left + 80] = (30, 20, 10)
        said.append(place.shows(close))
    assert "nobody" not in said
    assert said.count("somebody") >= 5


def test_dusk_is_no_person() -> None:
    place = proven()
    said = {place.shows(lit(DESK, 1 - 0.5 * step / 400)) for step in range(400)}
    assert said == {"nobody"}


def test_in_the_dark_and_before_a_covered_lens_it_cannot_tell() -> None:
    place = proven()
    assert place.rests(lit(DESK, 0.02), 30) == {"?"}
    assert place.rests(np.full_like(DESK, 128), 30) == {"?"}


def test_a_parcel_that_is_put_down_is_no_person() -> None:
    place = proven()
    parcel = DESK.copy()
    parcel[73:113, 87:140] = (40, 60, 90)
    assert place.rests(parcel, 300) == {"?"}


def test_time_without_pictures_is_no_quiet() -> None:
    place = Place()
    place.shows(DESK)
    place.second += 2 * QUIET
    place.shows(DESK)
    place.works(30)
    place.rests(DESK, 100)
    assert place.shows(DESK) == "?"


def test_the_box_lies_where_the_clerk_is() -> None:
    motion, second = Motion(), 0.0
    for number in range(4):
        second += STEP
        found = motion.detect_at(["a"], [clerk(number, left=80)], second)[0]
    assert found is not None
    left, top, right, bottom = found[0].box
    assert 0.4 <= left < 0.6 < right <= 0.95
    assert 0.1 <= top < bottom <= 1


def test_a_single_picture_says_nothing() -> None:
    with pytest.raises(DetectorError, match="one picture says nothing"):
        Motion().detect([DESK])
    assert Motion().detect([]) == []


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.detectors.motion.MOST_PLACES", 3)
    motion = Motion()
    for number in range(5):
        motion.detect_at([f"place-{number}"], [DESK], 0.0)
    assert list(motion._places) == ["place-2", "place-3", "place-4"]

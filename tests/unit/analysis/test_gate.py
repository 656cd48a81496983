"""The gate in front of the detector: what opens it and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from analysis.picture.gate import EXAMINE_EVERY, Gate
from tests.unit.analysis.pictures import empty_counter, with_person

if TYPE_CHECKING:
    from hall.ports import Picture


def noisy(picture: Picture, seed: int) -> Picture:
    noise = np.random.default_rng(seed).normal(0, 6, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def test_the_first_picture_is_examined() -> None:
    assert Gate().opens(empty_counter(), 0.0)


def test_noise_of_a_still_picture_does_not_open_it() -> None:
    gate = Gate()
    gate.examined(noisy(empty_counter(), 0), 0.0)
    assert not any(gate.opens(noisy(empty_counter(), seed), 1.0) for seed in range(1, 20))


def test_a_person_who_comes_or_goes_opens_it() -> None:
    for before, after in ((empty_counter(), with_person()), (with_person(), empty_counter())):
        gate = Gate()
        gate.examined(before, 0.0)
        assert gate.opens(after, 1.0)


def test_a_small_person_far_away_opens_it() -> None:
    gate = Gate()
    gate.examined(empty_counter(), 0.0)
    assert gate.opens(with_person(size=0.2), 1.0)


def test_the_digits_of_a_burnt_in_clock_do_not_open_it() -> None:
    def clock(text: str) -> Picture:
        picture = empty_counter()
        cv2.putText(picture, text, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
        return picture

    gate = Gate()
    gate.examined(clock("2026-03-02 09:00:08"), 0.0)
    assert not gate.opens(clock("2026-03-02 09:59:59"), 1.0)


def test_slow_changes_add_up() -> None:
    gate, picture = Gate(), empty_counter()
    gate.examined(picture, 0.0)
    opened = [
        gate.opens(np.clip(picture.astype(int) - step, 0, 255).astype(np.uint8), 1.0) for step in range(30)
    ]
    assert not opened[5]
    assert opened[-1]


def test_an_unchanged_picture_is_examined_every_ten_seconds() -> None:
    gate = Gate()
    gate.examined(empty_counter(), 100.0)
    assert not gate.opens(empty_counter(), 100.0 + EXAMINE_EVERY - 0.1)
    assert gate.opens(empty_counter(), 100.0 + EXAMINE_EVERY)


def test_crops_of_one_pixel_and_of_any_size_are_compared() -> None:
    gate = Gate()
    gate.examined(np.zeros((1, 1, 3), np.uint8), 0.0)
    assert not gate.opens(np.zeros((2, 3, 3), np.uint8), 1.0)
    assert gate.opens(np.full((2160, 7, 3), 255, np.uint8), 1.0)

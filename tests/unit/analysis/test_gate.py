"""The gate in front of the detector: what opens it, what does not, and what it learns."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.picture.cells import cell_side, covered, measured, part_of
from analysis.picture.gate import EXAMINE_EVERY, FORGETTING, RESTLESS, Gate
from analysis.picture.zones import Crop
from tests.unit.analysis.pictures import empty_counter, with_person

if TYPE_CHECKING:
    from analysis.picture.cells import Cells
    from hall.ports import Picture

SIDE = 128
CHANGES = ceil(RESTLESS) + 1
"""After so many changes, each looked at twice, what changes is known."""


def seen(picture: Picture) -> Cells:
    return measured(picture, cell_side(min(picture.shape[:2])))


def counter() -> Picture:
    return empty_counter(SIDE, SIDE)


def noisy(picture: Picture, seed: int, strength: float = 6.0) -> Picture:
    noise = np.random.default_rng(seed).normal(0, strength, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def lit(picture: Picture, factor: float) -> Picture:
    return np.asarray(np.clip(picture * factor, 0, 255), np.uint8)


def with_block(
    picture: Picture, left: int, top: int, colour: tuple[int, int, int], side: int = 16
) -> Picture:
    changed = picture.copy()
    changed[top : top + side, left : left + side // 2] = colour
    return changed


def with_sign(is_red: bool) -> Picture:
    """A sign that shows one of two colours."""
    return with_block(counter(), 8, 8, (40, 40, 200) if is_red else (60, 160, 60), 12)


def used_to_a_sign(gate: Gate | None = None) -> Gate:
    """A gate that has seen the sign change while nobody was there."""
    gate = gate or Gate()
    for second in range(2 * (CHANGES + 1)):
        gate.found_nobody(seen(with_sign(second // 2 % 2 == 0)), float(second))
    return gate


def test_the_first_picture_is_examined() -> None:
    assert Gate().opens(seen(empty_counter()), 0.0)


def test_noise_of_a_still_picture_does_not_open_it() -> None:
    gate = Gate()
    gate.examined(seen(noisy(empty_counter(), 0)), 0.0)
    assert not any(gate.opens(seen(noisy(empty_counter(), seed)), 1.0) for seed in range(1, 20))


def test_a_person_who_comes_or_goes_opens_it() -> None:
    for before, after in ((empty_counter(), with_person()), (with_person(), empty_counter())):
        gate = Gate()
        gate.examined(seen(before), 0.0)
        assert gate.opens(seen(after), 1.0)


def test_a_small_person_far_away_opens_it() -> None:
    gate = Gate()
    gate.examined(seen(empty_counter()), 0.0)
    assert gate.opens(seen(with_person(size=0.08)), 1.0)


def test_light_that_changes_everywhere_does_not_open_it_but_adds_up() -> None:
    gate = Gate()
    gate.examined(seen(empty_counter()), 0.0)
    assert not gate.opens(seen(lit(empty_counter(), 0.85)), 1.0)
    assert not gate.opens(seen(lit(empty_counter(), 1.15)), 1.0)
    assert gate.opens(seen(lit(empty_counter(), 0.05)), 1.0)


def test_an_unchanged_picture_is_examined_every_ten_seconds() -> None:
    gate = Gate()
    gate.examined(seen(empty_counter()), 100.0)
    assert not gate.opens(seen(empty_counter()), 100.0 + EXAMINE_EVERY - 0.1)
    assert gate.opens(seen(empty_counter()), 100.0 + EXAMINE_EVERY)


def test_a_look_that_does_not_explain_a_change_is_taken_once_more() -> None:
    gate = Gate()
    gate.found_nobody(seen(counter()), 0.0)
    changed = seen(with_sign(is_red=True))
    gate.found_nobody(changed, 1.0)
    assert gate.opens(changed, 2.0)
    gate.found_nobody(changed, 2.0)
    assert not gate.opens(changed, 3.0)


def test_what_changes_again_and_again_while_nobody_is_there_is_learnt() -> None:
    gate = used_to_a_sign()
    assert not any(gate.opens(seen(with_sign(is_red)), 11.0) for is_red in (True, False))


def test_somebody_before_what_was_learnt_opens_it() -> None:
    gate = used_to_a_sign()
    assert gate.opens(seen(with_block(with_sign(is_red=True), 4, 4, (30, 30, 30), 24)), 11.0)


def test_what_was_learnt_is_forgotten_when_it_does_not_come_back() -> None:
    gate = used_to_a_sign()
    red = seen(with_sign(is_red=True))
    for second in range(20, 20 + int(3 * FORGETTING), 10):
        gate.found_nobody(red, float(second))
    assert gate.opens(seen(with_sign(is_red=False)), 20 + 3 * FORGETTING - 9)


def test_nothing_is_learnt_where_people_were_found() -> None:
    gate = Gate()
    empty, taken = seen(counter()), seen(with_person(SIDE, SIDE))
    for second in range(0, 60, 4):
        gate.examined(taken, float(second))
        for later in (1, 2, 3):
            gate.found_nobody(empty, float(second + later))
    assert gate.opens(taken, 60.0)


def test_somebody_who_was_there_before_it_was_learnt_opens_it_when_they_come_back() -> None:
    gate = Gate()
    before_the_sign = seen(with_block(counter(), 8, 8, (230, 30, 30), 12))
    gate.examined(before_the_sign, -1.0)
    assert used_to_a_sign(gate).opens(before_the_sign, 11.0)


def test_nothing_is_learnt_while_somebody_is_beside_the_zone() -> None:
    gate = Gate()
    for second in range(40):
        gate.found_nobody(seen(with_sign(second // 2 % 2 == 0)), float(second), beside=True)
    assert gate.opens(seen(with_sign(is_red=True)), 40.0)


def test_whoever_was_overlooked_once_opens_it_when_they_come_again() -> None:
    gate = Gate()
    empty, taken = seen(counter()), seen(with_block(counter(), 40, 40, (30, 30, 30)))
    for second, cells in enumerate((empty, empty, taken, taken, taken, empty, empty, empty)):
        gate.found_nobody(cells, float(second))
    assert gate.opens(taken, 8.0)


def test_where_nearly_everything_changes_nothing_is_taken_for_noise() -> None:
    gate = Gate()
    pictures = [seen(noisy(counter(), seed, 90.0)) for seed in range(12)]
    for second, cells in enumerate(pictures):
        gate.found_nobody(cells, float(second))
    assert gate.opens(pictures[0], 12.0)


def test_after_a_failure_everything_is_forgotten() -> None:
    gate = used_to_a_sign()
    gate.forget()
    assert gate.opens(seen(with_sign(is_red=True)), 11.0)
    gate.found_nobody(seen(with_sign(is_red=True)), 11.0)
    assert gate.opens(seen(with_sign(is_red=False)), 12.0)


def test_a_picture_of_another_size_opens_it_and_begins_anew() -> None:
    gate = used_to_a_sign()
    larger = seen(np.asarray(cv2.resize(with_sign(is_red=True), (2 * SIDE, SIDE)), np.uint8))
    assert gate.opens(larger, 11.0)
    gate.found_nobody(larger, 11.0)
    assert not gate.opens(larger, 12.0)


def test_crops_of_one_pixel_and_of_any_size_are_compared() -> None:
    for shape in ((1, 1, 3), (2, 3, 3), (2160, 7, 3), (5, 3000, 3)):
        gate = Gate()
        gate.found_nobody(seen(np.zeros(shape, np.uint8)), 0.0)
        assert not gate.opens(seen(np.zeros(shape, np.uint8)), 1.0)
        bluish = np.zeros(shape, np.uint8)
        bluish[..., 0] = 255
        assert gate.opens(seen(bluish), 1.0)


def test_a_piece_of_a_zone_has_its_part_of_the_zones_cells() -> None:
    whole, picture = Crop(0.0, 0.0, 1.0, 1.0), empty_counter(300, 600)
    cells = seen(picture)
    part = part_of(cells, whole, Crop(0.5, 0.0, 1.0, 0.5))
    assert part.shape[:2] == (round(cells.shape[0] / 2), round(cells.shape[1] / 2))
    assert np.array_equal(part, cells[: part.shape[0], -part.shape[1] :])
    assert part_of(cells, whole, Crop(0.999, 0.999, 1.0, 1.0)).shape[:2] == (1, 1)


def test_a_change_beside_the_zone_does_not_open_it() -> None:
    whole, left_half = Crop(0.0, 0.0, 1.0, 1.0), ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    before = seen(counter())
    gate = Gate(matters=covered(left_half, whole, (before.shape[0], before.shape[1])))
    gate.examined(before, 0.0)
    assert not gate.opens(seen(with_block(counter(), 100, 40, (30, 30, 30))), 1.0)
    assert gate.opens(seen(with_block(counter(), 58, 40, (30, 30, 30))), 1.0)


def test_the_smallest_zone_and_one_without_any_width_have_a_cell_that_matters() -> None:
    point, line = ((0.3, 0.4),) * 3, ((0.3, 0.2), (0.3, 0.8), (0.3, 0.5))
    for polygon in (point, line):
        crop = Crop(polygon[0][0], polygon[0][1], polygon[1][0], polygon[1][1])
        assert covered(polygon, crop, (1, 1)).all()
        assert part_of(np.zeros((4, 1, 3), np.float32), crop, crop).size > 0


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("nobody", "beside", "somebody", "forgotten")),
        st.sampled_from((0.6, 0.9, 1.0, 1.1)),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    EVENTS,
    st.integers(20, 100),
    st.integers(4, 100),
    st.sampled_from(((30, 30, 30), (90, 60, 200), (250, 250, 250))),
)
def test_whatever_happened_before_an_arrival_opens_it(
    events: list[tuple[str, float, bool, int]], left: int, top: int, clothes: tuple[int, int, int]
) -> None:
    gate, now, picture = Gate(), 0.0, counter()
    for kind, light, is_red, seed in events:
        now += 2.0
        picture = noisy(lit(with_sign(is_red), light), seed, 3.0)
        cells = seen(picture)
        if not gate.opens(cells, now):
            continue
        if kind == "forgotten":
            gate.forget()
        elif kind == "somebody":
            gate.examined(cells, now)
        else:
            gate.found_nobody(cells, now, beside=kind == "beside")
    if not gate.is_due(seen(picture), now):
        assert not gate.opens(seen(picture), now)
    arrived = with_block(with_block(picture, left, top, clothes, 20), left + 2, top - 4, (130, 160, 210), 6)
    assert gate.opens(seen(arrived), now + 2.0)

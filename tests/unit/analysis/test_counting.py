"""Counting people: tiles, the same person in two of them, and a count that does not jump."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.picture.counting import PeopleCount, merged, strips
from analysis.picture.zones import Crop
from hall.ports import Detection, KeyPoint


def test_a_person_seen_in_two_tiles_counts_once_where_they_are() -> None:
    whole, left, right = Crop(0, 0, 1, 1), Crop(0, 0, 0.6, 1), Crop(0.4, 0, 1, 1)
    in_left = Detection((0.75, 0.2, 0.95, 0.8), 0.5, (KeyPoint(0.85, 0.3, 0.9),))
    in_right = Detection((0.08, 0.2, 0.28, 0.8), 0.4)
    alone = Detection((0.7, 0.2, 0.9, 0.8), 0.3)
    found = merged(whole, [(left, [in_left]), (right, [in_right, alone])])
    assert [person.score for person in found] == [0.5, 0.3]
    assert found[0].box == pytest.approx((0.45, 0.2, 0.57, 0.8))
    assert found[0].key_points[0].x == pytest.approx(0.51)


def test_two_people_side_by_side_stay_two() -> None:
    whole = Crop(0, 0, 1, 1)
    pair = [Detection((0.1, 0.2, 0.35, 0.9), 0.5), Detection((0.3, 0.2, 0.55, 0.9), 0.5)]
    assert len(merged(whole, [(whole, pair)])) == 2


def test_the_count_is_stated_when_it_changes_and_one_miss_changes_nothing() -> None:
    count = PeopleCount(5)
    assert [count.sample(people) for people in (3, 3, 2, 3, 3, 4, 4, 4, 4)] == [
        3, None, None, None, None, None, 4, None, None,
    ]  # fmt: skip


def test_a_person_cut_by_the_edge_of_a_tile_is_not_counted_beside_the_whole_one() -> None:
    whole, upper, lower = Crop(0, 0, 1, 1), Crop(0, 0, 1, 0.6), Crop(0, 0.4, 1, 1)
    head_and_chest = Detection((0.4, 0.5, 0.6, 1.0), 0.6)
    standing = Detection((0.38, 0.0, 0.62, 0.7), 0.4)
    assert len(merged(whole, [(upper, [head_and_chest]), (lower, [standing])])) == 1


def test_somebody_cut_by_every_tile_is_still_counted() -> None:
    whole, upper, lower = Crop(0, 0, 1, 1), Crop(0, 0, 1, 0.6), Crop(0, 0.4, 1, 1)
    cut = [(upper, [Detection((0.4, 0.1, 0.6, 1.0), 0.6)]), (lower, [Detection((0.4, 0.0, 0.6, 0.9), 0.5)])]
    assert len(merged(whole, cut)) == 1


def test_the_certainty_of_a_count_is_the_share_of_samples_that_agree() -> None:
    count = PeopleCount(5)
    assert count.certainty is None
    for people in (4, 4, 4, 5, 9):
        count.sample(people)
    assert count.value == 5
    assert count.certainty == pytest.approx(0.8)


def test_a_count_goes_on_after_a_restart_and_is_forgotten_when_blind() -> None:
    count = PeopleCount(5)
    count.resume(4)
    assert count.sample(4) is None
    assert count.blind()
    assert not count.blind()
    assert count.sample(1) == 1


def test_a_long_crop_is_looked_at_in_overlapping_pieces_along_its_length() -> None:
    wide = strips(Crop(0.0, 0.2, 1.0, 0.4), 4.0)
    assert len(wide) == 3
    assert (wide[0].left, wide[-1].right) == pytest.approx((0.0, 1.0))
    assert all(before.right > after.left for before, after in pairwise(wide))
    assert {(piece.top, piece.bottom) for piece in wide} == {(0.2, 0.4)}
    tall = strips(Crop(0.2, 0.0, 0.4, 1.0), 0.25)
    assert (tall[0].top, tall[-1].bottom) == pytest.approx((0.0, 1.0))


def test_a_crop_that_is_nearly_square_stays_whole_and_a_hair_is_not_cut_for_ever() -> None:
    assert strips(Crop(0, 0, 1, 1), 1.7) == [Crop(0, 0, 1, 1)]
    assert len(strips(Crop(0, 0, 1, 1), 4000.0)) == 4


COUNTS = st.lists(st.one_of(st.none(), st.integers(0, 60)), max_size=60)
"""People seen at one look; None: blind."""


@given(st.integers(1, 12), COUNTS)
def test_a_count_is_one_that_was_seen_is_stated_once_and_says_how_sure_it_is(
    window: int, looks: list[int | None]
) -> None:
    count, stated, lately = PeopleCount(window), None, list[int]()
    for people in looks:
        if people is None:
            assert count.blind() == (stated is not None)
            stated, lately = None, []
            assert count.certainty is None
            continue
        lately = [*lately, people][-window:]
        told = count.sample(people)
        assert told is None or told != stated
        stated = stated if told is None else told
        assert count.value == stated
        assert stated in lately
        assert count.certainty is not None
        assert 0 < count.certainty <= 1


@given(st.integers(1, 12), COUNTS, st.integers(0, 60), st.integers(1, 4))
def test_a_window_of_equal_looks_gives_that_count_at_any_rate(
    window: int, history: list[int | None], people: int, times: int
) -> None:
    count = PeopleCount(window)
    for look in history:
        if look is None:
            count.blind()
        else:
            count.sample(look)
    for _ in range(window * times):
        count.sample(people)
    assert (count.value, count.certainty) == (people, 1.0)


@given(st.integers(1, 12), st.integers(0, 60), COUNTS)
def test_a_count_that_has_settled_goes_on_after_a_restart_as_if_nothing_had_happened(
    window: int, people: int, later: list[int | None]
) -> None:
    before, after = PeopleCount(window), PeopleCount(window)
    for _ in range(window):
        before.sample(people)
    after.resume(people)
    for look in later:
        if look is None:
            assert before.blind() == after.blind()
        else:
            assert before.sample(look) == after.sample(look)
            assert before.certainty == after.certainty

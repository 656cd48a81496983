"""How tall people are, row by row, out of whom was found."""

from __future__ import annotations

import pytest

from analysis.picture.stature import FLATTEST, PIECE_PER_PERSON, Seen, Stature, seen_whole, stature_of
from analysis.picture.tiling import Extent
from analysis.picture.zones import Crop
from hall.ports import Detection, KeyPoint

WHOLE = Crop(0.0, 0.0, 1.0, 1.0)
EXTENT = Extent(WHOLE, 1000, 800)


def person(row: float, tall: float, column: float = 0.1) -> Seen:
    """Somebody whose shoulders are in a row."""
    return Seen(row, tall, (column, row - 0.2 * tall, column + 0.02, row + 0.8 * tall))


def test_people_of_one_size_are_of_one_size_everywhere() -> None:
    stature = stature_of(EXTENT, [person(row / 10, 0.1, row / 10) for row in range(2, 9)])
    assert (stature.upper, stature.lower) == pytest.approx((80, 80))
    assert stature.side(0.5) == pytest.approx(PIECE_PER_PERSON * 80)


def test_who_stands_at_the_back_is_smaller_and_a_few_wrong_findings_change_nothing() -> None:
    crowd = [person(row / 20, 0.08 + 0.12 * row / 20, row / 20) for row in range(4, 19)]
    wrong = [person(0.2, 0.4, 0.03), person(0.9, 0.02, 0.97)]
    stature = stature_of(EXTENT, crowd + wrong)
    assert stature.upper == pytest.approx(64, abs=8)
    assert stature.lower == pytest.approx(160, abs=8)


def test_few_people_tell_one_size_only() -> None:
    stature = stature_of(EXTENT, [person(0.3, 0.1), person(0.8, 0.2, 0.5)])
    assert stature.upper == stature.lower


def test_nobody_is_taken_to_be_taller_at_the_back() -> None:
    stature = stature_of(EXTENT, [person(row / 10, 0.2 - 0.01 * row, row / 10) for row in range(1, 9)])
    assert stature.upper == stature.lower


def test_a_steep_line_through_two_rows_does_not_make_people_vanish_at_the_upper_edge() -> None:
    rows = [person(0.8, 0.1, n / 10) for n in range(5)] + [person(0.9, 0.3, n / 10) for n in range(5)]
    stature = stature_of(EXTENT, rows)
    assert stature.upper == pytest.approx(FLATTEST * stature.lower, rel=0.05)


def test_a_head_within_somebody_near_the_lens_is_nobody_of_its_own() -> None:
    near, head = Seen(0.3, 0.8, (0.3, 0.1, 0.7, 0.9)), Seen(0.2, 0.18, (0.45, 0.12, 0.55, 0.3))
    assert stature_of(EXTENT, [head, near, head]).lower == pytest.approx(640)


def test_who_is_cut_by_the_edge_of_a_piece_tells_no_size() -> None:
    standing, cut = Detection((0.2, 0.1, 0.4, 0.5), 0.9), Detection((0.6, 0.5, 0.8, 1.0), 0.9)
    seen = seen_whole(EXTENT, [(Crop(0, 0, 0.5, 0.5), [standing, cut])])
    assert [one.tall for one in seen] == [pytest.approx(0.2)]


def test_of_somebody_behind_a_table_the_trunk_tells_the_height() -> None:
    shoulders, hips = KeyPoint(0.5, 0.3, 0.5), KeyPoint(0.5, 0.445, 0.3)
    points = (*[KeyPoint(0.5, 0.22, 0.6)] * 5, *[shoulders] * 2, *[KeyPoint(0.5, 0.4, 0.3)] * 4, *[hips] * 6)
    sitting = Detection((0.45, 0.18, 0.55, 0.45), 0.5, points)
    assert seen_whole(EXTENT, [(WHOLE, [sitting])])[0].tall == pytest.approx(0.5, rel=0.01)


def test_sizes_are_alike_when_they_differ_little_at_both_edges() -> None:
    assert Stature(50, 100).is_like(Stature(60, 110), 1.35)
    assert not Stature(50, 100).is_like(Stature(80, 100), 1.35)

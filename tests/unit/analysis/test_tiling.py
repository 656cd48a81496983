"""Pieces of a waiting area, their quarters, and strips of long crops."""

from __future__ import annotations

from itertools import pairwise

import pytest

from analysis.picture.tiling import MOST_PIECES, Extent, pieces, quarters, strips
from analysis.picture.zones import Crop

EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
WHOLE = Crop(0.0, 0.0, 1.0, 1.0)
EXTENT = Extent(WHOLE, 1920, 1080)


def covers(parts: list[Crop]) -> bool:
    """Whether every point of a grid lies in some part."""
    steps = [0.001 + 0.998 * index / 40 for index in range(41)]
    return all(any(part.holds((x, y)) for part in parts) for x in steps for y in steps)


@pytest.mark.parametrize("side", [5000.0, 600.0, 250.0, 20.0])
def test_pieces_cover_the_zone_overlap_and_stay_few(side: float) -> None:
    parts = pieces(EXTENT, lambda _: side, EVERYWHERE)
    assert 1 <= len(parts) <= MOST_PIECES
    assert covers(parts)


def test_pieces_larger_than_the_zone_are_one() -> None:
    assert pieces(EXTENT, lambda _: 5000.0, EVERYWHERE) == [WHOLE]


def test_pieces_are_square_and_smaller_where_people_are_smaller() -> None:
    parts = pieces(EXTENT, lambda row: 200 + 300 * row, EVERYWHERE)
    assert covers(parts)
    upper, lower = min(parts, key=lambda part: part.top), max(parts, key=lambda part: part.bottom)
    for part in (upper, lower):
        wide, high = (part.right - part.left) * 1920, (part.bottom - part.top) * 1080
        assert wide == pytest.approx(high, rel=0.01) or part.top == 0
    assert (upper.right - upper.left) < 0.7 * (lower.right - lower.left)


def test_pieces_outside_the_polygon_are_left_out() -> None:
    corner = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2))
    parts = pieces(EXTENT, lambda _: 270.0, corner)
    assert all(part.left < 0.2 and part.top < 0.2 for part in parts)
    assert 1 <= len(parts) <= 6


def test_the_quarters_of_a_piece_cover_it_and_overlap() -> None:
    four = quarters(Crop(0.2, 0.4, 0.4, 0.8))
    assert len(four) == 4
    assert (min(part.left for part in four), max(part.bottom for part in four)) == pytest.approx((0.2, 0.8))
    assert all(part.holds((0.3, 0.6)) for part in four)


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

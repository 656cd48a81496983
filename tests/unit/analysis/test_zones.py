"""Crops of zones, and who counts for a zone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.picture.zones import Crop, crop_of, people_inside, width_needed
from hall.names import WindowId, ZoneId
from hall.place import Point, Zone, ZoneRole
from hall.ports import Detection, KeyPoint

WHOLE = Crop(0, 0, 1, 1)
DESK = ((0.2, 0.1), (0.8, 0.1), (0.8, 0.5), (0.2, 0.5))
"""The staff side of a counter; customers stand below it in the picture."""


def zone(*polygon: Point) -> Zone:
    return Zone(id=ZoneId("z"), role=ZoneRole.STAFF, window=WindowId("w"), polygon=polygon)


def somebody(
    box: tuple[float, float, float, float], head: Point | None = None, shoulders: Point | None = None
) -> Detection:
    unsure = KeyPoint(0.0, 0.0, 0.05)
    faces = [KeyPoint(*head, 0.8)] * 5 if head else [unsure] * 5
    sides = [KeyPoint(*shoulders, 0.7)] * 2 if shoulders else [unsure] * 2
    return Detection(box, 0.5, (*faces, *sides, *[unsure] * 10))


def test_somebody_who_sits_inside_counts() -> None:
    clerk = somebody((0.4, 0.1, 0.6, 0.5), (0.5, 0.15), (0.5, 0.28))
    assert people_inside(zone(*DESK), WHOLE, [clerk]) == [clerk]


def test_a_clerk_whose_head_is_above_the_polygon_counts() -> None:
    clerk = somebody((0.4, 0.0, 0.6, 0.5), (0.5, 0.05), (0.5, 0.2))
    assert people_inside(zone(*DESK), WHOLE, [clerk]) == [clerk]


def test_a_customer_who_leans_over_the_counter_does_not_count() -> None:
    leaning = somebody((0.4, 0.4, 0.6, 1.0), (0.5, 0.45), (0.5, 0.56))
    assert people_inside(zone(*DESK), WHOLE, [leaning]) == []


def test_without_sure_key_points_the_middle_of_the_box_decides() -> None:
    assert people_inside(zone(*DESK), WHOLE, [Detection((0.4, 0.2, 0.6, 0.4), 0.5)])
    assert not people_inside(zone(*DESK), WHOLE, [Detection((0.4, 0.4, 0.6, 0.9), 0.5)])


def test_when_only_shoulders_are_sure_they_decide_alone() -> None:
    assert people_inside(zone(*DESK), WHOLE, [somebody((0.4, 0.3, 0.6, 0.9), None, (0.5, 0.4))])
    assert not people_inside(zone(*DESK), WHOLE, [somebody((0.4, 0.0, 0.6, 0.6), None, (0.5, 0.7))])


def test_positions_in_a_crop_are_taken_back_to_the_picture() -> None:
    right_half = Crop(0.5, 0.0, 1.0, 1.0)
    middle = Detection((0.4, 0.4, 0.6, 0.6), 0.5)
    assert people_inside(zone((0.7, 0.4), (0.8, 0.4), (0.8, 0.6), (0.7, 0.6)), right_half, [middle])
    assert not people_inside(zone((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)), right_half, [middle])


def test_a_crop_has_a_margin_and_stays_in_the_picture() -> None:
    crop = crop_of(zone((0.0, 0.4), (0.4, 0.4), (0.4, 0.6)))
    assert (crop.left, crop.top, crop.right, crop.bottom) == pytest.approx((0.0, 0.37, 0.46, 0.63))


def test_a_zone_of_less_than_a_pixel_still_has_one() -> None:
    tiny = crop_of(zone((1.0, 1.0), (1.0, 0.9999), (0.9999, 1.0)))
    assert tiny.cut(np.zeros((90, 160, 3), np.uint8)).shape == (1, 1, 3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_every_crop_of_every_picture_has_pixels(polygon: list[Point], height: int, width: int) -> None:
    cut = crop_of(zone(*polygon)).cut(np.zeros((height, width, 3), np.uint8))
    assert 0 not in cut.shape


@pytest.mark.parametrize(("width", "needed"), [(320, 320), (640, 640), (1280, 640), (3840, 640)])
def test_pictures_are_not_enlarged_and_not_made_too_small(width: int, needed: int) -> None:
    large = zone((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    assert width_needed([large], width, width * 9 // 16, 192) == needed


def test_a_small_zone_keeps_the_picture_large() -> None:
    small = zone((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))
    assert width_needed([small], 3840, 2160, 192) == pytest.approx(1477, abs=2)
    assert width_needed([small], 1280, 720, 192) == 1280
    assert width_needed([], 1280, 720, 192) == 1280

"""Crops of zones, and who counts for a zone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.detectors import open_detector
from analysis.picture.zones import Crop, crop_of, people_inside, rivals_of, stands_inside, width_needed
from hall.config.settings import AnalysisSettings
from hall.names import WindowId, ZoneId
from hall.place import Point, Zone, ZoneRole
from hall.polygon import contains
from hall.ports import Detection, Detector, KeyPoint
from tests.unit.analysis.pictures import empty_counter
from tests.unit.analysis.pictures import person as astronaut

if TYPE_CHECKING:
    from hall.ports import Picture

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
    assert width_needed([], 1280, 720, 192) == 640


COUNTER = zone(*DESK)
FRONT = Zone(
    id=ZoneId("front"),
    role=ZoneRole.CUSTOMER,
    window=WindowId("w"),
    polygon=((0.1, 0.5), (0.9, 0.5), (0.9, 1.0), (0.1, 1.0)),
)
"""Where customers stand, right below the desk in the picture."""


def whole_body(
    box: tuple[float, float, float, float],
    head: Point | None,
    shoulders: Point | None,
    hips: Point | None,
    hips_score: float = 0.8,
) -> Detection:
    person = somebody(box, head, shoulders)
    points = list(person.key_points)
    if hips is not None:
        points[11:13] = [KeyPoint(*hips, hips_score)] * 2
    return Detection(box, 0.5, tuple(points))


def sides(person: Detection) -> tuple[bool, bool]:
    """Whether somebody counts as staff, and as a customer."""
    staff = people_inside(COUNTER, WHOLE, [person], rivals_of(COUNTER, [COUNTER, FRONT]))
    front = people_inside(FRONT, WHOLE, [person], rivals_of(FRONT, [COUNTER, FRONT]))
    return bool(staff), bool(front)


STAFF, CUSTOMER, NEITHER = (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("who", "person", "expected"),
    [
        (
            "a customer who leans in with the head and an arm",
            whole_body((0.4, 0.35, 0.6, 1.0), (0.5, 0.42), (0.5, 0.54), (0.5, 0.75)),
            CUSTOMER,
        ),
        (
            "a customer who lies on the counter with head and shoulders",
            whole_body((0.4, 0.2, 0.6, 1.0), (0.5, 0.3), (0.5, 0.42), (0.5, 0.7)),
            CUSTOMER,
        ),
        (
            "a customer who stands upright",
            whole_body((0.4, 0.52, 0.6, 1.0), (0.5, 0.56), (0.5, 0.65), (0.5, 0.85)),
            CUSTOMER,
        ),
        (
            "a clerk who sits there, cut by the desk",
            whole_body((0.4, 0.1, 0.6, 0.5), (0.5, 0.15), (0.5, 0.3), None),
            STAFF,
        ),
        (
            "a clerk who bends down until the desk hides the head",
            whole_body((0.35, 0.25, 0.65, 0.55), None, (0.5, 0.42), (0.45, 0.35)),
            STAFF,
        ),
        (
            "a clerk who bends down with the head below the edge of the desk",
            whole_body((0.35, 0.25, 0.65, 0.6), (0.5, 0.53), (0.5, 0.42), None),
            STAFF,
        ),
        (
            "a clerk of whom a screen leaves the head only",
            whole_body((0.45, 0.1, 0.55, 0.3), (0.5, 0.2), None, None),
            STAFF,
        ),
        (
            "a clerk behind a screen whose hips are guessed in front of the desk",
            whole_body((0.4, 0.1, 0.6, 0.95), (0.5, 0.15), (0.5, 0.3), (0.5, 0.9), 0.45),
            STAFF,
        ),
        (
            "a clerk who stands up beyond the polygon",
            whole_body((0.4, 0.0, 0.6, 0.5), (0.5, 0.02), (0.5, 0.08), (0.5, 0.3)),
            STAFF,
        ),
        (
            "somebody who walks behind and is seen above the counter",
            whole_body((0.4, 0.0, 0.6, 0.15), (0.5, 0.02), (0.5, 0.08), None),
            NEITHER,
        ),
        (
            "somebody on the border with the greater part behind it",
            whole_body((0.4, 0.2, 0.6, 0.78), (0.5, 0.3), (0.5, 0.4), (0.5, 0.49)),
            STAFF,
        ),
        (
            "somebody on the border with the greater part in front",
            whole_body((0.4, 0.35, 0.6, 0.9), (0.5, 0.45), (0.5, 0.52), (0.5, 0.7)),
            CUSTOMER,
        ),
        ("a box without key points behind the desk", Detection((0.4, 0.2, 0.6, 0.6), 0.5), STAFF),
        ("a box without key points in front of it", Detection((0.4, 0.4, 0.6, 0.9), 0.5), CUSTOMER),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_somebody_counts_on_one_side_of_the_counter(
    who: str, person: Detection, expected: tuple[bool, bool]
) -> None:
    assert sides(person) == expected, who


def test_of_somebody_cut_by_the_edge_of_the_crop_the_shoulders_tell_on_which_side_they_are() -> None:
    """The crop of the staff zone ends a little below it: the rest of a customer is not in it."""
    crop = crop_of(COUNTER)
    cut = somebody((0.4, 0.6, 0.6, 1.0), (0.5, 0.7), (0.5, 0.95))
    whole = somebody((0.4, 0.6, 0.6, 0.9), (0.5, 0.7), (0.5, 0.95))
    assert people_inside(COUNTER, crop, [cut]) == []
    assert people_inside(COUNTER, crop, [whole]) == [whole]
    assert people_inside(COUNTER, crop, [somebody((0.4, 0.2, 0.6, 1.0), (0.5, 0.3), (0.5, 0.6))])


def test_the_edge_of_the_picture_itself_cuts_nobody() -> None:
    lowest = zone((0.2, 0.6), (0.8, 0.6), (0.8, 1.0), (0.2, 1.0))
    sitting = somebody((0.4, 0.4, 0.6, 1.0), (0.5, 0.5), (0.5, 0.1))
    assert people_inside(lowest, crop_of(lowest), [sitting]) == [sitting]


POINTS = st.tuples(st.floats(0, 1), st.floats(0, 1))
PEOPLE = st.builds(
    lambda corner, size, head, shoulders, hips, score: whole_body(
        (corner[0], corner[1], min(1.0, corner[0] + size[0]), min(1.0, corner[1] + size[1])),
        head, shoulders, hips, score,
    ),
    POINTS, POINTS, st.none() | POINTS, st.none() | POINTS, st.none() | POINTS, st.floats(0, 1),
)  # fmt: skip
POLYGONS = st.lists(POINTS, min_size=3, max_size=5).map(tuple)


@given(PEOPLE, POLYGONS, POLYGONS)
def test_nobody_counts_on_both_sides_of_a_counter_however_zones_are_drawn(
    person: Detection, behind: tuple[Point, ...], in_front: tuple[Point, ...]
) -> None:
    staff, customers = zone(*behind), FRONT.model_copy(update={"polygon": in_front})
    counted = [
        bool(people_inside(each, WHOLE, [person], rivals_of(each, [staff, customers])))
        for each in (staff, customers)
    ]
    alone = [stands_inside(each.polygon, WHOLE, person) for each in (staff, customers)]
    assert sum(counted) == min(1, sum(alone))


def test_zones_of_other_windows_and_waiting_zones_are_no_rivals() -> None:
    other = FRONT.model_copy(update={"window": WindowId("w2")})
    waiting = FRONT.model_copy(update={"role": ZoneRole.WAITING, "window": None})
    assert rivals_of(COUNTER, [COUNTER, FRONT, other, waiting]) == [FRONT]
    assert rivals_of(FRONT, [COUNTER, FRONT, other, waiting]) == [COUNTER]
    assert rivals_of(waiting, [COUNTER, FRONT, other, waiting]) == []


# --- with the real model and a photograph


@cache
def movenet() -> Detector:
    return open_detector(AnalysisSettings())


def seen_by_movenet(picture: Picture, which: Zone) -> bool:
    crop = crop_of(which)
    found = movenet().detect([crop.cut(picture)])[0]
    people = [person for person in found if person.score >= AnalysisSettings().score]
    return bool(people_inside(which, crop, people, rivals_of(which, [COUNTER, FRONT])))


def photograph(top: float, size: float, left: float = 0.28) -> Picture:
    """The counter's picture with somebody pasted in; `top`, `left` and `size` are shares of it."""
    picture, side = empty_counter(768, 768), int(size * 768)
    y, x = int(top * 768), int(left * 768)
    pasted = cv2.resize(astronaut(), (side, side), interpolation=cv2.INTER_AREA)
    picture[y : y + side, x : x + side] = pasted[: 768 - y]
    return picture


def with_desk(picture: Picture) -> Picture:
    """The desk hides what lies below the staff zone."""
    picture[int(0.5 * 768) :] = (90, 120, 150)
    return picture


def test_a_clerk_in_a_photograph_who_is_cut_by_the_desk_counts_as_staff() -> None:
    assert seen_by_movenet(with_desk(photograph(0.1, 0.5)), COUNTER)
    assert not seen_by_movenet(with_desk(photograph(0.1, 0.5)), FRONT)


def test_a_clerk_in_a_photograph_of_whom_a_screen_hides_all_but_the_head_counts_as_staff() -> None:
    picture = with_desk(photograph(0.1, 0.5))
    picture[int(0.33 * 768) : int(0.5 * 768), int(0.3 * 768) : int(0.75 * 768)] = (35, 35, 35)
    assert seen_by_movenet(picture, COUNTER)


def test_a_customer_in_a_photograph_who_leans_over_the_counter_is_no_staff() -> None:
    leaning = photograph(0.3, 0.6, 0.2)
    person = movenet().detect([leaning])[0][0]
    nose, shoulder = person.key_points[0], person.key_points[5]
    assert contains(DESK, (nose.x, nose.y))
    assert not contains(DESK, (shoulder.x, shoulder.y))
    assert not seen_by_movenet(leaning, COUNTER)
    assert seen_by_movenet(leaning, FRONT)


def test_a_photograph_of_nobody_has_neither_staff_nor_customer() -> None:
    empty = with_desk(empty_counter(768, 768))
    assert not seen_by_movenet(empty, COUNTER)
    assert not seen_by_movenet(empty, FRONT)

"""The same person in two pieces, and two people who stand close."""

from __future__ import annotations

import pytest

from analysis.picture.merging import merged
from analysis.picture.zones import Crop
from hall.ports import Detection, KeyPoint

WHOLE = Crop(0, 0, 1, 1)
LEFT, RIGHT = Crop(0, 0, 0.6, 1), Crop(0.4, 0, 1, 1)
UPPER, LOWER = Crop(0, 0, 1, 0.6), Crop(0, 0.4, 1, 1)


def standing(middle: float, top: float, tall: float, score: float = 0.5, shown: float = 1.0) -> Detection:
    """Somebody from the front in a square piece; the box holds the `shown` upper share of the body."""
    broad = tall * 0.22
    head = [KeyPoint(middle, top + 0.07 * tall, 0.5)] * 5
    shoulders = [KeyPoint(middle + side * broad / 2, top + 0.18 * tall, 0.5) for side in (1, -1)]
    arms = [KeyPoint(middle, top + 0.4 * tall, 0.5)] * 4
    hips = [KeyPoint(middle + side * 0.06 * tall, top + 0.47 * tall, 0.5) for side in (1, -1)]
    legs = [KeyPoint(middle, top + 0.9 * tall, 0.3)] * 4
    box = (middle - broad / 2, top, middle + broad / 2, min(1.0, top + shown * tall))
    return Detection(box, score, (*head, *shoulders, *arms, *hips, *legs))


def test_a_person_seen_in_two_tiles_counts_once_where_they_are() -> None:
    in_left = Detection((0.75, 0.2, 0.95, 0.8), 0.5, (KeyPoint(0.85, 0.3, 0.9),))
    in_right = Detection((0.08, 0.2, 0.28, 0.8), 0.4)
    alone = Detection((0.7, 0.2, 0.9, 0.8), 0.3)
    found = merged(WHOLE, [(LEFT, [in_left]), (RIGHT, [in_right, alone])])
    assert [person.score for person in found] == [0.5, 0.3]
    assert found[0].box == pytest.approx((0.45, 0.2, 0.57, 0.8))
    assert found[0].key_points[0].x == pytest.approx(0.51)


def test_two_people_side_by_side_stay_two() -> None:
    pair = [Detection((0.1, 0.2, 0.35, 0.9), 0.5), Detection((0.3, 0.2, 0.55, 0.9), 0.5)]
    assert len(merged(WHOLE, [(WHOLE, pair)])) == 2


def test_a_person_cut_by_the_edge_of_a_tile_is_not_counted_beside_the_whole_one() -> None:
    head_and_chest = Detection((0.4, 0.5, 0.6, 1.0), 0.6)
    whole_one = Detection((0.38, 0.0, 0.62, 0.7), 0.4)
    assert len(merged(WHOLE, [(UPPER, [head_and_chest]), (LOWER, [whole_one])])) == 1


def test_somebody_cut_by_every_tile_is_still_counted() -> None:
    cut = [(UPPER, [Detection((0.4, 0.1, 0.6, 1.0), 0.6)]), (LOWER, [Detection((0.4, 0.0, 0.6, 0.9), 0.5)])]
    assert len(merged(WHOLE, cut)) == 1


def test_somebody_who_stands_half_behind_another_is_not_lost_though_the_boxes_nearly_cover() -> None:
    front, behind = standing(0.50, 0.30, 0.5), standing(0.54, 0.20, 0.5, 0.4)
    other_look = Crop(0.0, 0.0, 0.999, 1.0)
    assert len(merged(WHOLE, [(WHOLE, [front]), (other_look, [behind])])) == 2
    boxes = [Detection(person.box, person.score) for person in (front, behind)]
    assert len(merged(WHOLE, [(WHOLE, boxes[:1]), (other_look, boxes[1:])])) in (1, 2)


def test_one_person_in_a_large_and_in_a_small_piece_is_one_though_the_small_one_hides_the_legs() -> None:
    quarter = Crop(0.25, 0.0, 0.75, 0.5)
    in_whole = standing(0.5, 0.2, 0.6)
    in_quarter = standing(0.5, 0.4, 1.2, 0.6, shown=0.5)
    assert len(merged(WHOLE, [(WHOLE, [in_whole]), (quarter, [in_quarter])])) == 1


def test_people_whom_the_detector_told_apart_in_one_look_stay_apart() -> None:
    close = [standing(0.50, 0.2, 0.6), standing(0.52, 0.22, 0.6, 0.3)]
    assert len(merged(WHOLE, [(WHOLE, close)])) == 2


def test_legs_without_a_head_are_nobody_where_somebody_stands() -> None:
    in_upper = standing(0.5, 0.3, 0.6, shown=1.0)
    legs = Detection((0.44, 0.0, 0.56, 0.4), 0.6, standing(0.5, 0.0, 0.3).key_points)
    assert len(merged(WHOLE, [(Crop(0, 0, 1, 0.9), [in_upper]), (Crop(0, 0.5, 1, 1), [legs])])) == 1


def test_in_a_wide_crop_neighbours_stay_two_because_distances_are_measured_in_pixels() -> None:
    other_look = Crop(0.0, 0.0, 0.999, 1.0)

    def narrow(middle: float) -> Detection:
        tall = standing(0.5, 0.2, 0.6)

        def squeezed(x: float) -> float:
            return middle + (x - 0.5) / 4

        points = tuple(KeyPoint(squeezed(point.x), point.y, point.score) for point in tall.key_points)
        return Detection(
            (squeezed(tall.box[0]), tall.box[1], squeezed(tall.box[2]), tall.box[3]), 0.5, points
        )

    two = [(WHOLE, [narrow(0.50)]), (other_look, [narrow(0.53)])]
    assert len(merged(WHOLE, two, aspect=4.0)) == 2
    assert len(merged(WHOLE, [(WHOLE, [narrow(0.50)]), (other_look, [narrow(0.505)])], aspect=4.0)) == 1

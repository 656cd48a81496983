"""Whether somebody who was found is still there: what tells it, and what must not."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.picture.sitter import Sitter
from fixtures.people import Look
from hall.ports import Detection, KeyPoint
from tests.unit.analysis.drawn_hall import (
    BLUE,
    CHAIR_GREY,
    WALL_GREY,
    ZONE,
    Someone,
    drawn,
    filmed,
    lit,
    under_lamp,
)

CLOTHES = pytest.mark.parametrize(
    "look", [BLUE, WALL_GREY, CHAIR_GREY], ids=["blue", "as the wall", "as the chair"]
)


def sitter(look: Look) -> Sitter:
    who = Someone(look)
    found = Sitter.of(who.found_in(ZONE), ZONE.cut(filmed(drawn(who), 1)))
    assert found is not None
    return found


@CLOTHES
@pytest.mark.parametrize("across", [0, 2, 5, 8])
def test_whoever_sways_stays(look: Look, across: int) -> None:
    assert sitter(look).stays(ZONE.cut(filmed(drawn(Someone(look, column=160 + across)), 2)))


@CLOTHES
def test_whoever_sits_in_other_light_or_in_a_worse_picture_stays(look: Look) -> None:
    who = drawn(Someone(look))
    later = (
        filmed(lit(who, 0.8), 2),
        filmed(lit(who, 1.1), 2),
        filmed(under_lamp(who, 0.75), 2),
        filmed(who, 2, 38),
    )
    assert all(sitter(look).stays(ZONE.cut(picture)) for picture in later)


@CLOTHES
def test_an_empty_chair_is_nobody_whatever_the_light(look: Look) -> None:
    empty = drawn()
    later = (
        filmed(empty, 2),
        filmed(lit(empty, 0.7), 2),
        filmed(lit(empty, 1.15), 2),
        filmed(under_lamp(empty, 0.75), 2),
        filmed(empty, 2, 40),
    )
    assert not any(sitter(look).stays(ZONE.cut(picture)) for picture in later)


@CLOTHES
def test_somebody_else_in_the_chair_is_looked_at(look: Look) -> None:
    others = [other for other in (BLUE, WALL_GREY, CHAIR_GREY) if other is not look]
    assert not any(sitter(look).stays(ZONE.cut(filmed(drawn(Someone(other)), 2))) for other in others)


@CLOTHES
def test_whoever_moved_aside_is_looked_at(look: Look) -> None:
    assert not sitter(look).stays(ZONE.cut(filmed(drawn(Someone(look, column=220)), 2)))


def test_a_head_where_the_detector_saw_it_is_known_again() -> None:
    who, crop = Someone(BLUE), ZONE.cut(filmed(drawn(Someone(BLUE)), 1))
    found = who.found_in(ZONE)
    left, top, right, _ = found.box
    eyes = tuple(KeyPoint((left + right) / 2, top + 0.14, 0.8) for _ in range(5))
    with_points = Sitter.of(
        Detection(found.box, 0.6, eyes + tuple(KeyPoint(0, 0, 0.0) for _ in range(12))), crop
    )
    assert with_points is not None
    assert with_points.head_at.top > sitter(BLUE).head_at.top - 20
    assert with_points.stays(ZONE.cut(filmed(drawn(Someone(BLUE, column=163)), 2)))
    assert not with_points.stays(ZONE.cut(filmed(drawn(), 2)))


def test_whoever_is_too_small_or_cannot_be_told_from_a_plain_wall_is_not_known_again() -> None:
    plain = np.full((120, 100, 3), 90, np.uint8)
    assert Sitter.of(Detection((0.1, 0.1, 0.9, 0.9), 0.5), plain) is None
    crop = ZONE.cut(filmed(drawn(Someone()), 1))
    assert Sitter.of(Detection((0.5, 0.5, 0.55, 0.6), 0.5), crop) is None
    assert Sitter.of(Detection((0.0, 0.0, 1.0, 1.0), 0.5), crop[:1, :1]) is None


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 0.7), (0.0, 0.4, 1.0, 1.0)])
def test_somebody_at_the_edge_of_the_crop_stays_while_nothing_changes(
    box: tuple[float, float, float, float],
) -> None:
    crop = ZONE.cut(filmed(drawn(Someone()), 1))
    found = Sitter.of(Detection(box, 0.5), crop)
    assert found is None or found.stays(crop)

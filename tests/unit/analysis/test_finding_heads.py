"""Finding heads: where they are in key points and boxes, whose they are, and what no answer means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from analysis.detectors.motion import Motion
from analysis.detectors.movenet import MoveNet
from analysis.heads.finding import LOOK_AGAIN, HeadFinder
from analysis.heads.head import SMALLEST, head_of
from hall.errors import DetectorError
from hall.names import WindowId, ZoneId
from hall.place import Zone, ZoneRole
from hall.ports import Detection, KeyPoint
from tests.unit.analysis.pictures import empty_counter, person

if TYPE_CHECKING:
    from hall.ports import Picture

FACE_IN_PHOTOGRAPH = (0.435, 0.22)
"""Where the face of the photograph's person is, as shares of it."""


def body(face: float = 0.9) -> Detection:
    """Somebody upright in the middle of a picture, with this score for each point of the face."""
    heads = [
        KeyPoint(0.5 + dx, 0.2 + dy, face)
        for dx, dy in ((0, 0.01), (0.01, 0), (-0.01, 0), (0.03, 0), (-0.03, 0))
    ]
    shoulders = [KeyPoint(0.6, 0.4, 0.9), KeyPoint(0.4, 0.4, 0.9)]
    hips = [KeyPoint(0.57, 0.75, 0.9), KeyPoint(0.43, 0.75, 0.9)]
    rest = [KeyPoint(0.5, 0.5, 0.1)] * 4
    legs = [KeyPoint(0.5, 0.95, 0.9)] * 4
    return Detection((0.35, 0.1, 0.65, 1.0), 0.8, (*heads, *shoulders, *rest, *hips, *legs))


def test_a_head_is_where_the_face_is_and_as_large_as_the_body_tells() -> None:
    head = head_of(body(), 400, 400)
    assert (round(head.x), round(head.y)) == (200, 81)
    assert 40 <= head.radius <= 60, "a third of the trunk of 140 pixels"


def test_somebody_turned_away_is_covered_above_the_shoulders_and_more_widely() -> None:
    seen, turned = head_of(body(), 400, 400), head_of(body(face=0.05), 400, 400)
    assert turned.apart(seen) + seen.radius <= turned.radius


def test_of_a_box_alone_the_upper_third_is_covered() -> None:
    head = head_of(Detection((0.25, 0.2, 0.5, 0.8), 0.9), 400, 400)
    for x, y in ((100, 80), (200, 80), (100, 160), (200, 160)):
        assert np.hypot(x - head.x, y - head.y) <= head.radius + 1e-6


def test_a_head_far_away_is_never_nothing() -> None:
    assert head_of(Detection((0.5, 0.5, 0.501, 0.502), 0.9), 640, 360).radius == SMALLEST


@dataclass
class Fake:
    """Finds a body in whatever is bright, and remembers what it was asked."""

    name: str = "fake@1"
    asked: list[int] = field(default_factory=list)
    fails: bool = False

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        self.asked.append(len(crops))
        if self.fails:
            raise DetectorError("the model is gone")
        return [[body()] if crop.mean() > 100 else [] for crop in crops]


def test_only_what_changed_is_looked_at_again_until_time_has_passed() -> None:
    fake = Fake()
    finder = HeadFinder(fake, ())
    picture = np.zeros((360, 640, 3), np.uint8)
    assert finder.find(picture, 0.0) == []
    everything = sum(fake.asked)
    assert finder.find(picture, 0.2) == []
    assert sum(fake.asked) == everything
    cv2.rectangle(picture, (0, 0), (30, 30), (90, 90, 90), cv2.FILLED)
    finder.find(picture, 0.4)
    assert 0 < fake.asked[-1] < everything
    finder.find(picture, 0.2 + LOOK_AGAIN)
    assert sum(fake.asked) > 2 * everything - fake.asked[1]


def test_a_detector_that_fails_gives_no_answer_instead_of_nobody() -> None:
    fake = Fake()
    finder = HeadFinder(fake, ())
    fake.fails = True
    picture = np.full((180, 320, 3), 200, np.uint8)
    with pytest.raises(DetectorError, match="the model is gone"):
        finder.find(picture, 0.0)
    fake.fails = False
    assert finder.find(picture, 0.2) != [], "what was not answered is asked again"


def test_a_detector_that_only_tells_somebody_from_nobody_is_refused() -> None:
    with pytest.raises(DetectorError, match="cannot tell where single people are"):
        HeadFinder(Motion(), ())


def test_a_photograph_s_clerk_is_at_the_window_and_a_by_stander_is_not() -> None:
    picture = empty_counter(216, 384)
    for left in (20, 240):
        picture[96:216, left : left + 120] = cv2.resize(person(), (120, 120), interpolation=cv2.INTER_AREA)
    polygon = ((0.0, 0.3), (0.42, 0.3), (0.42, 1.0), (0.0, 1.0))
    zone = Zone(id=ZoneId("s1"), role=ZoneRole.STAFF, window=WindowId("w1"), polygon=polygon)
    finder = HeadFinder(MoveNet(score=0.15), (zone,))
    heads = finder.find(picture, 0.0)
    for left, inside in ((20, True), (240, False)):
        x, y = left + 120 * FACE_IN_PHOTOGRAPH[0], 96 + 120 * FACE_IN_PHOTOGRAPH[1]
        [here] = [found for found in heads if np.hypot(found.head.x - x, found.head.y - y) < 12]
        assert here.is_inside is inside
        assert here.head.radius > 12

"""A waiting area in pieces made for its people: what is looked at, when, and who is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.picture.crowd import (
    COUNT_EACH,
    EXAMINE_EVERY,
    LEARN_AGAIN,
    LEARN_EVERY,
    LOOKS_A_PICTURE,
    Crowd,
    Piece,
)
from analysis.picture.tiling import MOST_PIECES, Extent, heights, pieces, side_for, whole_people
from analysis.picture.zones import Crop
from hall.names import ZoneId
from hall.place import Zone, ZoneRole
from hall.ports import Detection

if TYPE_CHECKING:
    from hall.ports import Picture

EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
WHOLE = Crop(0.0, 0.0, 1.0, 1.0)
HEIGHT, WIDTH = 360, 640
TALL, BROAD = 60, 24
LEAST_SHARE = 0.15
"""What is smaller than this in its piece the detector of these tests does not find."""


def hall(*people: tuple[int, int]) -> Picture:
    """A grey hall with a white figure at each place (column and row of its upper left corner)."""
    picture: Picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for left, top in people:
        picture[top : top + TALL, left : left + BROAD] = 255
    return picture


def white_figures(crop: Picture) -> list[Detection]:
    """Each white figure in a crop that is not too small in it, as a detector would find it."""
    white = crop[:, :, 0] > 200
    height, width = white.shape
    found = []
    seen = np.zeros_like(white)
    for row, column in np.argwhere(white):
        if seen[row, column]:
            continue
        bottom, right = row, column
        while bottom < height and white[bottom, column]:
            bottom += 1
        while right < width and white[row, right]:
            right += 1
        seen[row:bottom, column:right] = True
        if bottom - row >= LEAST_SHARE * height:
            found.append(Detection((column / width, row / height, right / width, bottom / height), 0.5))
    return found


@dataclass
class Watched:
    """A crowd, and how many pieces of each picture were looked at."""

    crowd: Crowd = field(
        default_factory=lambda: Crowd(Zone(id=ZoneId("wait"), role=ZoneRole.WAITING, polygon=EVERYWHERE))
    )
    looks: list[int] = field(default_factory=list)

    def count(self, picture: Picture, now: float) -> int | None:
        """How many are counted in a picture; None when nothing was looked at."""
        due: list[Piece] = self.crowd.due(picture, now)
        self.looks.append(len(due))
        if not due:
            return None
        answers = [(piece, white_figures(piece.crop.cut(picture))) for piece in due]
        return len(self.crowd.answered(picture, answers, now))


GROUP = ((40, 40), (100, 50), (160, 200), (300, 120), (330, 260), (420, 60), (500, 200), (560, 90))


def test_people_too_small_for_one_look_are_all_counted_in_the_first_picture() -> None:
    picture = hall(*GROUP)
    assert white_figures(picture[::1]) != []
    assert Watched().count(picture, 0.0) == len(GROUP)


def test_nothing_is_looked_at_while_nothing_changes_and_everything_now_and_then() -> None:
    watched = Watched()
    picture = hall(*GROUP)
    for second in range(20):
        watched.count(picture, float(second))
    assert watched.looks[-10:] == [0] * 10
    told = [watched.count(picture, 20.0 + EXAMINE_EVERY + second) for second in range(COUNT_EACH)]
    assert len(GROUP) in told


def test_only_the_pieces_in_which_somebody_moved_are_looked_at() -> None:
    watched = Watched()
    for second in range(5):
        watched.count(hall(*GROUP), float(second))
    assert watched.count(hall(*GROUP[1:]), 5.0) == len(GROUP) - 1
    assert 0 < watched.looks[-1] < LOOKS_A_PICTURE


def test_never_more_pieces_are_looked_at_in_a_picture_than_agreed_and_the_rest_follows() -> None:
    watched = Watched()
    for second in range(5):
        watched.count(hall(*GROUP), float(second))
    dark: Picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    watched.count(dark, 5.0)
    assert watched.looks[-1] <= LOOKS_A_PICTURE
    assert watched.count(dark, 6.0) in (0, None)


def test_the_size_of_people_is_learnt_again_without_a_wrong_count_meanwhile() -> None:
    watched = Watched()
    for second in range(5):
        watched.count(hall(*GROUP), float(second))
    told = [watched.count(hall(*GROUP), LEARN_EVERY + second) for second in range(8)]
    assert set(told) <= {len(GROUP), None}


def test_in_an_empty_hall_the_size_is_soon_asked_for_again() -> None:
    watched = Watched()
    assert watched.count(hall(), 0.0) == 0
    for second in range(1, 5):
        watched.count(hall(), float(second))
    assert [watched.count(hall(*GROUP), LEARN_AGAIN + second) for second in range(8)][-1] in (
        len(GROUP),
        None,
    )


def test_what_was_forgotten_is_looked_at_again() -> None:
    watched = Watched()
    for second in range(5):
        watched.count(hall(*GROUP), float(second))
    watched.crowd.forget()
    assert watched.count(hall(*GROUP), 6.0) == len(GROUP)


def test_pieces_cover_the_zone_overlap_and_stay_few() -> None:
    extent = Extent(WHOLE, 1920, 1080)
    for side in (5000.0, 600.0, 250.0, 20.0):
        parts = pieces(extent, side, EVERYWHERE)
        assert 1 <= len(parts) <= MOST_PIECES
        assert min(part.left for part in parts) == 0
        assert max(part.right for part in parts) == pytest.approx(1)
        assert max(part.bottom for part in parts) == pytest.approx(1)
    assert pieces(extent, 5000.0, EVERYWHERE) == [WHOLE]


def test_pieces_outside_the_polygon_are_left_out() -> None:
    corner = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2))
    parts = pieces(Extent(WHOLE, 1920, 1080), 270.0, corner)
    assert all(part.left < 0.2 and part.top < 0.2 for part in parts)
    assert 1 <= len(parts) <= 4


def test_who_is_cut_by_the_edge_of_a_piece_tells_no_size() -> None:
    standing, cut = Detection((0.2, 0.1, 0.4, 0.5), 0.9), Detection((0.6, 0.5, 0.8, 1.0), 0.9)
    boxes = whole_people(WHOLE, [(Crop(0, 0, 0.5, 0.5), [standing, cut])])
    assert heights(Extent(WHOLE, 1000, 800), boxes) == [pytest.approx(160)]


def test_a_head_within_somebody_near_the_lens_is_nobody_of_its_own() -> None:
    near, head, far = (0.3, 0.1, 0.7, 0.9), (0.45, 0.12, 0.55, 0.3), (0.05, 0.4, 0.1, 0.6)
    assert heights(Extent(WHOLE, 1000, 1000), [head, near, far]) == [
        pytest.approx(800),
        pytest.approx(200),
    ]


def test_pieces_are_made_for_the_smaller_people() -> None:
    assert side_for([50.0, 55.0, 60.0, 200.0, 220.0]) == pytest.approx(165.0)
    assert side_for([80.0]) == pytest.approx(240.0)

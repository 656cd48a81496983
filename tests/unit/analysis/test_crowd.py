"""A waiting area in pieces made for its people: what is looked at, when, and who is counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from analysis.picture.crowd import (
    COUNT_EACH,
    EXAMINE_EVERY,
    LEARN_AGAIN,
    LEARN_EVERY,
    LOOKS_A_PICTURE,
    MOST_SAVED,
    Crowd,
    Piece,
)
from hall.names import ZoneId
from hall.place import Zone, ZoneRole
from hall.ports import Detection

if TYPE_CHECKING:
    from hall.ports import Picture

EVERYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
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


def hall_of_sizes(*people: tuple[int, int, int]) -> Picture:
    """The same with figures of different heights (the third number)."""
    picture: Picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for left, top, tall in people:
        picture[top : top + tall, left : left + tall * BROAD // TALL] = 255
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
    most: int = 100
    """So many people the detector finds in one look."""
    looks: list[int] = field(default_factory=list)

    def count(self, picture: Picture, now: float) -> int | None:
        """How many are counted in a picture; None when nothing was looked at."""
        due: list[Piece] = self.crowd.due(picture, now)
        self.looks.append(len(due))
        if not due:
            return None
        answers = [(piece, white_figures(piece.crop.cut(picture))[: self.most]) for piece in due]
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


def test_a_clock_in_the_picture_is_soon_not_looked_at_any_more_and_who_comes_is_counted() -> None:
    def with_clock(picture: Picture, second: int) -> Picture:
        for digit in range(8):
            bright = (second * 37 + digit * 11) % 5 * 28
            picture[340:352, 4 + 10 * digit : 11 + 10 * digit] = (bright, 130 - bright, 60)
        return picture

    watched, seated = Watched(), GROUP[3:]
    for second in range(120):
        watched.count(with_clock(hall(*seated), second), float(second))
    assert sum(watched.looks[-20:]) <= 4
    told = [
        watched.count(with_clock(hall(*seated, (20, 250)), second), float(second)) for second in (120, 121)
    ]
    assert len(seated) + 1 in told


def test_a_hall_in_which_everything_moves_is_counted_less_often_and_each_time_in_one_picture() -> None:
    watched = Watched()
    shifted = tuple((left + 9, top + 7) for left, top in GROUP)
    for second in range(40):
        watched.count(hall(*(GROUP, shifted)[second // 2 % 2]), float(second))
    watched.looks.clear()
    told = [watched.count(hall(*(GROUP, shifted)[second // 2 % 2]), 40.0 + second) for second in range(80)]
    assert sum(watched.looks) <= 80 * LOOKS_A_PICTURE + MOST_SAVED
    assert {number for number in told if number is not None} == {len(GROUP)}


def test_whoever_walks_from_piece_to_piece_is_never_counted_twice() -> None:
    watched = Watched()
    told = [watched.count(hall((20 + 10 * second, 150)), float(second)) for second in range(55)]
    assert {number for number in told if number is not None} == {1}


def test_where_more_stand_than_the_detector_finds_at_most_the_quarters_of_a_piece_are_looked_at() -> None:
    watched = Watched(most=2)
    pressed = [(40 + 40 * column, 80 + 95 * row, 90) for row in range(2) for column in range(14)]
    told = [watched.count(hall_of_sizes(*pressed), float(second)) for second in range(6)]
    assert [number for number in told if number is not None][-1] == len(pressed)


def test_pieces_at_the_back_are_smaller_where_people_are() -> None:
    watched = Watched()
    back = tuple((20 + 60 * number, 20, 24) for number in range(10))
    front = tuple((20 + 100 * number, 230, 120) for number in range(6))
    for second in range(12):
        counted = watched.count(hall_of_sizes(*back, *front), float(second))
        counts = counted if counted is not None else len(back) + len(front)
    assert counts == len(back) + len(front)


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

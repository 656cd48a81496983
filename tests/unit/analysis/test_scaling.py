"""Halving: means of four pixels, whatever the size, and never less than asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.scaling import halved, halvings


def test_each_pixel_is_the_mean_of_four() -> None:
    picture = np.array([[[0, 4, 8], [4, 4, 8]], [[8, 4, 8], [4, 4, 8]]], np.uint8)
    assert halved(picture, 1).tolist() == [[[4, 4, 8]]]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 7))
def test_any_picture_can_be_halved_and_keeps_a_pixel(height: int, width: int, times: int) -> None:
    small = halved(np.full((height, width), 7, np.uint8), times)
    assert small.size > 0
    assert (small == 7).all()


@pytest.mark.parametrize(
    ("length", "wanted", "times"),
    [(1600, 320, 2), (640, 320, 1), (639, 320, 0), (5, 1, 2), (1, 1, 0), (100, 200, 0)],
)
def test_a_length_is_halved_as_often_as_it_stays_long_enough(length: int, wanted: int, times: int) -> None:
    assert halvings(length, wanted) == times

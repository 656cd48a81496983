"""Decoding times are found for pictures that are sent in another order than they are shown in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.ordering import DecodingOrder

TICKS, LEAP = 3600, 90_000


@st.composite
def sent(draw: st.DrawFn) -> tuple[int, list[int]]:
    """How far pictures go back at most, and their times of showing in the order of sending."""
    depth = draw(st.integers(0, 4))
    shown, waiting = [0], list(range(1, 40))
    while waiting:
        # A picture overtakes as many as may wait for it; those are sent before any other overtakes.
        ahead = draw(st.integers(0, min(depth, len(waiting) - 1)))
        shown.append(waiting.pop(ahead))
        shown += [waiting.pop(0) for _ in range(ahead)]
    return depth, [number * TICKS for number in shown]


@given(given_order=sent())
def test_decoding_times_grow_and_are_never_after_showing(given_order: tuple[int, list[int]]) -> None:
    depth, shown = given_order
    order = DecodingOrder(depth, TICKS, LEAP)
    times = [order.decoding_time(one) for one in shown]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert all(at <= one for at, one in zip(times, shown, strict=True))


def test_without_reordering_pictures_are_decoded_when_they_are_shown() -> None:
    order = DecodingOrder(0, TICKS, LEAP)
    assert [order.decoding_time(at) for at in (0, 10, 10, 20)] == [0, 10, 10, 20]


def test_b_frames_that_nobody_announced_are_learned() -> None:
    order = DecodingOrder(None, TICKS, LEAP)
    shown = [number * TICKS for start in range(0, 40, 3) for number in (start + 3, start + 1, start + 2)]
    times = [order.decoding_time(one) for one in shown]
    assert times == sorted(times)
    assert all(at <= one for at, one in zip(times[5:], shown[5:], strict=True))


@pytest.mark.parametrize("reordered", [None, 0, 2])
def test_a_camera_that_starts_its_times_anew_is_not_reordering(reordered: int | None) -> None:
    order = DecodingOrder(reordered, TICKS, LEAP)
    for number in range(10):
        order.decoding_time(1_000_000 + number * TICKS)
    assert order.decoding_time(0) <= 0

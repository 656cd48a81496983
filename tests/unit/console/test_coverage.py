"""How much of each bucket was recorded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.replay.coverage import counts, recorded, shares, united

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=8).map(
    lambda pairs: sorted((start, start + length) for start, length in pairs)
)


def test_a_gap_is_taken_out_of_the_connection_that_it_interrupts() -> None:
    assert list(recorded([(0, 100)], [(20, 30), (25, 40), (90, 200)])) == [(0, 20), (40, 90)]


def test_a_gap_between_connections_takes_nothing_away() -> None:
    assert list(recorded([(0, 10), (30, 40)], [(10, 30)])) == [(0, 10), (30, 40)]


def test_connections_that_overlap_are_counted_once() -> None:
    assert list(recorded([(0, 50), (20, 30), (40, 60)], [])) == [(0, 60)]


def test_one_gap_may_take_from_several_connections() -> None:
    assert list(recorded([(0, 10), (12, 20), (22, 30)], [(8, 25)])) == [(0, 8), (25, 30)]


def test_each_bucket_has_its_share() -> None:
    assert shares([(5, 20), (35, 40)], 0, 10, 4) == [0.5, 1.0, 0.0, 0.5]
    assert shares([(-50, 500)], 0, 10, 3) == [1.0, 1.0, 1.0]


def test_what_begins_is_counted_where_it_begins() -> None:
    assert counts([-1, 0, 9, 10, 29, 30], 0, 10, 3) == [2, 1, 1]


@given(SPANS, SPANS)
def test_what_is_recorded_is_what_is_connected_and_in_no_gap(
    connected: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    def inside(at: int, spans: list[tuple[int, int]]) -> bool:
        return any(start <= at < end for start, end in spans)

    found = list(recorded(connected, gaps))
    for at in range(-1, 90):
        assert inside(at, found) == (inside(at, connected) and not inside(at, gaps))
    assert found == sorted(found)
    assert all(start < end for start, end in found)
    assert united(found) == [(start, end) for start, end in united(found) if start < end]

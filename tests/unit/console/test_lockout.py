"""Lock-out: mistyping costs minutes, guessing gets nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.access.lockout import FIRST_WAIT, FREE, LONGEST_WAIT, MOST_OF_ADDRESS, flood_until, locked_until

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def failures(count: int) -> list[datetime]:
    return [NOW + timedelta(seconds=number) for number in range(count)]


def test_the_first_wrong_passwords_are_free_and_then_each_doubles_the_wait() -> None:
    assert locked_until(failures(FREE - 1)) is None
    waits = [
        until - failures(count)[-1]
        for count in range(FREE, FREE + 6)
        if (until := locked_until(failures(count))) is not None
    ]
    assert waits == [timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 60, 60)]


@given(st.integers(FREE, 5000))
def test_no_wait_is_longer_than_the_longest(count: int) -> None:
    until = locked_until(failures(count))
    assert until is not None
    assert FIRST_WAIT <= until - failures(count)[-1] <= LONGEST_WAIT


def test_an_address_that_tries_many_names_waits_until_its_tries_are_old() -> None:
    assert flood_until(failures(MOST_OF_ADDRESS - 1)) is None
    assert flood_until(failures(MOST_OF_ADDRESS)) == NOW + FIRST_WAIT

"""Token buckets: a minute's calls at once, then at their pace; each caller and cost for itself."""

from __future__ import annotations

import pytest

from console.access.rates import MOST_BUCKETS, Cost, Rates
from console.problems import TooOften


def taken(rates: Rates, who: str, calls: int, now: float, per_minute: float | None = 60) -> int:
    """How many of so many calls at one moment are let through."""
    through = 0
    for _ in range(calls):
        try:
            rates.take(Cost.SEARCHES, who, per_minute, now)
        except TooOften:
            continue
        through += 1
    return through


def test_a_minutes_calls_may_come_at_once_and_then_one_a_second() -> None:
    rates = Rates()
    assert taken(rates, "li", 100, now=0) == 60
    assert taken(rates, "li", 100, now=10) == 10
    assert taken(rates, "li", 100, now=10_000) == 60, "no more is saved up than a minute's"


def test_who_is_refused_is_told_when_to_come_back() -> None:
    rates = Rates()
    taken(rates, "li", 6, now=0, per_minute=6)
    with pytest.raises(TooOften) as refused:
        rates.take(Cost.SEARCHES, "li", 6, 0.0)
    assert refused.value.seconds == 10
    rates.take(Cost.SEARCHES, "li", 6, 10.0)


def test_others_and_other_costs_are_not_touched() -> None:
    rates = Rates()
    assert taken(rates, "li", 100, now=0) == 60
    assert taken(rates, "wang", 100, now=0) == 60
    rates.take(Cost.STILLS, "li", 60, 0.0)


def test_without_a_limit_everything_comes_through() -> None:
    assert taken(Rates(), "li", 5000, now=0, per_minute=None) == 5000


def test_no_more_callers_are_remembered_than_there_is_room_for() -> None:
    rates = Rates()
    assert taken(rates, "li", 100, now=0) == 60
    for number in range(MOST_BUCKETS):
        rates.take(Cost.SEARCHES, f"somebody {number}", 60, 0.0)
    assert taken(rates, "li", 100, now=0) == 60, "the oldest was forgotten"

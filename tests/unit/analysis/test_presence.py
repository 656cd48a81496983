"""The presence state machine: what it states, since when, and what no order of samples can make it do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.picture.presence import Change, PresenceLimits, PresenceMachine
from hall.observing import Presence

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LIMITS = PresenceLimits()


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def told(pattern: str, limits: PresenceLimits = LIMITS) -> list[tuple[str, float]]:
    """States and seconds for a pattern of samples, one a second: `1` somebody, `0` nobody, `x` blind."""
    machine = PresenceMachine(limits)
    changes: list[Change] = []
    for second, sign in enumerate(pattern):
        changes += machine.blind() if sign == "x" else machine.sample(at(second), sign == "1")
    return [(change.state.value, (change.start - START).total_seconds()) for change in changes]


def test_somebody_seen_is_on_post_at_once() -> None:
    assert told("1") == [("on_post", 0)]


def test_a_still_person_stays_present() -> None:
    assert told("1" * 500) == [("on_post", 0)]


def test_an_empty_zone_is_never_on_post() -> None:
    assert told("0" * 500) == [("leaving", 0), ("absent", 4)]


def test_leaving_begins_in_retrospect_at_the_first_empty_sample() -> None:
    assert told("11111000") == [("on_post", 0), ("leaving", 5)]
    assert told("1111100") == [("on_post", 0)]


def test_absent_begins_when_the_whole_window_is_empty() -> None:
    assert told("1111100000") == [("on_post", 0), ("leaving", 5), ("absent", 9)]


def test_missed_looks_at_somebody_who_sits_there_change_nothing() -> None:
    assert told("1101011001101101") == [("on_post", 0)]


def test_whoever_comes_back_while_leaving_is_on_post_again_from_that_sample() -> None:
    assert told("111110001") == [("on_post", 0), ("leaving", 5), ("on_post", 8)]


def test_one_false_sight_does_not_end_an_absence() -> None:
    assert told("00000" + "1" + "0000" + "1" + "0000")[-1] == ("absent", 4)


def test_an_absence_ends_at_the_first_sample_that_showed_the_person_who_came_back() -> None:
    assert told("00000111") == [("leaving", 0), ("absent", 4), ("on_post", 5)]


def test_blind_is_unknown_since_the_last_sample_and_ends_with_the_next_sight() -> None:
    assert told("111xx1") == [("on_post", 0), ("unknown", 2), ("on_post", 5)]


def test_empty_samples_before_and_after_blindness_are_not_added_up() -> None:
    assert told("1110000x0") == [("on_post", 0), ("leaving", 3), ("unknown", 6)]


def test_a_window_of_one_sample_believes_every_sample() -> None:
    assert told("1010", PresenceLimits(1, 0.6, 0.2)) == [
        ("on_post", 0),
        ("absent", 1),
        ("on_post", 2),
        ("absent", 3),
    ]


def test_a_zone_becomes_absent_even_when_the_lower_limit_is_zero() -> None:
    assert told("100000", PresenceLimits(5, 0.6, 0.0))[-1] == ("absent", 5)


@pytest.mark.parametrize("state", [Presence.ON_POST, Presence.LEAVING, Presence.ABSENT])
def test_what_another_process_stated_goes_on(state: Presence) -> None:
    machine = PresenceMachine(LIMITS)
    machine.resume(state, at(0), at(60))
    assert machine.sample(at(62), state is Presence.ON_POST) == []
    assert (machine.state, machine.start) == (state, at(0))


def test_after_a_restart_an_absence_needs_as_much_to_end_as_before() -> None:
    machine = PresenceMachine(LIMITS)
    machine.resume(Presence.ABSENT, at(0), at(60))
    assert machine.sample(at(62), True) == []
    assert machine.sample(at(64), True) == []
    assert machine.sample(at(66), True) == [Change(Presence.ON_POST, at(62))]


def test_after_a_restart_leaving_goes_on_to_absent_or_back() -> None:
    for shows, expected in ((False, Presence.ABSENT), (True, Presence.ON_POST)):
        machine = PresenceMachine(LIMITS)
        machine.resume(Presence.LEAVING, at(0), at(10))
        for second in range(11, 16):
            machine.sample(at(second), shows)
        assert machine.state is expected


def test_a_sample_from_before_the_last_one_never_turns_time_back() -> None:
    machine = PresenceMachine(PresenceLimits(1, 0.6, 0.2))
    machine.sample(at(100), True)
    assert machine.sample(at(40), False) == [Change(Presence.ABSENT, at(100))]


LIMITS_OF_ANY_KIND = st.builds(
    lambda window, on, off: PresenceLimits(window, on, off * on),
    st.integers(1, 12),
    st.floats(0.05, 1.0),
    st.floats(0.0, 0.99),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("sample"), st.floats(-5, 4000, allow_nan=False), st.booleans()),
        st.tuples(st.just("blind"), st.just(0.0), st.just(False)),
    ),
    max_size=80,
)


@given(LIMITS_OF_ANY_KIND, STEPS)
def test_whatever_comes_states_differ_from_their_predecessor_and_time_never_runs_back(
    limits: PresenceLimits, steps: list[tuple[str, float, bool]]
) -> None:
    machine, moment, changes = PresenceMachine(limits), START, list[Change]()
    for kind, seconds, shows in steps:
        moment += timedelta(seconds=seconds)
        changes += machine.blind() if kind == "blind" else machine.sample(moment, shows)
    states = [change.state for change in changes]
    assert all(before is not after for before, after in pairwise(states))
    starts = [change.start for change in changes]
    assert starts == sorted(starts)
    assert machine.last is None or all(start <= machine.last for start in starts)


@given(LIMITS_OF_ANY_KIND, STEPS)
def test_emptiness_never_begins_before_the_first_sample_that_showed_nobody(
    limits: PresenceLimits, steps: list[tuple[str, float, bool]]
) -> None:
    machine, moment = PresenceMachine(limits), START
    last_sight: datetime | None = None
    empties: set[datetime] = set()
    for kind, seconds, shows in steps:
        moment += timedelta(seconds=max(seconds, 0.001))
        if kind == "blind":
            machine.blind()
            continue
        before = machine.state
        changes = machine.sample(moment, shows)
        if shows:
            last_sight = moment
        else:
            empties.add(moment)
        if before in (Presence.ON_POST, Presence.UNKNOWN):
            for change in changes:
                if change.state in (Presence.LEAVING, Presence.ABSENT):
                    assert change.start in empties
                    assert last_sight is None or change.start > last_sight


@given(LIMITS_OF_ANY_KIND, st.integers(1, 40), st.lists(st.booleans(), max_size=30))
def test_after_a_full_window_of_one_kind_the_state_is_that_kind(
    limits: PresenceLimits, more: int, history: list[bool]
) -> None:
    for shows, expected in ((True, Presence.ON_POST), (False, Presence.ABSENT)):
        machine = PresenceMachine(limits)
        for second, sample in enumerate([*history, *[shows] * (limits.window + more)]):
            machine.sample(at(second), sample)
        assert machine.state is expected

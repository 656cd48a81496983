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


@given(LIMITS_OF_ANY_KIND, STEPS)
def test_every_state_begins_at_a_sample_that_shows_it_and_blindness_states_nothing_but_unknown(
    limits: PresenceLimits, steps: list[tuple[str, float, bool]]
) -> None:
    machine, moment = PresenceMachine(limits), START
    sights, empties, since_blind = set[datetime](), set[datetime](), 0
    for kind, seconds, shows in steps:
        moment += timedelta(seconds=seconds)
        if kind == "blind":
            assert all(change.state is Presence.UNKNOWN for change in machine.blind())
            since_blind = 0
            continue
        changes = machine.sample(moment, shows)
        taken = machine.last
        assert taken is not None
        (sights if shows else empties).add(taken)
        since_blind += 1
        for change in changes:
            assert change.start in (sights if change.state is Presence.ON_POST else empties)
            if change.state is Presence.ABSENT:
                assert since_blind >= limits.window  # never out of samples from before it was blind


RUNS = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), max_size=8)


@given(LIMITS_OF_ANY_KIND, RUNS, st.integers(2, 5))
def test_sampled_more_often_a_scene_that_lasts_a_window_gives_the_same_states(
    limits: PresenceLimits, runs: list[tuple[bool, int]], times: int
) -> None:
    """Each run lasts a window of samples at least: shorter ones are what the window is there to judge."""
    samples = [shows for shows, more in runs for _ in range(limits.window + more)]

    def states(rate: int) -> list[str]:
        machine, told = PresenceMachine(limits), list[str]()
        for number, shows in enumerate(shows for shows in samples for _ in range(rate)):
            told += [change.state.value for change in machine.sample(at(number / rate), shows)]
        return told

    assert states(times) == states(1)


@given(LIMITS_OF_ANY_KIND, st.sampled_from(list(Presence)), st.lists(st.booleans(), max_size=40))
def test_a_restart_in_the_middle_of_a_state_that_lasts_changes_nothing(
    limits: PresenceLimits, state: Presence, later: list[bool]
) -> None:
    """`leaving` only to its end: what came before its empty samples is not known any more."""
    before, after = PresenceMachine(limits), PresenceMachine(limits)
    lasting = {
        Presence.ON_POST: [True] * limits.window,
        Presence.ABSENT: [False] * limits.window,
        Presence.LEAVING: [True] * limits.window + [False] * limits.empties_to_leave,
        Presence.UNKNOWN: [],
    }[state]
    for second, shows in enumerate(lasting):
        before.sample(at(second), shows)
    if before.state is not state:
        return  # with these limits nobody is ever only leaving
    if before.last is not None and before.start is not None:
        after.resume(state, before.start, before.last)
    told, resumed = list[Change](), list[Change]()
    for second, shows in enumerate(later, start=len(lasting)):
        told += before.sample(at(second), shows)
        resumed += after.sample(at(second), shows)
    if state is Presence.LEAVING:
        settled = len(later) >= limits.window and len(set(later[-limits.window :])) == 1
        assert not settled or before.state is after.state
    else:
        assert resumed == told


@given(LIMITS_OF_ANY_KIND, STEPS, st.integers(0, 80))
def test_a_restart_anywhere_lets_no_state_repeat_and_no_time_run_back(
    limits: PresenceLimits, steps: list[tuple[str, float, bool]], place: int
) -> None:
    machine, moment, changes = PresenceMachine(limits), START, list[Change]()
    for number, (kind, seconds, shows) in enumerate(steps):
        if number == place and machine.start is not None and machine.last is not None:
            state, start, last = machine.state, machine.start, machine.last
            machine = PresenceMachine(limits)
            machine.resume(state, start, last)
        moment += timedelta(seconds=seconds)
        changes += machine.blind() if kind == "blind" else machine.sample(moment, shows)
    assert all(before.state is not later.state for before, later in pairwise(changes))
    starts = [change.start for change in changes]
    assert starts == sorted(starts)

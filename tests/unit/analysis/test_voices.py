"""Raised voices: found in a quarrel, and in nothing else that is loud."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sound.background import Background, Floor
from analysis.sound.voices import CALM_SECONDS, Voices, VoicesSwitch

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SUSTAIN = 20
Second = tuple[float, bool]


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def talk(seconds: int, level: float = -40.0) -> Iterable[Second]:
    """People who speak, with a second of pause after every three."""
    return ((level, True) if second % 4 != 3 else (level - 15, False) for second in range(seconds))


def noise(seconds: int, level: float) -> Iterable[Second]:
    return repeat((level, False), seconds)


def told(*parts: Iterable[Second], switch: VoicesSwitch | None = None) -> list[tuple[float, str]]:
    judge = switch or VoicesSwitch(10, SUSTAIN)
    changes = [
        judge.second(at(second), level, spoken=spoken)
        for second, (level, spoken) in enumerate(chain.from_iterable(parts))
    ]
    return [((each.since - START).total_seconds(), each.state.value) for each in changes if each is not None]


def test_a_quarrel_is_found_since_its_first_second_and_ends_when_it_is_calm_again() -> None:
    assert told(talk(120), talk(40, -25), talk(60)) == [(3, "calm"), (120, "raised"), (159, "calm")]


def test_how_far_it_lies_above_the_usual_talk_is_told() -> None:
    switch = VoicesSwitch(10, SUSTAIN)
    told(talk(120), switch=switch)
    changes = [switch.second(at(120 + n), -25, spoken=True) for n in range(SUSTAIN)]
    assert changes[:-1] == [None] * (SUSTAIN - 1)
    assert changes[-1] is not None
    assert changes[-1].over == pytest.approx(15, abs=0.5)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("an announcement shorter than the sustain", [talk(120), talk(15, -20), talk(60)]),
        ("the same announcement twice", [talk(120), talk(15, -20), talk(6), talk(15, -20), talk(60)]),
        ("something dropped", [talk(120), noise(1, -5), talk(60)]),
        ("a vacuum cleaner", [talk(120), noise(600, -20), talk(60)]),
        ("talk beside a vacuum cleaner", [talk(120), noise(31, -20), repeat((-19.0, True), 60)]),
        (
            "a door that is slammed again and again",
            [talk(120), *[chain(noise(1, -8), talk(3)) for _ in range(30)]],
        ),
        ("talk that is a little louder", [talk(120), talk(120, -33)]),
        ("the first talk of a quiet morning", [noise(600, -70), talk(300)]),
        ("a hall that fills", [talk(40, -50 + step) for step in range(30)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_else_that_is_loud_is_a_quarrel(name: str, parts: list[Iterable[Second]]) -> None:
    assert "raised" not in [state for _, state in told(*parts)], name


def test_a_quarrel_may_draw_breath() -> None:
    shouting = [chain(talk(3, -25), noise(2, -50)) for _ in range(8)]
    assert told(talk(120), *shouting)[-1] == (120, "raised")


def test_a_quarrel_of_minutes_does_not_become_the_usual_talk() -> None:
    assert told(talk(400), repeat((-25.0, True), 300)) == [(3, "calm"), (400, "raised")]


def test_talk_of_which_nobody_knows_how_loud_is_usual_says_nothing() -> None:
    assert told(repeat((-10.0, True), 25)) == []


def test_after_a_hole_what_was_learnt_still_holds() -> None:
    switch = VoicesSwitch(10, SUSTAIN)
    told(talk(120), switch=switch)
    assert switch.deaf()
    assert not switch.deaf()
    assert told(repeat((-25.0, True), 40), switch=switch) == [(0, "raised")]


@given(
    st.lists(st.tuples(st.floats(-96, 0), st.booleans(), st.floats(0.1, 4), st.booleans()), max_size=200),
    st.integers(1, 30),
)
def test_voices_change_only_to_something_else_and_never_before_what_was_stated_last(
    seconds: list[tuple[float, bool, float, bool]], sustain: int
) -> None:
    """Whatever is heard, at any rate, with holes anywhere."""
    switch, now, last = VoicesSwitch(6, sustain), START, START
    stated: Voices | None = None
    for level, spoken, step, hole in seconds:
        if hole and level > -10:
            assert switch.deaf() == (stated is not None)
            stated, last = None, now
        change = switch.second(now, level, spoken=spoken)
        if change is not None:
            assert change.state is not stated
            assert last <= change.since <= now
            assert (change.over is not None) == (change.state is Voices.RAISED)
            last, stated = change.since, change.state
        assert switch.state is stated
        now += timedelta(seconds=step)


def test_ten_seconds_without_a_loud_one_are_needed_for_calm() -> None:
    switch = VoicesSwitch(10, SUSTAIN)
    told(talk(120), repeat((-25.0, True), 30), switch=switch)
    assert told(noise(CALM_SECONDS - 1, -60), switch=switch) == []
    assert told(noise(1, -60), switch=switch) == [(0, "calm")]


def test_the_usual_talk_is_known_after_half_a_minute_and_at_least_as_loud_as_the_noise() -> None:
    background = Background()
    for _ in range(29):
        background.learn(-40, spoken=True)
    assert background.usual() is None
    background.learn(-40, spoken=True)
    assert background.usual() == -40
    background.learn(-20, spoken=False)
    assert background.usual() == -20


def test_the_floor_is_the_quietest_ten_seconds_and_known_after_an_hour() -> None:
    floor = Floor()
    for second in range(3600):
        assert floor.lowest is None
        floor.learn(-60 if 1000 <= second < 1010 else -50)
    assert floor.lowest == pytest.approx(-60)
    for _ in range(10):
        floor.learn(-62)
    assert floor.lowest == pytest.approx(-62)


def test_the_floor_forgets_what_is_older_than_a_week() -> None:
    floor = Floor()
    for hour in range(7 * 24 + 1):
        for _ in range(3600):
            floor.learn(-70 if hour == 0 else -50)
    assert floor.lowest == pytest.approx(-50)

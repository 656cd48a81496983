"""How loud: A-weighting by the standard, levels of seconds and minutes, and when they are worth stating."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sound.loudness import LevelSwitch, MinuteSwitch, energy_mean
from analysis.sound.measures import QUIETEST, a_weighted_level, measure
from tests.unit.analysis.sounds import RATE, noise, tone

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


@pytest.mark.parametrize(
    ("hertz", "weight"),
    [
        (31.5, -39.4),
        (63, -26.2),
        (125, -16.1),
        (250, -8.6),
        (500, -3.2),
        (1000, 0.0),
        (2000, 1.2),
        (4000, 1.0),
        (6300, -0.1),
    ],
)
def test_loudness_follows_the_table_of_iec_61672(hertz: float, weight: float) -> None:
    """Table 3 of IEC 61672-1, at its nominal frequencies."""
    assert a_weighted_level(tone(2, hertz)) == pytest.approx(-23.0 + weight, abs=0.2)


def test_silence_has_the_lowest_level_and_full_scale_is_near_zero() -> None:
    assert a_weighted_level(np.zeros(RATE, np.int16)) == QUIETEST
    assert a_weighted_level(np.zeros(0, np.int16)) == QUIETEST
    assert a_weighted_level(tone(1, 1000, 1.0)) == pytest.approx(-3.0, abs=0.1)
    assert measure(tone(1)).level == pytest.approx(a_weighted_level(tone(1)))


@pytest.mark.parametrize("length", [15_999, 16_000])
def test_the_power_of_a_block_is_the_same_in_time_and_in_frequency(length: int) -> None:
    samples = noise(1)[:length]
    power = 10 * np.log10(np.mean((samples / 32768) ** 2))
    assert measure(samples).loudness == pytest.approx(power, abs=0.1)


def levels(*values: float) -> list[tuple[float, float]]:
    switch = LevelSwitch()
    told = [switch.second(at(second), value) for second, value in enumerate(values)]
    return [((each[0] - START).total_seconds(), round(each[1], 1)) for each in told if each is not None]


def test_a_level_is_stated_when_it_has_moved_by_more_than_three_db_for_three_seconds() -> None:
    assert levels(-50, -51, -48, -50) == [(0, -50)]
    assert levels(-50, -30, -50, -50) == [(0, -50)]
    assert levels(-50, -30, -30, -50) == [(0, -50)]
    assert levels(-50, -30, -30, -30) == [(0, -50), (1, -30)]
    assert levels(-50, -30, -70, -30, -70) == [(0, -50)]


@given(st.lists(st.floats(-90, -3), min_size=60, max_size=60))
def test_the_level_of_a_minute_is_the_energy_mean_of_its_seconds(seconds: list[float]) -> None:
    switch = MinuteSwitch()
    told = [switch.second(at(second), level) for second, level in enumerate([*seconds, -50])]
    assert told[:-1] == [None] * 60
    power = sum(10 ** (level / 10) for level in seconds) / 60
    assert told[-1] is not None
    assert told[-1][0] == START
    assert told[-1][1] == pytest.approx(10 * np.log10(power), abs=1e-6)


def test_the_level_of_a_minute_of_sound_is_that_of_its_whole() -> None:
    """Seconds of very different loudness: their levels must not be averaged as numbers."""
    loud, soft = noise(30, 0.1, seed=1), noise(30, 0.001, seed=2)
    whole = a_weighted_level(np.concatenate((loud, soft)))
    parts = [a_weighted_level(block) for sound in (loud, soft) for block in np.split(sound, 30)]
    assert energy_mean(parts) == pytest.approx(whole, abs=0.1)


def minutes(*each: list[float]) -> list[tuple[float, float]]:
    switch = MinuteSwitch()
    told = [
        switch.second(at(60 * minute + second), level)
        for minute, levels_of in enumerate(each)
        for second, level in enumerate(levels_of)
    ]
    return [((one[0] - START).total_seconds(), round(one[1], 1)) for one in told if one is not None]


def test_a_minute_is_stated_anew_when_its_level_has_moved_by_a_decibel() -> None:
    assert minutes([-50] * 60, [-50.6] * 60, [-40] * 60, [-40] * 60) == [(0, -50), (120, -40)]


def test_a_minute_of_which_little_was_heard_has_no_level() -> None:
    assert minutes([-50] * 29, [-40] * 60, [-40]) == [(60, -40)]
    assert minutes([-50] * 30, [-40] * 60, [-40]) == [(0, -50), (60, -40)]


def test_after_a_hole_the_minutes_begin_anew() -> None:
    switch = MinuteSwitch()
    for second in range(61):
        switch.second(at(second), -50)
    assert switch.deaf()
    assert not switch.deaf()
    told = [switch.second(at(120 + second), -50) for second in range(61)]
    assert [each[0] for each in told if each is not None] == [at(120)]

"""Speech: told from noise and silence, cheaply; and the switch that makes intervals of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sound.measures import QUIETEST, measure
from analysis.sound.silero import Silero
from analysis.sound.speech import Judged, Speech, SpeechJudge, SpeechSwitch, spoken_seconds
from tests.unit.analysis.sounds import RATE, noise, spoken, tone

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@cache
def silero() -> Silero:
    return Silero()


def second_of_talk(number: int) -> np.ndarray:
    return spoken()[number * RATE : (number + 1) * RATE]


def test_speech_is_told_from_noise_and_from_silence() -> None:
    judge = SpeechJudge(silero())
    assert sum(judge.hear(second_of_talk(n), -25).spoken for n in range(6)) >= 5
    in_noise = SpeechJudge(silero())
    assert not any(in_noise.hear(noise(1, seed=n), -26).spoken for n in range(4))
    assert not any(in_noise.hear(tone(1, hertz), -23).spoken for hertz in (100, 440, 2000))
    assert not judge.hear(np.zeros(RATE, np.int16), QUIETEST).spoken


def test_the_model_is_not_asked_about_silence_nor_about_noise_without_a_voice() -> None:
    judge = SpeechJudge(silero())
    assert judge.hear(np.zeros(RATE, np.int16), QUIETEST).judged is Judged.FAINT
    hiss = [judge.hear(noise(1, 0.02, seed=n), -36) for n in range(4)]
    assert (hiss[-1].judged, hiss[-1].chunks) == (Judged.VOICELESS, 0)


def test_while_speech_surely_goes_on_the_model_is_asked_about_every_other_second() -> None:
    judge = SpeechJudge(silero())
    loud = np.tile(second_of_talk(1), 6)
    heard = [judge.hear(loud[n * RATE : (n + 1) * RATE], -25) for n in range(6)]
    assert all(each.spoken for each in heard)
    judged = [each.judged for each in heard]
    assert Judged.KNOWN in judged
    assert all(before is Judged.MODEL for before, now in pairwise(judged) if now is Judged.KNOWN)
    after = [judge.hear(noise(1, 0.03, seed=n), -30) for n in range(3)]
    assert Judged.KNOWN not in [each.judged for each in after]
    assert not after[-1].spoken


def test_speech_that_stops_is_not_taken_to_go_on() -> None:
    judge = SpeechJudge(silero())
    for n in range(4):
        judge.hear(second_of_talk(n), -25)
    assert not judge.hear(np.zeros(RATE, np.int16) + 3, -74).spoken


def switched(*shares: float) -> list[tuple[float, str]]:
    switch = SpeechSwitch()
    told = [switch.second(START + timedelta(seconds=second), share) for second, share in enumerate(shares)]
    return [((each[0] - START).total_seconds(), each[1].value) for each in told if each is not None]


def test_speech_begins_at_once_and_ends_with_the_first_of_three_quiet_seconds() -> None:
    assert switched(0, 0.8, 0.9, 0, 0, 0, 0) == [(0, "quiet"), (1, "speech"), (3, "quiet")]


def test_a_pause_in_speech_is_speech() -> None:
    assert switched(0.8, 0, 0, 0.8, 0, 0.15, 0, 0) == [(0, "speech")]


def test_a_cough_is_no_speech() -> None:
    assert switched(0, 0.15, 0, 0.1) == [(0, "quiet")]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 4), st.booleans()), max_size=60))
def test_speech_changes_only_to_something_else_and_never_before_what_was_stated_last(
    seconds: list[tuple[float, float, bool]],
) -> None:
    """Whatever the shares, at any rate, with holes anywhere."""
    switch, now, last = SpeechSwitch(), START, START
    stated: Speech | None = None
    for share, step, hole in seconds:
        if hole:
            assert switch.deaf() == (stated is not None)
            stated, last = None, now
        told = switch.second(now, share)
        if told is not None:
            assert told[1] is not stated
            assert last <= told[0] <= now
            last, stated = told
        assert switch.state is stated is not None
        now += timedelta(seconds=step)


def test_a_recording_is_judged_as_sound_is_live_with_pauses_and_ends_where_they_are() -> None:
    sound = np.concatenate((noise(3, 0.001), spoken()[: 5 * RATE], noise(6, 0.001)))
    clock = iter(range(1000))
    judged = spoken_seconds(np.split(sound, 14), silero(), lambda: float(next(clock)))
    assert judged.decisions == [False] * 3 + [True] * 5 + [False] * 6
    assert judged.processor_seconds == 14
    assert 0 < judged.chunks <= 14 * 32


def test_a_recording_without_sound_has_no_seconds() -> None:
    assert spoken_seconds([], silero(), lambda: 0.0).decisions == []


@pytest.mark.parametrize("amplitude", [0.02, 0.9])
def test_loudness_alone_makes_no_speech(amplitude: float) -> None:
    sound = np.concatenate([noise(1, amplitude / 3, seed=n) for n in range(8)])
    assert measure(sound).level > -50
    assert not any(spoken_seconds(np.split(sound, 8), silero(), lambda: 0.0).decisions)

"""Faults of a microphone: each kind within ten seconds, and none in what a sound microphone may deliver."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sound.background import Floor
from analysis.sound.measures import Measures, measure
from analysis.sound.microphone import NEEDED, WINDOW, Microphone, MicrophoneSwitch
from analysis.sound.samples import SoundDecoder
from tests.unit.analysis.sounds import RATE, encoded, noise, spoken, tone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.sound.samples import Samples

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FOUND_WITHIN = 10


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def told(sound: Samples, switch: MicrophoneSwitch | None = None) -> list[tuple[float, str]]:
    """What is stated, with the second since which it holds; asserts that it is stated in time."""
    judge, changes = switch or MicrophoneSwitch(), []
    for second in range(sound.size // RATE):
        change = judge.second(at(second), measure(sound[second * RATE : (second + 1) * RATE]))
        if change is not None:
            since = (change[0] - START).total_seconds()
            assert second + 1 - since <= FOUND_WITHIN
            changes.append((since, change[1].value))
    return changes


def amplified(sound: Samples, gain: float, rail: float = 1.0) -> Samples:
    return (np.clip(sound / 32768 * gain, -rail, rail) * 32767).astype(np.int16)


def hum(seconds: float, mains: float = 50.0, amplitude: float = 0.02) -> Samples:
    """The mains with falling overtones, a little off its nominal frequency."""
    time = np.arange(int(seconds * RATE)) / RATE
    waves = np.sum([np.sin(2 * np.pi * mains * k * time + k) / k for k in (1, 2, 3, 5)], axis=0)
    return np.asarray(amplitude * waves * 32767, np.int16)


def music(seconds: float) -> Samples:
    """Chords with overtones, full and even, a quarter of a second each."""
    time = np.arange(RATE // 4) / RATE
    chords = [(110, 220, 277, 330), (123, 247, 311, 370), (98, 196, 247, 294), (82, 165, 208, 247)]
    bars = [
        np.sum([np.sin(2 * np.pi * f * k * time) / k for f in chord for k in (1, 2, 3, 4)], axis=0)
        for chord in chords
    ]
    piece: NDArray[np.float64] = np.tile(np.concatenate(bars), int(np.ceil(seconds)))
    return np.asarray(piece / np.abs(piece).max() * 0.7 * 32767, np.int16)


def pink(seconds: float, level: float = 0.05) -> Samples:
    size = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(3).normal(size=size))
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    values = np.fft.irfft(spectrum, size)
    return np.asarray(values / values.std() * level * 32767, np.int16)


GOOD = noise(20, 0.005)
SPEECH = np.concatenate((spoken(), spoken()))


def test_digital_silence_is_found_and_ends() -> None:
    sound = np.concatenate((GOOD, np.zeros(20 * RATE, np.int16), GOOD))
    assert told(sound) == [(0, "good"), (20, "digital_silence"), (40, "good")]


def test_a_constant_value_is_digital_silence_whatever_it_is() -> None:
    """A-law has no zero: its silence is 8."""
    assert told(np.full(12 * RATE, 8, np.int16)) == [(0, "digital_silence")]


@pytest.mark.parametrize("codec", ["aac", "libopus", "pcm_alaw", "pcm_mulaw"])
def test_silence_that_went_through_a_codec_is_digital_silence_still(codec: str) -> None:
    track, packets = encoded(np.zeros(12 * RATE, np.int16), codec)
    assert told(SoundDecoder().decode(track, packets))[-1][1] == "digital_silence"


@pytest.mark.parametrize(
    ("codec", "rail"), [(None, 1.0), (None, 0.5), ("pcm_alaw", 1.0), ("aac", 1.0), ("aac", 0.5)]
)
def test_speech_that_is_cut_off_is_clipping(codec: str | None, rail: float) -> None:
    loudest = 32768 / np.abs(SPEECH).max()
    sound = np.concatenate((SPEECH, amplified(SPEECH, 10 * loudest, rail)))
    if codec is not None:
        sound = SoundDecoder().decode(*encoded(sound, codec))
    assert [state for _, state in told(sound)] == ["good", "clipping"]


@pytest.mark.parametrize("mains", [50.0, 49.9, 60.0, 100.0])
def test_hum_of_the_mains_is_found_also_over_the_noise_of_a_room(mains: float) -> None:
    sound = np.concatenate((GOOD, hum(20, mains) + noise(20, 0.002), GOOD))
    assert told(sound) == [(0, "good"), (20, "hum"), (40, "good")]


def test_speech_over_hum_is_no_fault() -> None:
    assert told(SPEECH + hum(SPEECH.size / RATE, amplitude=0.004)) == [(0, "good")]


def learnt(level: float = -50.0) -> MicrophoneSwitch:
    switch = MicrophoneSwitch(floor=Floor(level))
    assert switch.second(START, measure(GOOD[:RATE])) is not None
    return switch


def test_a_level_drop_is_found_once_the_room_is_known() -> None:
    dead = noise(20, 0.0001)
    assert told(np.concatenate((GOOD, dead))) == [(0, "good")]
    switch = learnt()
    assert told(np.concatenate((GOOD, dead, GOOD)), switch) == [(20, "level_drop"), (40, "good")]


def test_a_dead_microphone_does_not_become_the_usual_one() -> None:
    switch = learnt()
    dead = measure(noise(1, 0.0001))
    for second in range(2 * 3600):
        switch.second(at(second), dead)
    assert switch.state is Microphone.LEVEL_DROP


def test_a_night_that_falls_slowly_is_no_level_drop() -> None:
    switch = learnt(-40)
    states = set()
    for second in range(6 * 3600):
        level = -40 - 40 * second / (6 * 3600)
        states.add(switch.second(at(second), Measures(level, level, 500, 0.01, 0.0, 0.0, 0.0, 0.0)))
    assert states == {None}
    assert switch.state is Microphone.GOOD


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("a quiet night", noise(20, 0.0001)),
        ("a louder night", noise(20, 0.001)),
        ("pink noise", pink(20)),
        ("loud pink noise", pink(20, 0.2)),
        ("white noise", noise(20, 0.1)),
        ("music", music(20)),
        ("speech", SPEECH),
        ("loud speech that is not cut off", amplified(SPEECH, 0.98 * 32768 / np.abs(SPEECH).max())),
        ("speech beside a constant voltage", SPEECH // 2 + 9000),
        ("a tone", tone(20)),
        ("a loud tone", tone(20, 440, 0.95)),
        ("a tone of a mains overtone", tone(20, 250, 0.2)),
        ("a short gap of digital silence", np.concatenate((GOOD, np.zeros(6 * RATE, np.int16), GOOD))),
        ("one bang", np.concatenate((GOOD, amplified(noise(2, 0.3), 20), GOOD))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_sound_microphone_may_deliver_is_good(name: str, sound: Samples) -> None:
    assert told(sound) == [(0, "good")], name


@given(st.lists(st.tuples(st.sampled_from(list(Microphone)), st.floats(0.1, 4), st.booleans()), max_size=80))
def test_a_microphones_state_changes_only_to_something_else_and_for_enough_seconds(
    seconds: list[tuple[Microphone, float, bool]],
) -> None:
    """Whatever the seconds show, at any rate, with holes anywhere."""
    switch, now, last = MicrophoneSwitch(floor=Floor(-50)), START, START
    stated: Microphone | None = None
    shown: list[Microphone] = []
    for kind, step, hole in seconds:
        if hole:
            assert switch.deaf() == (stated is not None)
            stated, last, shown = None, now, []
        change = switch.second(now, SECONDS[kind])
        shown.append(kind)
        if change is not None:
            assert change[1] is not stated
            assert last <= change[0] <= now
            if change[1] is not Microphone.GOOD:
                assert shown[-WINDOW:].count(change[1]) >= NEEDED[change[1]]
            last, stated = change
        assert switch.state is stated
        now += timedelta(seconds=step)


SECONDS = {
    Microphone.GOOD: Measures(-50, -45, 900, 0.02, 0.0001, 0.001, 0.1, 0.1),
    Microphone.DIGITAL_SILENCE: Measures(-96, -96, 0, 0.0, 0.0, 0.0, 0.0, 0.0),
    Microphone.CLIPPING: Measures(-5, -4, 65535, 1.0, 0.2, 0.3, 0.1, 0.1),
    Microphone.HUM: Measures(-60, -35, 2000, 0.05, 0.001, 0.01, 0.6, 0.95),
    Microphone.LEVEL_DROP: Measures(-85, -80, 20, 0.001, 0.0, 0.0, 0.1, 0.1),
}


def test_a_block_of_no_or_one_sample_is_silence() -> None:
    blocks: Iterable[Samples] = (np.zeros(0, np.int16), np.full(1, 900, np.int16))
    assert {measure(block).swing for block in blocks} == {0}

"""Sound: decoding, seconds on the wall's time, loudness, speech and what a camera's watch states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sound.hearing import DEAF_AFTER, SoundWatch
from analysis.sound.loudness import QUIETEST, LevelSwitch, a_weighted_level
from analysis.sound.samples import SecondCutter, SoundDecoder
from analysis.sound.speech import Speech, SpeechJudge, SpeechSwitch
from hall.errors import MediaError
from hall.interval import Interval
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from hall.observing import Observation, ObservationKind
from tests.unit.analysis.sounds import RATE, encoded, noise, spoken, tone

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


@pytest.mark.parametrize("codec", ["aac", "libopus", "pcm_alaw", "pcm_mulaw"])
def test_every_codec_is_decoded_to_16_khz_mono_without_losing_loudness(codec: str) -> None:
    track, packets = encoded(tone(3), codec)
    decoder = SoundDecoder()
    halves = [
        decoder.decode(track, packets[: len(packets) // 2]),
        decoder.decode(track, packets[len(packets) // 2 :]),
    ]
    samples = np.concatenate(halves)
    assert samples.size == pytest.approx(3 * RATE, abs=0.15 * RATE)
    assert a_weighted_level(samples[RATE : 2 * RATE]) == pytest.approx(-23, abs=0.5)


def test_damaged_sound_is_an_error_and_good_sound_is_decoded_again() -> None:
    track, packets = encoded(tone(1), "aac")
    decoder = SoundDecoder()
    broken = Packet(1, TrackKind.AUDIO, b"\xff" * 90, 0, 0, 0, True, 0.0)
    with pytest.raises(MediaError):
        decoder.decode(track, [broken] * 3)
    assert decoder.decode(track, packets).size > 0


@pytest.mark.parametrize(
    "track",
    [
        Track(1, TrackKind.AUDIO, "no-such-codec", (1, 8000), sample_rate=8000, channels=1),
        Track(1, TrackKind.AUDIO, "h264", (1, 8000), sample_rate=8000, channels=1),
        Track(0, TrackKind.VIDEO, "h264", (1, 90000)),
    ],
)
def test_a_track_that_is_no_sound_is_an_error(track: Track) -> None:
    with pytest.raises(MediaError):
        SoundDecoder().decode(track, [Packet(1, TrackKind.AUDIO, b"x" * 50, 0, 0, 0, True, 0.0)])


@given(st.lists(st.integers(0, 40_000), max_size=30))
def test_batches_of_any_length_become_whole_seconds_without_loss(lengths: list[int]) -> None:
    cutter, seconds, heard = SecondCutter(), [], 0
    for length in lengths:
        seconds += cutter.add(at(heard / RATE), np.arange(heard, heard + length).astype(np.int16))
        heard += length
    assert len(seconds) == heard // RATE
    assert all(second.samples.size == RATE for second in seconds)
    for index, second in enumerate(seconds):
        assert abs((second.start - at(index)).total_seconds()) < 0.001
        assert second.samples[0] == np.int64(index * RATE).astype(np.int16)


def test_a_hole_is_noticed_and_small_jitter_is_not() -> None:
    cutter = SecondCutter()
    cutter.add(at(0), tone(1.2))
    assert not cutter.has_hole(at(1.4))
    assert cutter.has_hole(at(2.5))
    assert cutter.has_hole(at(0.2))


@pytest.mark.parametrize(
    ("hertz", "weight"), [(1000, 0.0), (100, -19.1), (200, -10.9), (500, -3.2), (4000, 1.0), (6300, -0.1)]
)
def test_loudness_follows_the_a_curve(hertz: float, weight: float) -> None:
    assert a_weighted_level(tone(1, hertz)) == pytest.approx(-23.0 + weight, abs=0.2)


def test_silence_has_the_lowest_level_and_full_scale_is_near_zero() -> None:
    assert a_weighted_level(np.zeros(RATE, np.int16)) == QUIETEST
    assert a_weighted_level(np.zeros(0, np.int16)) == QUIETEST
    assert a_weighted_level(tone(1, 1000, 1.0)) == pytest.approx(-3.0, abs=0.1)


def levels(*values: float) -> list[tuple[float, float]]:
    switch = LevelSwitch()
    told = [switch.second(at(second), value) for second, value in enumerate(values)]
    return [((each[0] - START).total_seconds(), round(each[1], 1)) for each in told if each is not None]


def test_a_level_is_stated_when_it_has_moved_by_more_than_three_db_for_two_seconds() -> None:
    assert levels(-50, -51, -48, -50) == [(0, -50)]
    assert levels(-50, -30, -50, -50) == [(0, -50)]
    assert levels(-50, -30, -30, -31) == [(0, -50), (1, -30)]
    assert levels(-50, -30, -70, -30, -70) == [(0, -50)]


def test_speech_is_told_from_noise_and_from_silence() -> None:
    judge = SpeechJudge()
    speech = [judge.share(spoken()[n * RATE : (n + 1) * RATE], -25) for n in range(6)]
    assert sum(share > 0.3 for share in speech) >= 5
    in_noise = SpeechJudge()
    assert [in_noise.share(noise(1, seed=n), -26) for n in range(4)] == pytest.approx([0] * 4, abs=0.1)
    assert judge.share(np.zeros(RATE, np.int16), QUIETEST) == 0.0


def switched(*shares: float) -> list[tuple[float, str]]:
    switch = SpeechSwitch()
    told = [switch.second(at(second), share) for second, share in enumerate(shares)]
    return [((each[0] - START).total_seconds(), each[1].value) for each in told if each is not None]


def test_speech_begins_at_once_and_ends_with_the_first_of_three_quiet_seconds() -> None:
    assert switched(0, 0.8, 0.9, 0, 0, 0, 0) == [(0, "quiet"), (1, "speech"), (3, "quiet")]


def test_a_pause_in_speech_is_speech() -> None:
    assert switched(0.8, 0, 0, 0.8, 0, 0.2, 0, 0) == [(0, "speech")]


def test_a_cough_is_no_speech() -> None:
    assert switched(0, 0.2, 0, 0.1) == [(0, "quiet")]


def test_a_watch_states_speech_and_level_on_change_and_unknown_when_sound_stays_away() -> None:
    watch = SoundWatch(CameraId("cam"))
    track, packets = encoded(np.concatenate([noise(3, 0.001), spoken()[: 4 * RATE], noise(0.1)]), "pcm_alaw")
    told = watch.hear(track, packets, START, 7.0)
    states = [(each.kind.value, each.state) for each in told]
    assert [state for kind, state in states if kind == "speech"] == ["quiet", "speech"]
    assert [state for kind, state in states if kind == "level"][:2] == ["measured", "measured"]
    assert watch.tick(7.0 + DEAF_AFTER) == []
    deaf = watch.tick(7.1 + DEAF_AFTER)
    assert [(each.kind.value, each.state, each.interval.start) for each in deaf] == [
        ("speech", "unknown", at(7)),
        ("level", "unknown", at(7)),
    ]
    assert watch.tick(100.0) == []


def test_a_hole_in_the_sound_is_unknown() -> None:
    watch = SoundWatch(CameraId("cam"))
    track, packets = encoded(tone(2.1), "pcm_mulaw")
    watch.hear(track, packets, START, 2.0)
    told = watch.hear(track, packets, at(60), 4.0)
    assert [(each.kind.value, each.state, each.interval.start) for each in told] == [
        ("speech", "unknown", at(2)),
        ("level", "unknown", at(2)),
        ("speech", "quiet", at(60)),
        ("level", "measured", at(60)),
    ]


def test_a_camera_without_sound_states_nothing() -> None:
    watch = SoundWatch(CameraId("cam"))
    watch.begin([], None, 0.0)
    assert watch.tick(1000.0) == []


def test_what_an_earlier_process_heard_goes_on_or_becomes_unknown() -> None:
    standing = [
        Observation(ObservationKind.SPEECH, CameraId("cam"), None, None, Interval(START), str(Speech.QUIET)),
        Observation(ObservationKind.LEVEL, CameraId("cam"), None, None, Interval(START), "measured", -23.0),
    ]
    track, packets = encoded(tone(2.1), "pcm_alaw")
    soon = SoundWatch(CameraId("cam"))
    soon.begin(standing, at(10), 0.0)
    assert soon.hear(track, packets, at(12), 1.0) == []
    never = SoundWatch(CameraId("cam"))
    never.begin(standing, at(10), 0.0)
    assert [(each.state, each.interval.start) for each in never.tick(6.0)] == [("unknown", at(10))] * 2

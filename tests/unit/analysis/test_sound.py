"""Sound: decoding, seconds on the wall's time, loudness, speech and what a camera's watch states."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sound.hearing import DEAF_AFTER, SoundWatch
from analysis.sound.measures import a_weighted_level
from analysis.sound.samples import SecondCutter, SoundDecoder
from analysis.sound.silero import Memory, Silero
from hall.errors import DetectorError, MediaError
from hall.interval import Interval
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId
from hall.observing import Observation, ObservationKind
from hall.place import MicrophoneSettings
from tests.unit.analysis.sounds import RATE, encoded, noise, spoken, tone

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.sound.samples import Samples

CAMERA = CameraId("cam")
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


@cache
def silero() -> Silero:
    return Silero()


def new_watch(calibration: float | None = None) -> SoundWatch:
    return SoundWatch(CAMERA, silero(), microphone=MicrophoneSettings(calibration_db=calibration))


def told(changes: list[Observation], kind: ObservationKind) -> list[tuple[float, str]]:
    """Of one kind: since which second, and the state."""
    return [
        ((each.interval.start - START).total_seconds(), each.state) for each in changes if each.kind is kind
    ]


def test_a_watch_states_what_it_hears_on_change_and_unknown_when_sound_stays_away() -> None:
    watch = new_watch()
    track, packets = encoded(np.concatenate([noise(3, 0.001), spoken()[: 4 * RATE], noise(0.1)]), "pcm_alaw")
    batch = watch.hear(track, packets, START, 7.0)
    assert told(batch.changes, ObservationKind.SPEECH) == [(0, "quiet"), (3, "speech")]
    assert told(batch.changes, ObservationKind.LEVEL)[:2] == [(0, "measured"), (3, "measured")]
    assert told(batch.changes, ObservationKind.VOICES) == [(0, "calm")]
    assert told(batch.changes, ObservationKind.MICROPHONE) == [(0, "good")]
    assert len(batch.seconds) == 7
    assert watch.tick(7.0 + DEAF_AFTER) == []
    deaf = watch.tick(7.1 + DEAF_AFTER)
    assert [(each.kind.value, each.state, each.interval.start) for each in deaf] == [
        (kind, "unknown", at(7)) for kind in ("speech", "level", "voices", "microphone")
    ]
    assert watch.tick(100.0) == []


def test_the_level_of_a_minute_is_stated_when_the_minute_is_over() -> None:
    watch = new_watch()
    changes: list[Observation] = []
    for second in range(65):
        track, packets = encoded(tone(1), "pcm_mulaw")
        changes += watch.hear(track, packets, at(second), float(second)).changes
    minute = [each for each in changes if each.kind is ObservationKind.MINUTE_LEVEL]
    assert [each.interval.start for each in minute] == [START]
    assert minute[0].measure == pytest.approx(-23, abs=0.5)


def test_with_a_calibration_levels_are_stated_in_db_a_and_their_state_says_so() -> None:
    track, packets = encoded(tone(2.1), "pcm_mulaw")
    for offset, state, level in ((None, "measured", -23.0), (94.0, "calibrated", 71.0)):
        changes = new_watch(offset).hear(track, packets, START, 2.0).changes
        stated = [each for each in changes if each.kind is ObservationKind.LEVEL]
        assert [(each.state, each.source) for each in stated] == [(state, "laeq@2")]
        assert stated[0].measure == pytest.approx(level, abs=0.5)


def test_a_calibration_that_was_set_meanwhile_begins_a_new_level() -> None:
    standing = [Observation(ObservationKind.LEVEL, CAMERA, None, None, Interval(START), "measured", -23.0)]
    track, packets = encoded(tone(2.1), "pcm_mulaw")
    same, changed = new_watch(), new_watch(94.0)
    for watch in (same, changed):
        watch.begin(standing, at(10), 0.0)
    assert told(same.hear(track, packets, at(11), 1.0).changes, ObservationKind.LEVEL) == []
    stated = told(changed.hear(track, packets, at(11), 1.0).changes, ObservationKind.LEVEL)
    assert stated == [(11, "calibrated")]


def test_a_hole_in_the_sound_is_unknown() -> None:
    watch = new_watch()
    track, packets = encoded(tone(2.1), "pcm_mulaw")
    watch.hear(track, packets, START, 2.0)
    changes = watch.hear(track, packets, at(60), 4.0).changes
    for kind, state in (
        (ObservationKind.SPEECH, "quiet"),
        (ObservationKind.LEVEL, "measured"),
        (ObservationKind.VOICES, "calm"),
        (ObservationKind.MICROPHONE, "good"),
    ):
        assert told(changes, kind) == [(2, "unknown"), (60, state)]


def test_damaged_sound_ends_in_unknown_and_good_sound_is_judged_again() -> None:
    watch = new_watch()
    track, packets = encoded(tone(2.2), "aac")
    watch.hear(track, packets, START, 2.0)
    broken = [Packet(1, TrackKind.AUDIO, b"\xff" * 90, 0, 0, 0, True, 0.0)] * 3
    for second in range(3, 9):
        with pytest.raises(MediaError):
            watch.hear(track, broken, at(second), float(second))
    assert {each.state for each in watch.tick(8.0)} == {"unknown"}
    again = watch.hear(track, packets, at(9), 11.0).changes
    assert {state for _, state in told(again, ObservationKind.SPEECH)} == {"quiet"}


def test_with_a_dead_microphone_nobody_knows_whether_anybody_speaks() -> None:
    watch = new_watch()
    parts = (noise(4, 0.003), np.zeros(12 * RATE, np.int16), noise(12, 0.003), noise(0.1))
    track, packets = encoded(np.concatenate(parts), "pcm_s16le")
    changes = watch.hear(track, packets, START, 28.0).changes
    assert told(changes, ObservationKind.MICROPHONE) == [(0, "good"), (4, "digital_silence"), (16, "good")]
    assert told(changes, ObservationKind.SPEECH) == [(0, "quiet"), (4, "unknown"), (23, "quiet")]
    assert told(changes, ObservationKind.VOICES) == [(0, "calm"), (4, "unknown"), (23, "calm")]


class FailingSilero(Silero):
    """A model that breaks down when it is asked."""

    def chances(self, samples: Samples, memory: Memory) -> tuple[NDArray[np.float32], Memory]:
        raise DetectorError("broken")


@pytest.mark.parametrize("model", [None, FailingSilero()])
def test_without_a_model_speech_is_unknown_and_never_quiet_and_the_rest_is_judged(
    model: Silero | None,
) -> None:
    watch = SoundWatch(CAMERA, model)
    standing = [Observation(ObservationKind.SPEECH, CAMERA, None, None, Interval(START), "quiet")]
    watch.begin(standing, at(1), 0.0)
    track, packets = encoded(spoken()[: 4 * RATE], "pcm_alaw")
    batch = watch.hear(track, packets, at(1), 4.0)
    assert {state for _, state in told(batch.changes, ObservationKind.SPEECH)} == {"unknown"}
    assert {state for _, state in told(batch.changes, ObservationKind.VOICES)} <= {"unknown"}
    assert told(batch.changes, ObservationKind.MICROPHONE) == [(1, "good")]
    assert None in batch.seconds


def test_a_camera_without_sound_states_nothing() -> None:
    watch = new_watch()
    watch.begin([], None, 0.0)
    assert watch.tick(1000.0) == []


STANDING = [
    Observation(kind, CAMERA, None, None, Interval(START), state, measure)
    for kind, state, measure in (
        (ObservationKind.SPEECH, "quiet", None),
        (ObservationKind.LEVEL, "measured", -23.0),
        (ObservationKind.MINUTE_LEVEL, "measured", -23.0),
        (ObservationKind.VOICES, "calm", None),
        (ObservationKind.MICROPHONE, "good", None),
    )
]


def test_what_an_earlier_process_heard_goes_on_or_becomes_unknown() -> None:
    track, packets = encoded(tone(2.1), "pcm_alaw")
    soon = new_watch()
    soon.begin(STANDING, at(10), 0.0)
    assert soon.hear(track, packets, at(12), 1.0).changes == []
    never = new_watch()
    never.begin(STANDING, at(10), 0.0)
    assert [(each.state, each.interval.start) for each in never.tick(6.0)] == [("unknown", at(10))] * 5


def test_a_level_drop_that_stands_goes_on_against_the_floor_that_was_learnt() -> None:
    dropped = Observation(
        ObservationKind.MICROPHONE, CAMERA, None, None, Interval(START), "level_drop", -50.0
    )
    track, packets = encoded(noise(20, 0.0001), "pcm_s16le")
    watch = new_watch()
    watch.begin([dropped], at(10), 0.0)
    assert told(watch.hear(track, packets, at(12), 1.0).changes, ObservationKind.MICROPHONE) == []


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from([0.0, 0.0, 0.2, 0.9, 3.0, 9.0, 70.0, -3.0])), max_size=25
    )
)
def test_whatever_is_heard_missing_or_late_each_kind_changes_only_to_something_else(
    batches: list[tuple[int, float]],
) -> None:
    """And no change lies in the future or further back than a minute before the sound that told it."""
    watch, now, latest = new_watch(), 0.0, 0.0
    states: dict[ObservationKind, tuple[str, float | None]] = {}
    for number, missing in batches:
        now = max(0.0, now + missing)
        earliest = min(now, latest) - 60
        latest = max(latest, now)
        changes = watch.tick(latest)
        if number:
            track, packets = BATCHES[number - 1]
            changes += watch.hear(track, packets, at(now), latest).changes
            now += 1
            latest = max(latest, now)
        for each in changes:
            assert states.get(each.kind) != (each.state, each.measure)
            states[each.kind] = (each.state, each.measure)
            assert earliest <= (each.interval.start - START).total_seconds() <= latest


BATCHES = [
    encoded(sound, "pcm_s16le")
    for sound in (noise(1, 0.01), np.zeros(RATE, np.int16), tone(1, 50, 0.3), noise(1.3, 0.2))
]

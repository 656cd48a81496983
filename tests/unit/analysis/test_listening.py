"""The thread that listens: what it counts, and how far it says that a camera was heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import REGISTRY

from analysis.facts import FactWriter
from analysis.sound.hearing import SoundWatch
from analysis.sound.listening import HeardCamera, SoundThread
from analysis.sound.silero import Silero
from bus.tap import TapMessage
from hall.clock import SimulatedClock
from hall.media import Packet, TrackKind
from hall.names import CameraId, HallId
from store import observing
from store.database import Database
from tests.unit.analysis.sounds import RATE, encoded, noise, spoken

HALL, CAMERA = HallId("hall"), CameraId("cam")
CLOCK = SimulatedClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    opened.migrate()
    yield opened
    opened.close()


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"hallwatch_analysis_{name}_total", labels) or 0.0


def message(sound: np.ndarray) -> bytes:
    track, packets = encoded(sound, "pcm_s16le")
    return TapMessage(CAMERA, track, tuple(packets), CLOCK.now()).encode()


@pytest.mark.parametrize("alone", [True, False])
def test_only_a_camera_without_zones_counts_as_watched_by_its_sound(database: Database, alone: bool) -> None:
    """Whoever hears a blind camera does not see anything."""
    facts = FactWriter(database, CLOCK)
    heard = HeardCamera(HALL, SoundWatch(CAMERA, Silero()), alone=alone)
    SoundThread({CAMERA: heard}, facts, CLOCK).take(CAMERA, message(noise(2.1)))
    assert facts.write_waiting()
    with database.read() as tx:
        expected = {CAMERA: CLOCK.now() + timedelta(seconds=2)} if alone else {}
        assert observing.watermarks_now(tx) == expected
        assert {each.state for each in observing.current(tx, HALL)} == {"quiet", "measured", "calm", "good"}


def test_seconds_are_counted_by_what_judged_them_and_chunks_by_their_number(database: Database) -> None:
    thread = SoundThread(
        {CAMERA: HeardCamera(HALL, SoundWatch(CAMERA, Silero()))}, FactWriter(database, CLOCK), CLOCK
    )
    before = {judged: counted("sound_seconds", judged=judged) for judged in ("faint", "model", "nobody")}
    chunks, heard = counted("speech_chunks"), counted("sound_batches", camera=CAMERA, result="heard")
    thread.take(CAMERA, message(np.concatenate((np.zeros(2 * RATE, np.int16), spoken()[:RATE]))))
    after = {judged: counted("sound_seconds", judged=judged) for judged in before}
    assert {judged: after[judged] - before[judged] for judged in before} == {
        "faint": 2,
        "model": 1,
        "nobody": 0,
    }
    assert counted("speech_chunks") - chunks == RATE // 512
    assert counted("sound_batches", camera=CAMERA, result="heard") - heard == 1


def test_a_damaged_batch_is_counted_and_the_next_one_is_heard(database: Database) -> None:
    facts = FactWriter(database, CLOCK)
    thread = SoundThread({CAMERA: HeardCamera(HALL, SoundWatch(CAMERA, Silero()))}, facts, CLOCK)
    track, packets = encoded(noise(2.1), "aac")
    broken = Packet(1, TrackKind.AUDIO, b"\xff" * 90, 0, 0, 0, True, 0.0)
    damaged = counted("sound_batches", camera=CAMERA, result="damaged")
    thread.take(CAMERA, b"no message")
    thread.take(CAMERA, TapMessage(CAMERA, track, (broken,) * 3, CLOCK.now()).encode())
    assert counted("sound_batches", camera=CAMERA, result="damaged") - damaged == 2
    thread.take(CAMERA, TapMessage(CAMERA, track, tuple(packets), CLOCK.now()).encode())
    assert facts.write_waiting()
    with database.read() as tx:
        assert len(observing.current(tx, HALL)) == 4

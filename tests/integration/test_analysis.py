"""Analysis end to end: encoded key frames and sound through a real bus, observations in a real database."""

from __future__ import annotations

import io
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from analysis.metrics import FRAMES, SOUND, WRITTEN
from analysis.role import run_analysis
from bus.connection import Message
from bus.server import RunningServer, running
from bus.subjects import analysis_sighting, tap_key, tap_sound
from bus.tap import TapMessage
from bus.thread import ThreadBus
from fixtures.pictures import Film
from fixtures.scenes import VIEWS, Post, Scene, zones
from fixtures.sound import SAMPLE_RATE, room, talk
from hall.clock import SimulatedClock
from hall.config.file import parse_configuration
from hall.config.settings import Configuration
from hall.media import Packet, Track, TrackKind
from hall.names import CameraId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.sighting import Sighting
from hall.wire import from_json
from store import observing
from store.database import Database

CAMERA = CameraId("cam-1")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SILENCE = Track(1, TrackKind.AUDIO, "pcm_alaw", (1, 8000), sample_rate=8000, channels=1)
STAFFED = Scene(Post.STAFF, Post.EMPTY, 0)
DESERTED = Scene(Post.EMPTY, Post.EMPTY, 0)
CROWDED = Scene(Post.STAFF, Post.EMPTY, 3)

ONE_CAMERA = """
site:
  analysis: {window_samples: 3}
halls:
  - id: hall
    name: {zh: 大厅, en: Hall}
    units: [{id: unit, name: {zh: 单位, en: Unit}}]
    windows:
      - {id: w01, number: "1", name: {zh: 一号, en: One}, unit: unit}
      - {id: w02, number: "2", name: {zh: 二号, en: Two}, unit: unit}
    cameras:
      - {id: cam-1, name: {zh: 一, en: One}, url: "rtsp://127.0.0.1/1", sample_every: 1.0, zones: []}
"""


def configuration() -> Configuration:
    parsed = parse_configuration(ONE_CAMERA)
    hall = parsed.halls[0]
    camera = hall.cameras[0].model_copy(update={"zones": zones(VIEWS[CAMERA])})
    return parsed.model_copy(update={"halls": (hall.model_copy(update={"cameras": (camera,)}),)})


@cache
def key_frames(scene: Scene) -> tuple[Track, tuple[Packet, ...]]:
    """Some pictures of a scene, each a key frame of H.264 of its own."""
    buffer = io.BytesIO()
    pictures = list(Film(VIEWS[CAMERA], scene).frames())[::20]
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1, options={"g": "1", "preset": "ultrafast"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    buffer.seek(0)
    with av.open(buffer, "r") as recorded:
        video = recorded.streams.video[0]
        extradata = bytes(video.codec_context.extradata or b"")
        found = [bytes(packet) for packet in recorded.demux(video) if packet.size]
    track = Track(0, TrackKind.VIDEO, "h264", (1, 90000), extradata, 1280, 720)
    return track, tuple(Packet(0, TrackKind.VIDEO, data, 0, 0, 0, True, 0.0) for data in found)


def counted(counter: object, result: str) -> float:
    return float(counter.labels(CAMERA, result)._value.get())  # type: ignore[attr-defined] # prometheus keeps it private


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


@dataclass
class Hall:
    """A running analysis and everything around it. One sample a second of simulated time."""

    bus: ThreadBus
    server: RunningServer
    database: Database
    clock: SimulatedClock
    shown: int = 0

    @contextmanager
    def analysis(self) -> Iterator[None]:
        stop, failures = threading.Event(), list[BaseException]()

        def work() -> None:
            try:
                run_analysis(configuration(), self.database, self.server.url, self.clock, stop)
            except BaseException as error:  # noqa: BLE001 - handed to the test
                failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            self._wait_until_it_listens()
            yield
        finally:
            stop.set()
            thread.join(15)
            assert not thread.is_alive()
            assert failures == []

    def _wait_until_it_listens(self) -> None:
        before = counted(FRAMES, "damaged")

        def has_taken() -> bool:
            self.bus.publish(tap_key(CAMERA), b"is anybody there?")
            time.sleep(0.05)
            return counted(FRAMES, "damaged") > before

        eventually(has_taken)

    def show(self, scene: Scene, seconds: int, damage: bool = False) -> None:
        """Send one key frame a second and wait until each has been examined."""
        track, packets = key_frames(scene)
        for _ in range(seconds):
            self.clock.advance(1)
            self.shown += 1
            packet = packets[self.shown % len(packets)]
            if damage:
                packet = Packet(0, TrackKind.VIDEO, b"\0\0\0\x08" + bytes(200), 0, 0, 0, True, 0.0)
            self._send(
                tap_key(CAMERA),
                TapMessage(CAMERA, track, (packet,), self.clock.now()).encode(),
                lambda: counted(FRAMES, "damaged" if damage else "examined"),
            )

    def play(self, samples: np.ndarray, seconds: int) -> None:
        """Send one second of G.711 after the other."""
        for index in range(seconds):
            self.clock.advance(1)
            place = index * SAMPLE_RATE % (samples.size - SAMPLE_RATE)
            second = samples[place : place + SAMPLE_RATE].reshape(-1, 2).mean(axis=1)
            context = av.CodecContext.create("pcm_alaw", "w")
            context.sample_rate, context.layout, context.format = 8000, "mono", "s16"
            frame = av.AudioFrame.from_ndarray(
                (second * 32767).astype(np.int16)[None], format="s16", layout="mono"
            )
            frame.sample_rate = 8000
            data = b"".join(bytes(packet) for packet in context.encode(frame))
            packet = Packet(1, TrackKind.AUDIO, data, 0, 0, 8000, True, 0.0)
            self._send(
                tap_sound(CAMERA),
                TapMessage(CAMERA, SILENCE, (packet,), self.clock.now()).encode(),
                lambda: counted(SOUND, "heard"),
            )

    def _send(self, subject: str, payload: bytes, done: Callable[[], float]) -> None:
        before = done()
        self.bus.publish(subject, payload)
        eventually(lambda: done() > before)

    def history(self, kind: ObservationKind, zone: str | None = None) -> list[Observation]:
        with self.database.read() as tx:
            found = observing.between(tx, START - timedelta(days=1), START + timedelta(days=1), camera=CAMERA)
        return [each for each in found if each.kind is kind and each.zone == zone]

    def states(self, kind: ObservationKind, zone: str | None = None) -> list[str]:
        return [each.state for each in self.history(kind, zone)]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    with running(tmp_path / "bus") as server:
        bus = ThreadBus(server.url, "test")
        try:
            yield Hall(bus, server, database, SimulatedClock(START))
        finally:
            bus.close()
            database.close()


def boxes(message: Message) -> tuple[datetime, dict[ZoneId, int]]:
    """When a picture was taken, and how many people screens are told to be in each zone."""
    sighting = from_json(Sighting, message.payload)
    return sighting.at, {zone.zone: len(zone.boxes) for zone in sighting.zones}


def test_staff_who_leave_are_leaving_from_the_first_empty_picture_and_then_absent(hall: Hall) -> None:
    shown = hall.bus.subscribe_queue(analysis_sighting(CAMERA))
    with hall.analysis():
        hall.show(STAFFED, 4)
        hall.show(DESERTED, 4)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["absent"])
    story = [
        (each.state, (each.interval.start - START).total_seconds())
        for each in hall.history(ObservationKind.PRESENCE, "w01-staff")
    ]
    assert story == [("unknown", 0), ("on_post", 1), ("leaving", 5), ("absent", 7)]
    assert "on_post" not in hall.states(ObservationKind.PRESENCE, "w02-staff")
    assert {each.source for each in hall.history(ObservationKind.PRESENCE, "w01-staff")[1:]} == {"movenet@1"}
    told = [boxes(shown.get(timeout=10)) for _ in range(8)]
    assert [(at - START).total_seconds() for at, _ in told] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [zones[ZoneId("w01-staff")] for _, zones in told] == [1, 1, 1, 1, 0, 0, 0, 0]
    assert {zones[ZoneId("w02-staff")] for _, zones in told} == {0}


def test_an_empty_counter_is_never_on_post_and_people_who_wait_are_counted(hall: Hall) -> None:
    with hall.analysis():
        hall.show(DESERTED, 4)
        hall.show(CROWDED, 5)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["on_post"])
    assert hall.states(ObservationKind.PRESENCE, "w02-staff") == ["unknown", "leaving", "absent"]
    assert hall.states(ObservationKind.CUSTOMER, "w02-customer") == ["unknown", "leaving", "absent"]
    assert [each.measure for each in hall.history(ObservationKind.PEOPLE, "cam-1-waiting")] == [
        None,
        0.0,
        3.0,
    ]


def test_pictures_that_cannot_be_decoded_make_a_camera_blind_not_its_windows_empty(hall: Hall) -> None:
    with hall.analysis():
        hall.show(STAFFED, 3)
        hall.show(STAFFED, 6, damage=True)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["unknown"])
        hall.show(STAFFED, 1)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["on_post"])
    story = [
        (each.state, (each.interval.start - START).total_seconds())
        for each in hall.history(ObservationKind.PRESENCE, "w01-staff")
    ]
    assert story == [("unknown", 0), ("on_post", 1), ("unknown", 3), ("on_post", 10)]


def test_a_short_restart_changes_nothing_and_a_long_one_leaves_time_unknown(hall: Hall) -> None:
    with hall.analysis():
        hall.show(STAFFED, 3)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["on_post"])
    with hall.analysis():
        hall.show(STAFFED, 3)
    assert hall.states(ObservationKind.PRESENCE, "w01-staff") == ["unknown", "on_post"]
    hall.clock.advance(3600)
    with hall.analysis():
        hall.show(STAFFED, 3)
        eventually(lambda: len(hall.history(ObservationKind.PRESENCE, "w01-staff")) == 4)
    *_, dark, light = hall.history(ObservationKind.PRESENCE, "w01-staff")
    assert (dark.state, light.state) == ("unknown", "on_post")
    assert dark.interval.duration() == timedelta(seconds=3601)


def test_speech_and_level_are_stored_on_change(hall: Hall) -> None:
    with hall.analysis():
        hall.play(room(0), 4)
        hall.play(talk(0), 6)
        hall.play(room(0), 8)
        eventually(lambda: hall.states(ObservationKind.SPEECH) == ["quiet", "speech", "quiet"])
    levels = [each.measure or 0.0 for each in hall.history(ObservationKind.LEVEL)]
    assert levels[0] == pytest.approx(-50, abs=6)
    assert max(levels) == pytest.approx(-25, abs=6)
    speech = hall.history(ObservationKind.SPEECH)[1].interval
    assert speech.end is not None
    assert timedelta(seconds=5) <= speech.duration() <= timedelta(seconds=8)


def test_observations_wait_while_the_database_is_locked(hall: Hall, tmp_path: Path) -> None:
    with hall.analysis():
        hall.show(STAFFED, 2)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["on_post"])
        locked = sqlite3.connect(tmp_path / "hall.db", isolation_level=None)
        locked.execute("BEGIN IMMEDIATE")
        try:
            hall.show(DESERTED, 4)
            eventually(lambda: retried() > 0)
        finally:
            locked.execute("ROLLBACK")
            locked.close()
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["absent"])
    states = hall.states(ObservationKind.PRESENCE, "w01-staff")
    assert states == ["unknown", "on_post", "leaving", "absent"]


def test_what_is_no_tap_message_is_counted_and_stops_nothing(hall: Hall) -> None:
    with hall.analysis():
        hall.show(STAFFED, 1)
        before = counted(FRAMES, "damaged")
        hall.bus.publish(tap_key(CAMERA), b"garbage")
        hall.bus.publish(tap_key(CameraId("stranger")), b"garbage")
        hall.bus.publish(tap_sound(CAMERA), b"garbage")
        eventually(lambda: counted(FRAMES, "damaged") == before + 1)
        hall.show(STAFFED, 2)
        eventually(lambda: hall.states(ObservationKind.PRESENCE, "w01-staff")[-1:] == ["on_post"])


def test_how_far_a_camera_was_examined_is_stored(hall: Hall) -> None:
    with hall.analysis():
        hall.show(STAFFED, 3)
    with hall.database.read() as tx:
        assert observing.watermarks_now(tx) == {CAMERA: hall.clock.now()}


def retried() -> float:
    return float(WRITTEN.labels("retried")._value.get())

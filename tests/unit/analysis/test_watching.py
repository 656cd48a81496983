"""The thread that looks: which pictures it takes together, and whom a failure concerns."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from analysis.facts import FactWriter
from analysis.metrics import FRAMES, PARTS, SEEN, ZONE_SEEN, ZONE_UNANSWERED
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from analysis.picture.watching import PictureThread, WatchedCamera
from bus.tap import TapMessage
from hall.clock import SimulatedClock
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.media import Packet, Track
from hall.names import CameraId, HallId
from hall.ports import Detection, Detector
from store import observing
from store.database import Database
from tests.unit.analysis.pictures import key_frame
from tests.unit.analysis.test_watcher import EMPTY, STAFFED, BrightThings, camera

if TYPE_CHECKING:
    from hall.ports import Picture

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HALL = HallId("hall")


@dataclass
class InBatches(BrightThings):
    """Gains by four crops at once; `calls` counts the crops of each call, dark blue ones break it."""

    most_at_once: int = 4
    calls: list[int] = field(default_factory=list)

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        self.calls.append(len(crops))
        if any(crop[0, 0, 2] < 20 for crop in crops):
            raise DetectorError("dark blue")
        return super().detect(crops)


@cache
def encoded(kind: str) -> tuple[Track, Packet]:
    blue: Picture = np.full_like(EMPTY, (120, 0, 0))
    return key_frame({"staffed": STAFFED, "empty": EMPTY, "blue": blue}[kind])


@dataclass
class Room:
    """A picture thread of some cameras with two zones each, and what it writes."""

    database: Database
    detector: Detector
    cameras: int = 3
    clock: SimulatedClock = field(default_factory=SimulatedClock)

    def __post_init__(self) -> None:
        self.facts = FactWriter(self.database, self.clock)
        settings = AnalysisSettings()
        watched = {}
        for number in range(self.cameras):
            one = camera().model_copy(update={"id": CameraId(f"cam-{number}")})
            decoder = KeyFrameDecoder(one.zones, settings.detail)
            watched[one.id] = WatchedCamera(HALL, CameraWatch(one, settings, "none@0"), decoder)
        self.thread = PictureThread(watched, lambda: self.detector, self.facts, self.clock)

    def show(self, *kinds: str) -> None:
        """A picture of each camera, in order, and let the thread take what waits."""
        for number, kind in enumerate(kinds):
            track, packet = encoded(kind)
            message = TapMessage(CameraId(f"cam-{number}"), track, (packet,), self.clock.now())
            self.thread.inbox.put(f"cam-{number}", message.encode())
        self.thread._load()
        while messages := self.thread._next(0.0):
            self.thread.examine(messages)

    def states(self) -> dict[tuple[str, str], str]:
        self.facts.write_waiting()
        with self.database.read() as tx:
            return {(each.camera, str(each.zone)): each.state for each in observing.current(tx, HALL)}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    opened.migrate()
    return opened


def test_a_detector_that_gains_by_it_is_asked_once_about_what_waits(database: Database) -> None:
    detector = InBatches(most_at_once=6)
    room = Room(database, detector)
    room.show("staffed", "empty", "staffed")
    assert detector.calls == [6]
    states = room.states()
    assert [states.get((f"cam-{number}", "left")) for number in range(3)] == ["on_post", None, "on_post"]


def test_no_more_cameras_are_taken_than_have_as_many_zones_as_it_looks_at(database: Database) -> None:
    detector = InBatches(most_at_once=4)
    Room(database, detector).show("staffed", "empty", "staffed")
    assert detector.calls == [4, 2]


def test_a_picture_that_waits_alone_is_not_held_up(database: Database) -> None:
    detector = InBatches(most_at_once=100)
    Room(database, detector).show("staffed")
    assert detector.calls == [2]


def test_any_other_detector_is_asked_camera_by_camera(database: Database) -> None:
    detector = BrightThings()
    room = Room(database, detector)
    room.thread._load()
    for number in range(3):
        room.thread.inbox.put(f"cam-{number}", b"")
    assert len(room.thread._next(0.0)) == 1


def test_one_camera_that_the_detector_cannot_stand_leaves_the_others_seen(database: Database) -> None:
    detector = InBatches(most_at_once=6)
    room = Room(database, detector)
    failed = FRAMES.labels("cam-1", "failed")._value.get()
    room.show("staffed", "blue", "staffed")
    states = room.states()
    assert [states.get((f"cam-{number}", "left")) for number in range(3)] == ["on_post", None, "on_post"]
    assert FRAMES.labels("cam-1", "failed")._value.get() == failed + 1


def test_a_damaged_picture_among_several_leaves_the_others_seen(database: Database) -> None:
    room = Room(database, InBatches(most_at_once=6))
    room.thread._load()
    track, packet = encoded("staffed")
    good = TapMessage(CameraId("cam-0"), track, (packet,), START).encode()
    room.thread.examine(
        [(CameraId("cam-1"), b"junk"), (CameraId("cam-0"), good), (CameraId("nobody's"), good)]
    )
    assert room.states() == {("cam-0", "left"): "on_post"}


def test_a_detector_that_breaks_makes_everything_unknown(database: Database) -> None:
    detector = InBatches(most_at_once=6)
    room = Room(database, detector)
    room.show("staffed", "empty", "staffed")
    detector.broken = True
    for _ in range(12):
        room.clock.advance(1.0)
        room.show("empty", "blue", "blue")
        room.thread._tick()
    assert set(room.states().values()) == {"unknown"}


def test_a_detector_that_does_not_even_open_is_tried_again(database: Database) -> None:
    room = Room(database, BrightThings(name="x" * 100))
    room.show("staffed")
    assert room.states() == {}
    room.detector = BrightThings()
    room.clock.advance(31)
    room.show("staffed")
    assert room.states() == {("cam-0", "left"): "on_post"}


def test_the_thread_ends_when_told(database: Database) -> None:
    stop = threading.Event()
    room = Room(database, BrightThings())
    thread = threading.Thread(target=room.thread.run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_when_a_camera_and_its_zones_were_seen_last_is_counted_as_metrics(database: Database) -> None:
    room = Room(database, BrightThings())
    room.show("staffed", "empty", "staffed")
    now = room.clock.now().timestamp()
    assert SEEN.labels("cam-2")._value.get() == now
    assert [ZONE_SEEN.labels("cam-2", zone)._value.get() for zone in ("left", "right")] == [now, now]
    assert ZONE_UNANSWERED.labels("cam-2", "left")._value.get() == 0
    assert PARTS.labels("cam-2", "decode")._value.get() >= 0

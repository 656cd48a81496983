"""Two streams of one camera from a real RTSP server: the large one recorded, the small one watched."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock

import av
import pytest

from bus.tap import TapMessage
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.cameras import Cameras
from capture.record.objects import LocalObjects
from capture.sources.stored import StoredSecrets
from capture.tapping import tap_choice
from capture.workers import Workers
from fixtures.rtsp import RtspHall
from hall.clock import SystemClock
from hall.config import parse_configuration
from hall.config.settings import CaptureSettings
from hall.media import GapReason
from hall.names import CameraId, HallId
from hall.place import Camera, Text
from hall.pulse import Pulses
from store import configuration as configurations
from store import recording
from store.database import Database
from tests.media import film

CAMERA, SMALL = CameraId("cam-1"), CameraId("cam-1-small")
LIMIT = 30.0

SITE = """
halls:
  - id: h
    name: {zh: 大厅, en: Hall}
    units: [{id: u, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 窗口, en: Window}, unit: u}]
    cameras: [{id: cam-1, name: {zh: 甲, en: One}, url: 'rtsp://main', substream: 'rtsp://sub'}]
"""


class Watched:
    """What the tap publishes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._widths: list[int] = []

    def publish(self, subject: str, payload: bytes = b"") -> None:
        if subject.startswith("tap.key."):
            with self._lock:
                self._widths.append(TapMessage.decode(payload).track.width)

    @property
    def widths(self) -> list[int]:
        """The widths of the pictures so far, each change once."""
        with self._lock:
            found = self._widths[:1]
            for width in self._widths:
                if width != found[-1]:
                    found.append(width)
            return found


def wait_for(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < until, f"not within {LIMIT:g} s: {what}"
        time.sleep(0.05)


def test_the_tap_has_the_small_stream_and_the_large_one_while_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap_choice, "FALL_BACK_SECONDS", 1.5)
    reels = {
        CAMERA: {"one": film(tmp_path / "large.mov", "aac", video="hevc", size=(640, 360))},
        SMALL: {"one": film(tmp_path / "small.mov", "", size=(320, 180))},
    }
    clock, stop, watched = SystemClock(), Event(), Watched()
    database = Database(f"sqlite:///{tmp_path / 'hallwatch.db'}")
    database.migrate()
    with database.write() as tx:
        configurations.apply(tx, parse_configuration(SITE), clock.now())
    objects = LocalObjects(tmp_path / "recordings")
    facts = FactWriter(database)
    settings = CaptureSettings(
        segment_seconds=2, stall_seconds=2, retry_first_seconds=0.2, retry_longest_seconds=0.5
    )
    secrets = StoredSecrets(parse_configuration(SITE).site, database)
    logbook = Logbook(objects.disks, clock)
    cameras = Cameras(settings, database, objects, facts, logbook, watched, clock, secrets)
    with RtspHall(reels) as hall:
        camera = Camera(
            id=CAMERA, name=Text(zh="甲", en="One"), url=hall.url(CAMERA), substream=hall.url(SMALL),
            sample_every=0.5,
        )  # fmt: skip
        working = Workers(cameras.workers(HallId("h"), camera), Pulses(clock), clock, stop)
        working.start()
        try:
            wait_for(lambda: watched.widths[-1:] == [320], "the small stream")
            hall.unplug(SMALL)
            wait_for(lambda: watched.widths[-2:] == [320, 640], "the large one in its place")
            hall.plug(SMALL)
            wait_for(lambda: watched.widths[-3:] == [320, 640, 320], "the small one again")
        finally:
            stop.set()
            assert working.finish(LIMIT) == []
    assert facts.close(LIMIT)
    now, day = clock.now(), timedelta(days=1)
    with database.read() as tx:
        segments = recording.segments_between(tx, CAMERA, now - day, now + day)
        gaps = recording.gaps_between(tx, CAMERA, now - day, now + day)
    database.close()
    assert {gap.reason for gap in gaps} <= {GapReason.STARTING}
    assert len({segment.run for segment in segments}) == 1
    for segment in segments:
        with av.open(str(objects.path(segment.key))) as file:
            assert (file.streams.video[0].codec_context.name, file.streams.video[0].width) == ("hevc", 640)

"""What recording must outlast: a database that another process holds, and a bus that is gone."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from bus.connection import Message
from bus.leash import leashed
from bus.server import RunningServer, running
from bus.subjects import TAP_KEY, every, last_token
from bus.thread import ThreadBus
from hall.clock import SystemClock
from hall.media import GapReason
from hall.names import CameraId
from store.database import Database
from tests.torture.recording_hall import SEGMENT_SECONDS, RecordingHall, cameras, recording_hall, wait_until
from tests.torture.witness import missing_pictures, unexplained

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read(1)
"""
LATE = timedelta(seconds=3 * SEGMENT_SECONDS)
"""How far behind now the newest finished file may end while all is well."""


@dataclass
class OutageOutcome:
    """What an outage did; without complaints nothing was lost."""

    seconds: float = 0.0
    segments: int = 0
    meanwhile: int = 0
    """Files that were finished during the outage."""
    complaints: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing was lost, and all went on afterwards."""
        return not self.complaints


def lock_the_database(folder: Path, seconds: float, count: int = 8) -> OutageOutcome:
    """Another process holds the database for so long while cameras record."""
    outcome = OutageOutcome(seconds)
    with cameras(folder, count) as filmed, recording_hall(folder, filmed) as hall:
        hall.start()
        wait_until(lambda: hall.is_recorded_beyond(_now() - LATE), "every camera recorded")
        with _held(hall.database):
            rows = sum(len(hall.segments(camera)) for camera in hall.cameras)
            before = len(hall.files("*.mp4"))
            time.sleep(seconds)
            outcome.meanwhile = len(hall.files("*.mp4")) - before
            if sum(len(hall.segments(camera)) for camera in hall.cameras) != rows:
                outcome.complaints.append("rows were entered while the database was held: it was not")
        if b"facts wait for the database" not in hall.log.read_bytes():
            outcome.complaints.append("nobody waited for the database")
        _judge(hall, filmed.reels, outcome, _now())
    return outcome


def take_the_bus_away(folder: Path, seconds: float, count: int = 8) -> OutageOutcome:
    """The bus server is killed and comes back after so long while cameras record."""
    outcome = OutageOutcome(seconds)
    with (
        running(folder / "bus") as server,
        cameras(folder, count) as filmed,
        recording_hall(folder, filmed, bus_url=server.url) as hall,
    ):
        hall.start()
        wait_until(lambda: hall.is_recorded_beyond(_now() - LATE), "every camera recorded")
        _expect_key_frames(hall, server, outcome, "before the bus was taken away")
        server.kill()
        before = len(hall.files("*.mp4"))
        time.sleep(seconds)
        outcome.meanwhile = len(hall.files("*.mp4")) - before
        server.start()
        _expect_key_frames(hall, server, outcome, "after the bus came back")
        _judge(hall, filmed.reels, outcome, _now())
    return outcome


def _judge(hall: RecordingHall, reels: dict[CameraId, Path], outcome: OutageOutcome, ended: datetime) -> None:
    """One unbroken chain of segments of every camera over the outage, with its every picture in it."""
    wait_until(lambda: hall.is_recorded_beyond(ended), "every camera recorded after the outage", 120)
    hall.stop()
    expected = (outcome.seconds // SEGMENT_SECONDS - 1) * len(hall.cameras)
    if outcome.meanwhile < expected:
        outcome.complaints.append(f"{outcome.meanwhile} files were finished meanwhile, not {expected:g}")
    for camera, reel in reels.items():
        segments, gaps = hall.segments(camera), hall.gaps(camera)
        outcome.segments += len(segments)
        if len({segment.run for segment in segments}) != 1:
            outcome.complaints.append(f"{camera}: the run was broken off")
        outcome.complaints += [
            f"{camera}: {after.id} does not begin where {before.id} ends"
            for before, after in pairwise(segments)
            if before.interval.end != after.interval.start
        ]
        strange = {gap.reason for gap in gaps} - {GapReason.STARTING, GapReason.PROCESS_RESTART}
        outcome.complaints += [f"{camera}: a gap because of {reason}" for reason in strange]
        outcome.complaints += [f"{camera}: {what}" for what in unexplained(segments, gaps)]
        if missing := missing_pictures(hall, camera, reel):
            outcome.complaints.append(f"{camera}: {missing} pictures are missing")
    outcome.complaints += hall.faults()


@contextmanager
def _held(database: Database) -> Iterator[None]:
    """A process of its own holds the database, exclusively, for the time of the block."""
    path = database.url.removeprefix("sqlite:///")
    holder = subprocess.Popen(
        leashed([sys.executable, "-c", HOLD, path]), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        if holder.stdout.readline() != b"held\n":
            raise RuntimeError("the database could not be held")
        yield
    finally:
        holder.kill()
        holder.communicate()


def _expect_key_frames(hall: RecordingHall, server: RunningServer, outcome: OutageOutcome, when: str) -> None:
    """A key frame of every camera arrives at somebody who asks the bus now."""
    heard: set[str] = set()
    all_heard = threading.Event()

    def hear(message: Message) -> None:
        heard.add(last_token(message.subject))
        if heard >= set(hall.cameras):
            all_heard.set()

    listener = ThreadBus(server.url, "torture")
    try:
        listener.subscribe(every(TAP_KEY), hear)
        if not all_heard.wait(30):
            missing = sorted(set(hall.cameras) - heard)
            outcome.complaints.append(f"{when} no key frame of {', '.join(missing)} came over the bus")
    finally:
        listener.close()


def _now() -> datetime:
    return SystemClock().now()

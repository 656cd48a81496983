"""A camera whose thread is stuck in a call that never returns: its real, supervised process is replaced."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bus.server import prepare
from fixtures.rtsp import RtspHall
from hall.clock import SystemClock
from hall.config import parse_configuration
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId
from hallwatch.processes import ProcessPlan
from hallwatch.supervisor import Patience, Supervisor
from store import configuration as configurations
from store import recording
from store.database import Database
from tests.media import film

ROOT = Path(__file__).parents[2]
STUCK, SOUND = CameraId("cam-1"), CameraId("cam-2")
PATIENCE = Patience(beat_every=0.2, silent=1.5, start=30.0, end=2.0, bus_end=0.5)

ROLE = """
import contextlib, os, sys
from pathlib import Path
import hall.pulse
hall.pulse.SPARE_SECONDS = 0.5
from capture import sources
from hall.clock import SystemClock
from hall.config import load_configuration
from hallwatch import roles
from store.database import Database

file, url, marker = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
rtsp = sources.CameraSource

class HangsOnce:
    "Delivers for two seconds, and is then stuck in a read that no data will ever end, once."
    def __init__(self, clock, stall_seconds, is_awaited):
        self.clock, self.source = clock, rtsp(clock, stall_seconds, is_awaited)
    @contextlib.contextmanager
    def open(self, camera, stop):
        with self.source.open(camera, stop) as stream:
            yield Hanging(stream, self.clock) if camera.id == "cam-1" and not marker.exists() else stream

class Hanging:
    def __init__(self, stream, clock):
        self.stream, self.clock, self.tracks = stream, clock, stream.tracks
    def __iter__(self):
        began = self.clock.monotonic()
        for packet in self.stream:
            yield packet
            if self.clock.monotonic() - began > 2:
                marker.touch()
                os.read(os.pipe()[0], 1)

sources.CameraSource = HangsOnce
configuration = load_configuration(file)
database = Database(configuration.site.database_url)
roles.BEAT_EVERY = 0.2
context = roles.RoleContext("capture", configuration, database, url, SystemClock())
roles.run_role(roles.RoleName.CAPTURE, context)
"""

ALONE = """
import os, sys, threading
from hall.clock import SystemClock
from hall.config import parse_configuration
from hallwatch import roles, watchdog
from store.database import Database

def hangs(configuration, database, bus_url, clock, stop, pulses):
    def stuck():
        with pulses.beating("stuck", 0.1):
            os.read(os.pipe()[0], 1)
    threading.Thread(target=stuck).start()  # no daemon: the interpreter would wait for it for ever
    stop.wait()

roles.BEAT_EVERY, watchdog.GIVE_UP_SECONDS = 0.1, 0.5
roles._load_threaded = lambda role, share: hangs
database, nowhere = Database("sqlite://"), "nats://127.0.0.1:9"
context = roles.RoleContext("capture", parse_configuration(sys.argv[1]), database, nowhere, SystemClock())
roles.run_role(roles.RoleName.CAPTURE, context)
"""

SITE = """
site:
  data: {data}
  capture: {{segment_seconds: 4, stall_seconds: 1, retry_first_seconds: 0.2, retry_longest_seconds: 1}}
halls:
  - id: h
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 窗口, en: Window}}, unit: u}}]
    cameras:
      - {{id: cam-1, name: {{zh: 甲, en: One}}, url: '{one}'}}
      - {{id: cam-2, name: {{zh: 乙, en: Two}}, url: '{two}'}}
"""


async def eventually(holds: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.05)


class Record:
    """What the catalogue says of a camera."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def segments(self, camera: CameraId) -> list[Segment]:
        now, day = SystemClock().now(), timedelta(days=1)
        with self._database.read() as tx:
            return recording.segments_between(tx, camera, now - day, now + day)

    def gaps(self, camera: CameraId, reason: GapReason) -> list[Gap]:
        now, day = SystemClock().now(), timedelta(days=1)
        with self._database.read() as tx:
            found = recording.gaps_between(tx, camera, now - day, now + day)
        return [gap for gap in found if gap.reason is reason]

    def is_back(self, camera: CameraId) -> bool:
        """Whether there is a gap of a restart, and recording since."""
        return any(not gap.interval.is_open for gap in self.gaps(camera, GapReason.PROCESS_RESTART))


async def test_a_process_with_a_thread_stuck_in_the_media_library_is_replaced(tmp_path: Path) -> None:
    reel = film(tmp_path / "reel.mov", "aac")
    with RtspHall({STUCK: {"one": reel}, SOUND: {"one": reel}}) as cameras:
        file = tmp_path / "hall.yaml"
        urls = {"one": cameras.url(STUCK), "two": cameras.url(SOUND)}
        file.write_text(SITE.format(data=tmp_path / "data", **urls))
        configuration = parse_configuration(file.read_text())
        database = Database(configuration.site.database_url)
        database.migrate()
        with database.write() as tx:
            configurations.apply(tx, configuration, SystemClock().now())
        record, marker = Record(database), tmp_path / "hangs"
        server = prepare(tmp_path / "bus")
        script = (sys.executable, "-c", ROLE, str(file), server.url, str(marker))
        supervisor = Supervisor(
            [ProcessPlan("capture", script, {"PYTHONPATH": str(ROOT)})],
            ProcessPlan("bus", server.command, beats=False),
            server.url,
            SystemClock(),
            PATIENCE,
        )
        stop = asyncio.Event()
        running = asyncio.create_task(supervisor.run(stop))
        try:
            await eventually(marker.exists, 30)
            hanging = supervisor.processes["capture"]
            await eventually(lambda: supervisor.processes["capture"] not in (None, hanging), 20)
            await eventually(lambda: record.is_back(STUCK) and record.is_back(SOUND), 30)
        finally:
            stop.set()
            await asyncio.wait_for(running, 15)
            kept = {camera: len(record.segments(camera)) for camera in (STUCK, SOUND)}
            database.close()
    assert min(kept.values()) > 0


def test_a_role_that_nobody_supervises_ends_by_itself_and_says_where_it_hung() -> None:
    site = SITE.format(data="data", one="rtsp://one", two="rtsp://two")
    ran = subprocess.run(
        [sys.executable, "-c", ALONE, site], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 1
    assert "a thread hangs" in ran.stdout + ran.stderr
    assert "in stuck" in ran.stdout + ran.stderr

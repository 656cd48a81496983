"""A hall that records for real: cameras on loopback, the capture role in processes of its own, a store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bus.leash import leashed
from fixtures.rtsp import RtspHall
from hall.clock import SystemClock
from hall.config import Configuration, load_configuration
from hall.media import Gap, Segment
from hall.names import CameraId
from hallwatch import environment
from store import configuration as configurations
from store import recording
from store.database import Database
from tests.media import film

ROOT = Path(__file__).parents[2]
NOWHERE = "nats://127.0.0.1:9"
"""No bus listens here: recording does not need one."""
SEGMENT_SECONDS = 2
LONG_AGO = timedelta(days=1)
SCENE = "one"
Share = tuple[int, int]
MIGRATING = threading.Lock()


@dataclass
class Cameras:
    """Cameras on loopback with what they show: reels whose pictures all differ."""

    server: RtspHall
    reels: dict[CameraId, Path]


@contextmanager
def cameras(folder: Path, count: int) -> Iterator[Cameras]:
    """So many cameras, with AAC and with G.711 in turn."""
    films = [film(folder / "aac.mov", "aac"), film(folder / "alaw.mov", "pcm_alaw")]
    reels = {CameraId(f"cam-{number}"): films[number % len(films)] for number in range(1, count + 1)}
    with RtspHall({camera: {SCENE: reel} for camera, reel in reels.items()}) as server:
        yield Cameras(server, reels)


@dataclass
class RecordingHall:
    """A configured hall with its database, and the capture processes that were started."""

    file: Path
    configuration: Configuration
    database: Database
    bus_url: str = NOWHERE
    running: dict[Share, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def cameras(self) -> list[CameraId]:
        """Every camera, in the order of the configuration."""
        return [camera.id for camera in self.configuration.halls[0].cameras]

    def cameras_of(self, share: Share) -> list[CameraId]:
        """Those that the process of a share records."""
        return self.cameras[share[0] - 1 :: share[1]]

    @property
    def log(self) -> Path:
        """What the processes say."""
        return self.file.parent / "capture.log"

    def start(self, share: Share = (1, 1)) -> None:
        """Start the capture role of a share; it dies with this process."""
        own = {
            environment.BUS_URL: self.bus_url,
            environment.DATABASE: self.database.url,
            environment.ROLE: "capture",
        }
        command = [sys.executable, "-m", "hallwatch", "run", str(self.file), "--role", "capture"]
        with self.log.open("ab") as out:
            self.running[share] = subprocess.Popen(
                leashed([*command, "--share", f"{share[0]}/{share[1]}"]),
                cwd=ROOT,
                env={**os.environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def kill(self, share: Share = (1, 1)) -> None:
        """End a share's process as a power cut would; it is gone when this returns."""
        process = self.running.pop(share)
        if process.poll() is not None:
            raise AssertionError(f"capture ended by itself with {process.returncode}, see {self.log}")
        process.kill()
        process.wait()

    def stop(self) -> None:
        """End every process in order, by force when that takes long."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def segments(self, camera: CameraId) -> list[Segment]:
        """The segments of a camera, in order."""
        now = SystemClock().now()
        with self.database.read() as tx:
            return recording.segments_between(tx, camera, now - LONG_AGO, now + LONG_AGO, 1_000_000)

    def gaps(self, camera: CameraId) -> list[Gap]:
        """The gaps of a camera, in order."""
        now = SystemClock().now()
        with self.database.read() as tx:
            return recording.gaps_between(tx, camera, now - LONG_AGO, now + LONG_AGO)

    def recorded_until(self, camera: CameraId) -> datetime:
        """Where the camera's last segment ends, or the beginning of time."""
        with self.database.read() as tx:
            return recording.last_segment_end(tx, camera) or datetime(1970, 1, 1, tzinfo=UTC)

    def is_recorded_beyond(self, moment: datetime, cameras: Sequence[CameraId] | None = None) -> bool:
        """Whether every camera has a segment that ends after a moment."""
        return all(self.recorded_until(camera) > moment for camera in cameras or self.cameras)

    def files(self, pattern: str) -> list[Path]:
        """Recorded files of a pattern on all disks."""
        return [path for disk in self.configuration.site.disks for path in disk.rglob(pattern)]

    def faults(self) -> list[str]:
        """What `hallwatch check` finds wrong; nobody needs to be recording no more."""
        done = subprocess.run(
            [sys.executable, "-m", "hallwatch", "check", str(self.file), "--json"],
            cwd=ROOT,
            capture_output=True,
            timeout=300,
            check=False,
        )
        if not done.stdout:
            return [f"hallwatch check ended with {done.returncode}: {done.stderr.decode()[-500:]}"]
        return [json.dumps(fault) for fault in json.loads(done.stdout)["faults"]]


@contextmanager
def recording_hall(
    folder: Path, cameras: Cameras, *, bus_url: str = NOWHERE, site: str = ""
) -> Iterator[RecordingHall]:
    """A hall in `folder` with these cameras; `site` is more YAML. Its processes end with the block."""
    entries = "".join(
        f"      - {{id: {camera}, name: {{zh: 摄像机, en: Camera}}, url: '{cameras.server.url(camera)}'}}\n"
        for camera in cameras.reels
    )
    file = folder / "hall.yaml"
    file.write_text(
        f"""
site:
  data: {folder / "data"}
  capture:
    segment_seconds: {SEGMENT_SECONDS}
    stall_seconds: 5
    retry_first_seconds: 0.2
    retry_longest_seconds: 1
{site}
halls:
  - id: h
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 窗口, en: Window}}, unit: u}}]
    cameras:
{entries}"""
    )
    configuration = load_configuration(file)
    database = new_database(configuration.site.database_url)
    with database.write() as tx:
        configurations.apply(tx, configuration, SystemClock().now())
    hall = RecordingHall(file, configuration, database, bus_url)
    try:
        yield hall
    finally:
        hall.stop()
        database.close()


def new_database(url: str) -> Database:
    """A migrated database. Alembic has one context a process: campaigns in several threads take turns."""
    database = Database(url)
    with MIGRATING:
        database.migrate()
    return database


def wait_until(happened: Callable[[], object], what: str, seconds: float = 40.0) -> None:
    """Look again and again; raises TimeoutError when it does not happen in time."""
    limit = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > limit:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)

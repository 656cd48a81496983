"""A console over a small hall: a real server on a real socket, a real database, a real recorded file."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import httpx
import numpy as np
from av.video.stream import VideoStream

from console.access.passwords import hash_password
from console.app import serve
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.config.archive import ArchiveSettings
from hall.interval import Interval
from hall.media import Fragment, Run, Segment, Track, TrackKind
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from hall.roles import Role
from store import accounts, api_keys, recording
from store import configuration as configurations
from store.database import Database

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HALL, CAMERA = HallId("h1"), CameraId("c1")
USER, PASSWORD, KEY = "officer", "correct horse battery", "key-of-the-queue-system"
NOBODY = "nats://127.0.0.1:1"
"""An address at which no bus answers."""

YAML = """
site: {data: DATA, console: {port: 0}, capture: {segment_seconds: 10}}
halls:
  - id: h1
    name: {zh: 一号大厅, en: Hall One}
    schedule: {always: true}
    units: [{id: u1, name: {zh: 公安, en: Police}}]
    staff: [{id: s1, name: {zh: 王芳, en: Wang Fang}, unit: u1}]
    windows:
      - {id: w1, number: "1", name: {zh: 一号窗口, en: Window One}, unit: u1}
      - {id: w2, number: "2", name: {zh: 二号窗口, en: Window Two}, unit: u1}
    cameras:
      - id: c1
        name: {zh: 一号机, en: Camera One}
        url: rtsp://admin:secret@127.0.0.1/1
        zones:
          - {id: z1, role: staff, window: w1, polygon: [[0, 0], [0.4, 0], [0.4, 0.5], [0, 0.5]]}
          - {id: z2, role: staff, window: w2, polygon: [[0.5, 0], [0.9, 0], [0.9, 0.5], [0.5, 0.5]]}
"""


@dataclass
class Console:
    """A running console, and what stands behind it."""

    url: str
    configuration: Configuration
    database: Database
    clock: SimulatedClock
    bus_url: str = NOBODY

    @property
    def push_url(self) -> str:
        """Where screens connect."""
        return self.url.replace("http", "ws", 1) + "/api/v1/push"

    def visitor(self) -> httpx.Client:
        """A client that nobody has logged in."""
        return httpx.Client(base_url=self.url, timeout=10, trust_env=False)

    @contextmanager
    def officer(self) -> Iterator[httpx.Client]:
        """A client that is logged in and sends the CSRF token."""
        with self.visitor() as client:
            answer = client.post("/api/v1/session", json={"user": USER, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client


@contextmanager
def console(
    folder: Path, bus_url: str = NOBODY, archive: ArchiveSettings | None = None, yaml: str = YAML
) -> Iterator[Console]:
    """A console in a thread of its own, on a port that the system chose. `yaml` says where DATA is."""
    configuration = parse_configuration(yaml.replace("DATA", str(folder / "data")))
    storage = configuration.site.storage.model_copy(update={"archive": archive})
    site = configuration.site.model_copy(update={"storage": storage})
    configuration = configuration.model_copy(update={"site": site})
    database = Database(f"sqlite:///{folder / 'hall.db'}")
    database.migrate()
    with database.write() as tx:
        configurations.apply(tx, configuration, NOW)
        accounts.save_user(tx, USER, Role.OFFICER, hash_password(PASSWORD), NOW)
        api_keys.add(tx, "queue", ["queue-events"], KEY, NOW)
    clock = SimulatedClock(NOW)
    static = folder / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<title>the page</title>")
    (static / "assets" / "app-1a2b.js").write_text("let page")
    (folder / "beside.txt").write_text("not for browsers")
    with _served(configuration, database, clock, bus_url, static) as url:
        yield Console(url, configuration, database, clock, bus_url)
    database.close()


@contextmanager
def _served(
    configuration: Configuration, database: Database, clock: SimulatedClock, bus_url: str, static: Path
) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    address: list[str] = []
    listens = threading.Event()

    def listening(host: str, port: int) -> None:
        address.append(f"http://{host}:{port}")
        listens.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve(configuration, database, bus_url, clock, stop, listening, static))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

    thread = threading.Thread(target=work, name="console")
    thread.start()
    try:
        assert listens.wait(15), "the console did not start"
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive(), "the console did not stop"


def picture_track() -> Track:
    """The track of every recorded file here."""
    return Track(0, TrackKind.VIDEO, "h264", (1, 12_800), width=160, height=120, frame_rate=10.0)


def coded_film(path: Path, seconds: int = 6) -> None:
    """A fragmented MP4 of moving stripes: ten pictures and one key frame a second."""
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(str(path), "w", format="mp4", options=options) as file:
        stream: VideoStream = file.add_stream(
            "libx264", rate=10, options={"g": "10", "bf": "0", "sc_threshold": "0"}
        )
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.time_base = Fraction(1, 12_800)
        for number in range(seconds * 10):
            pixels = np.zeros((120, 160, 3), np.uint8)
            pixels[:, number * 2 : number * 2 + 20] = (200, 40 + number, 40)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number * 1280, Fraction(1, 12_800)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


def index_of(film: bytes) -> tuple[int, tuple[Fragment, ...]]:
    """Where the first fragment of `coded_film` begins, and its fragments of one second each."""
    places, place = [], 0
    while place < len(film):
        size = int.from_bytes(film[place : place + 4], "big")
        places.append((film[place + 4 : place + 8], place, size))
        place += size
    moofs = [number for number, (kind, _, _) in enumerate(places) if kind == b"moof"]
    fragments = [
        Fragment(places[number][1], places[number][2] + places[number + 1][2], float(second), 1.0)
        for second, number in enumerate(moofs)
    ]
    return fragments[0].offset, tuple(fragments)


def recorded(console: Console, start: datetime, sequence: int = 0, run: str = "c1-run") -> Segment:
    """Record six seconds of camera c1 from `start` on: a file in the recordings, and its row."""
    key = ObjectKey(f"c1/{run}-{sequence:06d}.mp4")
    path = console.configuration.site.disks[0] / key
    path.parent.mkdir(parents=True, exist_ok=True)
    coded_film(path)
    header_size, fragments = index_of(path.read_bytes())
    duration = sum(fragment.duration for fragment in fragments)
    segment = Segment(
        id=SegmentId(f"{run}-{sequence:06d}"),
        run=RunId(run),
        camera=CAMERA,
        sequence=sequence,
        interval=Interval(start, start + timedelta(seconds=duration)),
        media_duration=duration,
        size=path.stat().st_size,
        sha256=hashlib.sha256(path.read_bytes()).digest(),
        key=key,
        header_size=header_size,
        fragments=fragments,
        has_audio=False,
    )
    with console.database.write() as tx:
        recording.begin_run(tx, HALL, Run(RunId(run), CAMERA, Interval(start), (picture_track(),)))
        recording.add_segment(tx, HALL, segment)
    return segment

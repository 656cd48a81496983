"""A hall whose recordings are archived: a real database, real files, and a real S3 server behind a way."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import obstore

from capture.archive.alignment import Alignment, Point
from capture.archive.expiry import Expiry
from capture.archive.objects import S3Objects
from capture.archive.uploader import Uploader
from capture.record.objects import LocalObjects
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.config.archive import ArchiveSettings
from hall.interval import Interval
from hall.media import Fragment, Run, Segment
from hall.names import CameraId, HallId, ObjectKey, RunId, SegmentId
from store import copies, deletion, recording
from store.database import Database
from tests.s3_server import ENVIRONMENT, S3Server

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HALL, CAMERA = HallId("h1"), CameraId("c1")
YAML = """
site:
  data: DATA
  keep: {sound_days: 30}
  storage: {archive: {bucket: replaced, access_key: x, secret_key: '${X}'}}
halls:
  - id: h1
    name: {zh: 一号大厅, en: Hall One}
    schedule: {always: true}
    units: [{id: u1, name: {zh: 公安, en: Police}}]
    windows: [{id: w1, number: "1", name: {zh: 一号窗口, en: Window One}, unit: u1}]
    cameras: [{id: c1, name: {zh: 一号机, en: Camera One}, url: rtsp://127.0.0.1/1}]
"""


def configured(folder: Path, archive: ArchiveSettings) -> Configuration:
    """The configuration of the hall with this archive."""
    parsed = parse_configuration(YAML.replace("DATA", str(folder)))
    storage = parsed.site.storage.model_copy(update={"archive": archive})
    return parsed.model_copy(update={"site": parsed.site.model_copy(update={"storage": storage})})


@dataclass
class ArchiveHall:
    """The hall. `points` are told what the archive is about to do; a test may raise there."""

    server: S3Server
    folder: Path
    settings: ArchiveSettings
    url: str = ""
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(NOW + timedelta(hours=1)))
    point: Point = lambda _name: None

    def _told(self, name: str) -> None:
        self.point(name)

    def __post_init__(self) -> None:
        self.configuration = configured(self.folder, self.settings)
        self.database = Database(self.url or f"sqlite:///{self.folder / 'hall.db'}")
        self.database.migrate()
        self.local = LocalObjects(*self.configuration.site.disks)
        self.archive = S3Objects(self.settings, ENVIRONMENT, patience=3)
        self.follower = f"{self.settings.name}#test"
        self.uploader = self.new_uploader()

    def new_uploader(self) -> Uploader:
        """As after a restart: nothing is remembered."""
        alignment = Alignment(
            self.database,
            self.local,
            self.archive,
            self.settings.days,
            self.clock,
            self._told,
        )
        expiry = Expiry(
            self.configuration,
            self.database,
            self.archive,
            alignment,
            self.folder / "taken-apart",
            self.clock,
            self._told,
        )
        return Uploader(self.settings, self.database, self.local, self.archive, alignment, expiry, self.clock)

    def work(self) -> None:
        """Let the uploader look after everything that is due, and at the ages."""
        self.clock.advance(700)
        stop = Event()
        while self.uploader.run_once(self.follower, stop):
            pass

    def record(
        self,
        number: int,
        content: bytes | None = None,
        *,
        sound: bool = True,
        name: str = "",
        size: int = 3000,
    ) -> Segment:
        """A finished segment: its file, and its row."""
        content = random.Random(number).randbytes(size) if content is None else content
        start = NOW + timedelta(minutes=number)
        segment = Segment(
            id=SegmentId(f"c1-run-{number:06d}"),
            run=RunId("c1-run"),
            camera=CAMERA,
            sequence=number,
            interval=Interval(start, start + timedelta(minutes=1)),
            media_duration=60.0,
            size=len(content),
            sha256=hashlib.sha256(content).digest(),
            key=ObjectKey(f"c1/2026/03/02/{name or f'c1-run-{number:06d}'}.mp4"),
            header_size=100,
            fragments=(Fragment(100, len(content) - 100, 0.0, 60.0),),
            has_audio=sound,
        )
        path = self.local.disks[0] / segment.key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        with self.database.write() as tx:
            recording.begin_run(tx, HALL, Run(segment.run, CAMERA, Interval(NOW), ()))
            recording.add_segment(tx, HALL, segment)
        return segment

    def lose(self, segment: Segment) -> None:
        """The local file had to go; the row says so."""
        self.local.path(segment.key).unlink()
        with self.database.write() as tx:
            deletion.delete_segments(tx, [segment.id], "disk", self.clock.now())

    def segment(self, segment: Segment) -> Segment:
        """The row as it is now."""
        with self.database.read() as tx:
            return recording.segment(tx, segment.id)

    def is_copied(self, segment: Segment) -> bool:
        """Whether the row's version has a verified copy."""
        with self.database.read() as tx:
            return copies.is_copied(tx, recording.segment(tx, segment.id))

    def rows(self) -> list[SegmentId]:
        """Every segment of which a copy is entered, begun or verified."""
        with self.database.read() as tx:
            found = copies.copied(tx, self.settings.name, CAMERA, NOW, NOW + timedelta(days=400), 1000)
        return [segment.id for segment, _ in found]

    def kept(self) -> dict[str, bytes]:
        """What lies in the bucket, by key."""
        client = self.server.client(self.settings)
        return {key: bytes(obstore.get(client, key).bytes()) for key in self.server.keys(self.settings)}

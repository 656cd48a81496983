"""What damaged input is given to, and what must hold of it whatever the damage was.

A target may refuse its input with an error of the tree (hall.errors). Any other error is a fault of ours,
also one that a camera's thread or the writer of facts caught and wrote into the log.
"""

from __future__ import annotations

import io
import re
import shutil
import socket
import threading
import traceback
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import structlog

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.camera import Camera as RecordedCamera
from capture.mp4.read import read_index
from capture.mp4.strip import strip
from capture.record.objects import LocalObjects
from capture.record.salvage import salvage
from capture.rtsp.source import TcpRtspSource
from capture.sources.rtsp import RtspSource
from capture.tapping.tap import Tap
from hall.clock import SimulatedClock, SystemClock
from hall.config.settings import CaptureSettings
from hall.errors import HallwatchError, SourceEnded
from hall.media import Packet, Track, TrackKind
from hall.names import HallId
from hall.place import Camera, Text
from hall.ports import OpenStream, StreamSource
from store import recording
from store.database import Database
from tests.torture.fuzz.material import CAMERA, Conversation, Stream

HALL = HallId("h")
STALL_SECONDS, OPEN_SECONDS = 1.0, 3.0
QUIET_SECONDS = 0.2
"""How long a camera that has said everything waits for its client to leave."""
MOST_PACKETS = 20_000
UNFORESEEN = ("a camera failed in a way that nobody foresaw", "a fact was refused")

Target = Callable[[bytes, Path], None]


class Unforeseen(Exception):
    """A target failed in a way that it must not; the message says how."""


def try_file(data: bytes, folder: Path) -> None:
    """A damaged recorded file is found at the start: finished or not, it is read, adopted, taken apart."""
    for taken in TrackKind:
        with suppress(HallwatchError):
            strip(io.BytesIO(data), taken, lambda _piece: None)
    with suppress(HallwatchError):
        read_index(io.BytesIO(data))
    day = folder / "recordings" / CAMERA / "2026" / "03" / "02"
    day.mkdir(parents=True)
    for name in (
        f"{CAMERA}-20260302T010001000000Z-000000.mp4",
        f"{CAMERA}-20260302T010002000000Z-000000.mp4.partial",
    ):
        (day / name).write_bytes(data)
    with books_in(folder) as (books, objects, database, clock), suppress(HallwatchError):
        salvage(database, objects, books, CAMERA, clock.now())
    left = [path.name for path in day.glob("*.partial")]
    if left:
        raise Unforeseen(f"left unfinished: {left}")
    _judge_catalogue(folder)


def try_packets(data: bytes, folder: Path) -> None:
    """A camera sends damaged packets: what is recorded of them are whole files with rows."""
    with books_in(folder) as (books, objects, _database, clock):
        record(Stream.unpack(data), books, objects, clock)
    _judge_catalogue(folder)


def try_rtsp(data: bytes, _folder: Path) -> None:
    """A camera that has gone mad is read by our own reader."""
    _read(data, TcpRtspSource(SystemClock(), STALL_SECONDS, OPEN_SECONDS))


def try_ffmpeg(data: bytes, _folder: Path) -> None:
    """A camera that has gone mad is read by FFmpeg."""
    _read(data, RtspSource(SystemClock(), STALL_SECONDS, OPEN_SECONDS))


TARGETS: dict[str, Target] = {
    "file": try_file,
    "packets": try_packets,
    "rtsp": try_rtsp,
    "ffmpeg": try_ffmpeg,
}


def attempt(kind: str, data: bytes, folder: Path) -> None:
    """Give the input to its target. Raises Unforeseen, or whatever the target should not have raised."""
    heard = _Heard()
    structlog.configure(processors=[heard])
    TARGETS[kind](data, folder)
    if heard.unforeseen:
        raise Unforeseen(heard.unforeseen[0])


class _Heard:
    """Listens to the log for what must not happen."""

    def __init__(self) -> None:
        self.unforeseen: list[str] = []

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
        if event.get("exc_info"):
            self.unforeseen.append(f"{event.get('event')}\n{traceback.format_exc()}")
        elif event.get("event") in UNFORESEEN:
            self.unforeseen.append(f"{event.get('event')}: {event.get('error')}")
        raise structlog.DropEvent


class Silence:
    """A publisher for nobody."""

    def publish(self, subject: str, payload: bytes = b"") -> None:
        """Nothing."""


class Played:
    """A source that plays packets once, and moves the clock with them; asked again, it has everybody stop."""

    def __init__(self, stream: Stream, clock: SimulatedClock) -> None:
        self.tracks: Sequence[Track] = stream.tracks
        self._packets = stream.packets
        self._clock = clock
        self._was_opened = False

    @contextmanager
    def open(self, _camera: Camera, stop: Event) -> Iterator[OpenStream]:
        """The packets, at the first time."""
        if self._was_opened:
            stop.set()
            self._packets = ()
        self._was_opened = True
        yield self

    def __iter__(self) -> Iterator[Packet]:
        began = self._clock.monotonic()
        for packet in self._packets:
            self._clock.advance(max(0.0, began + packet.arrived - self._clock.monotonic()))
            yield replace(packet, arrived=self._clock.monotonic())
        raise SourceEnded("the packets have been played")


def record(stream: Stream, books: Books, objects: LocalObjects, clock: SimulatedClock) -> None:
    """Record a stream as a camera of the capture role does."""
    camera = _camera("rtsp://x")
    settings = CaptureSettings(segment_seconds=2, retry_first_seconds=0.01, retry_longest_seconds=0.02)
    tap = Tap(Silence(), camera, clock)
    RecordedCamera(HALL, camera, settings, Played(stream, clock), objects, books, tap, clock).run(Event())


@contextmanager
def books_in(folder: Path) -> Iterator[tuple[Books, LocalObjects, Database, SimulatedClock]]:
    database = Database(f"sqlite:///{folder / 'hall.db'}")
    clock, facts = SimulatedClock(), FactWriter(database)
    objects = LocalObjects(folder / "recordings")
    try:
        yield Books(facts, Logbook(objects.disks, clock), HALL), objects, database, clock
        if not facts.close(8):
            raise Unforeseen("some facts were not entered")
    finally:
        database.close()


def _judge_catalogue(folder: Path) -> None:
    """Every row has its file, and what the row says of its fragments is what the file holds."""
    database, objects = Database(f"sqlite:///{folder / 'hall.db'}"), LocalObjects(folder / "recordings")
    clock = SimulatedClock()
    try:
        with database.read() as tx:
            last = recording.last_segment_end(tx, CAMERA)
            segments = (
                recording.segments_between(tx, CAMERA, clock.now().replace(year=1900), last) if last else []
            )
    finally:
        database.close()
    for segment in segments:
        path = objects.path(segment.key)
        with path.open("rb") as file:
            index = read_index(file)
        if path.stat().st_size != segment.size or index.fragments != segment.fragments:
            raise Unforeseen(f"{segment.key} is not what was entered of it")


def _camera(url: str) -> Camera:
    return Camera(id=CAMERA, name=Text(zh="一", en="one"), url=url)


def _read(data: bytes, source: StreamSource) -> None:
    """Open and read to the end, or to an error of the tree."""
    with _speaking(Conversation.unpack(data)) as port:
        stop = Event()
        with suppress(HallwatchError), source.open(_camera(f"rtsp://127.0.0.1:{port}/cam-1"), stop) as opened:
            for number, _packet in enumerate(opened):
                if number > MOST_PACKETS:
                    stop.set()


@contextmanager
def _speaking(said: Conversation) -> Iterator[int]:
    """A camera that says this to everybody who connects, on a port of the system's choice."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    connection, _ = server.accept()
                    with connection, suppress(OSError):
                        _speak(connection, said, ended)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            ended.set()
            thread.join()


def _speak(connection: socket.socket, said: Conversation, ended: threading.Event) -> None:
    connection.settimeout(0.05)
    asked, setups = b"", 0
    while not ended.is_set():
        try:
            piece = connection.recv(65_536)
        except TimeoutError:
            continue
        if not piece:
            return
        asked += piece
        while b"\r\n\r\n" in asked:
            request, _, asked = asked.partition(b"\r\n\r\n")
            name = request.partition(b" ")[0].decode("latin-1")
            if name == "SETUP":
                name, setups = f"SETUP {min(setups, 1)}", setups + 1
            number = re.search(rb"CSeq: *(\d+)", request, re.IGNORECASE)
            answer = said.answers.get(name, said.answers["OPTIONS"])
            if number is not None:
                answer = re.sub(rb"CSeq: \d+", b"CSeq: " + number[1], answer, count=1)
            connection.settimeout(2)
            connection.sendall(answer)
            if name == "PLAY":
                connection.sendall(said.media)
                ended.wait(QUIET_SECONDS)
                return
            connection.settimeout(0.05)


def fresh(folder: Path, template: Path) -> Path:
    """An empty folder with a database of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(template, folder / "hall.db")
    return folder

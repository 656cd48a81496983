"""Every built-in stream source keeps the contract of its port, against a real RTSP server and real files."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import islice, pairwise
from pathlib import Path
from threading import Event

import pytest

from capture.rtsp.source import TcpRtspSource
from capture.sources import source_of
from capture.sources.camera import CameraSource
from capture.sources.file import FileSource
from capture.sources.rtsp import RtspSource
from fixtures.rtsp import Credentials, RtspHall, Unplugged
from fixtures.tcp_proxy import Fault, TcpProxy
from hall.clock import SystemClock
from hall.errors import (
    SourceEnded,
    SourceError,
    SourceMalformed,
    SourceNotFound,
    SourceRefused,
    SourceStalled,
    SourceUnauthorized,
)
from hall.media import TrackKind
from hall.names import CameraId
from hall.place import Camera, Text
from hall.ports import StreamSource
from hall.testing import StreamSourceSuite
from tests.media import film

CAMERA = CameraId("cam-1")
PASSWORD = "p@ss/word"


def camera_at(url: str, transport: str = "tcp") -> Camera:
    return Camera(id=CAMERA, name=Text(zh="一", en="one"), url=url, transport=transport)


STALL_SECONDS = 1.2
OPEN_SECONDS = 1.6

Open = Callable[[], StreamSource]


def own() -> StreamSource:
    return TcpRtspSource(SystemClock(), STALL_SECONDS, OPEN_SECONDS)


def ffmpeg() -> StreamSource:
    return RtspSource(SystemClock(), STALL_SECONDS, OPEN_SECONDS, probe_seconds=0.2)


both = pytest.mark.parametrize("source", [own, ffmpeg])
"""The two readers of RTSP: each fault has to look the same with either."""


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("reel") / "reel.mov", key_every=3)


@pytest.fixture(scope="module")
def hall(reel: Path) -> Iterator[RtspHall]:
    with RtspHall({CAMERA: {"one": reel}}, credentials=Credentials("viewer", PASSWORD)) as hall:
        yield hall


@contextmanager
def behind_a_proxy(hall: RtspHall) -> Iterator[tuple[Camera, TcpProxy]]:
    url = hall.url(CAMERA)
    port = int(url.rpartition(":")[2].partition("/")[0])
    with TcpProxy("127.0.0.1", port) as proxy:
        yield camera_at(url.replace(f":{port}/", f":{proxy.port}/")), proxy


class TestFileSource(StreamSourceSuite):
    @pytest.fixture(autouse=True)
    def _have_a_reel(self, reel: Path) -> None:
        self.reel = reel

    def source(self) -> FileSource:
        return FileSource(SystemClock())

    def camera(self) -> Camera:
        return camera_at(self.reel.as_uri())

    def missing_camera(self) -> Camera:
        return camera_at(self.reel.with_name("nothing.mov").as_uri())


class TestOwnRtsp(StreamSourceSuite):
    transport = "tcp"

    @pytest.fixture(autouse=True)
    def _have_a_hall(self, hall: RtspHall) -> None:
        self.hall = hall

    def source(self) -> StreamSource:
        return own()

    def camera(self) -> Camera:
        return camera_at(self.hall.url(CAMERA), self.transport)

    def missing_camera(self) -> Camera:
        return camera_at(self.hall.url(CAMERA).replace(CAMERA, "cam-9"), self.transport)


class TestFfmpegOverTcp(TestOwnRtsp):
    def source(self) -> StreamSource:
        return ffmpeg()


class TestFfmpegOverUdp(TestFfmpegOverTcp):
    transport = "udp"


@contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """A TCP server that says the same to everybody, closes (empty), or says nothing at all (None)."""
    ended = Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        held: list[socket.socket] = []

        def serve() -> None:
            while not ended.is_set():
                try:
                    client, _ = server.accept()
                except TimeoutError:
                    continue
                held.append(client)
                if answer is not None:
                    client.recv(1024)
                    client.sendall(answer)
                    client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            thread.join(5)
            for client in held:
                client.close()


@contextmanager
def web_server() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        BaseHTTPRequestHandler.log_message = lambda *_: None  # type: ignore[method-assign] # keep the output clean
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(5)


def error_of(camera: Camera, source: Open) -> SourceError:
    """What opening the camera raises, in bounded time and without its password."""
    clock = SystemClock()
    began = clock.monotonic()
    with pytest.raises(SourceError) as caught, source().open(camera, Event()):
        pass
    # Looking for the cause takes the reader that asks FFmpeg 6 s more at most.
    assert clock.monotonic() - began < OPEN_SECONDS + 7.0
    assert PASSWORD not in str(caught.value)
    assert "p%40ss" not in str(caught.value)
    return caught.value


@both
def test_a_port_where_nothing_listens_is_refused(source: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = error_of(camera_at(f"rtsp://viewer:p%40ss@127.0.0.1:{port}/cam-1"), source)
    assert isinstance(error, SourceRefused)


@both
def test_an_unknown_name_is_refused(source: Open) -> None:
    error = error_of(camera_at("rtsp://no-such-camera.invalid/cam-1"), source)
    assert isinstance(error, SourceRefused)
    assert "no-such-camera.invalid" in str(error)


@both
def test_missing_and_wrong_passwords_are_unauthorized(hall: RtspHall, source: Open) -> None:
    bare = hall.url(CAMERA, with_credentials=False)
    assert isinstance(error_of(camera_at(bare), source), SourceUnauthorized)
    wrong = bare.replace("rtsp://", "rtsp://viewer:p%40ssword@")
    assert isinstance(error_of(camera_at(wrong), source), SourceUnauthorized)


@both
def test_the_right_password_after_a_wrong_one_delivers(hall: RtspHall, source: Open) -> None:
    reader = source()
    wrong = hall.url(CAMERA).replace("p%40ss", "p%40sS")
    with pytest.raises(SourceUnauthorized), reader.open(camera_at(wrong), Event()):
        pass
    with reader.open(camera_at(hall.url(CAMERA)), Event()) as stream:
        assert next(iter(stream)).data


@both
def test_a_path_without_a_stream_is_not_found(hall: RtspHall, source: Open) -> None:
    error = error_of(camera_at(hall.url(CAMERA).replace(CAMERA, "cam-9")), source)
    assert isinstance(error, SourceNotFound)


@both
def test_a_web_server_is_malformed_and_said_to_be_one(source: Open) -> None:
    with web_server() as port:
        error = error_of(camera_at(f"rtsp://127.0.0.1:{port}/cam-1"), source)
    assert isinstance(error, SourceMalformed)
    assert "web server" in str(error)


@both
@pytest.mark.parametrize("answer", [b"", b"\x00\xff\x17garbage" * 200, b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_garbage_is_malformed(answer: bytes, source: Open) -> None:
    with answering(answer) as port:
        error = error_of(camera_at(f"rtsp://127.0.0.1:{port}/cam-1"), source)
    assert isinstance(error, SourceMalformed)


@both
def test_a_camera_without_tls_is_malformed_at_an_encrypted_address(source: Open) -> None:
    with answering(b"RTSP/1.0 400 Bad Request\r\n\r\n") as port:
        error = error_of(camera_at(f"rtsps://127.0.0.1:{port}/cam-1"), source)
    assert isinstance(error, SourceMalformed)


@both
def test_a_server_that_accepts_and_says_nothing_is_stalled(source: Open) -> None:
    with answering(None) as port:
        error = error_of(camera_at(f"rtsp://127.0.0.1:{port}/cam-1"), source)
    assert isinstance(error, SourceStalled)


@both
def test_an_unplugged_cable_is_stalled_within_its_limit(hall: RtspHall, source: Open) -> None:
    """Nothing comes any more, and nothing says so: the connection is half open."""
    clock = SystemClock()
    with behind_a_proxy(hall) as (camera, proxy), source().open(camera, Event()) as stream:
        packets = iter(stream)
        next(packets)
        proxy.fault = Fault.STALL
        began = clock.monotonic()
        with pytest.raises(SourceStalled):
            list(packets)
        assert STALL_SECONDS / 2 < clock.monotonic() - began < STALL_SECONDS + 1


@both
def test_a_slow_network_delivers_late_but_all(hall: RtspHall, source: Open) -> None:
    with behind_a_proxy(hall) as (camera, proxy), source().open(camera, Event()) as stream:
        packets = iter(stream)
        before = next(packets)
        proxy.fault = Fault.SLOW
        slow = list(islice(packets, 30))
        proxy.fault = Fault.OK
        after = list(islice(packets, 30))
    sound = [packet for packet in (before, *slow, *after) if packet.kind is TrackKind.AUDIO]
    steps = {later.pts - earlier.pts for earlier, later in pairwise(sound)}
    assert max(steps) <= 1025
    assert min(steps) >= 1023


@both
def test_noise_in_the_middle_of_a_stream_ends_it(hall: RtspHall, source: Open) -> None:
    with behind_a_proxy(hall) as (camera, proxy), source().open(camera, Event()) as stream:
        packets = iter(stream)
        next(packets)
        proxy.fault = Fault.NOISE
        with pytest.raises(SourceError):
            list(packets)


@both
def test_a_stream_that_is_cut_off_in_a_packet_has_ended(hall: RtspHall, source: Open) -> None:
    with behind_a_proxy(hall) as (camera, proxy), source().open(camera, Event()) as stream:
        packets = iter(stream)
        next(packets)
        proxy.fault = Fault.CUT
        with pytest.raises(SourceEnded):
            list(packets)


@both
def test_a_camera_that_restarts_ends_the_stream_and_delivers_again(hall: RtspHall, source: Open) -> None:
    reader, camera = source(), camera_at(hall.url(CAMERA))
    with reader.open(camera, Event()) as stream:
        packets = iter(stream)
        next(packets)
        hall.unplug(CAMERA, Unplugged.REFUSE)
        try:
            with pytest.raises(SourceEnded):
                list(packets)
            with pytest.raises(SourceRefused), reader.open(camera, Event()):
                pass
        finally:
            hall.plug(CAMERA)
    with reader.open(camera, Event()) as stream:
        assert next(iter(stream)).data


@both
def test_a_connection_that_is_reset_has_ended(hall: RtspHall, source: Open) -> None:
    with source().open(camera_at(hall.url(CAMERA)), Event()) as stream:
        packets = iter(stream)
        next(packets)
        hall.unplug(CAMERA, Unplugged.RESET)
        try:
            with pytest.raises(SourceEnded):
                list(packets)
        finally:
            hall.plug(CAMERA)


def test_the_password_may_stand_in_the_environment(hall: RtspHall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_PASSWORD", PASSWORD)
    url = hall.url(CAMERA, with_credentials=False).replace("rtsp://", "rtsp://viewer:${CAMERA_PASSWORD}@")
    with own().open(camera_at(url), Event()) as stream:
        assert next(iter(stream)).data


def test_a_secret_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAMERA_PASSWORD", raising=False)
    error = error_of(camera_at("rtsp://viewer:${CAMERA_PASSWORD}@127.0.0.1/cam-1"), own)
    assert "${CAMERA_PASSWORD}" in str(error)


def test_a_scheme_that_nothing_opens_is_said_so() -> None:
    with pytest.raises(SourceMalformed, match=r"'ftp'; known: alsa, file, rtsp, rtsps, v4l2"):
        source_of(camera_at("ftp://127.0.0.1/cam-1"), SystemClock(), 10)


@pytest.fixture
def foreign_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package as pip would have installed it, that brings three sources."""
    (tmp_path / "reel_player.py").write_text(FOREIGN, encoding="utf-8")
    folder = tmp_path / "reel_player-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: reel-player\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(
        "[hallwatch.sources]\nreel = reel_player:Reels\nrtsp = reel_player:Reels\ntorn = reel_player:Torn\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


FOREIGN = """
from dataclasses import dataclass
from capture.sources.file import FileSource

@dataclass
class Reels:
    clock: object
    stall_seconds: float

    def open(self, camera, stop):
        return FileSource(self.clock).open(as_file(camera), stop)

def as_file(camera):
    return camera.model_copy(update={"url": camera.url.replace("reel://", "file://")})
"""


@pytest.mark.usefixtures("foreign_package")
class TestSourceOfAnotherPackage(StreamSourceSuite):
    @pytest.fixture(autouse=True)
    def _have_a_reel(self, reel: Path) -> None:
        self.reel = reel

    def source(self) -> StreamSource:
        return source_of(self.camera(), SystemClock(), 10)

    def camera(self) -> Camera:
        return camera_at(self.reel.as_uri().replace("file:", "reel:"))

    def missing_camera(self) -> Camera:
        return camera_at(self.reel.with_name("nothing.mov").as_uri().replace("file:", "reel:"))


@pytest.mark.usefixtures("foreign_package")
def test_a_foreign_source_that_cannot_be_loaded_is_malformed() -> None:
    with pytest.raises(SourceMalformed, match="'torn' cannot be loaded"):
        source_of(camera_at("torn://somewhere"), SystemClock(), 10)


@pytest.mark.usefixtures("foreign_package")
def test_no_package_takes_a_built_in_scheme_over() -> None:
    assert isinstance(source_of(camera_at("rtsp://127.0.0.1/cam-1"), SystemClock(), 10), CameraSource)


def test_a_file_that_is_no_media_is_malformed(tmp_path: Path) -> None:
    path = tmp_path / "reel.mov"
    path.write_bytes(b"not a film " * 100)
    with pytest.raises(SourceMalformed), FileSource(SystemClock()).open(camera_at(str(path)), Event()):
        pass

"""Passwords that are kept encrypted open real cameras; a lost key stops one camera and tells why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner

from capture.sources.camera import CameraSource
from capture.sources.stored import StoredSecrets, WithSecrets
from fixtures.rtsp import Credentials, RtspHall
from hall.clock import SystemClock
from hall.config import load_configuration
from hall.errors import SourceUnauthorized
from hall.names import CameraId
from hall.place import Camera
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from store import configuration
from store.database import Database
from tests.media import film

ONE, TWO = CameraId("cam-1"), CameraId("cam-2")
PASSWORD = "p@ss/wörd"
TEXT = """
site: {data: data}
halls:
  - id: h
    name: {zh: 大厅, en: Hall}
    units: [{id: u, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 窗口, en: Window}, unit: u}]
    cameras:
      - {id: cam-1, name: {zh: 甲, en: One}, url: "%s"}
      - {id: cam-2, name: {zh: 乙, en: Two}, url: "%s"}
"""


class Site:
    """A hall of two cameras in a folder, and what commands make of it."""

    def __init__(self, folder: Path, cameras: RtspHall) -> None:
        self.file, self.cameras = folder / "hall.yaml", cameras
        self.write(cameras.url(ONE), cameras.url(TWO))
        self.call("apply", self.file)
        self.database = Database(f"sqlite:///{folder / 'data' / 'hallwatch.db'}")
        self.key_file = folder / "data" / "secret.key"

    def write(self, one: str, two: str) -> None:
        self.file.write_text(TEXT % (one, two), encoding="utf-8")

    def call(self, *arguments: object, stdin: str | None = None, code: ExitCode = ExitCode.OK) -> str:
        done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
        assert done.exit_code == code, done.output
        assert PASSWORD not in done.output
        return done.output

    def camera(self, camera: CameraId) -> Camera:
        with self.database.read() as tx:
            in_force = configuration.current(tx)
        assert in_force is not None
        known = in_force.camera(camera)
        assert known is not None
        return known[1]

    def opens(self, camera: CameraId) -> bool:
        secrets = StoredSecrets(load_configuration(self.file).site, self.database)
        source = WithSecrets(CameraSource(SystemClock(), 5), secrets)
        with source.open(self.camera(camera), Event()) as stream:
            return next(iter(stream)).is_key or bool(stream.tracks)


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspHall]:
    reel = film(tmp_path_factory.mktemp("reel") / "reel.mov", "")
    with RtspHall({ONE: {"a": reel}, TWO: {"a": reel}}, credentials=Credentials("viewer", PASSWORD)) as hall:
        yield hall


@pytest.fixture
def site(tmp_path: Path, cameras: RtspHall, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.delenv("HALLWATCH_SECRET_KEY", raising=False)
    site = Site(tmp_path, cameras)
    yield site
    site.database.close()


def test_a_camera_is_opened_with_its_stored_password_also_after_an_export_is_applied(site: Site) -> None:
    assert "${secret:password}" in site.camera(ONE).url
    assert site.opens(ONE)
    exported = site.call("config", "export", "-f", site.file)
    assert exported.count("viewer:${secret:password}@") == 2
    site.file.write_text(exported, encoding="utf-8")
    site.call("apply", site.file)
    assert site.opens(TWO)


def test_a_lost_key_stops_only_the_cameras_it_concerns_until_their_password_is_given(site: Site) -> None:
    site.key_file.unlink()
    site.write("rtsp://viewer:${secret:password}@127.0.0.1/x", site.cameras.url(TWO))
    site.file.write_text(
        site.file.read_text().replace("127.0.0.1/x", site.cameras.url(ONE).rpartition("@")[2])
    )
    site.call("apply", site.file)
    assert site.opens(TWO), "its password was given again, and is encrypted with a new key"
    with pytest.raises(SourceUnauthorized, match=r"encrypted with the key [0-9a-f]{16}, which is not in"):
        site.opens(ONE)
    listed = site.call("secrets", "list", "-f", site.file, code=ExitCode.FAULTS)
    assert "cam-1 password for 127.0.0.1" in listed
    site.call("secrets", "set", "cam-1", "-f", site.file, stdin=PASSWORD + "\n")
    assert site.opens(ONE)
    assert site.call("secrets", "list", "-f", site.file).count("readable") == 2


def test_rotating_encrypts_with_a_new_key_and_forgets_the_old_one(site: Site) -> None:
    before = site.key_file.read_text().splitlines()[-1]
    assert "2 secrets are encrypted" in site.call("secrets", "rotate", "-f", site.file)
    after = site.key_file.read_text().splitlines()
    assert len(after) == 2
    assert before not in after
    assert site.opens(ONE)


def test_a_password_is_never_sent_to_another_host_nor_once_it_is_forgotten(site: Site) -> None:
    port = site.camera(ONE).url.rpartition(":")[2]
    site.write(f"rtsp://viewer:${{secret:password}}@localhost:{port}", site.cameras.url(TWO))
    site.call("apply", site.file)
    with pytest.raises(SourceUnauthorized, match=r"stored for 127\.0\.0\.1, and is not sent to localhost"):
        site.opens(ONE)
    site.call("secrets", "remove", "cam-2", "-f", site.file)
    with pytest.raises(SourceUnauthorized, match="no password is stored"):
        site.opens(TWO)
    site.call("secrets", "set", "nobody", "-f", site.file, stdin="x\n", code=ExitCode.FAILED)

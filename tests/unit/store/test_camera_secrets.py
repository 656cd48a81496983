"""Passwords of cameras: encrypted, bound to camera and host, gone from every configuration that is kept."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from hall.clock import to_microseconds
from hall.config import Configuration, parse_configuration
from hall.errors import NotFound, SecretError
from hall.names import CameraId
from store import camera_secrets, configuration, keyring, putting_away
from store.database import Database
from store.keyring import Keyring
from store.secret_tables import camera_secrets as rows
from store.tables import configurations

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CAM = CameraId("cam-1")
PASSWORD = "s3cr€t/pässword"
TEXT = """
site: {data: "%s"}
halls:
  - id: h
    name: {zh: 大厅, en: Hall}
    units: [{id: u, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 窗口, en: Window}, unit: u}]
    cameras: [{id: cam-1, name: {zh: 甲, en: One}, url: "%s", substream: "%s"}]
"""
WITH_PASSWORD = "rtsp://u:s3cr%E2%82%ACt%2Fp%C3%A4ssword@10.0.0.1/main"


class Place:
    """A data folder with a database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database(f"sqlite:///{folder / 'hall.db'}")
        self.database.migrate()

    def configured(self, url: str = WITH_PASSWORD, substream: str = "rtsp://10.0.0.1/sub") -> Configuration:
        return parse_configuration(TEXT % (self.folder, url, substream))

    def apply(self, configured: Configuration, at: datetime = NOW) -> bool:
        with self.database.write() as tx:
            return configuration.apply(tx, configured, at)

    def secret(self, host: str = "10.0.0.1", camera: CameraId = CAM, name: str = "password") -> str:
        keys = keyring.read(self.configured().site, {})
        with self.database.read() as tx:
            return camera_secrets.open_secret(tx, keys, camera, name, host)

    def all_bytes(self) -> bytes:
        with self.database.write() as tx:
            tx.connection.exec_driver_sql("SELECT 1")
        return b"".join(path.read_bytes() for path in self.folder.glob("hall.db*"))

    @property
    def key_file(self) -> Path:
        return self.folder / "secret.key"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in (keyring.VARIABLE, keyring.CREDENTIALS):
        monkeypatch.delenv(name, raising=False)
    place = Place(tmp_path)
    yield place
    place.database.close()


def test_an_applied_password_is_kept_encrypted_and_leaves_a_place(place: Place) -> None:
    assert place.apply(place.configured())
    with place.database.read() as tx:
        current = configuration.current(tx)
    assert current is not None
    assert current.halls[0].cameras[0].url == "rtsp://u:${secret:password}@10.0.0.1/main"
    assert place.secret() == PASSWORD
    stored = place.all_bytes()
    for readable in (PASSWORD.encode(), b"s3cr%E2%82%ACt", b"ssword@"):
        assert readable not in stored


def test_the_same_file_again_changes_nothing_and_another_password_only_the_secret(place: Place) -> None:
    assert place.apply(place.configured())
    with place.database.read() as tx:
        before = camera_secrets.all_secrets(tx)
    assert not place.apply(place.configured(), NOW + timedelta(hours=1))
    with place.database.read() as tx:
        assert camera_secrets.all_secrets(tx) == before
    assert not place.apply(place.configured("rtsp://u:other@10.0.0.1/main"), NOW + timedelta(hours=1))
    assert place.secret() == "other"


def test_the_key_file_is_its_owners_alone_and_made_only_when_it_is_needed(place: Place) -> None:
    place.apply(place.configured("rtsp://u:${CAMERA}@10.0.0.1/main"))
    assert not place.key_file.exists()
    place.apply(place.configured())
    assert stat.S_IMODE(place.key_file.stat().st_mode) == 0o600


def test_a_secret_is_bound_to_its_camera_its_name_and_its_host(place: Place) -> None:
    place.apply(place.configured())
    with pytest.raises(SecretError, match=r"stored for 10\.0\.0\.1, and is not sent to 10\.6\.6\.6"):
        place.secret(host="10.6.6.6")
    with (
        place.database.write() as tx
    ):  # whoever can write rows moves one to a camera, or a host, of their own
        row = tx.connection.execute(select(rows)).one()
        tx.connection.execute(insert(rows).values({**row._mapping, "camera": "theirs"}))
        tx.connection.execute(update(rows).where(rows.c.camera == CAM).values(host="10.6.6.6"))
    for host, camera in (("10.0.0.1", CameraId("theirs")), ("10.6.6.6", CAM)):
        with pytest.raises(SecretError, match="damaged, or was stored for another"):
            place.secret(host, camera)


def test_every_byte_of_a_sealed_password_counts(place: Place) -> None:
    keys = Keyring((b"k" * 32,), "a test")
    sealed = keys.seal(PASSWORD, "cam")
    assert keys.open(sealed, "cam") == PASSWORD
    assert keys.seal(PASSWORD, "cam").content != sealed.content
    for at in range(len(sealed.content)):
        changed = bytearray(sealed.content)
        changed[at] ^= 1
        with pytest.raises(SecretError):
            keys.open(keyring.Sealed(sealed.key_id, bytes(changed)), "cam")


def test_a_lost_key_is_named_and_a_password_that_is_given_again_works_again(place: Place) -> None:
    place.apply(place.configured())
    lost = keyring.read(place.configured().site, {})
    assert lost is not None
    place.key_file.unlink()
    with pytest.raises(SecretError, match=f"encrypted with the key {lost.newest}, and there is no key file"):
        place.secret()
    place.apply(place.configured(substream="rtsp://u:second@10.0.0.1/sub"))
    assert place.secret() == PASSWORD
    assert place.secret(name="substream-password") == "second"
    place.key_file.write_text(place.key_file.read_text().replace("\n", "\nnot a key\n", 1))
    with pytest.raises(SecretError, match="holds something that is no key"):
        place.secret()


def test_a_secret_that_was_never_given_is_said_to_be_missing(place: Place) -> None:
    place.apply(place.configured("rtsp://u:${secret:password}@10.0.0.1/main"))
    with pytest.raises(NotFound, match="no password is stored for camera 'cam-1'"):
        place.secret()
    camera = place.configured("rtsp://u:${secret:password}@10.0.0.1/main").halls[0].cameras[0]
    with place.database.read() as tx:
        assert list(putting_away.missing(tx, camera)) == ["url"]
    place.apply(place.configured())
    with place.database.read() as tx:
        assert putting_away.missing(tx, camera) == {}
        moved = camera.model_copy(update={"url": "rtsp://u:${secret:password}@10.0.0.2/main"})
        assert "give it again" in putting_away.missing(tx, moved)["url"]


def test_keys_come_from_the_environment_before_the_file(place: Place, tmp_path: Path) -> None:
    site = place.configured().site
    own = keyring.read_or_make(site, {})
    lines = place.key_file.read_text().splitlines()[-1]
    folder = tmp_path / "credentials"
    folder.mkdir()
    assert keyring.read(site, {keyring.CREDENTIALS: str(folder)}) == own
    (folder / "secret.key").write_text(keyring.HEAD + "A" * 43 + "=\n")
    handed = keyring.read(site, {keyring.CREDENTIALS: str(folder)})
    assert handed is not None
    assert handed.keys == (bytes(32),)
    both = keyring.read(site, {keyring.CREDENTIALS: str(folder), keyring.VARIABLE: f"{lines},{'A' * 43}="})
    assert both is not None
    assert both.keys == (own.keys[0], bytes(32))
    for wrong in ("", "AAAA", "not base64!"):
        (folder / "secret.key").write_text(wrong)
        with pytest.raises(SecretError):
            keyring.read(site, {keyring.CREDENTIALS: str(folder)})


def test_a_key_is_replaced_while_what_it_sealed_stays_readable(place: Place) -> None:
    place.apply(place.configured())
    site, old = place.configured().site, keyring.read_or_make(place.configured().site, {})
    both = keyring.add_key(site, old)
    assert both.keys[1:] == old.keys
    assert place.secret() == PASSWORD
    with place.database.write() as tx:
        assert camera_secrets.seal_anew(tx, both) == (1, [])
        assert camera_secrets.seal_anew(tx, both) == (0, [])
    keyring.keep_newest_alone(site, both)
    after = keyring.read(site, {})
    assert after is not None
    assert after.keys == both.keys[:1]
    assert place.secret() == PASSWORD


def test_passwords_that_an_earlier_release_kept_readable_are_put_away(place: Place) -> None:
    older = place.configured("rtsp://u:older@10.0.0.9/main").model_dump(mode="json")
    older["halls"][0]["key_of_that_time"] = 1
    newest = place.configured().model_dump_json()
    with place.database.write() as tx:
        for body in (json.dumps(older), newest):
            tx.connection.execute(
                insert(configurations).values(applied_us=to_microseconds(NOW), sha256="0" * 64, body=body)
            )
    with place.database.write() as tx:
        assert putting_away.clean_versions(tx, NOW) == 2
        assert putting_away.clean_versions(tx, NOW) == 0
        bodies = (
            tx.connection.execute(select(configurations.c.body).order_by(configurations.c.id)).scalars().all()
        )
    assert (
        json.loads(bodies[0])["halls"][0]["cameras"][0]["url"] == "rtsp://u:${secret:password}@10.0.0.9/main"
    )
    assert json.loads(bodies[0])["halls"][0]["key_of_that_time"] == 1
    assert "ssword@" not in bodies[1]
    assert place.secret() == PASSWORD
    assert not place.apply(place.configured()), "what was cleaned is what the same file says"

"""Secrets of database and bus: filled in where somebody connects, and nowhere else."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path

import pytest

from hall.config.settings import BusSettings, SiteSettings
from hall.errors import ConfigurationError
from hallwatch.addresses import bus_url, database_url
from hallwatch.cli.outcome import ExitCode
from tests.unit.hallwatch.test_commands import SOUND, call

FILE = Path("hall.yaml")
SECRET = "p@ss/w:rd"
SITE = SiteSettings(
    database="postgresql+psycopg://hall:${DB_PASSWORD}@db/hallwatch",
    bus=BusSettings(url="nats://${TOKEN}@bus:4222"),
)


def test_addresses_are_filled_in_and_encoded() -> None:
    environment = {"DB_PASSWORD": SECRET, "TOKEN": "a/b"}
    assert database_url(SITE, environment, FILE) == "postgresql+psycopg://hall:p%40ss%2Fw%3Ard@db/hallwatch"
    assert bus_url(SITE, environment, FILE) == "nats://a%2Fb@bus:4222"


def test_what_has_no_secret_stays_as_it_is(tmp_path: Path) -> None:
    site = SiteSettings(data=tmp_path)
    assert database_url(site, {}, FILE) == f"sqlite:///{tmp_path / 'hallwatch.db'}"
    assert bus_url(site, {}, FILE) is None


def test_a_variable_that_is_not_set_is_named_with_its_field() -> None:
    with pytest.raises(ConfigurationError, match=r"site\.database: .*\$\{DB_PASSWORD\}"):
        database_url(SITE, {}, FILE)
    with pytest.raises(ConfigurationError, match=r"site\.bus\.url: .*\$\{TOKEN\}"):
        bus_url(SITE, {}, FILE)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECRET_NAME", "unguessable")
    site = f"{{database: 'sqlite:///{tmp_path}/${{SECRET_NAME}}.db', bus: {{url: 'nats://${{SECRET_NAME}}@127.0.0.1:1'}}}}"
    path = tmp_path / "hall.yaml"
    path.write_text(SOUND.replace("{data: data}", site), encoding="utf-8")
    return path


def test_the_store_and_an_export_keep_the_name_and_not_the_secret(file: Path) -> None:
    assert call("apply", file).exit_code == ExitCode.OK
    exported = call("config", "export", "--file", file).stdout
    assert "${SECRET_NAME}.db" in exported
    assert "nats://${SECRET_NAME}@" in exported
    assert "unguessable" not in exported
    with sqlite3.connect(file.parent / "unguessable.db") as database:
        assert "unguessable" not in database.execute("SELECT body FROM configurations").fetchone()[0]
    database.close()


def test_a_command_without_the_variable_is_refused_by_field(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_NAME")
    for command in (["apply", file], ["run", file, "--role", "alerts"], ["config", "export", "--file", file]):
        done = call(*command)
        assert done.exit_code == ExitCode.REFUSED
        assert done.stderr.startswith(f"{file}: site.database: ")
        assert "${SECRET_NAME}" in done.stderr


def test_a_database_that_does_not_answer_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    address = f"postgresql+psycopg://hall:${{DB_PASSWORD}}@127.0.0.1:{port}/hallwatch"
    path = tmp_path / "hall.yaml"
    path.write_text(SOUND.replace("{data: data}", json.dumps({"database": address})), encoding="utf-8")
    done = call("apply", path)
    assert done.exit_code == ExitCode.BUSY
    assert SECRET not in done.output
    assert "p%40ss" not in done.output

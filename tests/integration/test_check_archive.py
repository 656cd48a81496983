"""`hallwatch check --archive` against a real S3 server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
import yaml
from typer.testing import CliRunner, Result

from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from tests.integration.archive_hall import YAML, ArchiveHall
from tests.s3_server import ENVIRONMENT, S3Server


@pytest.fixture
def hall(s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchiveHall]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = ArchiveHall(s3_server, tmp_path, s3_server.settings(), f"sqlite:///{tmp_path / 'hallwatch.db'}")
    yield made
    made.database.close()


@pytest.fixture
def file(hall: ArchiveHall, tmp_path: Path) -> Path:
    written = yaml.safe_load(YAML.replace("DATA", str(tmp_path)))
    written["site"]["storage"]["archive"] = hall.settings.model_dump(exclude_none=True)
    path = tmp_path / "hall.yaml"
    path.write_text(yaml.safe_dump(written))
    return path


def check(file: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["check", str(file), "--archive", *options])


def test_copies_that_are_whole_are_no_fault(hall: ArchiveHall, file: Path) -> None:
    hall.record(0)
    hall.work()
    done = check(file)
    assert (done.exit_code, done.stdout) == (
        ExitCode.OK,
        "1 copies are whole, 0 segments wait to be copied, 0 faults\n",
    )


def test_what_the_archive_lost_is_named_and_sent_again(hall: ArchiveHall, file: Path) -> None:
    segment = hall.record(0)
    hall.work()
    obstore.delete(hall.server.client(hall.settings), segment.key)
    done = check(file, "--json")
    assert done.exit_code == ExitCode.FAULTS
    assert json.loads(done.stdout)["faults"] == [{"segment": segment.id, "camera": "c1", "state": "missing"}]
    assert check(file, "--to", "2026-03-01").exit_code == ExitCode.OK
    assert check(file, "--repair").exit_code == ExitCode.OK
    hall.work()
    assert check(file).exit_code == ExitCode.OK


def test_without_an_archive_there_is_nothing_to_check(hall: ArchiveHall, file: Path) -> None:
    written = yaml.safe_load(file.read_text())
    del written["site"]["storage"]["archive"]
    file.write_text(yaml.safe_dump(written))
    done = check(file)
    assert done.exit_code == ExitCode.REFUSED
    assert "site.storage.archive" in done.stderr


def test_wrong_keys_are_no_fault_of_a_copy(
    hall: ArchiveHall, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.record(0)
    hall.work()
    monkeypatch.setenv("ARCHIVE_SECRET", "a-wrong-secret")
    done = check(file)
    assert done.exit_code == ExitCode.BUSY
    assert "a-wrong-secret" not in done.stderr

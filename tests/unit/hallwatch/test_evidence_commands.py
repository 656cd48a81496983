"""`hallwatch export`, `verify` and `public-key`: what they say, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from store import audit
from store.database import Database
from tests.media import film
from tests.recorded import packets_of
from tests.time_stamp_authority import time_stamp_authority
from tests.unit.console.evidence.filmed import Filmed
from tests.unit.console.evidence.test_making import HALL

FOOTAGE = (
    "--from",
    "2026-03-02T09:00:02",
    "--to",
    "2026-03-02T09:00:06",
    "--case",
    "2026-17",
    "--reason",
    "投诉",
)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A hall with eight seconds of camera 1 from nine o'clock on."""
    filmed = Filmed(tmp_path)
    filmed.record(packets_of(film(tmp_path / "reel.mp4")))
    filmed.database.close()
    path = tmp_path / "hall.yaml"
    database = f"database: 'sqlite:///{tmp_path / 'hall.db'}'"
    site = f"site: {{data: data, storage: {{disks: [recordings]}}, {database}}}\n"
    path.write_text(site + HALL, encoding="utf-8")
    return path


def export(file: Path, output: Path, *more: object, camera: str = "cam-1") -> Result:
    return call("export", output, "--file", file, "--camera", camera, *(more or FOOTAGE))


def test_what_was_exported_verifies_anywhere(file: Path) -> None:
    package = file.parent / "evidence.zip"
    done = export(file, package)
    assert done.exit_code == ExitCode.OK, done.output
    assert f"{package}: 1 clips" in done.stdout
    (file.parent / "key.pem").write_text(call("public-key", "--file", file).stdout, encoding="utf-8")
    checked = call("verify", package, "--key", file.parent / "key.pem")
    assert checked.exit_code == ExitCode.OK
    assert "the key you gave" in checked.stdout
    assert "holds: 4 files are as they were signed" in checked.stdout


def test_the_export_stands_in_the_audit_trail_with_its_reason(file: Path) -> None:
    export(file, file.parent / "evidence.zip")
    database = Database(f"sqlite:///{file.parent / 'hall.db'}")
    with database.read() as tx:
        [entry] = audit.entries(tx)
    database.close()
    assert entry.action == "evidence_exported"
    assert "2026-17: 投诉; cam-1" in entry.detail


def test_a_changed_package_ends_with_the_exit_code_for_faults(file: Path) -> None:
    package = file.parent / "evidence.zip"
    export(file, package)
    content = bytearray(package.read_bytes())
    content[3000] ^= 1
    package.write_bytes(content)
    done = call("verify", package)
    assert done.exit_code == ExitCode.FAULTS
    assert "changed: clips/cam-1-1.mp4: bytes 0 to" in done.stdout
    assert "does not hold" in done.stdout
    told = json.loads(call("verify", package, "--json").stdout)
    assert told["holds"] is False
    assert told["findings"][0]["start"] == 0


def test_a_strangers_signature_ends_with_the_exit_code_for_faults(file: Path, tmp_path: Path) -> None:
    package = file.parent / "evidence.zip"
    export(file, package)
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "hall.yaml"
    other.write_text("site: {data: data}\n" + HALL, encoding="utf-8")
    (tmp_path / "key.pem").write_text(call("public-key", "--file", other).stdout, encoding="utf-8")
    done = call("verify", package, "--key", tmp_path / "key.pem")
    assert done.exit_code == ExitCode.FAULTS
    assert "NOT the key you gave" in done.stdout


@pytest.mark.parametrize(
    ("camera", "more", "told"),
    [
        ("cam-9", FOOTAGE, "no camera 'cam-9'"),
        (
            "cam-1",
            ("--from", "2026-03-02T09:00", "--to", "2026-03-02T08:00", "--case", "1", "--reason", "x"),
            "--from",
        ),
        ("cam-1", (*FOOTAGE[:-1], " "), "--reason"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_its_option(
    file: Path, camera: str, more: tuple[str, ...], told: str
) -> None:
    done = export(file, file.parent / "evidence.zip", *more, camera=camera)
    assert done.exit_code == ExitCode.REFUSED
    assert told in done.stderr
    assert not (file.parent / "evidence.zip").exists()


def test_a_package_is_never_written_over(file: Path) -> None:
    package = file.parent / "evidence.zip"
    package.write_bytes(b"something else")
    done = export(file, package)
    assert done.exit_code == ExitCode.REFUSED
    assert "exists already" in done.stderr
    assert package.read_bytes() == b"something else"


def test_what_is_no_package_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "some.zip").write_bytes(b"no package")
    done = call("verify", tmp_path / "some.zip")
    assert done.exit_code == ExitCode.FAILED
    assert "cannot be read as a package" in done.stderr
    assert call("verify", tmp_path / "none.zip").exit_code == ExitCode.REFUSED


def test_a_time_stamp_is_asked_for_kept_and_checked(file: Path) -> None:
    package, root = file.parent / "evidence.zip", file.parent / "root.pem"
    with time_stamp_authority(file.parent / "authority") as authority:
        evidence = f"evidence: {{time_stamp_server: '{authority.url}'}}, storage:"
        file.write_text(file.read_text(encoding="utf-8").replace("storage:", evidence), encoding="utf-8")
        assert export(file, package).exit_code == ExitCode.OK
    root.write_bytes(authority.root)
    checked = call("verify", package, "--time-stamp-authority", root)
    assert checked.exit_code == ExitCode.OK, checked.output
    assert "(the authority you gave)" in checked.stdout
    assert "give its root certificates" in call("verify", package).stdout


def test_a_package_whose_stamp_was_taken_away_fails_where_a_stamp_is_demanded(file: Path) -> None:
    package, root = file.parent / "evidence.zip", file.parent / "root.pem"
    with time_stamp_authority(file.parent / "authority") as authority:
        root.write_bytes(authority.root)
    evidence = f"evidence: {{time_stamp_server: '{authority.url}', time_stamp_seconds: 1}}, storage:"
    file.write_text(file.read_text(encoding="utf-8").replace("storage:", evidence), encoding="utf-8")
    done = export(file, package)
    assert done.exit_code == ExitCode.OK
    assert "no time stamp: the time-stamp server cannot be asked" in done.stderr
    assert f"no, although {authority.url} was asked" in call("verify", package).stdout
    checked = call("verify", package, "--time-stamp-authority", root)
    assert checked.exit_code == ExitCode.FAULTS
    assert "time_stamp: manifest.tsr: there is no time stamp" in checked.stdout


def test_a_package_without_sound_says_that_it_is_redacted_and_holds(file: Path) -> None:
    package = file.parent / "evidence.zip"
    done = export(file, package, *FOOTAGE, "--mute")
    assert done.exit_code == ExitCode.OK, done.output
    checked = call("verify", package)
    assert checked.exit_code == ExitCode.OK
    assert "redacted  YES: no heads covered; sound left out" in checked.stdout
    assert checked.stdout.endswith("files are as they were signed; redacted before it was signed\n")
    told = json.loads(call("verify", package, "--json").stdout)
    assert told["redaction"] == {"heads": "kept", "windows": [], "mutes_sound": True}


def test_a_package_as_it_was_recorded_says_so(file: Path) -> None:
    package = file.parent / "evidence.zip"
    export(file, package)
    assert "redacted  no: picture and sound are those that were recorded" in call("verify", package).stdout
    assert json.loads(call("verify", package, "--json").stdout)["redaction"] is None


@pytest.mark.parametrize(
    "options",
    [
        ("--cover-heads", "by_standers"),
        ("--cover-heads", "by_standers", "--visible-window", "w02"),
        ("--visible-window", "w01"),
    ],
)
def test_a_redaction_that_cannot_be_meant_makes_no_package(file: Path, options: tuple[str, ...]) -> None:
    package = file.parent / "evidence.zip"
    done = export(file, package, *FOOTAGE, *options)
    assert done.exit_code == ExitCode.REFUSED, done.output
    assert not package.exists()

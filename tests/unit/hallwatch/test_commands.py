"""The command line: exit codes, and errors that a person can act on."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from hall.config import load_configuration
from hall.errors import BusError, ConfigurationError, NotFound, Problem, StoreBusy
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode, code_for, lines
from hallwatch.folder import held, holder

SOUND = """\
site: {data: data}
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: u1, name: {zh: 一, en: One}}]
    windows: [{id: w01, number: "1", name: {zh: 一, en: One}, unit: u1}]
"""
UNSOUND = SOUND.replace("unit: u1}]", "unit: u9}]").replace("id: demo", "id: Demo Hall")
UNKNOWN_KEYS = SOUND.replace("site: {data: data}", "site: {data: data, colour: red}\nshape: round")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hall.yaml"
    path.write_text(SOUND, encoding="utf-8")
    return path


def call(*arguments: object, input: str | None = None) -> Result:  # noqa: A002 - the runner's own word
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)


def test_a_sound_file_is_said_to_be_sound(file: Path) -> None:
    done = call("config", "check", file)
    assert done.exit_code == ExitCode.OK
    assert "1 windows" in done.stdout


@pytest.mark.parametrize("command", [["config", "check"], ["apply"], ["run"], ["check"]])
def test_every_problem_of_a_file_stands_on_a_line_of_its_own_with_line_and_field(
    file: Path, command: list[str]
) -> None:
    file.write_text(UNKNOWN_KEYS, encoding="utf-8")
    done = call(*command, file)
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr.splitlines() == [
        f"{file}:1: site.colour: unknown key",
        f"{file}:2: shape: unknown key",
    ]
    assert "Traceback" not in done.output


def test_problems_come_as_json_for_scripts(file: Path) -> None:
    file.write_text(UNSOUND, encoding="utf-8")
    done = call("config", "check", file, "--json")
    assert done.exit_code == ExitCode.REFUSED
    told = json.loads(done.stdout)
    assert not told["ok"]
    assert {(problem["field"], problem["line"]) for problem in told["problems"]} == {("halls[0].id", 3)}


def test_a_file_that_is_not_there_is_a_refusal(tmp_path: Path) -> None:
    done = call("config", "check", tmp_path / "none.yaml")
    assert done.exit_code == ExitCode.REFUSED
    assert "cannot be read" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["run", "--height", "3"],
        ["run", "--role", "pilot"],
        ["run", "--role", "alerts", "--share", "3/2"],
    ],
)
def test_wrong_usage_is_a_refusal(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == ExitCode.REFUSED


def test_applying_twice_changes_once_and_exporting_gives_the_same_hall_back(
    file: Path, tmp_path: Path
) -> None:
    assert json.loads(call("apply", file, "--json").stdout) == {"changed": True, "running": False}
    assert json.loads(call("apply", file, "--json").stdout) == {"changed": False, "running": False}
    exported = tmp_path / "exported.yaml"
    assert call("config", "export", "--file", file, "--output", exported).exit_code == ExitCode.OK
    assert load_configuration(exported) == load_configuration(file)
    assert exported.stat().st_mode & 0o077 == 0
    assert yaml.safe_load(call("config", "export", "--file", file).stdout)["halls"][0]["name"]["zh"] == "大厅"


@pytest.fixture
def running(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A configuration in force, with its database named, and its data folder held as by `hallwatch run`."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    data, database = file.parent / "data", f"sqlite:///{file.parent / 'kept.db'}"
    file.write_text(
        SOUND.replace("{data: data}", f"{{data: data, database: '{database}'}}"), encoding="utf-8"
    )
    assert call("apply", file).exit_code == ExitCode.OK
    with held(data):
        yield file


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("data: data", "data: elsewhere", "site.data"),
        ("kept.db", "other.db", "site.database"),
        ("site: {", "site: {bus: {url: 'nats://127.0.0.1:4222'}, ", "site.bus.url"),
        ("site: {", "site: {console: {port: 8081}, ", "site.console.port"),
    ],
)
def test_what_a_running_hall_cannot_take_over_is_refused_by_field(
    running: Path, old: str, new: str, field: str
) -> None:
    before = call("config", "export", "--file", running).stdout
    sound = running.read_text(encoding="utf-8")
    running.write_text(sound.replace(old, new), encoding="utf-8")
    done = call("apply", running)
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr.startswith(f"{running}: {field}: ")
    assert str(os.getpid()) in done.stderr
    assert "hallwatch run again" in done.stderr
    running.write_text(sound, encoding="utf-8")
    assert call("config", "export", "--file", running).stdout == before


def test_a_running_hall_takes_over_changed_halls(running: Path) -> None:
    running.write_text(running.read_text(encoding="utf-8").replace("en: Hall", "en: Town Hall"))
    done = call("apply", running, "--json")
    assert json.loads(done.stdout) == {"changed": True, "running": True}


def test_everything_can_be_applied_once_no_hall_runs_any_more(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    assert call("apply", file).exit_code == ExitCode.OK
    with held(file.parent / "data"):
        assert holder(file.parent / "data") == os.getpid()
    assert holder(file.parent / "data") is None
    file.write_text(SOUND.replace("site: {", "site: {console: {port: 8081}, "), encoding="utf-8")
    done = call("apply", file)
    assert done.exit_code == ExitCode.OK
    assert "no hall runs in" in done.stdout


def test_nothing_can_be_exported_before_it_was_applied(file: Path) -> None:
    done = call("config", "export", "--file", file)
    assert done.exit_code == ExitCode.FAILED
    assert done.stderr.startswith("error: ")


def test_a_user_is_entered_once_and_given_a_new_password(file: Path) -> None:
    added = call("user", "add", "wang", "--file", file, "--generate", "--json")
    assert json.loads(added.stdout)["user"] == "wang"
    assert call("user", "add", "wang", "--file", file, "--generate").exit_code == ExitCode.FAILED
    assert call("user", "password", "wang", "--file", file, input="a new long one\n").exit_code == ExitCode.OK
    assert call("user", "password", "wang", "--file", file, input="short\n").exit_code == ExitCode.REFUSED
    assert call("user", "password", "nobody", "--file", file, "--generate").exit_code == ExitCode.FAILED


def test_a_person_is_limited_changed_listed_and_disabled(file: Path) -> None:
    added = call("user", "add", "zhao", "--role", "manager", "--hall", "demo", "--generate", "--file", file)
    assert added.exit_code == ExitCode.OK
    assert (
        call("user", "add", "x", "--hall", "h9", "--generate", "--file", file).exit_code == ExitCode.REFUSED
    )
    changed = call("user", "change", "zhao", "--role", "officer", "--withhold", "sound", "--file", file)
    assert changed.stdout == "zhao: officer; halls demo; without sound\n"
    assert call("user", "disable", "zhao", "--file", file).exit_code == ExitCode.OK
    call("user", "change", "zhao", "--hall", "all", "--withhold", "none", "--file", file)
    listed = json.loads(call("user", "list", "--json", "--file", file).stdout)["items"]
    assert listed == [
        {
            "name": "zhao",
            "role": "officer",
            "disabled": True,
            "halls": [],
            "cameras": [],
            "withheld": [],
        }
    ]
    assert call("user", "enable", "zhao", "--file", file).exit_code == ExitCode.OK
    assert call("user", "change", "nobody", "--file", file).exit_code == ExitCode.FAILED
    held = json.loads(call("check", file, "--audit", "--json").stdout)
    assert (held["entries"], held["first_broken"]) == (5, None)


def test_a_key_says_what_it_opens_but_not_itself(file: Path) -> None:
    made = call("key", "add", "display", "--scope", "board", "--hall", "demo", "--file", file)
    listed = call("key", "list", "--file", file).stdout
    assert listed.startswith("display: board in demo, since ")
    assert made.stdout.strip() not in listed
    assert call("key", "add", "x", "--scope", "export", "--file", file).exit_code == ExitCode.REFUSED
    assert call("key", "add", "x", "--hall", "h9", "--file", file).exit_code == ExitCode.REFUSED


def test_an_audit_trail_that_was_changed_is_told_with_its_first_wrong_entry(
    file: Path, tmp_path: Path
) -> None:
    for name in ("one", "two", "three"):
        call("key", "add", name, "--file", file)
    whole = call("check", file, "--audit")
    assert whole.exit_code == ExitCode.OK
    assert whole.stdout.startswith("the audit trail holds: 3 entries, the newest ")
    with sqlite3.connect(tmp_path / "data" / "hallwatch.db") as database:
        database.execute("UPDATE audit_entries SET who = 'nobody' WHERE seq = 2")
    broken = call("check", file, "--audit")
    assert broken.exit_code == ExitCode.FAULTS
    assert "broken at entry 2" in broken.stdout


def test_a_key_is_made_once_a_name_until_it_is_removed(file: Path) -> None:
    first = call("key", "add", "queue", "--file", file)
    assert len(first.stdout.strip()) > 30
    assert call("key", "add", "queue", "--file", file).exit_code == ExitCode.FAILED
    assert call("key", "remove", "queue", "--file", file).exit_code == ExitCode.OK
    assert call("key", "remove", "queue", "--file", file).exit_code == ExitCode.FAILED
    assert call("key", "add", "queue", "--file", file).exit_code == ExitCode.OK


def test_an_empty_record_holds_no_fault(file: Path) -> None:
    done = call("check", file, "--json")
    assert done.exit_code == ExitCode.OK
    examined = {"cameras": 0, "segments": 0, "gaps": 0, "runs": 0, "bytes": 0, "notes": []}
    assert json.loads(done.stdout) == {**examined, "faults": []}


def test_an_empty_record_is_indexed_once_and_again(file: Path) -> None:
    for options in ((), ("--fresh",), ("--resume",)):
        done = call("reindex", file, "--json", *options)
        assert done.exit_code == ExitCode.OK
        assert json.loads(done.stdout)["segments"] == 0
    assert call("reindex", file, "--fresh", "--resume").exit_code == ExitCode.REFUSED


def test_a_record_that_is_being_written_is_neither_repaired_nor_indexed_again(file: Path) -> None:
    with held(load_configuration(file).site.data):
        assert call("check", file).exit_code == ExitCode.OK
        for command in (("check", file, "--repair"), ("reindex", file)):
            done = call(*command)
            assert done.exit_code == ExitCode.BUSY
            assert "stop the hall" in done.stderr


def test_a_role_by_itself_needs_the_address_of_a_bus(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HALLWATCH_BUS_URL", "HALLWATCH_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    done = call("run", file, "--role", "alerts")
    assert done.exit_code == ExitCode.REFUSED
    assert "site.bus.url" in done.stderr


def test_what_may_succeed_later_has_a_code_of_its_own() -> None:
    assert code_for(StoreBusy("locked")) is ExitCode.BUSY
    assert code_for(BusError("away")) is ExitCode.BUSY
    assert code_for(NotFound("no such row")) is ExitCode.FAILED
    assert code_for(ConfigurationError([])) is ExitCode.REFUSED


def test_a_problem_without_a_line_is_told_without_one() -> None:
    error = ConfigurationError([Problem("site.bus.url", None, "is missing")], "hall.yaml")
    assert lines(error) == ["hall.yaml: site.bus.url: is missing"]

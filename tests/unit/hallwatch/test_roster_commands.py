"""`hallwatch roster`: a spreadsheet of shifts and leave, taken in whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from store import audit
from store.database import Database

HALL = """\
site: {data: data}
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: u1, name: {zh: 一, en: One}}]
    staff:
      - {id: li, name: {zh: 李, en: Li}, unit: u1}
      - {id: wang, name: {zh: 王, en: Wang}, unit: u1}
    windows:
      - {id: w01, number: "1", name: {zh: 一, en: One}, unit: u1}
      - {id: w02, number: "2", name: {zh: 二, en: Two}, unit: u1}
"""
HEAD = "kind,staff,window,from,to,reason\n"
ROSTER = HEAD + (
    "shift,li,w01,2026-03-02 09:00,2026-03-02 12:00,\n"
    "shift,wang,w02,2026-03-02 09:00,2026-03-02 12:00,\n"
    "leave,li,,2026-03-02 10:00,2026-03-02 11:00,病假\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hall.yaml"
    path.write_text(HALL, encoding="utf-8")
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def take(file: Path, text: str) -> Result:
    roster = file.with_name("roster.csv")
    roster.write_text(text, encoding="utf-8")
    return call("roster", "import", roster, "-f", file, "--json")


def standings(file: Path, at: str) -> dict[str, tuple[str, list[str]]]:
    done = call("roster", "show", "-f", file, "--at", at, "--json")
    assert done.exit_code == ExitCode.OK
    return {
        one["window"]: (one["standing"], one["staff"] + one["on_leave"])
        for one in json.loads(done.stdout)["windows"]
    }


def test_a_roster_is_taken_in_and_answers_who_is_due(file: Path, tmp_path: Path) -> None:
    done = take(file, ROSTER)
    told = {name: number for name, number in json.loads(done.stdout).items() if number}
    assert (done.exit_code, told) == (0, {"shifts": 2, "leaves": 1, "shifts_added": 2, "leaves_added": 1})
    assert standings(file, "2026-03-02T10:30") == {"w01": ("on_leave", ["li"]), "w02": ("due", ["wang"])}
    assert standings(file, "2026-03-02T14:00") == {"w01": ("off", []), "w02": ("off", [])}
    assert standings(file, "2026-03-03T10:00") == {"w01": ("unknown", []), "w02": ("unknown", [])}
    assert "w01  on_leave (on leave: li)" in call(
        "roster", "show", "-f", file, "--at", "2026-03-02T10:30"
    ).stdout.replace("  (", " (")
    database = Database(f"sqlite:///{tmp_path / 'data' / 'hallwatch.db'}")
    with database.read() as tx:
        assert [(entry.action, entry.subject) for entry in audit.entries(tx)] == [
            ("roster_import", "hall:demo")
        ]
    database.close()


def test_giving_a_file_again_is_safe_and_a_new_one_replaces_the_days_it_names(file: Path) -> None:
    take(file, ROSTER)
    again = take(file, ROSTER)
    assert again.exit_code == ExitCode.OK
    assert json.loads(again.stdout)["shifts_added"] == 0
    assert take(file, HEAD + "cover,wang,w01,2026-03-02 14:00,2026-03-02 17:00,\n").exit_code == ExitCode.OK
    assert standings(file, "2026-03-02T10:30") == {"w01": ("off", []), "w02": ("due", ["wang"])}
    assert standings(file, "2026-03-02T15:00")["w01"] == ("due", ["wang"])


def test_leave_is_withdrawn_by_its_beginning(file: Path) -> None:
    take(file, ROSTER)
    take(file, HEAD + "withdrawn,li,,2026-03-02 10:00,,\n")
    assert standings(file, "2026-03-02T10:30")["w01"] == ("due", ["li"])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("shift,li,w01,2026-03-02 12:00,2026-03-02 09:00,", "to: is not after the beginning"),
        ("leave,li,,2026-03-02 12:00,2026-03-02 12:00,", "to: is not after the beginning"),
        ("leave,li,,2026-03-02 12:00,2028-03-02 12:00,", "to: lasts for more than 8784 hours"),
        ("shift,zhao,w01,2026-03-02 09:00,2026-03-02 12:00,", "staff: there is no staff member 'zhao'"),
        ("shift,li,w09,2026-03-02 09:00,2026-03-02 12:00,", "window: there is no window 'w09'"),
        ("shift,li,w01,nine,2026-03-02 12:00,", "from: 'nine' is no time"),
        ("holiday,li,w01,2026-03-02 09:00,2026-03-02 12:00,", "kind: 'holiday' is not one of"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_changed(file: Path, line: str, says: str) -> None:
    done = take(file, ROSTER + line + "\n")
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr.startswith(f"roster.csv:5: {says}")
    assert standings(file, "2026-03-02T09:30")["w01"][0] == "unknown"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "shift,li,w02,2026-03-02 11:00,2026-03-02 13:00,",
            "by row 2 this person is due at One 2026-03-02 09:00–12:00 already",
        ),
        (
            "shift,li,w02,2026-03-02 08:00,2026-03-02 09:30,",
            "by row 2 this person is due at One 2026-03-02 09:00–12:00 already",
        ),
        (
            "shift,li,w01,2026-03-02 09:00,2026-03-02 10:00,",
            "is the beginning that row 2 has for the same person",
        ),
        (
            "leave,li,,2026-03-02 10:00,2026-03-02 10:30,",
            "is the beginning that row 4 has for the same person",
        ),
    ],
)
def test_lines_that_contradict_each_other_are_named_and_refused_whole(
    file: Path, line: str, says: str
) -> None:
    done = take(file, ROSTER + line + "\n")
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr.startswith(f"roster.csv:5: from: {says}")
    assert standings(file, "2026-03-02T09:30")["w01"][0] == "unknown"


def test_a_collision_with_what_is_stored_is_refused_too(file: Path) -> None:
    take(file, ROSTER)
    done = take(file, HEAD + "shift,li,w02,2026-03-02 11:00,2026-03-02 13:00,\n")
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr.startswith("roster.csv:2: from: by the roster this person is due at One")
    assert standings(file, "2026-03-02T11:30") == {"w01": ("due", ["li"]), "w02": ("due", ["wang"])}

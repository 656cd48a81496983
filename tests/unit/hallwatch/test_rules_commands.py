"""`hallwatch rules replay`: what other rules would have found, and how it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hall.observing import Presence
from hall.queueing import WindowState
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import YAML, configuration, seen, status

STRICTER = "rules:\n- {id: absence, kind: absence, limit_seconds: 5, stale_seconds: 10, severity: serious}\n"
MORNING = ("--from", "2026-03-02T09:00", "--to", "2026-03-02T11:00")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A hall whose post was empty for ten and for twenty seconds; the second raised an alert."""
    scene = Scene.at(tmp_path, configuration())
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.ON_POST, -3000))
    for start, end in ((100, 110), (200, 220)):
        scene.to(start + 6)
        scene.see(seen(Presence.ABSENT, start))
        scene.to(end)
        scene.see(seen(Presence.ON_POST, end))
        scene.to(end)
    assert len(scene.alerts()) == 1
    scene.database.close()
    path = tmp_path / "hall.yaml"
    path.write_text(f"site: {{database: 'sqlite:///{tmp_path / 'hall.db'}'}}\n{YAML}", encoding="utf-8")
    (tmp_path / "stricter.yaml").write_text(STRICTER, encoding="utf-8")
    return path


def replay(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["rules", "replay", str(file), *arguments])


def test_the_rules_in_force_find_what_was_raised(file: Path) -> None:
    done = replay(file, *MORNING)
    assert done.exit_code == ExitCode.OK
    assert "nothing would have been different" in done.stdout


def test_stricter_rules_are_told_with_what_they_find_more(file: Path) -> None:
    done = replay(file, *MORNING, "--rules", str(file.parent / "stricter.yaml"))
    assert done.exit_code == ExitCode.OK
    lines = done.stdout.splitlines()
    assert "new       absence        gulou window:w03" in lines[2]
    assert "found 2026-03-02 10:01:40 to 10:01:50 serious" in lines[2]
    assert "severity  absence        gulou window:w03" in lines[3]
    assert "raised 2026-03-02 10:03:20 to 10:03:40 warning (resolved)" in lines[3]


def test_scripts_get_everything_as_one_object(file: Path) -> None:
    done = replay(file, *MORNING, "--rules", str(file.parent / "stricter.yaml"), "--json")
    told = json.loads(done.stdout)
    assert told["summary"]["absence"] == {
        "raised": 1, "found": 2, "alike": 0, "new": 1, "gone": 0, "times": 0, "severity": 1,
        "dismissed": 0, "dismissed_gone": 0,
    }  # fmt: skip
    [new, changed] = told["causes"]
    assert new["raised"] is None
    assert new["found"]["start"] == "2026-03-02T02:01:40+00:00"
    assert "5" in new["found"]["reason"]["zh"]
    assert changed["raised"]["severity"] == "warning"


def test_nothing_is_changed(file: Path) -> None:
    database = (file.parent / "hall.db").read_bytes()
    replay(file, *MORNING, "--rules", str(file.parent / "stricter.yaml"))
    assert (file.parent / "hall.db").read_bytes() == database


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules:\n- {id: a, kind: absence, limit: 5}\n", ":2: rules[0].limit: unknown key"),
        ("rules:\n- {id: a, kind: absence}\n- {id: a, kind: disk}\n", ":3: rules[1].id: 'a' stands here"),
        ("halls: []\n", ":1: halls: unknown key"),
        ("", ": file: is empty"),
    ],
)
def test_a_fault_in_the_rules_is_told_with_its_line(file: Path, text: str, told: str) -> None:
    rules = file.parent / "wrong.yaml"
    rules.write_text(text, encoding="utf-8")
    done = replay(file, *MORNING, "--rules", str(rules))
    assert done.exit_code == ExitCode.REFUSED
    assert f"{rules}{told}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "2026-03-02T11:00", "--to", "2026-03-02T10:00"), "--from"),
        (("--from", "soon"), "--from"),
        (("--from", "2026-03-02", "--to", "2999-01-01"), "--to"),
        ((*MORNING, "--hall", "elsewhere"), "--hall"),
    ],
)
def test_what_cannot_be_asked_is_told_with_its_option(
    file: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = replay(file, *arguments)
    assert done.exit_code == ExitCode.REFUSED
    assert told in done.stderr

"""`hallwatch rules list` and `history`: what is in force, and what a rule said before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from tests.unit.alerts.small_hall import YAML


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A hall whose limit of absence was raised after it had been in force."""
    path = tmp_path / "hall.yaml"
    site = f"site: {{data: {tmp_path}, database: 'sqlite:///{tmp_path / 'hall.db'}'}}\n"
    for limit in ("15", "300, raises: [{severity: serious, after_seconds: 900}], scope: {windows: [w03]}"):
        text = YAML.replace("limit_seconds: 15", f"limit_seconds: {limit}")
        path.write_text(site + text, encoding="utf-8")
        assert told("apply", str(path)).exit_code == ExitCode.OK
    return path


def told(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_rules_in_force_are_listed_with_their_limits(file: Path) -> None:
    listed = told("rules", "list", str(file)).stdout.splitlines()
    assert [line.split()[:4] for line in listed] == [
        ["gulou", "absence", "v2", "absence"],
        ["gulou", "overlong-wait", "v1", "overlong_wait"],
        ["gulou", "camera-fault", "v1", "camera_fault"],
    ]
    assert listed[0].rstrip().endswith("warning, after 300 s, serious after 900 s, only windows w03")


def test_the_history_tells_what_each_version_said(file: Path) -> None:
    lines = told("rules", "history", "absence", str(file)).stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["v1", "v2"]
    assert lines[0].endswith("warning, after 15 s")
    assert " to now " in lines[1]


def test_scripts_get_whole_rules(file: Path) -> None:
    listed = json.loads(told("rules", "list", str(file), "--json").stdout)["rules"]
    assert [each["rule"]["version"] for each in listed] == [2, 1, 1]
    first, second = json.loads(told("rules", "history", "absence", str(file), "--json").stdout)["versions"]
    assert (first["rule"]["limit_seconds"], second["rule"]["limit_seconds"]) == (15, 300)
    assert (first["until"], second["until"]) == (second["since"], None)


def test_a_rule_that_never_was_is_said_to_be_unknown(file: Path) -> None:
    refused = told("rules", "history", "nothing", str(file))
    assert refused.exit_code == ExitCode.REFUSED
    assert "no configuration that was applied has a rule 'nothing'" in refused.output

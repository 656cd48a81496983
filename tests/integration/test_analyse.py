"""`hallwatch analyse`: recordings analysed afterwards say what was said live; broken off, it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from analysis.afterwards.piece import Afterwards
from capture.objects import LocalObjects
from hallwatch.afterwards import plan
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from tests.integration.recorded_hall import START, RecordedHall

STAFFED, DESERTED, TALK = (True, False), (False, False), (True, True)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RecordedHall, list[str]]]:
    """Somebody is there, talks, goes; then the camera is away for twenty seconds; then somebody is there."""
    hall = RecordedHall(tmp_path_factory.mktemp("day"))
    keys = hall.show(STAFFED, TALK, DESERTED)
    hall.nothing(20)
    keys += hall.show(STAFFED)
    hall.database.close()
    yield hall, keys


def analyse(hall: RecordedHall, *options: str, until: float = 60) -> Result:
    end = (START + timedelta(seconds=until)).isoformat()
    command = ["analyse", str(hall.file), "--from", START.isoformat(), "--to", end, "--json", *options]
    return CliRunner().invoke(app, command)


def told(done: Result) -> Any:
    assert done.exit_code == ExitCode.OK, done.output
    return json.loads(done.stdout)


def states(told: Any, kind: str) -> list[tuple[str, float]]:
    return [(one["state"], length(one)) for one in told["observations"] if one["kind"] == kind]


def length(one: Any) -> float:
    from datetime import datetime

    start, end = (datetime.fromisoformat(one["interval"][edge]) for edge in ("start", "end"))
    return round((end - start).total_seconds())


def test_recordings_say_afterwards_what_was_said_live(day: tuple[RecordedHall, list[str]]) -> None:
    found = told(analyse(day[0], "--workers", "1"))
    by_kind = {one["kind"]: one for one in found["agreement"]}
    assert set(by_kind) == {"presence", "speech", "level", "microphone", "voices"}
    for kind, one in by_kind.items():
        assert one["alike"] >= 25, kind
        assert one["different"] <= 0.1, (kind, one["differences"])
        assert one["only_stands"] + one["only_afterwards"] <= 0.1, (kind, one["differences"])
    presence = states(found, "presence")
    assert [state for state, _ in presence] == ["on_post", "leaving", "absent", "unknown", "on_post"]
    assert presence[3][1] == pytest.approx(21, abs=1)
    assert [state for state, _ in states(found, "speech")][:3] == ["quiet", "speech", "quiet"]
    assert found["unreadable"] == []

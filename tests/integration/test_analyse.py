"""`hallwatch analyse`: recordings analysed afterwards say what was said live; broken off, it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

import pytest
from typer.testing import CliRunner, Result

from analysis.afterwards.piece import Afterwards, Done, Open
from hall.media import Segment
from hall.names import ObjectKey
from hallwatch.afterwards import plan
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from tests.integration.recorded_hall import CAMERA, START, RecordedHall

STAFFED, DESERTED, TALK = (True, False), (False, False), (True, True)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[RecordedHall, list[str]]:
    """Somebody is there, talks, goes; then the camera is away for twenty seconds; then somebody is there."""
    hall = RecordedHall(tmp_path_factory.mktemp("day"))
    keys = hall.show(STAFFED, TALK, DESERTED)
    hall.nothing(20)
    keys += hall.show(STAFFED)
    hall.database.close()
    return hall, keys


def analyse(hall: RecordedHall, *options: str, until: float = 58) -> Result:
    end = (START + timedelta(seconds=until)).isoformat()
    command = [
        "analyse",
        str(hall.file),
        "--camera",
        CAMERA,
        "--from",
        START.isoformat(),
        "--to",
        end,
        "--json",
        *options,
    ]
    return CliRunner().invoke(app, command)


class Length(TypedDict):
    start: str
    end: str


class Told(TypedDict):
    kind: str
    state: str
    interval: Length


class Agreed(TypedDict):
    kind: str
    alike: float
    different: float
    only_stands: float
    only_afterwards: float
    differences: list[dict[str, str | None]]


class Analysed(TypedDict):
    observations: list[Told]
    agreement: list[Agreed]
    unreadable: list[str]


def told(done: Result, code: ExitCode = ExitCode.OK) -> Analysed:
    assert done.exit_code == code, done.output
    read: Analysed = json.loads(done.stdout)
    return read


def states(told: Analysed, kind: str) -> list[tuple[str, float]]:
    return [(one["state"], length(one["interval"])) for one in told["observations"] if one["kind"] == kind]


def length(interval: Length) -> float:
    return (
        datetime.fromisoformat(interval["end"]) - datetime.fromisoformat(interval["start"])
    ).total_seconds()


@pytest.fixture(scope="module")
def at_once(day: tuple[RecordedHall, list[str]]) -> Analysed:
    """What one process says in one go."""
    return told(analyse(day[0], "--workers", "1"))


def test_recordings_say_afterwards_what_was_said_live(at_once: Analysed) -> None:
    found = at_once
    by_kind = {one["kind"]: one for one in found["agreement"]}
    assert set(by_kind) == {"presence", "picture", "speech", "level", "microphone", "voices"}
    for kind, one in by_kind.items():
        assert one["alike"] >= 25, kind
        assert one["different"] <= 0.1, (kind, one["differences"])
        assert one["only_stands"] + one["only_afterwards"] <= 0.1, (kind, one["differences"])
    presence = states(found, "presence")
    assert [state for state, _ in presence] == ["on_post", "leaving", "absent", "unknown", "on_post"]
    assert presence[3][1] == pytest.approx(21, abs=1)
    assert [state for state, _ in states(found, "speech")][:3] == ["quiet", "speech", "quiet"]
    assert found["unreadable"] == []


def test_broken_off_it_goes_on_where_it_was_and_doubles_nothing(
    day: tuple[RecordedHall, list[str]], at_once: Analysed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "STRETCH", timedelta(seconds=30))
    begun: list[datetime] = []
    look = Afterwards.look

    def broken_off(
        self: Afterwards, segments: Sequence[Segment], open_file: Open, seen: Callable[[datetime], None]
    ) -> Done:
        begun.append(self._whole.start)
        if len(begun) == 2:
            raise KeyboardInterrupt
        return look(self, segments, open_file, seen)

    monkeypatch.setattr(Afterwards, "look", broken_off)
    assert analyse(day[0], "--workers", "1").exit_code != ExitCode.OK
    later = told(analyse(day[0], "--workers", "1"))
    assert [(one - START).total_seconds() for one in begun] == [0, 30, 30]
    assert later["observations"] == at_once["observations"]
    assert later["agreement"] == at_once["agreement"]
    assert list((day[0].folder / "data" / "analysed").iterdir()) == []


def test_several_processes_say_the_same_as_one(
    day: tuple[RecordedHall, list[str]], at_once: Analysed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "STRETCH", timedelta(seconds=30))
    assert told(analyse(day[0], "--workers", "2"))["observations"] == at_once["observations"]


def test_what_cannot_be_read_is_told_and_unknown_and_nobody_is_absent(
    day: tuple[RecordedHall, list[str]],
) -> None:
    hall, keys = day
    path = hall.objects.path(ObjectKey(keys[2]))
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    try:
        found = told(analyse(hall, "--workers", "1", until=40), ExitCode.FAULTS)
    finally:
        path.write_bytes(whole)
    assert [why.split(":")[0] for why in found["unreadable"]] == ["cam-1-run-1-000002"]
    assert [state for state, _ in states(found, "presence")] == ["on_post", "unknown"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--from", "yesterday"], "--from"),
        (["--from", "2026-03-02T09:00", "--to", "noon"], "--to"),
        (["--from", "2026-03-02T09:00", "--to", "2026-03-02T08:00"], "--from"),
        (["--from", "2026-03-02T09:00", "--to", "2999-01-01"], "--to"),
        (["--from", "2026-03-02T09:00", "--camera", "cam-9"], "--camera"),
        (["--from", "2026-03-02T09:00", "--workers", "0"], "--workers"),
        ([], "--from"),
    ],
)
def test_a_wrong_option_is_refused_by_its_name(
    day: tuple[RecordedHall, list[str]], options: list[str], named: str
) -> None:
    done = CliRunner().invoke(app, ["analyse", str(day[0].file), *options])
    assert done.exit_code == ExitCode.REFUSED
    assert named in done.stderr

"""`hallwatch analyse` as a program: killed in the middle, on all cores, from an archive, from PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner, Result

from analysis.afterwards.piece import Afterwards
from capture.archive.objects import S3Objects
from hall.interval import Interval
from hall.names import ObjectKey
from hallwatch.afterwards.plan import DoneStretches, Stretch, stretches
from hallwatch.cli.analyse import FOLDER
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from store import copies, deletion, recording
from tests import postgresql
from tests.integration.recorded_hall import CAMERA, START, TWIN, RecordedHall
from tests.s3_server import ENVIRONMENT, S3Server

HOURS = 3
LIMIT = 100.0
LAST = START + timedelta(hours=HOURS)
SPAN = ("--from", START.isoformat(), "--to", LAST.isoformat())
STAFFED, DESERTED = (True, False), (False, False)

Told = dict[str, Any]


def command(hall: RecordedHall, *options: str) -> list[str]:
    return [sys.executable, "-m", "hallwatch", "analyse", str(hall.file), *SPAN, *options]


def run(hall: RecordedHall, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **ENVIRONMENT}
    return subprocess.run(
        command(hall, *options), env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
    )


def here(hall: RecordedHall, *options: str) -> Result:
    """In this process, by one worker."""
    return CliRunner().invoke(app, [*command(hall, "--json", "--workers", "1", *options)[3:]])


def told(done: Result | subprocess.CompletedProcess[str], code: ExitCode = ExitCode.OK) -> Told:
    ended = done.returncode if isinstance(done, subprocess.CompletedProcess) else done.exit_code
    assert ended == code, done.stderr
    found: Told = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    return found


def record(hall: RecordedHall) -> None:
    """A minute's half in each of some hours: somebody is there and goes."""
    for _ in range(HOURS):
        begun = hall.clock.now()
        hall.show(STAFFED, DESERTED)
        hall.clock.advance(3600 - (hall.clock.now() - begun).total_seconds())


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedHall]:
    made = RecordedHall(tmp_path_factory.mktemp("hours"))
    record(made)
    made.twin()
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def at_once(hall: RecordedHall) -> Told:
    """What an uninterrupted run of the command says, on every core."""
    return told(run(hall, "--json"))


def planned(hall: RecordedHall) -> list[Stretch]:
    return stretches(hall.configuration, hall.database, [], Interval(START, LAST))


def test_killed_in_the_middle_it_does_again_only_what_was_begun(
    hall: RecordedHall, at_once: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = hall.configuration.site.data / FOLDER
    null = subprocess.DEVNULL
    process = subprocess.Popen(command(hall, "--workers", "2"), stdin=null, stdout=null, stderr=null)
    until = time.monotonic() + LIMIT
    while not list(kept.glob("*.json")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.002)
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert alive == []

    all_of_them, done = planned(hall), DoneStretches(kept)
    whole = [stretch for stretch in all_of_them if done.get(stretch) is not None]
    assert 1 <= len(whole) < len(all_of_them)
    # Whoever reads the recordings of what is done finds none, and would say so.
    gone = {segment.key for stretch in whole for segment in stretch.segments}
    gone -= {s.key for stretch in all_of_them if stretch not in whole for s in stretch.segments}
    contents = {key: hall.objects.path(key).read_bytes() for key in gone}
    for key in gone:
        hall.objects.path(key).unlink()
    begun: list[Stretch] = []
    begin = Afterwards.__init__

    def counted(self: Afterwards, *given: Any) -> None:  # noqa: ANN401
        begun.append(given[-1])
        begin(self, *given)

    monkeypatch.setattr(Afterwards, "__init__", counted)
    try:
        again = here(hall)
    finally:
        for key, content in contents.items():
            (hall.objects.disks[0] / key).write_bytes(content)
    assert told(again) == at_once
    assert len(begun) == len(all_of_them) - len(whole)
    assert list(kept.glob("*.json")) == []


def test_cameras_are_analysed_one_by_one_or_all_together(hall: RecordedHall, at_once: Told) -> None:
    """The twin recorded the same, so the same is said of it."""
    by_camera: dict[str, list[Told]] = {CAMERA: [], TWIN: []}
    for one in at_once["observations"]:
        by_camera[one["camera"]].append({**one, "camera": ""})
    assert len(by_camera[CAMERA]) > 4 * HOURS
    assert by_camera[CAMERA] == by_camera[TWIN]
    assert at_once["recorded"] == {camera: pytest.approx(20 * HOURS, abs=1) for camera in (CAMERA, TWIN)}
    alone = told(here(hall, "--camera", TWIN))
    assert alone["observations"] == [one for one in at_once["observations"] if one["camera"] == TWIN]


def test_people_read_what_differs_in_the_halls_time_and_a_log_gets_no_bar(hall: RecordedHall) -> None:
    done = run(hall, "--camera", CAMERA, "--workers", "1")
    assert done.returncode == ExitCode.OK
    assert done.stderr.split() in ([], ["analysed"])
    assert "\r" not in done.stdout + done.stderr
    assert f"{CAMERA}: recorded for {20 * HOURS} of {3600 * HOURS} s" in done.stdout
    presence = next(line for line in done.stdout.splitlines() if " presence " in line)
    assert presence.split()[:3] == [CAMERA, "desk", "presence"]


def test_a_time_without_recordings_is_told_with_the_options(hall: RecordedHall) -> None:
    before = (START - timedelta(days=2)).isoformat()
    done = CliRunner().invoke(
        app, ["analyse", str(hall.file), "--from", before, "--to", (START - timedelta(days=1)).isoformat()]
    )
    assert done.exit_code == ExitCode.FAILED
    assert "nothing is recorded from 2026-02-28 09:00:00 to 2026-03-01 09:00:00" in done.stderr
    assert "--from, --to and --camera" in done.stderr


def test_what_could_not_be_read_is_tried_again_the_next_time(hall: RecordedHall, at_once: Told) -> None:
    key = planned(hall)[0].segments[0].key
    path = hall.objects.path(key)
    content = path.read_bytes()
    path.unlink()
    done = here(hall)
    path.write_bytes(content)
    assert done.exit_code == ExitCode.FAULTS
    assert f"not read: cam-1-run-1-000000: there is no recorded file {key}" in done.stderr
    assert told(here(hall)) == at_once


def test_results_that_nobody_came_back_for_are_removed_after_a_week(tmp_path: Path) -> None:
    now = START
    for name, days in (("old.json", 8), ("old.1.partial", 8), ("young.json", 6), ("mine.txt", 9)):
        (tmp_path / name).write_text("{}")
        stamp = (now - timedelta(days=days)).timestamp()
        os.utime(tmp_path / name, (stamp, stamp))
    DoneStretches(tmp_path).tidy(now)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "young.json"]
    DoneStretches(tmp_path / "nowhere").tidy(now)


def test_recordings_that_lie_in_the_archive_alone_are_analysed_from_there(
    tmp_path: Path, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = s3_server.settings()
    archive = json.dumps(settings.model_dump(mode="json", exclude_defaults=True))
    hall = RecordedHall(tmp_path, more=f"storage: {{archive: {archive}}}, ")
    keys = [ObjectKey(key) for key in hall.show(STAFFED, DESERTED)]
    for name, secret in ENVIRONMENT.items():
        monkeypatch.setenv(name, secret)
    expected = told(here(hall))["observations"]
    assert "absent" in [one["state"] for one in expected]
    bucket = S3Objects(settings, ENVIRONMENT)
    now = hall.clock.now()
    for segment in planned(hall)[0].segments:
        bucket.put(segment.key, hall.objects.path(segment.key))
        with hall.database.write() as tx:
            copies.begin(tx, segment.id, settings.name, segment.key, now)
            assert copies.record(tx, segment, settings.name, now)
            deletion.delete_segments(tx, [segment.id], "disk", now)
    for key in keys:
        hall.objects.path(key).unlink(missing_ok=True)
    with hall.database.read() as tx:
        kept = recording.segments_between(tx, CAMERA, START, LAST)
    assert [segment.is_local for segment in kept] == [False, False]
    assert told(here(hall))["observations"] == expected

    s3_server.client(settings).delete(keys[1])
    done = here(hall, "--camera", CAMERA)
    left = told(done, ExitCode.FAULTS)["observations"]
    states = [one["state"] for one in left if one["kind"] == "presence"]
    assert "not read: cam-1-run-1-000001" in done.stderr
    assert states == ["on_post", "unknown"]
    hall.database.close()


@pytest.mark.postgres
def test_a_hall_in_postgresql_is_analysed_as_one_in_a_file(tmp_path: Path) -> None:
    with postgresql.running() as server:
        hall = RecordedHall(tmp_path, url=postgresql.new_database(server))
        hall.show(STAFFED, DESERTED)
        hall.twin()
        found = told(run(hall, "--json", "--workers", "2"))
        hall.database.close()
    [presence] = [one for one in found["agreement"] if (one["camera"], one["kind"]) == (CAMERA, "presence")]
    assert (presence["alike"], presence["different"]) == (pytest.approx(20, abs=1.5), 0)
    states = {
        camera: [one["state"] for one in found["observations"] if one["camera"] == camera]
        for camera in (CAMERA, TWIN)
    }
    assert states[CAMERA] == states[TWIN]
    assert "absent" in states[TWIN]
    gone = here(hall)
    assert gone.exit_code == ExitCode.BUSY


def test_who_watches_a_substream_says_what_the_recorded_main_stream_shows(tmp_path: Path) -> None:
    hall = RecordedHall(tmp_path)
    hall.show(STAFFED, DESERTED, watched=256)
    hall.database.close()
    found = told(here(hall, "--camera", CAMERA))
    [presence] = [one for one in found["agreement"] if one["kind"] == "presence"]
    assert presence["alike"] >= 17
    assert presence["different"] <= 1.0

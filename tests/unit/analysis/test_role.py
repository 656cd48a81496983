"""What holds the role together: inboxes, the writer of facts, threads, shares, what was left standing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analysis import facts as facts_module
from analysis.facts import FactWriter
from analysis.inbox import NewestInbox, OrderedInbox
from analysis.role import cameras_of
from analysis.standing import Standing, read_standing
from analysis.workers import Workers
from hall.clock import SimulatedClock
from hall.config.file import parse_configuration
from hall.config.settings import Configuration
from hall.interval import Interval
from hall.names import CameraId, HallId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind
from hall.pulse import Pulses
from store import observing
from store.database import Database

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HALL = HallId("hall")


def configuration(cameras: int = 1) -> Configuration:
    listed = "".join(
        f"""
      - id: cam-{number}
        name: {{zh: 一, en: One}}
        url: rtsp://127.0.0.1/{number}
        zones: [{{id: desk, role: staff, window: w01, polygon: [[0, 0], [1, 0], [1, 1]]}}]"""
        for number in range(1, cameras + 1)
    )
    return parse_configuration(
        f"""
halls:
  - id: hall
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: unit, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 一号, en: One}}, unit: unit}}]
    cameras:{listed}
"""
    )


def seen(
    state: str,
    second: float = 0,
    camera: str = "cam-1",
    zone: str | None = "desk",
    **changes: ObservationKind,
) -> Observation:
    return Observation(
        kind=changes.get("kind", ObservationKind.PRESENCE),
        camera=CameraId(camera),
        zone=ZoneId(zone) if zone else None,
        window=WindowId("w01"),
        interval=Interval(START + timedelta(seconds=second)),
        state=state,
    )


def test_only_the_newest_picture_of_a_camera_waits_and_cameras_take_turns() -> None:
    dropped: list[str] = []
    inbox = NewestInbox(dropped.append)
    for key, payload in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        inbox.put(key, payload)
    assert [inbox.take(0), inbox.take(0), inbox.take(0)] == [("a", b"3"), ("b", b"2"), None]
    assert dropped == ["a"]


def test_sound_is_served_in_order_and_the_oldest_goes_when_there_is_no_room() -> None:
    dropped: list[str] = []
    inbox = OrderedInbox(2, dropped.append)
    for key in ("a", "b", "c"):
        inbox.put(key, b"")
    assert [inbox.take(0), inbox.take(0), inbox.take(0)] == [("b", b""), ("c", b""), None]
    assert dropped == ["a"]


def test_shares_split_the_cameras_without_a_rest() -> None:
    parts = [{camera.id for _, camera in cameras_of(configuration(5), (part, 2))} for part in (1, 2)]
    assert parts == [{"cam-1", "cam-3", "cam-5"}, {"cam-2", "cam-4"}]
    with pytest.raises(ValueError, match="no share 3 of 2"):
        cameras_of(configuration(5), (3, 2))


def test_what_belongs_to_no_camera_or_zone_any_more_becomes_unknown_since_it_was_last_examined() -> None:
    standing = Standing(
        (
            (HALL, seen("on_post")),
            (HALL, seen("on_post", zone="old-desk")),
            (HALL, seen("absent", camera="cam-9")),
            (HALL, seen("unknown", camera="cam-8")),
            (HALL, seen("speech", zone=None, kind=ObservationKind.SPEECH)),
            (HALL, seen("counted", kind=ObservationKind.PEOPLE)),
        ),
        {CameraId("cam-1"): START + timedelta(seconds=60)},
    )
    ended = [
        (each.camera, each.zone, each.kind.value, each.state, (each.interval.start - START).total_seconds())
        for _, each in standing.orphans(configuration())
    ]
    assert ended == [
        ("cam-1", "old-desk", "presence", "unknown", 60),
        ("cam-9", "desk", "presence", "unknown", 0),
        ("cam-1", "desk", "people", "unknown", 60),
    ]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    opened.migrate()
    yield opened
    opened.close()


def stood(database: Database) -> list[tuple[str, str]]:
    with database.read() as tx:
        return [(each.camera, each.state) for each in observing.current(tx, HALL)]


def test_observations_are_written_in_order_and_read_again_as_standing(database: Database) -> None:
    writer = FactWriter(database, SimulatedClock())
    writer.add(HALL, [seen("on_post"), seen("leaving", 5), seen("absent", 9)])
    writer.saw(CameraId("cam-1"), START + timedelta(seconds=9))
    assert writer.write_waiting()
    standing = read_standing(configuration(), database, threading.Event())
    assert standing is not None
    assert [each.state for each in standing.of(CameraId("cam-1"))] == ["absent"]
    assert standing.watermarks == {CameraId("cam-1"): START + timedelta(seconds=9)}


def test_how_far_a_camera_was_examined_is_written_every_two_seconds_only(database: Database) -> None:
    clock = SimulatedClock()
    writer = FactWriter(database, clock)
    written = []
    for second in range(1, 8):
        writer.saw(CameraId("cam-1"), START + timedelta(seconds=second))
        writer.write_waiting()
        with database.read() as tx:
            written.append((observing.watermarks_now(tx)[CameraId("cam-1")] - START).total_seconds())
        clock.advance(0.75)
    assert written == [1, 1, 1, 4, 4, 4, 7]


def test_while_the_database_is_locked_everything_waits_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.database.BUSY_TIMEOUT_MS", 50)
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    writer = FactWriter(database, SimulatedClock())
    other = sqlite3.connect(tmp_path / "hall.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.add(HALL, [seen("on_post")])
    assert not writer.write_waiting()
    writer.add(HALL, [seen("absent", 9)])
    assert not writer.write_waiting()
    other.execute("ROLLBACK")
    other.close()
    assert writer.write_waiting()
    with database.read() as tx:
        between = observing.between(tx, START, START + timedelta(days=1))
    assert [each.state for each in between] == ["on_post", "absent"]
    database.close()


def test_memory_is_bounded_the_oldest_observation_goes_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts_module, "MOST_WAITING", 3)
    writer = FactWriter(database, SimulatedClock())
    writer.add(HALL, [seen("on_post", camera=f"cam-{number}") for number in range(5)])
    writer.write_waiting()
    assert stood(database) == [("cam-2", "on_post"), ("cam-3", "on_post"), ("cam-4", "on_post")]


def test_what_waits_at_the_end_is_written(database: Database) -> None:
    writer, stop = FactWriter(database, SimulatedClock()), threading.Event()
    stop.set()
    writer.add(HALL, [seen("on_post")])
    writer.run(stop)
    assert stood(database) == [("cam-1", "on_post")]


def test_a_fault_in_one_thread_ends_all_and_is_not_hidden() -> None:
    workers, ended = Workers(threading.Event(), Pulses(SimulatedClock())), []

    def works(stop: threading.Event) -> None:
        assert stop.wait(10)
        ended.append("told")

    def fails(stop: threading.Event) -> None:
        raise RuntimeError("a fault in the program")

    workers.start("works", works)
    workers.start("fails", fails)
    workers.wait()
    workers.finish(5)
    assert ended == ["told"]
    assert str(workers.failure) == "a fault in the program"

"""What judging reads: all that reaches into a time, wherever it began, and little else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hall.interval import Interval
from hall.names import CameraId, HallId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import WindowState, WindowStatus
from store import observing, queueing
from store.database import Database

HALL, CAMERA, WINDOW = HallId("h"), CameraId("c"), WindowId("w")
TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
STATES = list(Presence)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    made.migrate()
    yield made
    made.close()


def test_observations_that_reach_into_a_time_are_found_wherever_they_began(database: Database) -> None:
    chance = random.Random(7)
    told: dict[tuple[str, str], list[tuple[float, str]]] = {}
    with database.write() as tx:
        for kind, zone in (("presence", "s"), ("customer", "k")):
            moments = sorted(chance.sample(range(1000), 60))
            told[kind, zone] = [(moment, chance.choice(STATES).value) for moment in moments]
            for moment, state in told[kind, zone]:
                seen = Observation(
                    ObservationKind(kind), CAMERA, ZoneId(zone), WINDOW, Interval(at(moment)), state
                )
                observing.change(tx, HALL, seen)
    for _ in range(40):
        start = chance.uniform(-50, 1050)
        end = start + chance.uniform(1, 300)
        expected = sorted(
            (moment, state)
            for states in told.values()
            for (moment, state), following in zip(states, [*states[1:], (float("inf"), "")], strict=True)
            if moment < end and following[0] > start
        )
        with database.read() as tx:
            found = observing.between(tx, at(start), at(end), window=WINDOW)
            assert found == observing.between(tx, at(start), at(end), camera=CAMERA)
            assert found == observing.between(tx, at(start), at(end))
        minutes = [((one.interval.start - TEN).total_seconds() / 60, one.state) for one in found]
        assert sorted(minutes) == expected


def test_states_that_reach_into_a_time_are_found_wherever_they_began(database: Database) -> None:
    told = [
        ("open", 0, 5),
        ("serving", 5, 300),
        ("paused", 300, 301),
        ("serving", 301, 850),
        ("closed", 900, None),
    ]
    states = [
        WindowStatus(HALL, WINDOW, WindowState(state), Interval(at(start), None if end is None else at(end)))
        for state, start, end in told
    ]
    with database.write() as tx:
        queueing.save_window_statuses(tx, HALL, WINDOW, at(0), states, at(0))
    for start, end, expected in (
        (-10, 0, []), (-10, 1, states[:1]), (4, 6, states[:2]), (5, 6, states[1:2]), (200, 201, states[1:2]),
        (300, 301, states[2:3]), (299, 1000, states[1:]), (860, 890, []), (860, 901, states[4:]),
        (2000, 2001, states[4:]),
    ):  # fmt: skip
        with database.read() as tx:
            assert queueing.window_status_history(tx, HALL, WINDOW, at(start), at(end)) == expected


def test_a_change_of_a_window_is_not_read_through_all_that_was_ever_seen_there(database: Database) -> None:
    statements: list[str] = []
    with database.write() as tx:
        tx.connection.connection.driver_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
        observing.between(tx, at(0), at(10), window=WINDOW, kinds=[ObservationKind.PRESENCE])
        tx.connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
        plan = tx.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statements[-1].replace("%", "%%"))
        steps = [str(row[3]) for row in plan]
    assert any("ix_observations_window_end (window=? AND end_us>? AND end_us<?)" in step for step in steps), (
        steps
    )
    assert any("ix_observations_long_window_end (window=? AND end_us>?)" in step for step in steps), steps
    assert not any("start_us<" in step for step in steps), steps


def test_watermarks_of_many_cameras_are_written_together_and_never_move_back(database: Database) -> None:
    cameras = [CameraId(f"c{number}") for number in range(1200)]
    with database.write() as tx:
        observing.all_watched(tx, dict.fromkeys(cameras, at(5)))
        observing.all_watched(tx, {cameras[0]: at(4), cameras[1]: at(6)})
        observing.all_watched(tx, {})
    with database.read() as tx:
        assert observing.count_watermarks(tx) == 1200
        assert observing.watermarks_of(tx, [cameras[0], cameras[1], CameraId("unknown")]) == {
            cameras[0]: at(5), cameras[1]: at(6),
        }  # fmt: skip
        assert len(observing.watermarks_of(tx, cameras)) == 1200
        assert len(observing.watched_until(tx, at(5))) == 1199

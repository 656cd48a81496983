"""Watermarks: cameras that stand still are found, those that move on cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.watermarks import Watermarks
from hall.interval import Interval
from hall.names import CameraId, RuleId
from hall.rule import AbsenceRule, UnattendedCustomerRule
from store import observing
from store.database import Database
from tests.unit.alerts.small_hall import C1, C2, TEN, after
from tests.unit.alerts.small_hall import settings as settings_of

SHORT = AbsenceRule(id=RuleId("absence"), stale_seconds=30)
LONG = UnattendedCustomerRule(id=RuleId("customers"), stale_seconds=90)
HALL = settings_of(rules=(SHORT, LONG))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    made.migrate()
    yield made
    made.close()


def watch(database: Database, seconds: float, *cameras: CameraId) -> None:
    with database.write() as tx:
        observing.all_watched(tx, {camera: after(seconds) for camera in cameras})


def begun(database: Database) -> Watermarks:
    """Both cameras were watched at ten, and somebody looks from then on."""
    watch(database, 0, C1, C2)
    with database.read() as tx:
        marks = Watermarks(tx, TEN)
        marks.attend(tx, [HALL], TEN)
    return marks


def look(database: Database, marks: Watermarks, seconds: float) -> set[CameraId]:
    with database.read() as tx:
        return marks.look(tx, after(seconds))


def test_a_watermark_that_moves_on_concerns_nobody(database: Database) -> None:
    marks = begun(database)
    for second in range(1, 60):
        watch(database, second, C1, C2)
        assert look(database, marks, second + 1) == set()


def test_a_camera_is_named_once_for_each_limit_that_calls_it_blind(database: Database) -> None:
    marks = begun(database)
    watch(database, 200, C2)
    named = {second: look(database, marks, second) for second in range(1, 120)}
    assert {second: cameras for second, cameras in named.items() if cameras} == {30: {C1}, 90: {C1}}


def test_what_nobody_watched_is_remembered_when_a_camera_is_watched_again(database: Database) -> None:
    marks = begun(database)
    for second in range(1, 41):
        look(database, marks, second)
    watch(database, 41, C1)
    assert look(database, marks, 42) == {C1}
    assert marks.unseen == {C1: (Interval(TEN, after(40)),)}
    assert look(database, marks, 43) == set()


def test_a_reading_between_two_looks_learns_of_the_gap_as_well(database: Database) -> None:
    """Else a judgement would take the camera for watched all the time."""
    marks = begun(database)
    look(database, marks, 40)
    watch(database, 40.2, C1)
    with database.read() as tx:
        assert marks.read(tx, [C1]) == {C1}
    assert marks.known[C1] == after(40.2)
    assert marks.unseen == {C1: (Interval(TEN, after(40)),)}


def test_a_camera_that_is_watched_for_the_first_time_is_named(database: Database) -> None:
    watch(database, 0, C2)
    with database.read() as tx:
        marks = Watermarks(tx, TEN)
        marks.attend(tx, [HALL], TEN)
    watch(database, 5, C1)
    assert look(database, marks, 6) == {C1}
    assert marks.unseen == {}


def test_a_camera_that_is_sampled_rarely_is_not_blind_between_two_samples(database: Database) -> None:
    marks = begun(database)
    slow = tuple(camera.model_copy(update={"sample_every": 60.0}) for camera in HALL.cameras)
    with database.read() as tx:
        marks.attend(tx, [HALL.model_copy(update={"cameras": slow})], TEN)
    named = {second: look(database, marks, second) for second in range(1, 130)}
    assert {second: cameras for second, cameras in named.items() if cameras} == {120: {C1, C2}}


def test_the_memory_of_gaps_is_bounded(database: Database) -> None:
    marks = begun(database)
    for hour in range(30):
        look(database, marks, hour * 3600 + 60)
        watch(database, hour * 3600 + 61, C1)
        look(database, marks, hour * 3600 + 62)
    kept = marks.unseen[C1]
    assert 20 < len(kept) < 30
    assert all(part.end is not None and part.end > after(28 * 3600) - timedelta(days=1) for part in kept)


def test_a_new_configuration_makes_no_gap_where_nobody_had_to_read_a_watermark(database: Database) -> None:
    marks = begun(database)
    for second in range(1, 100):
        watch(database, second, C1, C2)
        look(database, marks, second)
    with database.read() as tx:
        marks.attend(tx, [HALL], after(100))
    watch(database, 101, C1, C2)
    assert look(database, marks, 101) == set()
    assert marks.unseen == {}

"""False alarms counted in a real store: per rule, per camera, over a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hall.finding import AlertStatus
from hall.names import CameraId, HallId, RuleId
from hall.testing_notifiers import a_flip
from store import alert_counts, alerting
from store.database import Database
from store.false_alarms import false_alarms

HALL, EAST, WEST = HallId("hall"), CameraId("east"), CameraId("west")
AT = a_flip()[0].opened_at
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    made.migrate()
    yield made
    made.close()


def enter(
    database: Database, number: int, cameras: tuple[CameraId, ...], *, is_false: bool, rule: str = "absence"
) -> None:
    """An alert that was found `number` minutes after the first, and settled."""
    alert, flip = a_flip(number)
    subject = replace(alert.subject, window=None, ticket=f"t{number}")
    opened = AT + timedelta(minutes=number)
    alert = replace(alert, subject=subject, cameras=cameras, rule=RuleId(rule), opened_at=opened)
    with database.write() as tx:
        assert alerting.open_alert(tx, alert, flip)
        after = AlertStatus.DISMISSED if is_false else AlertStatus.RESOLVED
        settled = replace(flip, before=AlertStatus.OPEN, after=after, revision=2)
        alerting.flip_alert(tx, alert.id, 1, settled, end=AT + DAY)


def counts(database: Database) -> list[tuple[str, str | None, int, int]]:
    with database.read() as tx:
        found = false_alarms(tx, HALL, AT, AT + DAY)
    return [(one.rule, one.camera, one.found, one.dismissed) for one in found]


def test_an_alert_counts_once_for_its_rule_and_once_for_each_camera_that_shows_it(database: Database) -> None:
    enter(database, 1, (EAST, WEST), is_false=True)
    enter(database, 2, (EAST,), is_false=False)
    enter(database, 3, (), is_false=False, rule="overlong-wait")
    assert counts(database) == [
        ("absence", None, 2, 1),
        ("absence", "east", 2, 1),
        ("absence", "west", 1, 1),
        ("overlong-wait", None, 1, 0),
    ]


def test_a_dismissal_that_is_taken_back_counts_no_longer(database: Database) -> None:
    enter(database, 1, (EAST,), is_false=True)
    _, flip = a_flip(1)
    with database.write() as tx:
        back = replace(flip, before=AlertStatus.DISMISSED, after=AlertStatus.RESOLVED, revision=3)
        alerting.flip_alert(tx, flip.alert, 2, back)
    assert counts(database) == [("absence", None, 1, 0), ("absence", "east", 1, 0)]


def test_only_alerts_of_the_hall_and_the_time_are_counted(database: Database) -> None:
    enter(database, 0, (EAST,), is_false=True)
    with database.read() as tx:
        assert len(false_alarms(tx, HALL, AT, AT + timedelta(seconds=1))) == 2
        assert false_alarms(tx, HALL, AT - DAY, AT) == []
        assert false_alarms(tx, HallId("other"), AT, AT + DAY) == []


def test_the_time_is_looked_up_and_not_read_through(database: Database) -> None:
    wanted = "hall = 'h' AND opened_us >= 1 AND opened_us < 2"
    statement = f"SELECT rule, count(*) FROM alerts WHERE {wanted} GROUP BY rule"
    with database.read() as tx:
        plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
    assert any("ix_alerts_opened" in str(step) for step in plan), plan


def test_alerts_from_before_cameras_were_counted_are_counted_as_well(
    database: Database, tmp_path: Path
) -> None:
    enter(database, 1, (EAST, WEST), is_false=True)
    enter(database, 2, (), is_false=False)
    old = Database(f"sqlite:///{tmp_path / 'old.db'}")
    old.migrate("0009")
    with database.read() as tx:
        rows = tx.connection.exec_driver_sql("SELECT * FROM alerts").mappings().all()
    with old.write() as tx:
        for row in rows:
            columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
            statement = f"INSERT INTO alerts ({columns}) VALUES ({marks})"
            tx.connection.exec_driver_sql(statement, tuple(row.values()))
    old.migrate()
    counted = counts(old)
    old.close()
    assert counted == [
        ("absence", None, 2, 1),
        ("absence", "east", 1, 1),
        ("absence", "west", 1, 1),
    ]


def test_the_parts_of_a_time_are_that_time_in_whole_days_and_hours_where_it_has_some() -> None:
    hour, day = alert_counts.HOUR_US, alert_counts.DAY_US
    for first, until in ((5, 6), (5, hour), (0, day), (hour - 1, 3 * day + 2 * hour + 7), (hour, 30 * day)):
        parts = list(alert_counts.parts_of(first, until))
        assert [parts[0].first, *(part.until for part in parts)] == [*(part.first for part in parts), until]
        assert len(parts) <= 5
        assert all(part.first % part.unit == part.until % part.unit == 0 for part in parts if part.unit)
        assert sum(part.until - part.first for part in parts if part.unit is None) < 2 * hour
    assert list(alert_counts.parts_of(5, 5)) == []


def test_counts_over_days_are_those_of_each_alert(database: Database) -> None:
    for number in (0, 1, 59, 61, 700, 1439, 1441, 5000):
        enter(database, number, (EAST,) if number % 2 else (EAST, WEST), is_false=number % 3 == 0)
    for first, until in ((0, 5001), (1, 5000), (30, 1440), (60, 3000), (700, 701), (2000, 3000)):
        wanted = [number for number in (0, 1, 59, 61, 700, 1439, 1441, 5000) if first <= number < until]
        with database.read() as tx:
            found = false_alarms(tx, HALL, AT + first * MINUTE, AT + until * MINUTE)
        both = {one.camera: (one.found, one.dismissed) for one in found}
        false = [number for number in wanted if number % 3 == 0]
        assert both.get(None, (0, 0)) == (len(wanted), len(false))
        at_west = [number for number in wanted if number % 2 == 0]
        assert both.get(WEST, (0, 0))[0] == len(at_west)

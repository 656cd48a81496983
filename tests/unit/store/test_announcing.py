"""Announcements in the store: the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hall.announcement import Announcement, AnnouncementKind
from hall.errors import Conflict, NotFound
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import AnnouncementId, HallId, WindowId
from hall.wire import from_wire
from store import announcing, journal
from store.database import Database
from tests import postgresql

HALL, OTHER = HallId("demo"), HallId("other")
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hall.db'}"
    else:
        url = postgresql.new_database(request.getfixturevalue("server"))
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def announcement(name: str, start: float, end: float, hall: HallId = HALL, *windows: str) -> Announcement:
    return Announcement(
        AnnouncementId(name),
        hall,
        AnnouncementKind.DRILL,
        Interval(at(start), at(end)),
        "wang",
        "消防演练",
        at(start),
        tuple(WindowId(window) for window in windows),
    )


def enter(database: Database, *made: Announcement) -> None:
    with database.write() as tx:
        for one in made:
            announcing.add_announcement(tx, one)


def test_an_announcement_is_read_as_it_was_entered_and_told_to_the_journal(database: Database) -> None:
    made = announcement("a1", 0, 60, HALL, "w1", "w2")
    enter(database, made)
    with database.read() as tx:
        assert announcing.announcement(tx, made.id) == made
        [entry] = journal.tail(tx, 0, 100, [FactKind.ANNOUNCEMENT])
    assert (entry.hall, from_wire(Announcement, entry.body)) == (HALL, made)


def test_those_in_force_since_a_moment_are_of_that_hall_and_not_over(database: Database) -> None:
    made = [announcement(f"a{end}", end - 60, end) for end in (10, 70, 90)]
    enter(database, *made, announcement("b", 0, 60, OTHER))
    with database.write() as tx:
        announcing.end_announcement(tx, AnnouncementId("a90"), "chen", at(40))
    with database.read() as tx:
        assert [one.id for one in announcing.announcements_since(tx, HALL, at(10))] == ["a70", "a90"]
        assert [one.id for one in announcing.announcements_since(tx, HALL, at(40))] == ["a70"]
        assert [one.id for one in announcing.newest_announcements(tx, HALL, 2)] == ["a90", "a70"]


def test_one_is_ended_once_and_not_when_it_is_over(database: Database) -> None:
    made = announcement("a1", 0, 60)
    enter(database, made, announcement("a2", 0, 20))
    with database.write() as tx:
        ended = announcing.end_announcement(tx, made.id, "chen", at(30))
    assert ended == replace(made, ended_at=at(30), ended_by="chen")
    assert ended.in_force == Interval(at(0), at(30))
    for name, error in (("a1", Conflict), ("a2", Conflict), ("a3", NotFound)):
        with pytest.raises(error), database.write() as tx:
            announcing.end_announcement(tx, AnnouncementId(name), "chen", at(30))
    with database.read() as tx:
        assert announcing.announcement(tx, made.id) == ended

"""The roster in the store: the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hall.errors import Conflict
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import HallId, StaffId, WindowId
from hall.roster import Leave, Roster, Shift
from hall.roster_change import RosterChange, RosterDifference
from store import journal, roster, roster_history
from store.database import Database
from store.roster_history import RosterAuthor, RosterOrigin
from tests import postgresql

HALL, OTHER = HallId("demo"), HallId("other")
SHANGHAI = ZoneInfo("Asia/Shanghai")
W1, W2 = WindowId("w1"), WindowId("w2")
LI, WANG = StaffId("li"), StaffId("wang")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=SHANGHAI).astimezone(UTC)
DAY = timedelta(days=1)


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


def over(start: float, end: float) -> Interval:
    return Interval(MIDNIGHT + timedelta(hours=start), MIDNIGHT + timedelta(hours=end))


AUTHOR = RosterAuthor("chief", RosterOrigin.CONSOLE)


def change(database: Database, changed: RosterChange, hall: HallId = HALL) -> RosterDifference:
    with database.write() as tx:
        return roster.change(tx, hall, SHANGHAI, changed, MIDNIGHT, AUTHOR)


def read(database: Database, start: float = 0, end: float = 24, hall: HallId = HALL) -> Roster:
    span = over(start, end)
    assert span.end is not None
    with database.read() as tx:
        return roster.between(tx, hall, SHANGHAI, span.start, span.end)


MORNING, LATE = Shift(LI, W1, over(9, 12)), Shift(WANG, W2, over(20, 28), cover=True)
SICK = Leave(LI, over(-48, 48), "病假")


def test_what_is_entered_is_read_where_it_overlaps(database: Database) -> None:
    change(database, RosterChange((MORNING, LATE), (SICK,)))
    assert read(database) == Roster(SHANGHAI, (MORNING, LATE), (SICK,))
    assert read(database, 24, 30) == Roster(SHANGHAI, (LATE,), (SICK,))
    assert read(database, 48, 72) == Roster(SHANGHAI)
    assert read(database, hall=OTHER) == Roster(SHANGHAI)


def test_the_day_of_a_window_is_replaced_and_others_stay(database: Database) -> None:
    tomorrow = Shift(LI, W1, over(33, 36))
    change(database, RosterChange((MORNING, LATE, tomorrow)))
    afternoon = Shift(LI, W1, over(13, 17))
    change(database, RosterChange((afternoon,)))
    assert read(database, 0, 48).shifts == (afternoon, LATE, tomorrow)


def test_leave_is_replaced_by_its_beginning_and_withdrawn(database: Database) -> None:
    change(database, RosterChange(leaves=(SICK,)))
    shorter = Leave(LI, over(-48, 10), "销假")
    change(database, RosterChange(leaves=(shorter,)))
    assert read(database).leaves == (shorter,)
    change(database, RosterChange(withdrawn=((LI, shorter.interval.start),)))
    assert read(database).leaves == ()


def test_nobody_is_entered_for_two_windows_at_once(database: Database) -> None:
    change(database, RosterChange((LATE,)))
    with pytest.raises(Conflict, match="wang is due at"):
        change(database, RosterChange((Shift(WANG, W1, over(27, 29)),)))
    assert read(database, 0, 48).shifts == (LATE,)
    change(database, RosterChange((Shift(WANG, W1, over(27, 29)),)), OTHER)


def test_each_change_is_a_fact_of_its_hall(database: Database) -> None:
    change(database, RosterChange((MORNING,), (SICK,)))
    with database.read() as tx:
        (entry,) = journal.tail(tx, 0, kinds=[FactKind.ROSTER])
    assert entry.hall == HALL
    assert {name: number for name, number in entry.body.items() if number} == {
        "shifts_added": 1,
        "leaves_added": 1,
    }


def test_the_same_change_again_changes_nothing_and_tells_nobody(database: Database) -> None:
    wanted = RosterChange((MORNING, LATE), (SICK,))
    assert not change(database, wanted).is_empty
    assert change(database, wanted).is_empty
    with database.read() as tx:
        assert len(list(journal.tail(tx, 0, kinds=[FactKind.ROSTER]))) == 1
        assert len(roster_history.newest(tx, HALL, 9)) == 1


def test_a_change_is_kept_with_who_made_it_and_its_inverse_undoes_it(database: Database) -> None:
    change(database, RosterChange((MORNING,), (SICK,)))
    longer = Shift(LI, W1, over(9, 14))
    change(database, RosterChange((longer,), withdrawn=((LI, SICK.interval.start),)))
    assert read(database) == Roster(SHANGHAI, (longer,))
    with database.write() as tx:
        newest, _ = roster_history.newest(tx, HALL, 9)
        assert newest.author == AUTHOR
        assert newest.difference.counts()["shifts_changed"] == 1
        undone = roster.take(tx, HALL, SHANGHAI, newest.difference.inverse(), MIDNIGHT, AUTHOR)
        assert undone is not None
        roster_history.mark_undone(tx, newest.id, undone)
        assert roster_history.kept(tx, HALL, newest.id).undone_by == undone
    assert read(database) == Roster(SHANGHAI, (MORNING,), (SICK,))
    with database.read() as tx:
        (stands,) = [
            one for one in roster.entered_between(tx, HALL, MIDNIGHT, MIDNIGHT + DAY) if one.entry == MORNING
        ]
        assert (stands.by, stands.at) == ("chief", MIDNIGHT)


def test_what_is_not_as_it_was_is_not_taken_out(database: Database) -> None:
    change(database, RosterChange((MORNING,)))
    stale = RosterDifference(removed_shifts=(Shift(LI, W1, over(9, 11)),))
    with database.write() as tx:
        assert roster.missing(tx, HALL, stale) is not None
        with pytest.raises(Conflict, match="not as it was"):
            roster.take(tx, HALL, SHANGHAI, stale, MIDNIGHT, AUTHOR)
    assert read(database).shifts == (MORNING,)


def test_only_so_many_changes_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_history, "MOST_KEPT", 2)
    for hour in (9, 10, 11):
        change(database, RosterChange((Shift(LI, W1, over(hour, 12)),)))
    with database.read() as tx:
        assert len(roster_history.newest(tx, HALL, 9)) == 2

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
from store import journal, roster
from store.database import Database
from store.roster import RosterChange
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


def change(database: Database, changed: RosterChange, hall: HallId = HALL) -> None:
    with database.write() as tx:
        roster.change(tx, hall, SHANGHAI, changed, MIDNIGHT)


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
    assert (entry.hall, entry.body) == (HALL, {"shifts": 1, "leaves": 1, "withdrawn": 0})

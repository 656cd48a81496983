"""Tagging reads by index, and no more of it when more was recorded."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from benchmarks.filled_hall import BEGIN, SEGMENT_SECONDS, Size, fill
from hall.interval import Interval
from hall.names import CameraId, HallId, PeriodId, TicketId, TransactionId, WindowId
from hall.queueing import Period, Step, Transaction
from store import queueing, recording, tagging
from store.database import Database, Read
from tests import postgresql

SMALL, GREAT = Size(5_760, 1_008, cameras=4, windows=6), Size(46_080, 8_064, cameras=4, windows=6)
"""One day and eight: what is asked about is in the last of them."""
CAMERA, WINDOW = CameraId("cam-0000"), WindowId("w0000")
MIDDLE = BEGIN + timedelta(hours=5)
Ask = Callable[[Read, int], object]


def of_transaction(tx: Read, day: int) -> object:
    found = queueing.transaction(tx, TransactionId(f"h-{day:04d}-000020.1"))
    periods = queueing.periods_of(tx, found.id)
    end = found.interval.end
    assert end is not None
    segments = recording.segments_between(tx, CAMERA, found.interval.start, end, fragments=False)
    assert periods
    assert segments
    return periods, segments


def of_segment(tx: Read, day: int) -> object:
    start = MIDDLE + timedelta(days=day)
    windows, transactions = tagging.shown(tx, CAMERA, start, start + timedelta(seconds=SEGMENT_SECONDS))
    assert windows
    assert transactions
    return windows, transactions


def of_ticket(tx: Read, _day: int) -> object:
    found = queueing.transactions_of(tx, hall=HallId("h"), ticket_number="A000020")
    assert found
    return found


QUESTIONS = [of_transaction, of_segment, of_ticket]


@contextmanager
def filled(folder: Path, size: Size) -> Iterator[Database]:
    database = Database(f"sqlite:///{folder / f'{size.segments}.db'}")
    fill(database, size)
    yield database
    database.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with filled(tmp_path_factory.mktemp("small"), SMALL) as database:
        yield database


@pytest.fixture(scope="module")
def great(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with filled(tmp_path_factory.mktemp("great"), GREAT) as database:
        yield database


@pytest.fixture(scope="module")
def on_postgresql() -> Iterator[Database]:
    with postgresql.running() as server:
        database = Database(postgresql.new_database(server))
        fill(database, GREAT)
        yield database
        database.close()


def plans(tx: Read, ask: Ask, explain: str) -> list[str]:
    """How the database goes about the statements that `ask` runs."""
    asked: list[tuple[str, object]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: object, *_more: object
    ) -> None:
        asked.append((statement, parameters))

    event.listen(tx.connection, "before_cursor_execute", note)
    ask(tx, GREAT.days - 1)
    event.remove(tx.connection, "before_cursor_execute", note)
    return [
        str(tuple(row))
        for statement, parameters in asked
        for row in tx.connection.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]  # as the driver was given them
    ]


def work(database: Database, ask: Ask, day: int) -> int:
    """How many instructions SQLite's machine carries out: a measure that no other load disturbs."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with database.read() as tx:
        connection = tx.connection.connection.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        connection.set_progress_handler(count, 1)
        ask(tx, day)
        connection.set_progress_handler(None, 1)
    return steps


@pytest.mark.parametrize("ask", QUESTIONS)
def test_tagging_on_sqlite_scans_no_table(great: Database, ask: Ask) -> None:
    with great.read() as tx:
        found = plans(tx, ask, "EXPLAIN QUERY PLAN")
    assert any("SEARCH" in line for line in found)
    assert [
        line for line in found if re.search(r"SCAN \w*(segments|periods|transactions|tickets)", line)
    ] == []


@pytest.mark.parametrize("ask", [of_transaction, of_segment])
def test_tagging_does_no_more_work_when_more_was_recorded(small: Database, great: Database, ask: Ask) -> None:
    assert work(great, ask, GREAT.days - 1) < 1.2 * work(small, ask, SMALL.days - 1)


@pytest.mark.postgres
@pytest.mark.parametrize("ask", QUESTIONS)
def test_tagging_on_postgresql_scans_no_table(on_postgresql: Database, ask: Ask) -> None:
    with on_postgresql.read() as tx:
        found = plans(tx, ask, "EXPLAIN")
    assert any("Index" in line for line in found)
    assert [
        line for line in found if re.search(r"Seq Scan on (segments|periods|transactions|tickets)", line)
    ] == []


@pytest.mark.parametrize(
    ("hours_before", "lasts"), [(1, timedelta(hours=3)), (100, timedelta(hours=200)), (50, None)]
)
def test_a_long_or_unfinished_period_is_found_however_early_it_began(
    tmp_path: Path, hours_before: float, lasts: timedelta | None
) -> None:
    with filled(tmp_path, Size(80, 16, cameras=4, windows=6)) as database:
        began = MIDDLE - timedelta(hours=hours_before)
        lasting = a_transaction("long", began, began + lasts if lasts is not None else None)
        over = a_transaction("over", MIDDLE - timedelta(hours=30), MIDDLE)
        with database.write() as tx:
            for transaction in (lasting, over):
                period = Period(
                    PeriodId(""),
                    transaction.id,
                    WINDOW,
                    None,
                    Step.HANDLE,
                    transaction.interval,
                )
                queueing.save_transaction(tx, transaction, [period], MIDDLE)
        with database.read() as tx:
            assert tagging.shown(tx, CAMERA, MIDDLE, MIDDLE + timedelta(minutes=1))[1] == [lasting.id]


def a_transaction(name: str, start: datetime, end: datetime | None) -> Transaction:
    return Transaction(
        id=TransactionId(name),
        hall=HallId("h"),
        ticket=TicketId(name),
        ticket_number=name,
        serial=None,
        item=None,
        window=WINDOW,
        staff=None,
        interval=Interval(start, end),
    )

"""Searching reads by index on both databases, and a list that goes on repeats and leaves out nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from benchmarks.filled_console import HALL
from benchmarks.filled_hall import BEGIN
from hall.alert_life import begun_earlier
from hall.finding import AlertKind
from hall.names import AlertId, HallId, StaffId, WindowId
from hall.search.asked import Condition
from hall.search.words import words_of
from store import alerting, numbers, searching
from store.database import Database, Read
from store.searching import MOST_BRANCHES, Asked, Before

ALL = Asked(frozenset({HALL}), limit=25)
W1 = Condition(windows=frozenset({(HALL, WindowId("w0020"))}))
STAFF = Condition(staff=frozenset({(HALL, StaffId("sw0020"))}))
ITEM = Condition(items=frozenset({"item-20"}))
UNIT = Condition(windows=frozenset((HALL, WindowId(f"w{n:04d}")) for n in range(0, 280, 20)))
MANY = Condition(windows=frozenset((HALL, WindowId(f"w{n:04d}")) for n in range(MOST_BRANCHES + 1)))
WRITTEN = Condition(words=tuple(frozenset({word}) for word in sorted(words_of("设备故障"))))
EITHER = Condition(words=(frozenset({"printer", "camera"}),))
ABSENCES = Condition(kinds=frozenset({AlertKind.ABSENCE}))
SERIAL = Condition(serials=frozenset({"Sh-0000-000004"}))
NUMBER = Condition(numbers=frozenset({"A000001", "A000002", "B000000"}))
UNIT_AND_ITEM = replace(UNIT, items=ITEM.items)
WINDOW_AND_ITEM = replace(W1, items=ITEM.items)
UNIT_AND_ITEMS = replace(UNIT, items=frozenset(f"item-{n:02d}" for n in range(4)))
QUESTIONS = [
    *(("transactions_found", [one]) for one in (Condition(), W1, STAFF, ITEM, UNIT, MANY, SERIAL, NUMBER)),
    ("transactions_found", [W1, ITEM, STAFF]),
    *(("transactions_found", [one]) for one in (UNIT_AND_ITEM, WINDOW_AND_ITEM)),
    *(("tickets_found", [one]) for one in (Condition(), W1, ITEM, NUMBER)),
    *(("cases_found", [one]) for one in (Condition(), W1, STAFF, ITEM, SERIAL)),
    *(("alerts_found", [one]) for one in (Condition(), W1, ABSENCES, WRITTEN, EITHER)),
]


def found(tx: Read, how: str, conditions: list[Condition], asked: Asked) -> list[tuple[object, ...]]:
    """Moment and identifier of each row, in the order of the list."""
    match how:
        case "transactions_found":
            return [
                (one.interval.start, one.id) for one in searching.transactions_found(tx, conditions, asked)
            ]
        case "tickets_found":
            return [(one.taken_at, one.id) for one in searching.tickets_found(tx, conditions, asked)]
        case "cases_found":
            cases = searching.cases_found(tx, conditions, asked)
            return [(one.accepted_at, one.hall, one.serial) for one in cases]
        case _:
            return [(one.interval.start, one.id) for one in searching.alerts_found(tx, conditions, asked)]


@pytest.mark.parametrize(("how", "conditions"), QUESTIONS)
def test_a_list_goes_on_where_it_stopped_and_tells_everything_once(
    filled_hall: Database, how: str, conditions: list[Condition]
) -> None:
    with filled_hall.read() as tx:
        whole = found(tx, how, conditions, replace(ALL, limit=100_000))
        assert whole == sorted(set(whole), reverse=True)
        assert whole
        told: list[tuple[object, ...]] = []
        before = None
        while len(told) < 120:
            page = found(tx, how, conditions, replace(ALL, before=before))
            told += page
            if len(page) < ALL.limit:
                break
            moment, *identifier = page[-1]
            before = Before(moment, at_moment=True, identifier=tuple(map(str, identifier)))  # type: ignore[arg-type]
        assert told == whole[: len(told)]
        assert len(told) == len(whole) or len(told) >= 120


@pytest.mark.parametrize(("how", "conditions"), QUESTIONS)
def test_a_search_over_a_time_finds_what_overlaps_it(
    filled_hall: Database, how: str, conditions: list[Condition]
) -> None:
    start, end = BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=2)
    with filled_hall.read() as tx:
        within = found(tx, how, conditions, replace(ALL, start=start, end=end, limit=100_000))
        whole = found(tx, how, conditions, replace(ALL, limit=100_000))
    starts = [row for row in whole if start <= row[0] < end]  # type: ignore[operator]
    assert [row for row in within if row[0] >= start] == starts  # type: ignore[operator]
    if how in ("tickets_found", "cases_found"):
        assert within == starts


def test_what_began_long_before_and_lasts_is_found_at_any_moment_of_it(filled_hall: Database) -> None:
    with filled_hall.write() as tx:
        tx.connection.exec_driver_sql(
            """INSERT INTO transactions (id, hall, ticket, ticket_number, "window", start_us, end_us)
            SELECT 'long', hall, ticket, 'L1', 'w0005', start_us - 86400000000, NULL
            FROM transactions WHERE id = 'h-0000-000001.1'"""
        )
        asked = replace(ALL, start=BEGIN + timedelta(hours=2), end=BEGIN + timedelta(hours=3))
        long = Condition(windows=frozenset({(HALL, WindowId("w0005"))}))
        assert "long" in [one.id for one in searching.transactions_found(tx, [long], asked)]
        earlier = replace(ALL, start=BEGIN - timedelta(days=9), end=BEGIN - timedelta(days=8))
        assert searching.transactions_found(tx, [long], earlier) == []
        tx.connection.exec_driver_sql("DELETE FROM transactions WHERE id = 'long'")


def test_nothing_of_another_hall_is_found(filled_hall: Database) -> None:
    elsewhere = replace(ALL, halls=frozenset({HallId("elsewhere")}))
    with filled_hall.read() as tx:
        for how, conditions in QUESTIONS:
            assert found(tx, how, conditions, elsewhere) == []
        assert numbers.tickets_beginning(tx, "A0", ["elsewhere"], 5).found == ()  # type: ignore[list-item]
        assert numbers.serials_beginning(tx, "Sh", ["elsewhere"], 5).found == ()  # type: ignore[list-item]


def test_numbers_are_told_by_how_they_begin_whatever_their_case(filled_hall: Database) -> None:
    with filled_hall.read() as tx:
        some = numbers.tickets_beginning(tx, "a00000", [HALL], 5)
        assert some.found == ("A000000", "A000001", "A000002", "A000003", "A000004")
        assert some.is_cut
        exact = numbers.tickets_beginning(tx, "A000001", [HALL], 5)
        assert (exact.found, exact.is_cut) == (("A000001",), False)
        assert numbers.serials_beginning(tx, "sh-0000-000004", [HALL], 5).found == ()
        assert numbers.serials_beginning(tx, "Sh-0000-000004", [HALL], 5).found == ("Sh-0000-000004",)
        assert numbers.tickets_beginning(tx, "Z", [HALL], 5).found == ()


def test_the_words_about_an_alert_move_with_its_beginning(filled_hall: Database) -> None:
    with filled_hall.write() as tx:
        (alert, *_) = searching.alerts_found(tx, [WRITTEN], ALL)
        moved, flip = begun_earlier(
            alert, alert.interval.start - timedelta(minutes=3), alert.reason, alert.opened_at
        )
        revision = tx.connection.exec_driver_sql(f"SELECT revision FROM alerts WHERE id = '{alert.id}'")
        assert revision.scalar_one() == alert.revision
        alerting.change_alert(tx, alert.revision, moved, flip)
        known = {one.id: one for one in searching.alerts_found(tx, [WRITTEN], replace(ALL, limit=1000))}
        assert known[AlertId(alert.id)].interval.start == moved.interval.start


@pytest.mark.parametrize(("how", "conditions"), QUESTIONS)
def test_no_search_reads_a_table_from_end_to_end(
    filled_hall: Database, how: str, conditions: list[Condition]
) -> None:
    with filled_hall.read() as tx:
        is_sqlite = tx.connection.dialect.name == "sqlite"
        asked: list[tuple[str, object]] = []

        def note(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
            asked.append((statement, parameters))

        if not is_sqlite:
            # Of so few rows PostgreSQL would rather read them all.
            tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        event.listen(tx.connection, "before_cursor_execute", note)
        for start in (None, BEGIN + timedelta(hours=1)):
            found(tx, how, conditions, replace(ALL, start=start, end=BEGIN + timedelta(hours=2)))
        event.remove(tx.connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        lines = [
            str(tuple(row))
            for statement, parameters in asked
            for row in tx.connection.exec_driver_sql(f"{explain} {statement}", parameters)  # type: ignore[arg-type]  # as the driver was given them
        ]
    whole = r"(Seq Scan on|SCAN) (transactions|tickets|cases|alerts|alert_words)(?! USING)"
    assert asked
    assert [line for line in lines if re.search(whole, line)] == []
    if is_sqlite and conditions != [SERIAL]:  # of which there are a few rows at most
        assert [line for line in lines if "TEMP B-TREE FOR ORDER BY" in line] == []


@pytest.mark.parametrize(
    ("condition", "branches"), [(UNIT_AND_ITEM, 14), (UNIT_AND_ITEMS, 14), (WINDOW_AND_ITEM, 1), (UNIT, 14)]
)
def test_a_search_goes_by_what_has_the_fewest_rows(
    filled_hall: Database, condition: Condition, branches: int
) -> None:
    with filled_hall.read() as tx:
        asked = _listened(tx)
        rows = searching.transactions_found(tx, [condition], ALL)
    assert rows
    assert all(one.window in {name for _, name in condition.windows or ()} for one in rows)
    if condition.items is not None:
        assert {one.item for one in rows} <= condition.items
    ((statement, _given),) = asked
    # To PostgreSQL several values are listed.
    listed = re.search(r"VALUES (.*?)\) AS wanted", statement)
    assert (listed[1].count("), (") + 1 if listed else statement.count("SELECT * FROM (")) == branches


@pytest.mark.parametrize("table", ["transactions", "cases"])
@pytest.mark.parametrize("condition", [UNIT_AND_ITEM, WINDOW_AND_ITEM])
def test_an_item_at_a_window_is_not_looked_for_among_all_that_is_done_there(
    filled_hall: Database, table: str, condition: Condition
) -> None:
    with filled_hall.read() as tx:
        if tx.connection.dialect.name != "sqlite":
            tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        asked = _listened(tx)
        found(tx, f"{table}_found", [condition], ALL)
        explain = "EXPLAIN QUERY PLAN" if tx.connection.dialect.name == "sqlite" else "EXPLAIN"
        ((statement, given),) = list(asked)
        plan = [str(tuple(row)) for row in tx.connection.exec_driver_sql(f"{explain} {statement}", given)]  # type: ignore[arg-type]  # as the driver was given them
    used = sum(f"ix_{table}_item_window" in step for step in plan)
    assert used == (len(condition.windows or ()) if explain != "EXPLAIN" else 1)


def _listened(tx: Read) -> list[tuple[str, object]]:
    """Every statement from now on, and what it is given."""
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, given: object, *_more: object) -> None:
        asked.append((statement, given))

    event.listen(tx.connection, "before_cursor_execute", note)
    return asked

"""Lists of alerts and transactions: what fits, each once, in order, by an index, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from benchmarks.filled_console import HALL
from benchmarks.filled_hall import BEGIN
from hall.finding import Alert, AlertKind, AlertStatus
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import AlertId, CameraId, HallId, RuleId, StaffId, WindowId
from hall.wire import to_wire
from store import alerting, audit, footage, queueing, recording, transaction_parts
from store.alert_tables import alerts
from store.database import Database, Read, Write
from store.footage import Stretch
from store.transaction_parts import Lasting

W = WindowId("w0020")
DAY = {"start": BEGIN + timedelta(hours=1), "end": BEGIN + timedelta(hours=5)}
OPENED = "opened"
ASKED: list[dict[str, Any]] = [
    {},
    {"halls": [HALL]},
    {"halls": [HALL, HallId("elsewhere")]},
    {"window": W},
    {"kinds": [AlertKind.ABSENCE, AlertKind.OVERDUE_STEP]},
    {"statuses": [AlertStatus.OPEN]},
    {"statuses": [AlertStatus.DISMISSED, AlertStatus.OPEN]},
    {"kinds": [AlertKind.ABSENCE], "statuses": [AlertStatus.DISMISSED, AlertStatus.RESOLVED]},
    DAY,
    {"window": W, **DAY},
    {"start": DAY["start"]},
    {"end": DAY["end"]},
]


def entered(tx: Write, identifier: str, start: datetime, end: datetime | None, opened: datetime) -> None:
    """One more alert, as one of the hall's with other times."""
    (known,) = alerting.alerts_of(tx, window=W, limit=1)
    alert = replace(
        known, id=AlertId(identifier), rule=RuleId("other"), interval=Interval(start, end), opened_at=opened
    )
    values = {
        "id": alert.id,
        "hall": HALL,
        "kind": alert.kind.value,
        "rule": "other",
        "subject": identifier,
        "window": W,
        "status": alert.status.value,
        "revision": 1,
        "start_us": round(start.timestamp() * 1e6),
        "end_us": None if end is None else round(end.timestamp() * 1e6),
        "opened_us": round(opened.timestamp() * 1e6),
        "body": json.dumps(to_wire(alert), ensure_ascii=False),
    }
    tx.connection.execute(insert(alerts), [values])


@pytest.fixture
def odd_alerts(filled_hall: Database) -> Iterator[Database]:
    """Alerts that last long, that were found late, and both."""
    hour = timedelta(hours=1)
    with filled_hall.write() as tx:
        entered(tx, "odd-long", BEGIN - 90 * hour, BEGIN + 2 * hour, BEGIN - 89 * hour)
        entered(tx, "odd-late", BEGIN + 2 * hour, BEGIN + 3 * hour, BEGIN + 700 * hour)
        entered(tx, "odd-both", BEGIN - 90 * hour, BEGIN + 9 * hour, BEGIN + 800 * hour)
        entered(tx, "odd-early", BEGIN + 4 * hour, BEGIN + 5 * hour, BEGIN - 900 * hour)
    yield filled_hall
    with filled_hall.write() as tx:
        tx.connection.execute(alerts.delete().where(alerts.c.id.like("odd-%")))


def fitting(tx: Read, asked: dict[str, Any]) -> list[Alert]:
    """The same out of every alert there is."""
    every = [alerting.alert_of_row(row) for row in tx.connection.execute(select(alerts.c.body))]
    start, end = asked.get("start"), asked.get("end")
    fits = [
        one
        for one in every
        if asked.get("window") in (None, one.subject.window)
        and ("kinds" not in asked or one.kind in asked["kinds"])
        and ("statuses" not in asked or one.status in asked["statuses"])
        and (start is None or one.interval.end is None or one.interval.end > start)
        and (end is None or one.interval.start < end)
    ]
    return sorted(fits, key=lambda one: (one.opened_at, one.id), reverse=True)


@pytest.mark.parametrize("asked", ASKED)
def test_a_list_of_alerts_tells_all_that_fit_each_once_over_its_pages(
    odd_alerts: Database, asked: dict[str, Any]
) -> None:
    with odd_alerts.read() as tx:
        wanted = [one.id for one in fitting(tx, asked)]
        assert wanted
        told: list[AlertId] = []
        before = None
        while page := alerting.alerts_of(tx, **asked, before=before, limit=70):
            told += [one.id for one in page]
            before = (page[-1].opened_at, page[-1].id)
        assert told == wanted


def test_a_list_over_a_time_finds_what_lasts_long_or_was_found_late(odd_alerts: Database) -> None:
    with odd_alerts.read() as tx:
        found = {one.id for one in alerting.alerts_of(tx, window=W, **DAY, limit=1000)}  # type: ignore[arg-type]
        assert found >= {"odd-long", "odd-late", "odd-both", "odd-early"}
        elsewhere = alerting.alerts_of(tx, halls=[HallId("elsewhere")], hall=HALL)
        assert elsewhere == []


@pytest.mark.parametrize("asked", ASKED)
def test_no_list_of_alerts_reads_all_of_them_or_sorts_more_than_a_page(
    filled_hall: Database, asked: dict[str, Any]
) -> None:
    with filled_hall.read() as tx:
        is_sqlite = tx.connection.dialect.name == "sqlite"
        statements: list[tuple[str, Any]] = []

        def note(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
            statements.append((statement, parameters))

        if not is_sqlite:
            tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        event.listen(tx.connection, "before_cursor_execute", note)
        alerting.alerts_of(tx, **asked)
        event.remove(tx.connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
        lines = [
            str(tuple(row))
            for statement, parameters in statements
            for row in tx.connection.exec_driver_sql(f"{explain} {statement}", parameters)
        ]
    assert [line for line in lines if re.search(r"(Seq Scan on|SCAN) alerts(?! USING)", line)] == []
    assert lines
    # The few that stand, last long or were found late are sorted: all others come in the order of the list.
    rare = ("ix_alerts_long", "ix_alerts_late", "ix_alerts_standing")
    few = sum(any(index in line for index in rare) for line in lines)
    assert sum("USE TEMP B-TREE FOR ORDER BY" in line for line in lines) <= few


def test_transactions_over_a_time_are_told_once_over_their_pages(filled_hall: Database) -> None:
    with filled_hall.read() as tx:
        whole = queueing.transactions_of(tx, halls=[HALL], limit=100_000)
        start, end = BEGIN + timedelta(minutes=10), BEGIN + timedelta(minutes=25)
        wanted = [
            one.id
            for one in whole
            if one.interval.start < end and (one.interval.end is None or one.interval.end > start)
        ]
        told: list[str] = []
        before = None
        while page := queueing.transactions_of(
            tx, halls=[HALL], start=start, end=end, before=before, limit=150
        ):
            told += [one.id for one in page]
            before = (page[-1].interval.start, page[-1].id)
        assert wanted
        assert told == wanted
        staff = queueing.transactions_of(tx, staff=StaffId("sw0020"), limit=1000)
        assert [one for one in whole if one.staff == "sw0020"] == staff


def test_what_belongs_to_a_page_of_transactions_is_what_belongs_to_each(odd_alerts: Database) -> None:
    with odd_alerts.write() as tx:
        long = Interval(BEGIN - timedelta(hours=9), BEGIN + timedelta(hours=3))
        recording.insert_gap(tx, HALL, Gap(CameraId("cam-0020"), long, GapReason.OFFLINE))
        page = queueing.transactions_of(tx, window=W, limit=100)
        page += queueing.transactions_of(tx, window=WindowId("w0033"), limit=30)
        over = [Lasting(one, one.interval.start - timedelta(seconds=10), one.interval.end) for one in page]  # type: ignore[arg-type]
        tickets = transaction_parts.tickets_of_all(tx, page)
        periods = transaction_parts.periods_of_all(tx, page)
        beside = transaction_parts.alerts_of_all(tx, over)
        stretches = [Stretch(CameraId("cam-0020"), one.start, one.end) for one in over]
        files = footage.files(tx, stretches)
        assert any(found.gaps for found in files)
        assert any(found.segments for found in files)
        assert any(beside)
        for one, alerts_found, found in zip(over, beside, files, strict=True):
            transaction = one.transaction
            assert tickets[transaction.ticket] == queueing.ticket(tx, transaction.ticket)
            assert periods[transaction.id] == queueing.periods_of(tx, transaction.id)
            at_window = alerting.alerts_of(
                tx, hall=HALL, window=transaction.window, start=one.start, end=one.end, limit=100
            )
            assert {alert.id for alert in alerts_found} == {alert.id for alert in at_window}
            camera = CameraId("cam-0020")
            assert list(found.segments) == recording.segments_between(
                tx, camera, one.start, one.end, fragments=False
            )
            assert list(found.gaps) == recording.gaps_between(tx, camera, one.start, one.end)
        tx.connection.rollback()


def test_every_name_of_the_trail_is_known_once(filled_hall: Database) -> None:
    with filled_hall.read() as tx:
        assert audit.known(tx, "who") == sorted(f"li{n}" for n in range(30))
        assert audit.known(tx, "action") == ["playback"]

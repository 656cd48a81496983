"""Rows of somebody else's queue system: what they become, and how queues in hall.yaml are checked."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from capture.queueing.adapters.json_http import JsonHttpAdapter
from capture.queueing.adapters.place import MOST_TIED, Place
from capture.queueing.adapters.sql import SqlAdapter
from capture.queueing.mapping import as_text, events_of, moment, value_at
from hall.config import HallSettings, parse_configuration
from hall.config.mapping import EventMapping
from hall.config.queues import JsonHttpSettings, QueueSettings, SqlSettings
from hall.config.select import one_select
from hall.errors import QueueError
from hall.ports import Cursor
from store.foreign_view import ForeignView
from tests.unit.capture.test_queue_intake import HALL_FILE

(HALL,) = parse_configuration(HALL_FILE).halls
CLASSIC = """
- members: {id: {template: "{id}-taken"}, at: take_time, type: {constant: ticket_taken}, ticket: number}
  needs: [take_time]
- members:
    id: {template: "{id}-called"}
    at: call_time
    type: {constant: ticket_called}
    ticket: number
    window: {field: counter.code, values: {1: w01, 2: w02}}
  needs: [call_time]
"""


def mapped(row: object, text: str, hall: HallSettings = HALL) -> list[dict[str, str]]:
    mappings = TypeAdapter(tuple[EventMapping, ...]).validate_python(yaml.safe_load(text))
    return [json.loads(raw) for raw in events_of(row, mappings, hall)]


def test_one_row_tells_every_event_whose_time_it_has() -> None:
    row = {
        "id": 7,
        "number": "A1 ",
        "take_time": "2026-03-02 09:00:00",
        "call_time": "",
        "counter": {"code": 2},
    }
    taken = {"hall": "demo", "id": "7-taken", "type": "ticket_taken", "ticket": "A1"}
    assert mapped(row, CLASSIC) == [{**taken, "at": "2026-03-02T01:00:00+00:00"}]
    called = mapped({**row, "call_time": "2026-03-02T09:05:00+08:00"}, CLASSIC)[1]
    assert (called["id"], called["window"], called["at"]) == ("7-called", "w02", "2026-03-02T01:05:00+00:00")


def test_a_value_that_is_mapped_to_nothing_tells_no_event_and_an_unknown_one_stays_as_it_is() -> None:
    text = "[{members: {at: t, type: {field: s, values: {2: ticket_taken, true: window_opened, 9: null}}}}]"
    assert mapped({"s": 9, "t": 0}, text) == []
    kinds = [
        mapped({"s": state, "t": "x"}, text)[0]["type"] for state in (2, "2", Decimal("2.0"), True, "77")
    ]
    assert kinds == ["ticket_taken"] * 3 + ["window_opened", "77"]


def test_an_event_without_an_id_gets_one_of_its_content() -> None:
    text = "[{members: {id: key, at: t, type: {constant: ticket_taken}, ticket: number}}]"
    first, same, other = (
        mapped({"t": "2026-03-02", "number": no}, text)[0]["id"] for no in ("A1", "A1", "A2")
    )
    assert first == same != other
    assert mapped({"t": "2026-03-02", "number": "A1", "key": "k"}, text)[0]["id"] == "k"


@pytest.mark.parametrize(
    ("value", "time_format", "told"),
    [
        ("2026-03-02 09:00:00", "iso", "2026-03-02T01:00:00+00:00"),
        ("2026-03-02T09:00:00Z", "iso", "2026-03-02T09:00:00+00:00"),
        (1772413200, "unix", "2026-03-02T01:00:00+00:00"),
        ("1772413200500", "unix_ms", "2026-03-02T01:00:00.500000+00:00"),
        ("02/03/2026 09:00", "%d/%m/%Y %H:%M", "2026-03-02T01:00:00+00:00"),
        (datetime(2026, 3, 2, 9), "iso", "2026-03-02T01:00:00+00:00"),  # noqa: DTZ001 - a database's own
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "iso", "2026-03-02T09:00:00+00:00"),
        ("yesterday", "iso", "yesterday"),
        ("9" * 40, "unix", "9" * 40),
        (None, "iso", None),
    ],
)
def test_times_are_read_as_they_are_written_in_the_zone_of_the_hall(
    value: object, time_format: str, told: str | None
) -> None:
    assert moment(value, time_format, HALL.zone_info) == told


def test_values_are_compared_and_told_as_text() -> None:
    values = [True, 3, 3.0, 3.5, Decimal("4.00"), b" x ", date(2026, 3, 2), {"a": "一"}, "  ", float("nan")]
    assert [as_text(value) for value in values] == [
        "true", "3", "3", "3.5", "4", "x", "2026-03-02", '{"a": "一"}', None, "nan",
    ]  # fmt: skip
    row = {"a": {"b": [{"c": 1}]}, "a.b": 2}
    assert [value_at(row, path) for path in ("a.b", "a.b.0.c", "a.b.1.c", "a.x.y")] == [2, 1, None, None]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("DELETE FROM t WHERE a >= :after", "one SELECT"),
        ("SELECT 1; DROP TABLE t -- :after", "one SELECT"),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x WHERE a >= :after", "'DELETE'"),
        ("SELECT * INTO copy FROM t WHERE a >= :after", "'INTO'"),
        ("SELECT * FROM t WHERE a >= :after FOR UPDATE", "'UPDATE'"),
        ("SELECT * FROM t", ":after"),
        ("SELECT * FROM t WHERE b = ':after'", ":after"),
        ("SELECT * FROM t WHERE a >= :after AND b = :b", ":b"),
        ("SELECT 'it FROM t WHERE a >= :after", "quote"),
        ("", "one SELECT"),
    ],
)
def test_a_query_that_is_not_one_select_is_refused_in_words(query: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        one_select(query)


def test_a_select_may_hold_texts_comments_casts_and_a_semicolon_at_its_end() -> None:
    query = (
        "-- the day's tickets\nSELECT a::text, 'drop; it''s' AS \"update\" FROM t /* ; */ WHERE a >= :after"
    )
    assert one_select(query + " ;\n") == query


HTTP = {"id": "q", "kind": "json_http", "url": "https://queue/api", "events": yaml.safe_load(CLASSIC)}
SQL = {
    "id": "q",
    "kind": "sql",
    "url": "sqlite:////x.db",
    "query": "SELECT 1 WHERE 1 >= :after",
    "after": {"column": "a", "first": 0},
    "events": yaml.safe_load(CLASSIC),
}


@pytest.mark.parametrize(
    ("base", "change", "words"),
    [
        (HTTP, {"headers": {"Authorization": "Bearer abc"}}, "Authorization"),
        (HTTP, {"headers": {"Bad Name": "x"}}, "Bad Name"),
        (HTTP, {"url": "https://user:pass@queue/api"}, "no user"),
        (HTTP, {"url": "ftp://queue/api"}, "http"),
        (HTTP, {"next_parameter": "token"}, "needs 'next'"),
        (HTTP, {"events": []}, "at least 1"),
        (HTTP, {"events": [{"members": {"at": "t"}}]}, "'type' is missing"),
        (HTTP, {"events": [{"members": {"at": "t", "type": {"field": "a", "constant": "b"}}}]}, "one of"),
        (HTTP, {"events": [{"members": {"at": "t", "type": "s"}, "time_format": "yyyy"}]}, "unix"),
        (HTTP, {"events": [{"members": {"at": "t", "type": "s"}, "time_zone": "Mars/One"}]}, "no time zone"),
        (HTTP, {"events": [{"members": {"at": "t", "type": "s", "ticket": False}}]}, "quotes"),
        (HTTP, {"events": [{"members": {"at": "t", "type": "s", "colour": "c"}}]}, "colour"),
        (SQL, {"url": "mysql+pymysql://u:plain@h/d"}, "NAME"),
        (SQL, {"query": "DROP TABLE t"}, "one SELECT"),
    ],
)
def test_a_queue_that_cannot_be_is_refused(
    base: dict[str, object], change: dict[str, object], words: str
) -> None:
    adapter: TypeAdapter[QueueSettings] = TypeAdapter(QueueSettings)
    adapter.validate_python(base)
    with pytest.raises(ValidationError, match=words):
        adapter.validate_python({**base, **change})


# --- foreign databases


def sql(path: Path, **how: object) -> SqlAdapter:
    return SqlAdapter(SqlSettings.model_validate({**SQL, "url": f"sqlite:///{path}", **how}), HALL, {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "machine.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a, number, take_time)")
        rows = [(number // 4, f"A{number}", "2026-03-02 09:00:00") for number in range(10)]
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    connection.close()
    return path


QUERY = "SELECT a, number, take_time, a || number AS id FROM t WHERE a >= :after ORDER BY a"


def test_a_tie_larger_than_a_poll_is_read_in_several(path: Path) -> None:
    adapter = sql(path, query=QUERY, rows_per_poll=3)
    numbers: list[list[str]] = []
    after: Cursor | None = None
    while not numbers or numbers[-1]:
        numbers.append([])
        for cursor, raw in adapter.events(after):
            after = cursor
            numbers[-1].append(json.loads(raw)["ticket"])
    assert [len(poll) for poll in numbers] == [3, 3, 3, 1, 0]
    assert [number for poll in numbers for number in poll] == [f"A{number}" for number in range(10)]


def test_rows_out_of_order_and_columns_that_are_not_there_are_queue_errors(path: Path) -> None:
    for change, words in (
        ({"query": QUERY + " DESC"}, "order"),
        ({"query": QUERY, "after": {"column": "b", "first": 0}}, "no column 'b', but a, id"),
        ({"query": QUERY.replace("take_time", "nothing")}, "nothing"),
    ):
        with pytest.raises(QueueError, match=words):
            list(sql(path, **change).events(None))


def test_nothing_is_written_through_a_view_and_a_slow_query_ends(path: Path) -> None:
    view = ForeignView(f"sqlite:///{path}", "INSERT INTO t VALUES (:after, 1, 1)", 5)
    with pytest.raises(QueueError, match="readonly"):
        view.read(1, lambda _: True, 1)
    endless = "WITH RECURSIVE n(a) AS (SELECT :after UNION ALL SELECT a + 1 FROM n) SELECT max(a) AS a FROM n"
    with pytest.raises(QueueError, match="interrupted"):
        ForeignView(f"sqlite:///{path}", endless, 0.2).read(1, lambda _: True, 1)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql+pymysql://u:${PASSWORD}@h/d", "PyMySQL"),
        ("mssql+pyodbc://u:${PASSWORD}@h/d", "pyodbc"),
        ("oracle+oracledb://u:${PASSWORD}@h/d", "oracledb"),
        ("nosuch://h/d", "knows no database 'nosuch'"),
        ("mysql+pymysql://u:${MISSING}@h/d", "MISSING"),
        ("no address", "url"),
    ],
)
def test_a_database_that_cannot_be_had_is_told_in_words_without_its_password(url: str, words: str) -> None:
    adapter = SqlAdapter(SqlSettings.model_validate({**SQL, "url": url}), HALL, {"PASSWORD": "hush-hush"})
    with pytest.raises(QueueError, match=words) as refusal:
        list(adapter.events(None))
    assert "hush" not in str(refusal.value)


def test_a_place_survives_every_kind_of_value_and_what_is_none_begins_anew() -> None:
    moments = (datetime(2026, 3, 2, 9, tzinfo=UTC), date(2026, 3, 2))
    for value in (3, 2.5, "2026", Decimal("7.10"), *moments):
        place = Place(value, ("d",), "page")
        assert Place.of(place.cursor) == place
    for nonsense in ("{", "[]", '{"value": ["int", "x"]}', '{"value": 3}', '{"offset": 3}'):
        assert Place.of(Cursor(nonsense)) == Place()


def test_too_many_events_at_one_value_are_said_to_be_too_many() -> None:
    place = Place(1, tuple(map(str, range(MOST_TIED))))
    with pytest.raises(QueueError, match="finer"):
        place.behind(b"{}", 1)
    assert place.behind(b"{}", 2).value == 2


# --- HTTP


def http(answer: httpx.Response, monkeypatch: pytest.MonkeyPatch, **how: object) -> list[bytes]:
    """What an adapter reads out of one answer, over httpx's own in-memory transport."""
    adapter = JsonHttpAdapter(JsonHttpSettings.model_validate({**HTTP, **how}), HALL, {})
    transport = httpx.MockTransport(lambda _: answer)
    monkeypatch.setattr(adapter, "_client", lambda: httpx.Client(transport=transport))
    return [raw for _, raw in adapter.events(None)]


@pytest.mark.parametrize(
    ("answer", "how", "words"),
    [
        (httpx.Response(401), {}, "queue: answers 401"),
        (httpx.Response(302, headers={"Location": "https://evil/"}), {}, "302"),
        (httpx.Response(200, content=b"<html>"), {}, "not JSON"),
        (httpx.Response(200, json={"rows": 3}), {"rows": "rows"}, "no list at 'rows'"),
        (httpx.Response(200, json={"rows": []}), {}, "no list in the answer"),
        (httpx.Response(200, content=b"[" + b" " * 2000 + b"]"), {"largest_bytes": 1024}, "larger than 1024"),
        (
            httpx.Response(200, json={"rows": [], "next": "https://evil/2"}),
            {"rows": "rows", "next": "next"},
            "another server",
        ),
        (
            httpx.Response(200, json=[{"take_time": "x", "n": 1}, {"take_time": "x", "n": "a"}]),
            {"after": {"parameter": "since", "field": "n", "first": 0}},
            "two kinds",
        ),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_queue_error(
    answer: httpx.Response, how: dict[str, object], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(QueueError, match=words):
        http(answer, monkeypatch, **how)


def test_a_row_that_cannot_be_mapped_is_handed_over_for_the_intake_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [
        {"id": 1, "take_time": "soon", "number": "A1"},
        5,
        {"id": 2, "take_time": "2026-03-02", "number": "A2"},
    ]
    told = [json.loads(raw) for raw in http(httpx.Response(200, json=rows), monkeypatch)]
    assert [event["at"] if isinstance(event, dict) else event for event in told] == [
        "soon", 5, "2026-03-01T16:00:00+00:00",
    ]  # fmt: skip


def test_certificates_and_headers_that_cannot_be_are_queue_errors(tmp_path: Path) -> None:
    for how, words in (
        ({"ca_file": tmp_path / "none.pem"}, "none.pem"),
        ({"headers": {"X-Token": "${TOKEN}"}}, "ASCII"),
        ({"headers": {"X-Token": "${MISSING}"}}, "MISSING"),
    ):
        settings = JsonHttpSettings.model_validate({**HTTP, **how})
        with pytest.raises(QueueError, match=words):
            list(JsonHttpAdapter(settings, HALL, {"TOKEN": "密"}).events(None))

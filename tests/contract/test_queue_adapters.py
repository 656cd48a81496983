"""Every built-in queue adapter passes the suite for queue adapters."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from capture.queueing import Operator, accept_all, discard, replay
from capture.queueing.adapters.json_http import JsonHttpAdapter
from capture.queueing.adapters.json_lines import JsonLinesAdapter
from capture.queueing.adapters.sql import SqlAdapter
from hall.config import parse_configuration
from hall.config.queues import JsonHttpSettings, SqlSettings
from hall.queueing import QueueEvent
from hall.testing_queues import QueueAdapterSuite
from store import queueing, refused_events
from store.database import Database
from tests import postgresql
from tests.unit.capture.test_queue_intake import HALL_FILE

(HALL,) = parse_configuration(HALL_FILE).halls
MEMBERS = {
    "id": "pk",
    "at": "time",
    "type": {"field": "state", "values": {"0": "ticket_taken"}},
    "ticket": "number",
    "item": {"template": "{item}"},
}


class TestJsonLines(QueueAdapterSuite):
    """A file, as a queue machine writes it."""

    @pytest.fixture(autouse=True)
    def _have_a_file(self, tmp_path: Path) -> None:
        self.path = tmp_path / "events.jsonl"

    def adapter(self) -> JsonLinesAdapter:
        return JsonLinesAdapter(self.path)

    def missing_adapter(self) -> JsonLinesAdapter:
        return JsonLinesAdapter(self.path.with_name("nothing.jsonl"))

    def tell(self, event: QueueEvent) -> None:
        self._append(event.model_dump_json(exclude_none=True).encode())

    def tell_nonsense(self, size: int) -> None:
        self._append(b"#" * size)

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line + b"\n")


def row_of(event: QueueEvent, place: int) -> dict[str, str | int]:
    """As a queue machine would keep it: its own names and words, local time, several rows at one value."""
    return {
        "place": place // 3,
        "pk": event.id,
        "time": event.at.astimezone(HALL.zone_info).strftime("%Y-%m-%d %H:%M:%S"),
        "state": 0,
        "number": event.ticket or "",
        "item": event.item or "",
    }


class QueueMachine(ThreadingHTTPServer):
    """Lists its rows: from `since` on, at most five an answer, or pages that know the next one."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.rows: list[object] = []
        self.places: list[int] = []
        self.paths: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tickets"

    def add(self, row: object) -> None:
        self.places.append(len(self.rows) // 3)
        self.rows.append(row)

    def answer(self, path: str) -> object:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if "page" in asked or "paged" in asked:
            page = int(asked.get("page", "0"))
            following = f"/tickets?page={page + 1}" if len(self.rows) > (page + 1) * 2 else None
            return {"data": {"list": self.rows[page * 2 : page * 2 + 2]}, "next": following}
        since = int(asked.get("since", "0"))
        found = [row for row, place in zip(self.rows, self.places, strict=True) if place >= since]
        return {"data": {"list": found[:5]}}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, QueueMachine)
        self.server.paths.append(self.path)
        body = json.dumps(self.server.answer(self.path)).encode()
        self.send_response(200 if self.headers["X-Token"] == "secret" else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own word
        """Keep quiet."""


class TestJsonHttp(QueueAdapterSuite):
    """A JSON interface that is asked for what is new since a number that several rows share."""

    how: dict[str, object] = {"after": {"parameter": "since", "field": "place", "first": 0}}  # noqa: RUF012

    @pytest.fixture(autouse=True)
    def _have_a_server(self) -> Iterator[None]:
        self.machine = QueueMachine()
        thread = threading.Thread(target=self.machine.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield
        self.machine.shutdown()
        self.machine.server_close()
        thread.join(10)

    def adapter(self) -> JsonHttpAdapter:
        return self._at(self.machine.url)

    def missing_adapter(self) -> JsonHttpAdapter:
        return self._at("http://127.0.0.1:1/tickets")

    def _at(self, url: str) -> JsonHttpAdapter:
        mapping = {"members": MEMBERS, "time_format": "%Y-%m-%d %H:%M:%S"}
        settings = {"id": "machine", "kind": "json_http", "url": url, "headers": {"X-Token": "${TOKEN}"}}
        content = {**settings, "rows": "data.list", "events": [mapping], **self.how}
        return JsonHttpAdapter(JsonHttpSettings.model_validate(content), HALL, {"TOKEN": "secret"})

    def tell(self, event: QueueEvent) -> None:
        self.machine.add(row_of(event, len(self.machine.rows)))

    def tell_nonsense(self, size: int) -> None:
        self.machine.add("#" * size)


class TestJsonHttpByPages(TestJsonHttp):
    """The same, where each page tells which one follows."""

    how = {"parameters": {"paged": "yes"}, "next": "next"}  # noqa: RUF012


class TestJsonHttpWhole(TestJsonHttp):
    """The same, where each answer is the whole list; here the first five rows are enough."""

    how: dict[str, object] = {}  # noqa: RUF012


QUERY = "SELECT place, pk, time, state, number, item FROM tickets WHERE place >= :after ORDER BY place, pk"
TABLE = "CREATE TABLE tickets (place integer, pk text, time {time}, state integer, number text, item text)"


class TestSqlOnSqlite(QueueAdapterSuite):
    """A table of a real SQLite file, read on by a number that several rows share."""

    @pytest.fixture(autouse=True)
    def _have_a_database(self, tmp_path: Path) -> None:
        self.path = tmp_path / "machine.db"
        self.count = 0
        with sqlite3.connect(self.path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(TABLE.format(time="text"))
        connection.close()

    def adapter(self) -> SqlAdapter:
        return sql_adapter(f"sqlite:///{self.path}")

    def missing_adapter(self) -> SqlAdapter:
        return sql_adapter(f"sqlite:///{self.path.with_name('nothing.db')}")

    def tell(self, event: QueueEvent) -> None:
        self._add(row_of(event, self.count))

    def tell_nonsense(self, size: int) -> None:
        self._add({"place": self.count // 3, "pk": "0", "time": None, "state": 9, "number": "#" * size})

    def _add(self, row: dict[str, str | int | None] | dict[str, str | int]) -> None:
        self.count += 1
        columns = ", ".join(row)
        places = ", ".join("?" for _ in row)
        with sqlite3.connect(self.path) as connection:
            connection.execute(f"INSERT INTO tickets ({columns}) VALUES ({places})", tuple(row.values()))
        connection.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgresql.running() as folder:
        yield folder


@pytest.mark.postgres
class TestSqlOnPostgresql(QueueAdapterSuite):
    """The same on a real PostgreSQL, with its own type of time."""

    @pytest.fixture(autouse=True)
    def _have_a_database(self, server: Path) -> None:
        self.url = postgresql.new_database(server)
        self.folder = server
        self.count = 0
        self._do(TABLE.format(time="timestamp"))

    def adapter(self) -> SqlAdapter:
        return sql_adapter(self.url)

    def missing_adapter(self) -> SqlAdapter:
        return sql_adapter(f"postgresql+psycopg://hall@/nothing?host={self.folder}")

    def tell(self, event: QueueEvent) -> None:
        self._add(row_of(event, self.count))

    def tell_nonsense(self, size: int) -> None:
        self._add({"place": self.count // 3, "pk": "0", "state": 9, "number": "#" * size})

    def _add(self, row: dict[str, str | int]) -> None:
        self.count += 1
        places = ", ".join("%s" for _ in row)
        self._do(f"INSERT INTO tickets ({', '.join(row)}) VALUES ({places})", tuple(row.values()))

    def _do(self, statement: str, values: tuple[str | int, ...] = ()) -> None:
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            connection.execute(statement.encode(), values)


def sql_adapter(url: str, **how: object) -> SqlAdapter:
    """An adapter for the table above, wherever it is."""
    mapping = {"members": MEMBERS, "time_format": "%Y-%m-%d %H:%M:%S"}
    after = {"column": "place", "first": 0}
    settings = {
        "id": "machine",
        "kind": "sql",
        "url": url,
        "query": QUERY,
        "after": after,
        "events": [mapping],
    }
    return SqlAdapter(SqlSettings.model_validate({**settings, **how}), HALL)


@pytest.mark.postgres
def test_the_intake_keeps_its_promises_on_postgresql(server: Path) -> None:
    """A batch with a refused event in the middle, its replay, a correction and a withdrawal."""
    database = Database(postgresql.new_database(server))
    database.migrate()
    configuration = parse_configuration(HALL_FILE)
    start = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    now = start + timedelta(hours=1)

    def event(number: int, kind: str, **members: str) -> bytes:
        at = (start + timedelta(seconds=number)).isoformat()
        return json.dumps({"id": f"e{number}", "hall": "demo", "at": at, "type": kind, **members}).encode()

    batch = [
        event(1, "ticket_taken", ticket="A1"),
        event(2, "ticket_called", ticket="A1", window="w03"),
        event(3, "ticket_taken", ticket="A2"),
        b"\0\0",
        event(4, "ticket_taken", ticket="A3", corrects="e3"),
        event(5, "event_withdrawn", corrects="e4"),
    ]
    outcomes = [told.status for told in accept_all(database, configuration, batch, now)]
    assert outcomes == ["accepted", "refused", "accepted", "refused", "accepted", "accepted"]
    again = [told.status for told in accept_all(database, configuration, batch, now)]
    assert again == ["repeated", "refused", "repeated", "refused", "repeated", "repeated"]
    with database.read() as tx:
        kept = {known.field: known for known in refused_events.refused(tx, is_settled=False)}
    assert {field: known.times for field, known in kept.items()} == {"window": 2, "body": 2}
    larger = parse_configuration(
        HALL_FILE + "      - {id: w03, number: '3', name: {zh: 三, en: Three}, unit: tax}\n"
    )
    assert replay(database, larger, kept["window"].id, Operator("wang"), now).status == "accepted"
    discard(database, kept["body"].id, Operator("wang"), "nothing but zeros", now)
    with database.read() as tx:
        (ticket,) = queueing.tickets_of(tx, HALL.id)
        assert (ticket.number, ticket.window) == ("A1", "w03")
        assert refused_events.oldest_open(tx) == []
    database.close()

"""The capture role reads a queue machine's file: killed in the middle, it ends as if all had been posted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from capture.queueing import accept
from hall.config import load_configuration
from hall.errors import Conflict, EventRefused
from hall.names import HallId, WindowId
from store import queue_events, queueing, refused_events
from store.database import Database

HALL = HallId("demo")
LIMIT = 30.0
TICKETS = 60
NOWHERE = "nats://127.0.0.1:9"
"""No bus listens here: queues do not need one."""
HALL_FILE = """
version: 1
site: {data: data}
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: tax, name: {zh: 税务, en: Tax}}]
    staff: [{id: s01, name: {zh: 甲, en: A}, unit: tax}]
    windows: [{id: w01, number: '1', name: {zh: 一, en: One}, unit: tax}]
    queues: [{id: machine, kind: json_lines, path: events.jsonl, poll_seconds: 0.1}]
"""
PROCESS = """
import sys, threading
from pathlib import Path
from capture.role import run_capture
from hall.clock import SystemClock
from hall.config import load_configuration
from store.database import Database
configuration = load_configuration(Path(sys.argv[1]))
database = Database(configuration.site.database_url)
run_capture(configuration, database, sys.argv[2], SystemClock(), threading.Event())
"""


def a_morning() -> list[str]:
    """Lines as a machine writes them: tickets served one after the other, and some that are no event."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    lines: list[str] = []

    def tell(second: int, kind: str, **members: str) -> None:
        at = (start + timedelta(seconds=second)).isoformat()
        lines.append(json.dumps({"id": f"e{len(lines)}", "hall": "demo", "at": at, "type": kind, **members}))

    tell(0, "staff_logged_in", window="w01", staff="s01")
    for number in range(TICKETS):
        ticket, second = f"A{number:03d}", 60 * number
        tell(second + 1, "ticket_taken", ticket=ticket, item="身份证")
        tell(second + 10, "ticket_called", ticket=ticket, window="w01")
        tell(second + 20, "service_started", ticket=ticket, window="w01", serial=f"2026-{number}")
        tell(second + 30, "step_changed", ticket=ticket, step="review")
        tell(second + 50, "service_finished", ticket=ticket)
        if number % 10 == 0:
            lines.append(f"ERROR paper jam at {ticket}")
            tell(second + 55, "ticket_called", ticket="Z999", window="w01")
    return lines


def database_in(folder: Path) -> Database:
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'hallwatch.db'}")
    database.migrate()
    return database


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT} s"
        time.sleep(0.02)


@contextmanager
def capturing(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The capture role as a process, which is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(file), NOWHERE], cwd=Path(__file__).parents[2]
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(LIMIT)


def told(database: Database) -> list[object]:
    """What stands in the store, in whatever order it came."""
    with database.read() as tx:
        tickets = queueing.tickets_of(tx, HALL, limit=1000)
        handled = queueing.transactions_of(tx, limit=1000)
        parts = [queueing.periods_of(tx, one.id) for one in handled]
        now = datetime.now(UTC)
        states = queueing.window_status_history(tx, HALL, WindowId("w01"), now - timedelta(days=1), now)
        refused = [(row.field, row.message, row.raw) for row in refused_events.refused(tx, 1000)]
    return [tickets, handled, parts, states, refused]


def settled(database: Database) -> int:
    """Events that were taken in or refused."""
    with database.read() as tx:
        start, end = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC)
        numbers = [f"A{number:03d}" for number in range(TICKETS)]
        known = [queue_events.events_of_ticket(tx, HALL, number, start, end) for number in numbers]
        return sum(map(len, known)) + len(refused_events.refused(tx, 1000)) + 1


def reached(database: Database, count: int) -> bool:
    return settled(database) >= count


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "hall.yaml"
    file.write_text(HALL_FILE, encoding="utf-8")
    return file


def test_a_morning_read_with_kills_in_the_middle_ends_as_when_posted(file: Path, tmp_path: Path) -> None:
    lines = a_morning()
    posted, read = database_in(tmp_path / "posted"), database_in(tmp_path / "data")
    configuration = load_configuration(file)
    for line in lines:
        with suppress(EventRefused, Conflict):
            accept(posted, configuration, line.encode(), datetime.now(UTC))
    third = len(lines) // 3
    with (tmp_path / "events.jsonl").open("a", encoding="utf-8", buffering=1) as machine:
        for part in range(3):
            ahead = lines[part * third : (part + 1) * third if part < 2 else len(lines)]
            with capturing(file):
                # The machine writes on while the role reads; the kill falls where it falls.
                for line in ahead:
                    machine.write(line[:20])
                    machine.write(line[20:] + "\n")
                half = part * third + len(ahead) // 2
                wait_for(partial(reached, read, half), "reading half")
        with capturing(file):
            wait_for(partial(reached, read, len(lines)), "reading to the end")
    assert settled(read) == len(lines)
    assert told(read) == told(posted)
    posted.close()
    read.close()

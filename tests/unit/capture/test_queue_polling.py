"""A queue that is asked: taken in from where it stood, whatever it or the database does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from prometheus_client import REGISTRY

from capture.queueing import polling
from capture.queueing.adapters import open_adapter
from capture.queueing.polling import QueuePoller, queue_workers
from hall.clock import SimulatedClock
from hall.config import Configuration, load_configuration, parse_configuration
from hall.config.queues import ForeignQueueSettings
from hall.errors import QueueError, StoreBusy
from hall.names import HallId, QueueId
from hall.ports import Cursor, QueueAdapter
from store import queue_cursors, queueing, refused_events
from store.database import Database
from tests.unit.capture.test_queue_intake import HALL_FILE, START

HALL = HallId("demo")
LIMIT = 20.0
QUEUES = "    queues: [{id: machine, kind: json_lines, path: queue/events.jsonl, poll_seconds: 0.1}]\n"


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    (tmp_path / "queue").mkdir()
    file = tmp_path / "hall.yaml"
    file.write_text(HALL_FILE + QUEUES, encoding="utf-8")
    return load_configuration(file)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue" / "events.jsonl"


def taken(number: int) -> str:
    at = (START + timedelta(seconds=number)).isoformat()
    return json.dumps(
        {"id": f"e{number}", "hall": "demo", "at": at, "type": "ticket_taken", "ticket": f"A{number}"}
    )


def append(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


def numbers(database: Database) -> list[str]:
    with database.read() as tx:
        return [ticket.number for ticket in queueing.tickets_of(tx, HALL)]


def refused(database: Database) -> list[str | None]:
    with database.read() as tx:
        return [row.field for row in refused_events.refused(tx)]


def poller(configuration: Configuration, database: Database) -> QueuePoller:
    """As a process that starts."""
    (queue,) = configuration.halls[0].queues
    clock = SimulatedClock(START + timedelta(hours=1))
    return QueuePoller(HALL, queue, configuration, database, clock)


def working() -> float | None:
    return REGISTRY.get_sample_value("hallwatch_capture_queue_working", {"hall": "demo", "queue": "machine"})


def failures(reason: str) -> float:
    labels = {"hall": "demo", "queue": "machine", "reason": reason}
    return REGISTRY.get_sample_value("hallwatch_capture_queue_failures_total", labels) or 0.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {LIMIT} s"
        time.sleep(0.02)


def test_a_relative_path_is_meant_from_the_folder_of_the_file(
    configuration: Configuration, path: Path, database: Database
) -> None:
    append(path, taken(1))
    poller(configuration, database).poll(Event())
    assert numbers(database) == ["A1"]


def test_events_are_taken_in_once_over_any_number_of_starts(
    configuration: Configuration, path: Path, database: Database
) -> None:
    for number in range(1, 4):
        append(path, taken(number), f"no event {number}")
        poller(configuration, database).poll(Event())
        poller(configuration, database).poll(Event())
    assert numbers(database) == ["A1", "A2", "A3"]
    assert refused(database) == ["body"] * 3


def test_refused_events_are_kept_and_stop_no_other(
    configuration: Configuration, path: Path, database: Database
) -> None:
    changed = taken(1).replace("A1", "A9")
    append(
        path, taken(1), "\0\0{", "x" * 70_000, changed, taken(2).replace('"demo"', '"elsewhere"'), taken(3)
    )
    poller(configuration, database).poll(Event())
    assert numbers(database) == ["A1", "A3"]
    assert refused(database) == ["hall", "id", "body", "body"]


def test_a_poller_told_to_stop_leaves_the_rest_for_the_next_start(
    configuration: Configuration, path: Path, database: Database
) -> None:
    append(path, taken(1), taken(2))
    stop = Event()
    stop.set()
    poller(configuration, database).poll(stop)
    assert numbers(database) == ["A1"]
    poller(configuration, database).poll(Event())
    assert numbers(database) == ["A1", "A2"]


def test_an_event_that_the_database_does_not_keep_is_asked_for_again(
    configuration: Configuration, path: Path, database: Database, tmp_path: Path
) -> None:
    """Neither event nor place is stored, or both."""
    append(path, taken(1))
    away = Database(f"sqlite:///{tmp_path / 'nowhere' / 'hall.db'}")
    with pytest.raises(StoreBusy):
        poller(configuration, away).poll(Event())
    away.close()
    with database.read() as tx:
        assert queue_cursors.cursor(tx, HALL, QueueId("machine")) is None
    poller(configuration, database).poll(Event())
    assert numbers(database) == ["A1"]


def test_the_place_is_stored_with_the_event_that_it_stands_behind(
    configuration: Configuration, path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks off between the two leaves neither."""
    append(path, taken(1))

    def breaks(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(queue_cursors, "move", breaks)
        with pytest.raises(KeyboardInterrupt):
            poller(configuration, database).poll(Event())
    assert numbers(database) == []
    poller(configuration, database).poll(Event())
    assert numbers(database) == ["A1"]


def test_a_missing_file_is_waited_for_and_counted(
    configuration: Configuration, path: Path, database: Database
) -> None:
    stop, before = Event(), failures("queue")
    (worker,) = queue_workers(configuration, database, SimulatedClock(START + timedelta(hours=1)))
    thread = Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    try:
        wait_for(lambda: failures("queue") >= before + 2, "missing the file")
        assert working() == 0
        append(path, taken(1))
        wait_for(lambda: numbers(database) == ["A1"], "taking in")
        wait_for(lambda: working() == 1, "working")
    finally:
        stop.set()
        thread.join(LIMIT)
    assert not thread.is_alive()


def test_only_the_first_share_of_the_role_asks(configuration: Configuration, database: Database) -> None:
    def workers(share: tuple[int, int]) -> list[str]:
        clock = SimulatedClock(START)
        return [worker.name for worker in queue_workers(configuration, database, clock, share)]

    assert (workers((1, 2)), workers((2, 2))) == (["queue-machine"], [])


class Failing:
    """An adapter of somebody else that breaks on its first question."""

    def __init__(self) -> None:
        self.asked = 0

    def events(self, after: Cursor | None) -> Iterator[tuple[Cursor, bytes]]:
        self.asked += 1
        if self.asked == 1:
            raise RuntimeError("a fault of the adapter")
        if after is None:
            yield Cursor("1"), taken(1).encode()


def test_a_fault_of_a_foreign_adapter_does_not_end_the_asking(
    configuration: Configuration, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter: QueueAdapter = Failing()
    monkeypatch.setattr(polling, "open_adapter", lambda *_: adapter)
    stop, before = Event(), failures("fault")
    thread = Thread(target=poller(configuration, database).run, args=(stop,), daemon=True)
    thread.start()
    try:
        wait_for(lambda: numbers(database) == ["A1"], "taking in")
    finally:
        stop.set()
        thread.join(LIMIT)
    assert failures("fault") == before + 1


def test_a_plugin_that_is_not_installed_is_named() -> None:
    settings = ForeignQueueSettings(id=QueueId("machine"), kind="foreign", plugin="nobody")
    with pytest.raises(QueueError, match="'nobody'"):
        open_adapter(settings, parse_configuration(HALL_FILE).halls[0])


def test_the_place_of_a_queue_is_its_own(database: Database) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    places = {("demo", "a"): "1", ("demo", "b"): "2", ("other", "a"): "3"}
    for value in ("0", None):
        for (hall, queue), own in places.items():
            with database.write() as tx:
                queue_cursors.move(tx, HallId(hall), QueueId(queue), Cursor(value or own), now)
    with database.read() as tx:
        found = {key: queue_cursors.cursor(tx, HallId(key[0]), QueueId(key[1])) for key in places}
    assert found == {key: Cursor(own) for key, own in places.items()}

"""Batches of queue events, and refused events that an operator settles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from capture.queueing import Operator, accept, accept_all, batch, discard, replay
from capture.queueing.posted import MOST_EVENTS, batch_in
from hall.config import parse_configuration
from hall.errors import Conflict, EventRefused, NotFound, RequestRefused, StoreBusy
from hall.names import HallId
from hall.queueing import LARGEST_EVENT
from store import audit, queueing, refused_events
from store.database import Database
from store.refused_events import RefusedEvent, Settlement
from tests.unit.capture.test_queue_intake import HALL_FILE, START, Queue, a_morning

HALL = HallId("demo")
NOW = START + timedelta(hours=1)
CONFIGURATION = parse_configuration(HALL_FILE)
LARGER = parse_configuration(
    HALL_FILE + "      - {id: w03, number: '3', name: {zh: 三, en: Three}, unit: tax}\n"
)
OFFICER = Operator("wang", "10.0.0.7")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database, CONFIGURATION)


def raw(event: object) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def kept(database: Database) -> list[RefusedEvent]:
    with database.read() as tx:
        return refused_events.refused(tx)


def refuse(database: Database, event: dict[str, str]) -> int:
    with pytest.raises((EventRefused, Conflict)):
        accept(database, CONFIGURATION, raw(event), NOW)
    return kept(database)[0].id


# --- batches


def test_each_event_of_a_batch_is_judged_on_its_own(queue: Queue, database: Database) -> None:
    events = a_morning(queue)
    queue.post(events[0])
    batch_of = [raw(events[0]), raw(events[1]), b"no event", raw({**events[2], "window": "w99"})]
    outcomes = accept_all(database, CONFIGURATION, batch_of, NOW)
    assert [(told.index, told.id, told.status, told.field) for told in outcomes] == [
        (0, "e1", "repeated", None),
        (1, "e2", "accepted", None),
        (2, None, "refused", "body"),
        (3, "e3", "refused", "window"),
    ]
    assert {event.field for event in kept(database)} == {"window", "body"}


def test_a_batch_may_be_in_any_order(queue: Queue, database: Database) -> None:
    """Withdrawals of a whole ticket, the first event first, and a correction that makes room, included."""
    events = a_morning(queue)
    backwards = [raw(event) for event in reversed(events)]
    assert {told.status for told in accept_all(database, CONFIGURATION, backwards, NOW)} == {"accepted"}
    gone = [raw(queue.event(300, "event_withdrawn", corrects=event["id"])) for event in events[1:]]
    assert {told.status for told in accept_all(database, CONFIGURATION, gone, NOW)} == {"accepted"}
    with database.read() as tx:
        assert queueing.tickets_of(tx, HALL) == []
    assert kept(database) == []


def test_a_batch_that_the_database_breaks_off_says_what_is_in(
    queue: Queue, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 2)
    takes = batch._take_chunk
    calls: list[int] = []

    def busy(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise StoreBusy("another process writes")
        return takes(*arguments, **options)  # type: ignore[arg-type] # handed through as they came

    events = [raw(queue.event(number, "ticket_taken", ticket=f"A{number}")) for number in range(5)]
    with monkeypatch.context() as patch:
        patch.setattr(batch, "_take_chunk", busy)
        outcomes = accept_all(database, CONFIGURATION, events, NOW)
    assert [told.status for told in outcomes] == ["accepted"] * 2 + ["not_taken"] * 3
    again = accept_all(database, CONFIGURATION, events, NOW)
    assert [told.status for told in again] == ["repeated"] * 2 + ["accepted"] * 3


def test_a_fault_of_ours_costs_one_event_of_a_batch(
    queue: Queue, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves = queueing.save_ticket

    def breaks(tx: object, ticket: object) -> None:
        if getattr(ticket, "number", "") == "A2":
            raise ZeroDivisionError
        saves(tx, ticket)  # type: ignore[arg-type] # handed through as they came

    monkeypatch.setattr(queueing, "save_ticket", breaks)
    events = [raw(queue.event(number, "ticket_taken", ticket=f"A{number}")) for number in range(4)]
    outcomes = accept_all(database, CONFIGURATION, events, NOW)
    assert [told.status for told in outcomes] == ["accepted", "accepted", "refused", "accepted"]
    assert outcomes[2].message == "could not be taken in: ZeroDivisionError"


def test_a_list_and_lines_are_batches_and_an_object_is_none() -> None:
    assert batch_in(b'{"id": "1"}', "application/json") is None
    assert batch_in('[{"id": "一"}, 3]'.encode(), "application/json") == ['{"id": "一"}'.encode(), b"3"]
    assert batch_in(b'{"id": 1}\r\n\n[2]\n', "application/x-ndjson; charset=utf-8") == [b'{"id": 1}', b"[2]"]
    assert batch_in(b'["\\ud800"]', "") == [b'"\\ud800"']
    for wrong, words in ((b"[1,", "not JSON"), (raw([1] * (MOST_EVENTS + 1)), f"at most {MOST_EVENTS}")):
        with pytest.raises(RequestRefused, match=words) as refusal:
            batch_in(wrong, "application/json")
        assert refusal.value.field == "body"


# --- refused events


def test_what_was_refused_for_a_window_that_is_added_later_is_taken_in_when_it_is_tried_again(
    queue: Queue, database: Database
) -> None:
    queue(0, "ticket_taken", ticket="A001")
    identifier = refuse(database, queue.event(10, "ticket_called", ticket="A001", window="w03"))
    with pytest.raises(EventRefused):
        replay(database, CONFIGURATION, identifier, OFFICER, NOW)
    assert replay(database, LARGER, identifier, OFFICER, NOW).status == "accepted"
    with database.read() as tx:
        (ticket,) = queueing.tickets_of(tx, HALL)
        entries = audit.entries(tx)
    (settled,) = kept(database)
    assert ticket.window == "w03"
    assert (settled.settlement, settled.settled_by, settled.settled_at) == (Settlement.REPLAYED, "wang", NOW)
    assert [(entry.who, entry.action, entry.address) for entry in entries] == [
        ("wang", "replay_event", "10.0.0.7")
    ] * 2
    assert "refused" in entries[0].detail
    with pytest.raises(Conflict, match="settled"):
        replay(database, LARGER, identifier, OFFICER, NOW)


def test_an_operator_may_mend_a_refused_event(queue: Queue, database: Database) -> None:
    event = queue.event(0, "ticket_taken", ticket="票 1")
    identifier = refuse(database, event)
    with pytest.raises(EventRefused) as refusal:
        replay(database, CONFIGURATION, identifier, OFFICER, NOW, raw({**event, "ticket": "A1", "at": "x"}))
    assert refusal.value.field == "at"
    assert kept(database)[0].field == "ticket"  # what is kept is still wrong in this
    replay(database, CONFIGURATION, identifier, OFFICER, NOW, raw({**event, "ticket": "A1"}))
    with database.read() as tx:
        assert [ticket.number for ticket in queueing.tickets_of(tx, HALL)] == ["A1"]


def test_an_event_of_any_allowed_size_is_kept_whole(queue: Queue, database: Database) -> None:
    event = queue.event(10, "ticket_called", ticket="A001", window="w01")
    padded = raw(event) + b" " * (LARGEST_EVENT - len(raw(event)))
    with pytest.raises(EventRefused):
        accept(database, CONFIGURATION, padded, NOW)
    queue(0, "ticket_taken", ticket="A001")
    (known,) = kept(database)
    assert (len(known.raw), known.is_cut) == (LARGEST_EVENT, False)
    assert replay(database, CONFIGURATION, known.id, OFFICER, NOW).status == "accepted"


def test_of_what_is_larger_only_the_beginning_is_kept_and_a_mended_one_is_needed(
    queue: Queue, database: Database
) -> None:
    event = queue.event(0, "ticket_taken", ticket="A001")
    with pytest.raises(EventRefused):
        accept(database, CONFIGURATION, raw(event) + b" " * LARGEST_EVENT, NOW)
    (known,) = kept(database)
    assert known.is_cut
    with pytest.raises(RequestRefused) as refusal:
        replay(database, CONFIGURATION, known.id, OFFICER, NOW)
    assert refusal.value.field == "event"
    assert replay(database, CONFIGURATION, known.id, OFFICER, NOW, raw(event)).status == "accepted"


def test_a_refused_event_is_discarded_with_a_reason_and_only_once(queue: Queue, database: Database) -> None:
    identifier = refuse(database, queue.event(0, "ticket_called", ticket="A001", window="w01"))
    with pytest.raises(RequestRefused):
        discard(database, identifier, OFFICER, "  ", NOW)
    discard(database, identifier, OFFICER, "a test of the machine", NOW)
    (settled,) = kept(database)
    assert (settled.settlement, settled.note) == (Settlement.DISCARDED, "a test of the machine")
    with pytest.raises(Conflict):
        discard(database, identifier, OFFICER, "again", NOW)
    with pytest.raises(NotFound):
        discard(database, identifier + 1, OFFICER, "nothing", NOW)
    with database.read() as tx:
        assert [entry.action for entry in audit.entries(tx)] == ["discard_event"]
        assert refused_events.oldest_open(tx) == []


def test_the_same_event_refused_again_and_again_is_one_that_counts(queue: Queue, database: Database) -> None:
    event = queue.event(10, "ticket_called", ticket="A001", window="w01")
    for _ in range(3):
        refuse(database, event)
    assert [known.times for known in kept(database)] == [3]


def test_a_refused_event_that_comes_again_and_is_accepted_needs_nobody(
    queue: Queue, database: Database
) -> None:
    event = queue.event(10, "ticket_called", ticket="A001", window="w01")
    refuse(database, event)
    queue(0, "ticket_taken", ticket="A001")
    queue.post(event)
    assert [known.settlement for known in kept(database)] == [Settlement.ACCEPTED]

"""Queue events taken in: what follows from them, and what is refused and why."""

from __future__ import annotations

import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capture.queueing import accept
from hall.config import Configuration, parse_configuration
from hall.errors import Conflict, EventRefused
from hall.names import HallId, WindowId
from hall.queueing import Step, TicketStatus, WindowState
from store import journal, queueing, refused_events
from store.database import Database

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HALL = HallId("demo")
HALL_FILE = """
version: 1
halls:
  - id: demo
    name: {zh: 大厅, en: Hall}
    units: [{id: tax, name: {zh: 税务, en: Tax}}]
    staff:
      - {id: s01, name: {zh: 甲, en: A}, unit: tax}
      - {id: s02, name: {zh: 乙, en: B}, unit: tax}
    windows:
      - {id: w01, number: '1', name: {zh: 一, en: One}, unit: tax}
      - {id: w02, number: '2', name: {zh: 二, en: Two}, unit: tax}
"""


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    return database


@pytest.fixture
def configuration() -> Configuration:
    return parse_configuration(HALL_FILE)


class Queue:
    """A queue system that posts events at seconds after START."""

    def __init__(self, database: Database, configuration: Configuration) -> None:
        self.database = database
        self.configuration = configuration
        self.numbers = itertools.count(1)

    def event(self, second: float, kind: str, **members: str) -> dict[str, str]:
        at = (START + timedelta(seconds=second)).isoformat()
        return {"id": f"e{next(self.numbers)}", "hall": "demo", "at": at, "type": kind, **members}

    def post(self, event: object) -> str:
        raw = event if isinstance(event, bytes) else json.dumps(event).encode()
        return accept(self.database, self.configuration, raw, START + timedelta(hours=1)).status

    def __call__(self, second: float, kind: str, **members: str) -> str:
        return self.post(self.event(second, kind, **members))


@pytest.fixture
def queue(database: Database, configuration: Configuration) -> Queue:
    return Queue(database, configuration)


def a_morning(queue: Queue) -> list[dict[str, str]]:
    return [
        queue.event(0, "staff_logged_in", window="w01", staff="s01"),
        queue.event(10, "ticket_taken", ticket="A012", item="id_card"),
        queue.event(60, "ticket_called", ticket="A012", window="w01"),
        queue.event(70, "service_started", ticket="A012", window="w01", serial="2026-1"),
        queue.event(100, "step_changed", ticket="A012", step="review"),
        queue.event(160, "service_finished", ticket="A012"),
    ]


def test_a_transaction_is_found_by_its_ticket_with_its_periods(queue: Queue, database: Database) -> None:
    for event in a_morning(queue):
        assert queue.post(event) == "accepted"
    with database.read() as tx:
        (found,) = queueing.transactions_of(tx, ticket_number="A012")
        parts = queueing.periods_of(tx, found.id)
        ticket = queueing.ticket(tx, found.ticket)
    assert (found.window, found.staff, found.serial, found.item) == ("w01", "s01", "2026-1", "id_card")
    assert [(part.step, part.staff) for part in parts] == [(Step.ACCEPT, "s01"), (Step.REVIEW, "s01")]
    assert [(part.interval.start - START).total_seconds() for part in parts] == [70, 100]
    assert parts[-1].interval.end == START + timedelta(seconds=160)
    assert ticket.status is TicketStatus.SERVED


def test_the_states_of_a_window_follow_its_events(queue: Queue, database: Database) -> None:
    for event in a_morning(queue):
        queue.post(event)
    queue(200, "window_paused", window="w01", reason="break")
    queue(260, "window_resumed", window="w01")
    queue(300, "staff_logged_out", window="w01", staff="s01")
    with database.read() as tx:
        history = queueing.window_status_history(tx, HALL, WindowId("w01"), START, START + timedelta(hours=1))
    assert [status.state for status in history] == [
        WindowState.OPEN,
        WindowState.OPEN,  # called, not yet started
        WindowState.SERVING,
        WindowState.SERVING,  # another step
        WindowState.OPEN,
        WindowState.PAUSED,
        WindowState.OPEN,
        WindowState.CLOSED,
    ]
    assert all(before.interval.end == after.interval.start for before, after in itertools.pairwise(history))


def test_a_late_step_cuts_the_periods_anew_and_keeps_the_old_ones(queue: Queue, database: Database) -> None:
    for event in a_morning(queue):
        queue.post(event)
    queue(130, "step_changed", ticket="A012", step="approve")
    with database.read() as tx:
        (found,) = queueing.transactions_of(tx, ticket_number="A012")
        steps = [part.step for part in queueing.periods_of(tx, found.id)]
    assert steps == [Step.ACCEPT, Step.REVIEW, Step.APPROVE]


@pytest.mark.parametrize("seed", range(12))
def test_events_that_arrive_late_end_in_the_same_windows_and_transactions(
    tmp_path: Path, configuration: Configuration, seed: int
) -> None:
    """What can be told in any order (pauses and steps among what is known) ends the same."""
    results = []
    for shuffled in (False, True):
        database = Database(f"sqlite:///{tmp_path / f'{shuffled}.db'}")
        database.migrate()
        queue = Queue(database, configuration)
        late = [
            queue.event(80, "step_changed", ticket="A012", step="handle"),
            queue.event(130, "step_changed", ticket="A012", step="approve"),
            queue.event(140, "staff_logged_in", window="w01", staff="s02"),
            queue.event(20, "ticket_taken", ticket="A013"),
        ]
        events = [*a_morning(queue)]
        random.Random(seed).shuffle(late)
        ordered = (
            sorted([*events, *late], key=lambda event: event["at"]) if not shuffled else [*events, *late]
        )
        for event in ordered:
            queue.post(event)
        with database.read() as tx:
            (found,) = queueing.transactions_of(tx, ticket_number="A012")
            parts = [(p.step, p.staff, p.interval) for p in queueing.periods_of(tx, found.id)]
            history = queueing.window_status_history(
                tx, HALL, WindowId("w01"), START, START + timedelta(hours=1)
            )
        results.append((found, parts, history))
        database.close()
    assert results[0] == results[1]


def test_staff_who_change_in_the_middle_cut_the_period(queue: Queue, database: Database) -> None:
    for event in a_morning(queue)[:5]:
        queue.post(event)
    queue(130, "staff_logged_in", window="w01", staff="s02")
    with database.read() as tx:
        (found,) = queueing.transactions_of(tx, ticket_number="A012")
        parts = queueing.periods_of(tx, found.id)
    assert [(part.step, part.staff) for part in parts] == [
        (Step.ACCEPT, "s01"),
        (Step.REVIEW, "s01"),
        (Step.REVIEW, "s02"),
    ]


def test_a_number_given_out_again_is_another_ticket(queue: Queue, database: Database) -> None:
    for event in a_morning(queue):
        queue.post(event)
    queue(500, "ticket_taken", ticket="A012")
    with database.read() as tx:
        assert [ticket.status for ticket in queueing.tickets_of(tx, HALL)] == [
            TicketStatus.SERVED,
            TicketStatus.WAITING,
        ]


def test_a_ticket_on_hold_does_not_wait_and_its_wait_stays_the_one_before_the_first_call(
    queue: Queue, database: Database
) -> None:
    for event in a_morning(queue)[:4]:
        queue.post(event)
    told = []
    for second, kind in ((90, "ticket_on_hold"), (600, "ticket_called")):
        queue(second, kind, ticket="A012", window="w01")
        with database.read() as tx:
            (ticket,) = queueing.tickets_of(tx, HALL)
        told.append((ticket.status, ticket.waiting_since, ticket.called_at))
    wait = START + timedelta(seconds=10), START + timedelta(seconds=60)
    assert told == [(TicketStatus.ON_HOLD, *wait), (TicketStatus.CALLED, *wait)]


def test_a_transferred_ticket_waits_anew_until_its_next_call(queue: Queue, database: Database) -> None:
    for event in a_morning(queue)[:4]:
        queue.post(event)
    queue(90, "ticket_transferred", ticket="A012")
    with database.read() as tx:
        (waiting,) = queueing.tickets_of(tx, HALL)
    assert (waiting.status, waiting.called_at) == (TicketStatus.WAITING, None)
    assert waiting.waiting_since == START + timedelta(seconds=90)
    queue(120, "ticket_called", ticket="A012", window="w02")
    with database.read() as tx:
        (called,) = queueing.tickets_of(tx, HALL)
    assert (called.waiting_since, called.called_at) == (waiting.waiting_since, START + timedelta(seconds=120))


def test_a_visitor_who_gives_up_waiting_ends_the_wait(queue: Queue, database: Database) -> None:
    queue(0, "ticket_taken", ticket="A001")
    queue(90, "ticket_no_show", ticket="A001")
    with database.read() as tx:
        (ticket,) = queueing.tickets_of(tx, HALL)
    assert (ticket.status, ticket.called_at) == (TicketStatus.NO_SHOW, None)
    assert ticket.finished_at == START + timedelta(seconds=90)


def test_the_same_event_twice_changes_nothing(queue: Queue, database: Database) -> None:
    event = queue.event(0, "ticket_taken", ticket="A001")
    assert queue.post(event) == "accepted"
    with database.read() as tx:
        before = journal.last_seq(tx)
    assert queue.post(event) == "repeated"
    with database.read() as tx:
        assert journal.last_seq(tx) == before


def test_the_same_id_with_other_content_is_refused(queue: Queue) -> None:
    event = queue.event(0, "ticket_taken", ticket="A001")
    queue.post(event)
    with pytest.raises(Conflict, match="id"):
        queue.post({**event, "ticket": "A002"})


REFUSED: list[tuple[str, dict[str, str] | bytes, str]] = [
    ("not JSON", b"{", "body"),
    ("not an object", b"[1]", "body"),
    ("too large", b'"' + b"x" * 70_000 + b'"', "body"),
    ("unknown member", {"ticket_number": "A1"}, "ticket_number"),
    ("unknown type", {"type": "ticket_eaten"}, "type"),
    ("unknown hall", {"hall": "nowhere"}, "hall"),
    ("unknown window", {"type": "window_opened", "window": "w99"}, "window"),
    ("unknown staff", {"type": "staff_logged_in", "window": "w01", "staff": "s99"}, "staff"),
    ("missing window", {"type": "ticket_called"}, "window"),
    ("missing reason", {"type": "window_paused", "window": "w01"}, "reason"),
    ("time without a zone", {"at": "2026-03-02T02:00:00"}, "at"),
    ("time that is none", {"at": "yesterday"}, "at"),
    ("from the future", {"at": "2027-03-02T02:00:00Z"}, "at"),
    ("never taken", {"type": "ticket_called", "window": "w01", "ticket": "B001"}, "ticket"),
    ("never called", {"type": "service_finished"}, "type"),
    ("resumed without a pause", {"type": "window_resumed", "window": "w01"}, "type"),
    ("ticket with odd characters", {"ticket": "../A1"}, "ticket"),
    ("id with a control character", {"id": "a\u0000b"}, "id"),
]


@pytest.mark.parametrize(
    ("change", "field"), [(c, f) for _, c, f in REFUSED], ids=[name for name, _, _ in REFUSED]
)
def test_a_bad_event_is_refused_by_its_field_and_kept_and_stops_nothing(
    queue: Queue, database: Database, change: dict[str, str] | bytes, field: str
) -> None:
    queue(0, "ticket_taken", ticket="A001")
    event = queue.event(5, "ticket_taken", ticket="A001")
    bad = change if isinstance(change, bytes) else {**event, **change}
    with pytest.raises(EventRefused) as refusal:
        queue.post(bad)
    assert refusal.value.field == field
    with database.read() as tx:
        (kept,) = refused_events.refused(tx)
        assert kept.field == field
        assert [ticket.status for ticket in queueing.tickets_of(tx, HALL)] == [TicketStatus.WAITING]
    assert queue(6, "ticket_taken", ticket="A002") == "accepted"


def test_an_event_that_would_make_a_known_one_impossible_is_refused(queue: Queue) -> None:
    for event in a_morning(queue):
        queue.post(event)
    with pytest.raises(EventRefused, match="service_finished") as refusal:
        queue(120, "ticket_on_hold", ticket="A012")
    assert refusal.value.field == "at"

"""Corrected and withdrawn queue events: the record tells what the last word says, however it came."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capture.queueing.intake import judge
from hall.config import parse_configuration
from hall.errors import Conflict, EventRefused
from hall.names import HallId, WindowId
from hall.queueing import QueueEvent, Step, TicketStatus, WindowState
from store import journal, queueing
from store.database import Database, savepoint
from tests.unit.capture.test_queue_intake import HALL_FILE, START, Queue, a_morning

HALL = HallId("demo")
W1, W2 = WindowId("w01"), WindowId("w02")
NOW = START + timedelta(hours=2)
DAY = timedelta(days=1)
CONFIGURATION = parse_configuration(HALL_FILE)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database, CONFIGURATION)


def told(database: Database) -> tuple[object, ...]:
    """Everything that stands: tickets, transactions, their periods, the states of both windows."""
    with database.read() as tx:
        handled = queueing.transactions_of(tx, limit=1000)
        periods = [
            (part.transaction, part.window, part.staff, part.step, part.interval)
            for transaction in handled
            for part in queueing.periods_of(tx, transaction.id)
        ]
        windows = [
            queueing.window_status_history(tx, HALL, window, START - DAY, NOW + DAY) for window in (W1, W2)
        ]
        return (
            tuple(queueing.tickets_of(tx, HALL)),
            tuple(handled),
            tuple(periods),
            tuple(map(tuple, windows)),
        )


def test_a_corrected_window_moves_the_transaction_with_all_its_periods(
    queue: Queue, database: Database
) -> None:
    """Also what did not name a window follows: the step and the end."""
    events = a_morning(queue)
    for event in events:
        queue.post(event)
    queue.post({**events[2], "id": "c1", "window": "w02", "corrects": events[2]["id"]})
    queue.post({**events[3], "id": "c2", "window": "w02", "corrects": events[3]["id"]})
    with database.read() as tx:
        (found,) = queueing.transactions_of(tx)
        parts = queueing.periods_of(tx, found.id)
        first = queueing.window_status_history(tx, HALL, W1, START, NOW)
        second = queueing.window_status_history(tx, HALL, W2, START, NOW)
    assert [(part.window, part.step) for part in parts] == [(W2, Step.ACCEPT), (W2, Step.REVIEW)]
    assert [status.state for status in first] == [WindowState.OPEN]
    assert [status.state for status in second].count(WindowState.SERVING) == 2
    assert second[-1].state is WindowState.OPEN


def test_a_corrected_time_of_taking_is_another_ticket_and_the_first_never_was(
    queue: Queue, database: Database
) -> None:
    events = a_morning(queue)
    for event in events:
        queue.post(event)
    with database.read() as tx:
        (before,) = queueing.tickets_of(tx, HALL)
    at = (START + timedelta(seconds=5)).isoformat()
    queue.post({**events[1], "id": "c1", "at": at, "corrects": events[1]["id"]})
    with database.read() as tx:
        (after,) = queueing.tickets_of(tx, HALL)
        gone = queueing.ticket(tx, before.id)
        (found,) = queueing.transactions_of(tx)
    assert (after.taken_at, after.status) == (START + timedelta(seconds=5), TicketStatus.SERVED)
    assert found.ticket == after.id
    assert (gone.status, gone.waiting_since, gone.finished_at) == (
        TicketStatus.WITHDRAWN,
        before.taken_at,
        before.taken_at,
    )


def test_what_is_withdrawn_from_the_end_on_leaves_nothing(queue: Queue, database: Database) -> None:
    before = told(database)
    events = a_morning(queue)
    for event in events:
        queue.post(event)
    with pytest.raises(EventRefused, match="ticket_called") as refusal:
        queue(400, "event_withdrawn", corrects=events[1]["id"])
    assert refusal.value.field == "corrects"
    for event in reversed(events):
        assert queue(400, "event_withdrawn", corrects=event["id"]) == "accepted"
    assert told(database) == before


def test_the_journal_tells_followers_of_a_transaction_that_never_was(
    queue: Queue, database: Database
) -> None:
    events = a_morning(queue)
    for event in events[:4]:
        queue.post(event)
    queue(400, "event_withdrawn", corrects=events[3]["id"])
    with database.read() as tx:
        last = [entry.body for entry in journal.tail(tx, 0) if entry.kind == "transaction"][-1]
        assert queueing.transactions_of(tx) == []
    interval = last["interval"]
    assert isinstance(interval, dict)
    assert interval["start"] == interval["end"]


def test_an_event_that_comes_after_its_correction_changes_nothing(queue: Queue, database: Database) -> None:
    """Not even when something was wrong with it that would have been refused."""
    events = a_morning(queue)
    for event in events[:3]:
        queue.post(event)
    started = {**events[3], "window": "w99"}
    queue.post({**events[3], "id": "c1", "corrects": started["id"]})
    before = told(database)
    assert queue.post(started) == "accepted"
    assert queue.post(started) == "repeated"
    assert told(database) == before


def test_a_second_correction_of_one_event_is_refused_and_names_the_first(queue: Queue) -> None:
    events = a_morning(queue)
    for event in events:
        queue.post(event)
    wrong = {**events[4], "step": "handle", "corrects": events[4]["id"]}
    queue.post({**wrong, "id": "c1"})
    with pytest.raises(EventRefused, match="'c1'") as refusal:
        queue.post({**wrong, "id": "c2", "step": "approve"})
    assert refusal.value.field == "corrects"
    assert queue.post({**wrong, "id": "c3", "step": "approve", "corrects": "c1"}) == "accepted"


def test_events_cannot_correct_each_other_in_a_ring(queue: Queue) -> None:
    taken = queue.event(1, "ticket_taken", ticket="A001")
    with pytest.raises(EventRefused, match="itself"):
        queue.post({**taken, "corrects": taken["id"]})
    queue.post({**taken, "id": "a", "corrects": "b"})
    queue.post({**taken, "id": "b", "corrects": "c"})
    with pytest.raises(EventRefused, match="itself"):
        queue.post({**taken, "id": "c", "corrects": "a"})


def test_staff_who_logged_in_late_are_entered_for_all_they_served_since(
    queue: Queue, database: Database
) -> None:
    for event in a_morning(queue)[1:]:
        queue.post(event)
    for second, kind in ((200, "ticket_taken"), (210, "ticket_called"), (220, "service_started")):
        queue(second, kind, ticket="A013", window="w01")
    queue(1, "staff_logged_in", window="w01", staff="s02")
    with database.read() as tx:
        handled = queueing.transactions_of(tx)
        staff = {part.staff for found in handled for part in queueing.periods_of(tx, found.id)}
    assert ([found.staff for found in handled], staff) == (["s02", "s02"], {"s02"})


def test_an_event_of_last_week_leaves_this_week_as_it_is(queue: Queue, database: Database) -> None:
    for event in a_morning(queue):
        queue.post(event)
    with database.read() as tx:
        before = queueing.window_status_history(tx, HALL, W1, START, NOW)
    week = 7 * 86400
    queue(-week, "staff_logged_in", window="w01", staff="s02")
    queue(-week + 3600, "staff_logged_out", window="w01", staff="s02")
    with database.read() as tx:
        assert queueing.window_status_history(tx, HALL, W1, START, NOW) == before
        last_week = queueing.window_status_history(tx, HALL, W1, START - 8 * DAY, START - 6 * DAY)
    assert [status.state for status in last_week] == [WindowState.OPEN, WindowState.CLOSED]


# --- any order

Members = dict[str, object]


@dataclass
class Tale:
    """Events in the order in which they come, and what stands at the end."""

    truth: list[QueueEvent] = field(default_factory=list)
    arrivals: list[QueueEvent] = field(default_factory=list)


TRUTH: list[tuple[int, str, Members]] = [
    (0, "staff_logged_in", {"window": "w01", "staff": "s01"}),
    (10, "ticket_taken", {"ticket": "A012"}),
    (60, "ticket_called", {"ticket": "A012", "window": "w01"}),
    (70, "service_started", {"ticket": "A012", "window": "w01"}),
    (100, "step_changed", {"ticket": "A012", "step": "review"}),
    (130, "staff_logged_in", {"window": "w01", "staff": "s02"}),
    (160, "service_finished", {"ticket": "A012"}),
    (200, "window_paused", {"window": "w01", "reason": "break"}),
    (210, "ticket_taken", {"ticket": "A013"}),
    (260, "window_resumed", {"window": "w01"}),
]
EXTRAS: list[tuple[str, Members]] = [
    ("ticket_taken", {"ticket": "X1"}),
    ("window_opened", {"window": "w01", "staff": "s01"}),
    ("window_opened", {"window": "w02"}),
]


def an_event(identifier: str, second: float, kind: str, members: Members) -> QueueEvent:
    at = START + timedelta(seconds=second)
    return QueueEvent.model_validate({"id": identifier, "hall": HALL, "at": at, "type": kind, **members})


@st.composite
def tales(draw: st.DrawFn) -> Tale:
    """Each event of a morning comes right, or wrong and corrected once or twice; others are withdrawn."""
    tale = Tale()
    for place, (second, kind, members) in enumerate(TRUTH):
        wrongs = draw(st.integers(0, 2))
        names = [f"e{place}", *(f"e{place}-{number}" for number in range(1, wrongs + 1))]
        for number, name in enumerate(names):
            chain: Members = {"corrects": names[number - 1]} if number else {}
            if number == wrongs:
                right = an_event(name, second, kind, {**members, **chain})
                tale.truth.append(an_event(name, second, kind, members))
                tale.arrivals.append(right)
                continue
            shift = draw(st.integers(-40, 40)) + 0.5
            wrong = {**members, **chain}
            if "window" in wrong:
                wrong["window"] = draw(st.sampled_from(["w01", "w02"]))
            tale.arrivals.append(an_event(name, second + shift, kind, wrong))
    for number in range(draw(st.integers(0, 2))):
        moment = draw(st.integers(0, 300)) + 0.25
        kind, members = draw(st.sampled_from(EXTRAS))
        tale.arrivals.append(an_event(f"x{number}", moment, kind, {**members}))
        tale.arrivals.append(an_event(f"x{number}-gone", 400, "event_withdrawn", {"corrects": f"x{number}"}))
    repeated = draw(st.lists(st.sampled_from(tale.arrivals), max_size=4))
    tale.arrivals = draw(st.permutations([*tale.arrivals, *repeated]))
    return tale


def tell(database: Database, events: list[QueueEvent]) -> None:
    """As a queue system that sends what was refused again until all of it is in."""
    waiting = events
    with database.write() as tx:
        while waiting:
            refused: list[QueueEvent] = []
            for event in waiting:
                try:
                    with savepoint(tx):
                        judge(tx, CONFIGURATION, event, NOW)
                except (EventRefused, Conflict):
                    refused.append(event)
            assert len(refused) < len(waiting), f"never accepted: {refused}"
            waiting = refused


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Database]:
    folder = tmp_path_factory.mktemp("tales")
    empty = Database(f"sqlite:///{folder / 'empty.db'}")
    empty.migrate()
    empty.close()

    def make() -> Database:
        for left in folder.glob("tale.db*"):
            left.unlink()
        shutil.copy(folder / "empty.db", folder / "tale.db")
        return Database(f"sqlite:///{folder / 'tale.db'}")

    return make


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tale=tales())
def test_originals_corrections_and_repeats_give_the_same_record_in_any_order(
    new_database: Callable[[], Database], tale: Tale
) -> None:
    records = []
    for events in (tale.truth, tale.arrivals):
        database = new_database()
        tell(database, events)
        records.append(told(database))
        database.close()
    assert records[1] == records[0]

"""Cases: told by events from acceptance to close, in whatever order they come."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall.case import Case, Extension
from hall.config import parse_configuration
from hall.errors import EventRefused
from hall.interval import Interval
from hall.journal import FactKind
from hall.names import HallId, StaffId, WindowId
from store import cases, journal, queue_events, queueing
from store.database import Database
from tests import postgresql
from tests.unit.capture.test_queue_intake import HALL_FILE, START, Queue

HALL = HallId("demo")
SERIAL = "2026-000123"
CONFIGURATION = parse_configuration(HALL_FILE)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Queue]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hall.db'}"
    else:
        url = postgresql.new_database(request.getfixturevalue("server"))
    database = Database(url)
    database.migrate()
    yield Queue(database, CONFIGURATION)
    database.close()


def case(queue: Queue, serial: str = SERIAL) -> Case | None:
    with queue.database.read() as tx:
        return cases.find(tx, HALL, serial)


def over(start: float, end: float | None = None) -> Interval:
    ends = None if end is None else START + timedelta(seconds=end)
    return Interval(START + timedelta(seconds=start), ends)


def events(queue: Queue) -> list[dict[str, object]]:
    """Accepted, suspended for a test of ten minutes, extended by ten days, closed."""
    return [
        {**queue.event(0, "case_accepted", serial=SERIAL, item="id_card", window="w01", staff="s01")},
        {**queue.event(100, "case_suspended", serial=SERIAL)},
        {**queue.event(700, "case_resumed", serial=SERIAL)},
        {**queue.event(800, "case_extended", serial=SERIAL), "days": 10},
        {**queue.event(900, "case_closed", serial=SERIAL)},
    ]


TOLD = Case(
    HALL,
    SERIAL,
    "id_card",
    START,
    WindowId("w01"),
    StaffId("s01"),
    suspended=(over(100, 700),),
    extended_days=10,
    extensions=(Extension(START + timedelta(seconds=800), 10),),
    closed_at=START + timedelta(seconds=900),
)


def test_a_case_is_what_its_events_tell(queue: Queue) -> None:
    for event in events(queue):
        assert queue.post(event) == "accepted"
    assert case(queue) == TOLD
    with queue.database.read() as tx:
        assert cases.running(tx, HALL, START) == [TOLD]
        assert cases.running(tx, HALL, START + timedelta(seconds=901)) == []
        told = journal.tail(tx, 0, kinds=[FactKind.CASE])
    assert [entry.body["closed_at"] is None for entry in told] == [True, True, True, True, False]


def test_a_suspension_lasts_until_it_is_resumed(queue: Queue) -> None:
    for event in events(queue)[:2]:
        queue.post(event)
    known = case(queue)
    assert known is not None
    assert known.suspension == over(100)


def test_events_about_a_case_open_no_window(queue: Queue) -> None:
    for event in events(queue):
        queue.post(event)
    with queue.database.read() as tx:
        assert queueing.window_statuses_now(tx, HALL) == {}
        assert queueing.tickets_of(tx, HALL) == []


def test_a_second_acceptance_is_refused_and_a_correction_is_not(queue: Queue) -> None:
    first = queue.event(0, "case_accepted", serial=SERIAL)
    queue.post(first)
    with pytest.raises(EventRefused, match="accepted already") as refused:
        queue(60, "case_accepted", serial=SERIAL)
    assert refused.value.field == "serial"
    queue(60, "case_accepted", serial=SERIAL, corrects=str(first["id"]))
    known = case(queue)
    assert known is not None
    assert known.accepted_at == START + timedelta(seconds=60)


def test_a_case_whose_serial_number_is_corrected_never_was(queue: Queue) -> None:
    first = queue.event(0, "case_accepted", serial=SERIAL)
    queue.post(first)
    queue(0, "case_accepted", serial="2026-000124", corrects=str(first["id"]))
    gone, right = case(queue), case(queue, "2026-000124")
    assert gone is not None
    assert right is not None
    assert (gone.withdrawn, gone.closed_at, right.withdrawn) == (True, START, False)
    with queue.database.read() as tx:
        assert cases.running(tx, HALL, START) == [right]


@pytest.mark.parametrize(
    ("kind", "field"), [("case_accepted", "serial"), ("case_closed", "serial"), ("case_extended", "serial")]
)
def test_an_event_about_no_case_is_refused(queue: Queue, kind: str, field: str) -> None:
    with pytest.raises(EventRefused) as refused:
        queue(0, kind)
    assert refused.value.field == field


def test_an_extension_needs_its_days(queue: Queue) -> None:
    with pytest.raises(EventRefused) as refused:
        queue(0, "case_extended", serial=SERIAL)
    assert refused.value.field == "days"


def test_extensions_without_end_are_refused(queue: Queue) -> None:
    queue(0, "case_accepted", serial=SERIAL)
    queue.post({**queue.event(10, "case_extended", serial=SERIAL), "days": 900})
    with pytest.raises(EventRefused, match="more than 1000") as refused:
        queue.post({**queue.event(20, "case_extended", serial=SERIAL), "days": 101})
    assert refused.value.field == "days"
    known = case(queue)
    assert known is not None
    assert known.extended_days == 900


def test_what_lies_before_the_acceptance_or_behind_the_close_changes_nothing(queue: Queue) -> None:
    for event in events(queue):
        queue.post(event)
    queue(-60, "case_suspended", serial=SERIAL)
    queue(950, "case_suspended", serial=SERIAL)
    queue(960, "case_closed", serial=SERIAL)
    assert case(queue) == TOLD


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "hall.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(5)), st.integers(0, 4))
def test_any_order_and_any_repetition_tells_the_same_case(
    empty: Path, order: list[int], repeated: int
) -> None:
    path = empty.with_name("copy.db")
    shutil.copy(empty, path)
    database = Database(f"sqlite:///{path}")
    queue = Queue(database, CONFIGURATION)
    told = events(queue)
    for place in [*order, repeated]:
        queue.post(told[place])
    assert case(queue) == TOLD
    with database.read() as tx:
        assert len(queue_events.events_of_case(tx, HALL, SERIAL)) == 5
    database.close()
    for file in path.parent.glob("copy.db*"):
        file.unlink()


def test_the_last_call_is_kept_from_its_first_repetition_to_its_end(queue: Queue) -> None:
    def calling() -> Interval | None:
        with queue.database.read() as tx:
            return queueing.tickets_of(tx, HALL)[0].calling

    queue(0, "ticket_taken", ticket="A012")
    assert calling() is None
    queue(60, "ticket_called", ticket="A012", window="w01")
    queue(90, "ticket_called", ticket="A012", window="w01")
    assert calling() == over(60)
    queue(100, "ticket_called", ticket="A012", window="w02")
    assert calling() == over(100)
    queue(130, "service_started", ticket="A012", window="w02")
    assert calling() == over(100, 130)
    queue(200, "ticket_on_hold", ticket="A012")
    assert calling() == over(100, 130)
    queue(300, "ticket_called", ticket="A012", window="w02")
    assert calling() == over(300)
    queue(400, "ticket_no_show", ticket="A012")
    assert calling() == over(300, 400)

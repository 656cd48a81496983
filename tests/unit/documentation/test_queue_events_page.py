"""docs/queue-events.md and its schema say what the intake of queue events does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

from capture.queueing import accept
from capture.queueing.intake import _NEEDS, EARLIEST, FUTURE_TOLERANCE, parse
from capture.queueing.mapping import events_of, value_at
from capture.queueing.polling import LONGEST_WAIT
from capture.queueing.posted import LARGEST_BATCH, MOST_EVENTS
from capture.queueing.retelling import LONGEST_LIFE
from hall.config import parse_configuration
from hall.config.queues import JsonHttpSettings, QueueSettings, SqlSettings
from hall.errors import EventRefused
from hall.names import HallId
from hall.queueing import LARGEST_EVENT, PauseReason, QueueEvent, QueueEventType, Step, TicketStatus
from store import queueing
from store.database import Database
from tests.unit.documentation.pages import blocks, code, page, rows

PAGE = page("docs/queue-events.md")
EXAMPLES = [block.encode() for block in blocks(PAGE, "json")]
EVENING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'hall.db'}")
    database.migrate()
    return database


def post(database: Database, raw: bytes) -> str:
    """Take an event into the hall that the README configures."""
    (hall,) = blocks(page("README.md"), "yaml", "complete hall.yaml")
    return accept(database, parse_configuration(hall), raw, EVENING).status


def test_the_schema_is_that_of_the_model() -> None:
    assert json.loads(page("docs/queue-events.schema.json")) == QueueEvent.model_json_schema()


@pytest.mark.parametrize("raw", EXAMPLES, ids=[f"example-{number}" for number in range(1, len(EXAMPLES) + 1)])
def test_every_example_is_an_event(raw: bytes) -> None:
    assert parse(raw).hall == "lakeside"


def test_there_is_an_example_of_every_type() -> None:
    assert {parse(raw).type for raw in EXAMPLES} == set(QueueEventType)


def test_the_morning_of_the_examples_is_accepted_in_the_readmes_hall(database: Database) -> None:
    assert [post(database, raw) for raw in EXAMPLES] == ["accepted"] * len(EXAMPLES)
    assert post(database, EXAMPLES[0]) == "repeated"
    with database.read() as tx:
        handled = queueing.transactions_of(tx, ticket_number="A012")
        states = {ticket.number: ticket.status for ticket in queueing.tickets_of(tx, HallId("lakeside"))}
    assert len(handled) == 3
    assert states == {"A012": TicketStatus.SERVED, "A013": TicketStatus.NO_SHOW}


def test_every_member_stands_on_the_page() -> None:
    assert [code(cells[0]) for cells in rows(PAGE, "member")] == list(QueueEvent.model_fields)


@pytest.mark.parametrize(("member", "values"), [("step", Step), ("reason", PauseReason)])
def test_the_values_of_a_member_stand_on_the_page(member: str, values: type[Step | PauseReason]) -> None:
    (written,) = [cells[1] for cells in rows(PAGE, "member") if code(cells[0]) == member]
    assert [code(value) for value in written.split(", ")] == [value.value for value in values]


def test_what_each_type_needs_stands_on_the_page() -> None:
    written = {
        code(cells[0]): tuple(code(member) for member in cells[1].split(", ")) for cells in rows(PAGE, "type")
    }
    assert written == {kind.value: members for kind, members in _NEEDS.items()}


def test_the_limits_stand_on_the_page() -> None:
    assert f"more than {LARGEST_EVENT // 1024} KiB" in PAGE
    assert f"back {LONGEST_LIFE.total_seconds() / 3600:.0f} hours" in PAGE
    assert FUTURE_TOLERANCE.total_seconds() == 60
    assert "at most one minute ahead" in PAGE


def change(number: int, **members: str) -> bytes:
    return json.dumps({**json.loads(EXAMPLES[number - 1]), "id": "changed", **members}).encode()


def settings(kind: str) -> JsonHttpSettings | SqlSettings:
    """The queue of a kind that the page shows."""
    queues: TypeAdapter[list[QueueSettings]] = TypeAdapter(list[QueueSettings])
    shown = [
        queue
        for block in blocks(PAGE, "yaml")
        for queue in queues.validate_python(yaml.safe_load(block).get("queues", []))
    ]
    (found,) = [queue for queue in shown if queue.kind == kind]
    assert isinstance(found, JsonHttpSettings | SqlSettings)
    return found


def told_by(
    rows_shown: list[object], queue: JsonHttpSettings | SqlSettings
) -> list[tuple[str, str, str | None]]:
    (hall,) = blocks(page("README.md"), "yaml", "complete hall.yaml")
    (lakeside,) = parse_configuration(hall).halls
    events = [parse(raw) for row in rows_shown for raw in events_of(row, queue.events, lakeside)]
    return [(event.id, f"{event.type} {event.at:%H:%M:%S}", event.window) for event in events]


def test_the_answer_of_the_json_interface_is_read_as_the_page_says() -> None:
    (answer,) = [block for block in blocks(PAGE, "json5") if "log_id" in block]
    queue = settings("json_http")
    assert isinstance(queue, JsonHttpSettings)
    listed = value_at(json.loads(answer), queue.rows)
    assert isinstance(listed, list)
    assert told_by(listed, queue) == [
        ("81", "ticket_taken 01:00:12", None),
        ("82", "ticket_called 01:01:00", "w01"),
    ]


def test_the_table_of_the_page_tells_an_event_for_each_of_its_times() -> None:
    row = {"id": 5, "ticket_no": "A1", "counter": 2, "take_time": "2026-03-02 09:00:00", "call_time": None}
    called = {**row, "call_time": "2026-03-02 09:05:00", "end_time": "2026-03-02 09:07:00"}
    assert told_by([row, called], settings("sql")) == [
        ("5-taken", "ticket_taken 01:00:00", None),
        ("5-taken", "ticket_taken 01:00:00", None),
        ("5-called", "ticket_called 01:05:00", "w02"),
        ("5-over", "ticket_no_show 01:07:00", None),
    ]


def test_the_bounds_of_a_batch_stand_on_the_page() -> None:
    assert f"up to {MOST_EVENTS} events" in PAGE
    assert f"{LARGEST_BATCH // 1024**2} MiB" in PAGE
    assert f"before {EARLIEST.year}" in PAGE
    assert f"every {LONGEST_WAIT:.0f} s at last" in PAGE


REFUSALS = [
    ("not JSON", 0, b"{", "body"),
    ("unknown member", 0, change(1, colour="red"), "colour"),
    ("unknown hall", 0, change(1, hall="elsewhere"), "hall"),
    ("unknown window", 0, change(1, window="w99"), "window"),
    ("unknown staff member", 0, change(1, staff="s99"), "staff"),
    ("no offset", 0, change(1, at="2026-03-02T09:00:00"), "at"),
    ("ahead", 0, change(1, at="2026-03-02T19:00:00+08:00"), "at"),
    ("never taken", 4, change(4, ticket="B001"), "ticket"),
    ("taken already", 4, change(3, at="2026-03-02T09:00:30+08:00"), "ticket"),
    ("at another window", 5, change(6, window="w02"), "window"),
    ("somebody else logs out", 18, change(19, staff="s02"), "staff"),
    ("resumed without a pause", 5, change(18), "type"),
    ("corrects itself", 0, change(1, corrects="changed"), "corrects"),
    ("corrected already", 22, change(21, ticket="C014", corrects="21"), "corrects"),
    ("withdraws what others hang on", 4, change(23, corrects="3"), "corrects"),
    ("accepted twice", 24, change(24), "serial"),
    ("before 2000", 0, change(1, at="1999-03-02T09:00:00+08:00"), "at"),
    ("makes a known event impossible", 20, change(7, at="2026-03-02T09:03:00+08:00"), "at"),
]
"""What is wrong, how many of the examples came before, the event, and the field that is named."""


@pytest.mark.parametrize(
    ("earlier", "raw", "field"), [entry[1:] for entry in REFUSALS], ids=[entry[0] for entry in REFUSALS]
)
def test_a_refusal_names_the_field_that_the_page_names(
    database: Database, earlier: int, raw: bytes, field: str
) -> None:
    for event in EXAMPLES[:earlier]:
        post(database, event)
    with pytest.raises(EventRefused) as refusal:
        post(database, raw)
    assert refusal.value.field == field

"""Taking queue events in: checked, recorded, and tied to ticket, transaction and window at once.

Everything that follows from an event commits with it in one transaction. An event that is refused
changes nothing; it is kept with its reason, counted, and stops no other event.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import ValidationError

from capture.queueing.metrics import EVENTS, EVENTS_REFUSED
from capture.queueing.retelling import take_in
from hall.config import Configuration, HallSettings
from hall.errors import Conflict, EventRefused
from hall.names import HallId
from hall.queueing import LARGEST_EVENT, QueueEvent, QueueEventType
from store import queue_events, refused_events
from store.database import Database, Write

FUTURE_TOLERANCE = timedelta(minutes=1)
"""How far the queue system's clock may run ahead of ours."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Type = QueueEventType
_NEEDS: dict[QueueEventType, tuple[str, ...]] = {
    Type.TICKET_TAKEN: ("ticket",),
    Type.TICKET_CALLED: ("ticket", "window"),
    Type.TICKET_NO_SHOW: ("ticket",),
    Type.TICKET_ON_HOLD: ("ticket",),
    Type.TICKET_TRANSFERRED: ("ticket",),
    Type.SERVICE_STARTED: ("ticket", "window"),
    Type.STEP_CHANGED: ("ticket", "step"),
    Type.SERVICE_FINISHED: ("ticket",),
    Type.WINDOW_OPENED: ("window",),
    Type.WINDOW_PAUSED: ("window", "reason"),
    Type.WINDOW_RESUMED: ("window",),
    Type.WINDOW_CLOSED: ("window",),
    Type.STAFF_LOGGED_IN: ("window", "staff"),
    Type.STAFF_LOGGED_OUT: ("window",),
    Type.CASE_ACCEPTED: ("serial",),
    Type.CASE_SUSPENDED: ("serial",),
    Type.CASE_RESUMED: ("serial",),
    Type.CASE_EXTENDED: ("serial", "days"),
    Type.CASE_CLOSED: ("serial",),
    Type.EVENT_WITHDRAWN: ("corrects",),
}


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of an event that was not refused. `repeated`: it was known, and nothing changed."""

    status: Literal["accepted", "repeated"]


Also = Callable[[Write], None]
"""What has to commit together with an event."""


def accept(
    database: Database, configuration: Configuration, raw: bytes, now: datetime, also: Also | None = None
) -> Acceptance:
    """Take one event (JSON) in. `also` is done in the transaction that keeps it, knows it, or refuses it.

    Raises EventRefused, naming the field, for an event that cannot be accepted: it is then kept among
    the refused events. Raises Conflict, and keeps it too, when its id is known with other content. Raises
    StoreBusy when nothing could be kept: the sender has to repeat it.
    """
    try:
        event = parse(raw)
        with database.write() as tx:
            acceptance = judge(tx, configuration, event, now)
            refused_events.settle_same(tx, [raw], now)
            if also is not None:
                also(tx)
    except (EventRefused, Conflict) as error:
        refuse(database, hall_named(raw, configuration), raw, refusal_of(error), now, also)
        raise
    EVENTS.labels(acceptance.status).inc()
    return acceptance


def judge(tx: Write, configuration: Configuration, event: QueueEvent, now: datetime) -> Acceptance:
    """Take one event in within a transaction, which the caller ends. Raises EventRefused and Conflict."""
    hall = _hall(event, configuration)
    if queue_events.is_known(tx, event):
        return Acceptance("repeated")
    is_superseded = queue_events.correction_of(tx, event.hall, event.id) is not None
    if not is_superseded:  # else what was wrong with it was put right before it came
        _check(event, hall)
    _check_time(event, now)
    take_in(tx, event, now, is_superseded=is_superseded)
    return Acceptance("accepted")


def refuse(
    database: Database,
    hall: HallId | None,
    raw: bytes,
    refusal: EventRefused,
    now: datetime,
    also: Also | None = None,
) -> None:
    """Keep an event among the refused ones, and count it. Raises StoreBusy."""
    with database.write() as tx:
        refused_events.refuse_event(tx, hall, raw, refusal.field, refusal.message, now)
        if also is not None:
            also(tx)
    count_refusal(refusal)


def count_refusal(refusal: EventRefused) -> None:
    """Count an event that was refused."""
    EVENTS.labels("refused").inc()
    EVENTS_REFUSED.labels(refusal.field.split(".", 1)[0][:32]).inc()


def refusal_of(error: EventRefused | Conflict) -> EventRefused:
    """The refusal with its field: a conflict is about the id."""
    return error if isinstance(error, EventRefused) else EventRefused("id", str(error).removeprefix("id: "))


def hall_named(raw: bytes, configuration: Configuration) -> HallId | None:
    """The hall for which an event was meant, if it is one and the hall is known."""
    try:
        return _hall(parse(raw), configuration).id
    except EventRefused:
        return None


def parse(raw: bytes) -> QueueEvent:
    """The event in a JSON text. Raises EventRefused."""
    if len(raw) > LARGEST_EVENT:
        raise EventRefused("body", f"is larger than {LARGEST_EVENT} bytes")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise EventRefused("body", f"is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise EventRefused("body", "must be one JSON object")
    try:
        event = QueueEvent.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "body"
        message = "unknown member" if first["type"] == "extra_forbidden" else first["msg"]
        raise EventRefused(field, message) from error
    try:
        at = event.at.astimezone(UTC)
    except OverflowError as error:
        raise EventRefused("at", "is no time of this world") from error
    return event.model_copy(update={"at": at})


def _hall(event: QueueEvent, configuration: Configuration) -> HallSettings:
    for known in configuration.halls:
        if known.id == event.hall:
            return known
    raise EventRefused("hall", f"there is no hall '{event.hall}'")


def _check(event: QueueEvent, hall: HallSettings) -> None:
    """What can be said against an event without looking at others."""
    for member in _NEEDS[event.type]:
        if getattr(event, member) is None:
            raise EventRefused(member, f"is needed for {event.type}")
    if event.window is not None and hall.window(event.window) is None:
        raise EventRefused("window", f"there is no window '{event.window}' in hall '{hall.id}'")
    if event.staff is not None and all(person.id != event.staff for person in hall.staff):
        raise EventRefused("staff", f"there is no staff member '{event.staff}' in hall '{hall.id}'")
    if event.corrects == event.id:
        raise EventRefused("corrects", "an event cannot correct itself")


def _check_time(event: QueueEvent, now: datetime) -> None:
    if event.at < EARLIEST:
        raise EventRefused("at", f"lies before {EARLIEST.year}; check the queue system's clock")
    if event.at > now + FUTURE_TOLERANCE:
        ahead = int((event.at - now).total_seconds())
        raise EventRefused("at", f"lies {ahead} s in the future; check the queue system's clock")

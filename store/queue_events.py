"""Queue events that were accepted, as they came.

Nothing is changed when an event is corrected: the correction names it, and whoever is named so is left out
of what the events say. A correction may come before the event that it corrects.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, bindparam, exists, insert, select, update

from hall.clock import to_microseconds
from hall.errors import Conflict
from hall.journal import FactKind
from hall.names import HallId, WindowId
from hall.queueing import QueueEvent
from store import journal
from store.database import Read, Write
from store.tables import queue_events

_correction = queue_events.alias("correction")
_STANDS = ~exists().where(
    _correction.c.hall == queue_events.c.hall, _correction.c.corrects == queue_events.c.id
)

# Put together once: every event asks these, and putting a statement together costs more than asking it.
_HALL = queue_events.c.hall == bindparam("of_hall")
_BY_ID = select(queue_events.c.body).where(_HALL, queue_events.c.id == bindparam("identifier"))
_CORRECTION = select(queue_events.c.id).where(_HALL, queue_events.c.corrects == bindparam("identifier"))
_STANDING = (
    select(queue_events.c.body, queue_events.c.window)
    .where(
        _HALL,
        queue_events.c.at_us >= bindparam("start_us"),
        queue_events.c.at_us < bindparam("end_us"),
        _STANDS,
    )
    .order_by(queue_events.c.at_us, queue_events.c.received_us, queue_events.c.id)
)
_OF_TICKET = _STANDING.where(queue_events.c.ticket == bindparam("name"))
_OF_WINDOW = _STANDING.where(queue_events.c.window == bindparam("name"))
_OF_CASE = _STANDING.where(queue_events.c.case_serial == bindparam("name"))
END_OF_TIME_US = 2**62
_WINDOWS = select(queue_events.c.id, queue_events.c.window).where(
    _HALL, queue_events.c.id.in_(bindparam("identifiers", expanding=True))
)


def record_event(
    tx: Write, event: QueueEvent, window: WindowId | None, now: datetime, case_serial: str | None = None
) -> None:
    """Keep an event that is not known yet.

    `window` is the one it concerns, which it may leave unsaid; `case_serial` the case that it is about.
    """
    tx.connection.execute(
        insert(queue_events).values(
            hall=event.hall,
            id=event.id,
            at_us=to_microseconds(event.at),
            received_us=to_microseconds(now),
            window=window,
            ticket=event.ticket,
            corrects=event.corrects,
            case_serial=case_serial,
            body=event.model_dump_json(),
        )
    )
    journal.append(tx, FactKind.QUEUE_EVENT, event.hall, event.at, event)


def is_known(tx: Read, event: QueueEvent) -> bool:
    """True when this very event was recorded before. Raises Conflict when its id has other content."""
    before = event_by_id(tx, event.hall, event.id)
    if before is None or before == event:
        return before is not None
    raise Conflict(f"id: event '{event.id}' is known already with other content")


def event_by_id(tx: Read, hall: HallId, identifier: str) -> QueueEvent | None:
    """The event with an id, as it came, superseded or not; None when it is not known."""
    asked = {"of_hall": hall, "identifier": identifier}
    body = tx.connection.execute(_BY_ID, asked).scalar_one_or_none()
    return None if body is None else QueueEvent.model_validate_json(body)


def correction_of(tx: Read, hall: HallId, identifier: str) -> str | None:
    """The id of the event that stands in the place of another, or None."""
    asked = {"of_hall": hall, "identifier": identifier}
    return tx.connection.execute(_CORRECTION, asked).scalar()


def events_of_ticket(tx: Read, hall: HallId, ticket: str, start: datetime, end: datetime) -> list[QueueEvent]:
    """The events that stand and name a ticket number within `[start, end)`, as they came, by time."""
    return [event for event, _ in _events(tx, _OF_TICKET, hall, ticket, start, end)]


def events_of_window(
    tx: Read, hall: HallId, window: WindowId, start: datetime, end: datetime
) -> list[QueueEvent]:
    """The events that stand and concern a window within `[start, end)`, that window entered, by time."""
    found = _events(tx, _OF_WINDOW, hall, window, start, end)
    return [event.model_copy(update={"window": placed}) for event, placed in found]


def events_of_case(tx: Read, hall: HallId, serial: str) -> list[QueueEvent]:
    """The events that stand and are about a case, by time."""
    asked = {"of_hall": hall, "name": serial, "start_us": 0, "end_us": END_OF_TIME_US}
    return [QueueEvent.model_validate_json(row.body) for row in tx.connection.execute(_OF_CASE, asked)]


def windows_of_events(tx: Read, hall: HallId, identifiers: Collection[str]) -> dict[str, WindowId | None]:
    """The windows that events were found to concern, by their ids."""
    asked = {"of_hall": hall, "identifiers": list(identifiers)}
    return {row.id: row.window for row in tx.connection.execute(_WINDOWS, asked)}


def place_event(tx: Write, hall: HallId, identifier: str, window: WindowId | None) -> None:
    """Enter which window an event concerns, when what happened before it turns out to be otherwise."""
    tx.connection.execute(
        update(queue_events)
        .where(queue_events.c.hall == hall, queue_events.c.id == identifier)
        .values(window=window)
    )


def _events(
    tx: Read, query: Select[tuple[str, str | None]], hall: HallId, name: str, start: datetime, end: datetime
) -> list[tuple[QueueEvent, WindowId | None]]:
    asked = {
        "of_hall": hall,
        "name": name,
        "start_us": to_microseconds(start),
        "end_us": to_microseconds(end),
    }
    return [
        (QueueEvent.model_validate_json(row.body), row.window) for row in tx.connection.execute(query, asked)
    ]

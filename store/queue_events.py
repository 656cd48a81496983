"""Queue events as they came: those that were accepted, and those that were refused and why."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, insert, select

from hall.clock import to_microseconds
from hall.errors import Conflict
from hall.journal import FactKind
from hall.names import HallId, WindowId
from hall.queueing import QueueEvent
from store import journal
from store.database import Read, Write
from store.rows import interval
from store.tables import queue_events, refused_events

LONGEST_RAW = 8192


def record_event(tx: Write, event: QueueEvent, window: WindowId | None, now: datetime) -> bool:
    """Keep an event as it came. False when the same event is known already.

    `window` is the window it concerns, which the event itself may leave unsaid. Raises Conflict when its
    id is known with other content.
    """
    if is_known(tx, event):
        return False
    tx.connection.execute(
        insert(queue_events).values(
            hall=event.hall,
            id=event.id,
            at_us=to_microseconds(event.at),
            received_us=to_microseconds(now),
            window=window,
            ticket=event.ticket,
            body=event.model_dump_json(),
        )
    )
    journal.append(tx, FactKind.QUEUE_EVENT, event.hall, event.at, event)
    return True


def is_known(tx: Read, event: QueueEvent) -> bool:
    """True when this very event was recorded before. Raises Conflict when its id has other content."""
    known = select(queue_events.c.body).where(
        queue_events.c.hall == event.hall, queue_events.c.id == event.id
    )
    before = tx.connection.execute(known).scalar_one_or_none()
    if before is None or before == event.model_dump_json():
        return before is not None
    raise Conflict(f"id: event '{event.id}' is known already with other content")


def refuse_event(tx: Write, hall: HallId | None, raw: str, field: str, message: str, now: datetime) -> None:
    """Keep an event that could not be accepted, with the field that is wrong, for an operator to see."""
    row = {
        "hall": hall,
        "received_us": to_microseconds(now),
        "field": _without_nul(field[:64]),
        "message": _without_nul(message),
        "raw": _without_nul(raw[:LONGEST_RAW]),
    }
    tx.connection.execute(insert(refused_events).values(row))
    journal.append(tx, FactKind.EVENT_REFUSED, hall, now, {"field": field[:64], "message": message})


def _without_nul(text: str) -> str:
    """PostgreSQL's text holds no NUL, and a file that lost its power is full of them."""
    return text.replace("\0", "\ufffd")


def refused(tx: Read, limit: int = 100) -> list[dict[str, str | None]]:
    """The newest refused events: hall, received_at, field, message, raw."""
    query = select(refused_events).order_by(refused_events.c.id.desc()).limit(limit)
    return [
        {
            "hall": row.hall,
            "received_at": interval(row.received_us, None).start.isoformat(),
            "field": row.field,
            "message": row.message,
            "raw": row.raw,
        }
        for row in tx.connection.execute(query)
    ]


def events_of_ticket(tx: Read, hall: HallId, ticket: str, start: datetime, end: datetime) -> list[QueueEvent]:
    """The events that name a ticket number within `[start, end)`, by time, then by arrival."""
    return _events(tx, (queue_events.c.hall == hall) & (queue_events.c.ticket == ticket), start, end)


def events_of_window(
    tx: Read, hall: HallId, window: WindowId, start: datetime, end: datetime
) -> list[QueueEvent]:
    """The events that name a window within `[start, end)`, by time, then by arrival."""
    return _events(tx, (queue_events.c.hall == hall) & (queue_events.c.window == window), start, end)


def _events(tx: Read, which: ColumnElement[bool], start: datetime, end: datetime) -> list[QueueEvent]:
    query = (
        select(queue_events.c.body, queue_events.c.window)
        .where(
            which,
            queue_events.c.at_us >= to_microseconds(start),
            queue_events.c.at_us < to_microseconds(end),
        )
        .order_by(queue_events.c.at_us, queue_events.c.received_us, queue_events.c.id)
    )
    return [
        QueueEvent.model_validate_json(row.body).model_copy(update={"window": row.window})
        for row in tx.connection.execute(query)
    ]

"""Taking one queue event in: checked, recorded, and tied to ticket, transaction and window at once.

Everything that follows from an event commits with it in one transaction. An event that is refused
changes nothing; it is kept with its reason, counted, and stops no other event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import ValidationError

from capture.queueing.metrics import EVENTS, EVENTS_REFUSED
from capture.queueing.ticket_life import (
    TICKET_EVENTS,
    TicketLife,
    in_order,
    lives,
    read_life,
    ticket_identifier,
)
from capture.queueing.window_life import closed, read_window
from hall.config import Configuration, HallSettings
from hall.errors import Conflict, EventRefused
from hall.interval import Interval
from hall.names import HallId, StaffId, WindowId
from hall.queueing import LARGEST_EVENT, QueueEvent, QueueEventType, TicketStatus, WindowStatus
from store import queue_events, queueing
from store.database import Database, Read, Write

FUTURE_TOLERANCE = timedelta(minutes=1)
"""How far the queue system's clock may run ahead of ours."""
LONGEST_LIFE = timedelta(hours=20)
"""How far back the events of one ticket, or of one window's day, reach."""
FAR_AHEAD = timedelta(days=1)

Type = QueueEventType
STAFF_EVENTS = frozenset(
    {Type.STAFF_LOGGED_IN, Type.STAFF_LOGGED_OUT, Type.WINDOW_OPENED, Type.WINDOW_CLOSED}
)
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
    the refused events. Raises StoreBusy when nothing could be kept: the sender has to repeat it.
    """
    hall: HallId | None = None
    try:
        event = parse(raw)
        hall = _hall(event, configuration).id
        _check(event, _hall(event, configuration), now)
        with database.write() as tx:
            repeated = queue_events.is_known(tx, event)
            if not repeated:
                _apply(tx, event, now)
            if also is not None:
                also(tx)
    except (EventRefused, Conflict) as error:
        refusal = (
            error if isinstance(error, EventRefused) else EventRefused("id", str(error).removeprefix("id: "))
        )
        refuse(database, hall, raw, refusal, now, also)
        raise
    acceptance = Acceptance("repeated" if repeated else "accepted")
    EVENTS.labels(acceptance.status).inc()
    return acceptance


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
        text = raw[:LARGEST_EVENT].decode("utf-8", "replace")
        queue_events.refuse_event(tx, hall, text, refusal.field, refusal.message, now)
        if also is not None:
            also(tx)
    EVENTS.labels("refused").inc()
    EVENTS_REFUSED.labels(refusal.field.split(".", 1)[0][:32]).inc()


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
    return event.model_copy(update={"at": event.at.astimezone(UTC)})


def _hall(event: QueueEvent, configuration: Configuration) -> HallSettings:
    for known in configuration.halls:
        if known.id == event.hall:
            return known
    raise EventRefused("hall", f"there is no hall '{event.hall}'")


def _check(event: QueueEvent, hall: HallSettings, now: datetime) -> None:
    """What can be said against an event without looking at others."""
    for member in _NEEDS[event.type]:
        if getattr(event, member) is None:
            raise EventRefused(member, f"is needed for {event.type}")
    if event.window is not None and hall.window(event.window) is None:
        raise EventRefused("window", f"there is no window '{event.window}' in hall '{hall.id}'")
    if event.staff is not None and all(person.id != event.staff for person in hall.staff):
        raise EventRefused("staff", f"there is no staff member '{event.staff}' in hall '{hall.id}'")
    if event.at > now + FUTURE_TOLERANCE:
        ahead = int((event.at - now).total_seconds())
        raise EventRefused("at", f"lies {ahead} s in the future; check the queue system's clock")


def _apply(tx: Write, event: QueueEvent, now: datetime) -> None:
    start, end = event.at - LONGEST_LIFE, event.at + FAR_AHEAD
    life_events: list[QueueEvent] = []
    window = event.window
    if event.type in TICKET_EVENTS:
        known = queue_events.events_of_ticket(tx, event.hall, str(event.ticket), start, end)
        life_events = _life_of(event, known)
        if window is None:
            window = _window_before(event, life_events)
    queue_events.record_event(tx, event, window, now)
    placed = event.model_copy(update={"window": window})
    if window is not None:
        _retell_window(tx, event.hall, window, placed, now)
    if window is not None and event.type in STAFF_EVENTS:
        _resplit(tx, placed, window, now)
    if life_events:
        _save_life(tx, [placed if known.id == event.id else known for known in life_events], placed, now)


def _life_of(event: QueueEvent, known: Sequence[QueueEvent]) -> list[QueueEvent]:
    """The events of the ticket that `event` belongs to, with it among them."""
    if event.type is Type.TICKET_TAKEN:
        _refuse_second_taking(event, known)
    for life in lives([*known, event]):
        if any(member.id == event.id for member in life):
            if life[0].type is not Type.TICKET_TAKEN:
                raise EventRefused("ticket", f"ticket '{event.ticket}' was not taken before {event.at}")
            return life
    raise EventRefused("ticket", f"ticket '{event.ticket}' is unknown")


def _refuse_second_taking(event: QueueEvent, known: Sequence[QueueEvent]) -> None:
    """A number is given out again only once the visitor who held it is served or gone."""
    earlier = [life for life in lives(known) if life[0].type is Type.TICKET_TAKEN and life[0].at <= event.at]
    if not earlier:
        return
    ticket = read_life(earlier[-1], earlier[-1][-1], lambda _, interval: [(interval, None)]).ticket
    if ticket.status in (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING):
        raise EventRefused("ticket", f"ticket '{event.ticket}' was taken already at {ticket.taken_at}")


def _window_before(event: QueueEvent, life: Sequence[QueueEvent]) -> WindowId | None:
    """Where the ticket is when `event` happens, for an event that does not say it."""
    window: WindowId | None = None
    for known in life:
        if known.id == event.id:
            break
        if known.type is Type.TICKET_TRANSFERRED:
            window = None
        elif known.window is not None:
            window = known.window
    return window


def _retell_window(tx: Write, hall: HallId, window: WindowId, event: QueueEvent, now: datetime) -> None:
    """Tell the states of a window anew from the last one that began before `event`.

    That state holds everything up to its beginning, so the events after its beginning are read again:
    mostly this one alone, more of them when it came late.
    """
    horizon = event.at - LONGEST_LIFE
    history = queueing.window_status_history(tx, hall, window, horizon, event.at)
    before = history[-1] if history else closed(hall, window, horizon)
    since = before.interval.start
    known = queue_events.events_of_window(tx, hall, window, since, event.at + FAR_AHEAD)
    statuses = read_window(before, in_order(other for other in known if other.at > since), event)
    if not history:
        statuses = statuses[1:]  # nobody told that the window was closed before: it is not stored
    queueing.save_window_statuses(tx, hall, window, since, statuses, now)


def _resplit(tx: Write, event: QueueEvent, window: WindowId, now: datetime) -> None:
    """When staff change in the middle of a transaction, its periods are cut there."""
    handled = queueing.transaction_at(tx, event.hall, window, event.at)
    if handled is None or not handled.interval.contains(event.at):
        return
    start, end = event.at - LONGEST_LIFE, event.at + FAR_AHEAD
    for life in lives(queue_events.events_of_ticket(tx, event.hall, handled.ticket_number, start, end)):
        if life[0].type is Type.TICKET_TAKEN and ticket_identifier(life[0]) == handled.ticket:
            _save_life(tx, life, event, now)


def _save_life(tx: Write, events: Sequence[QueueEvent], newest: QueueEvent, now: datetime) -> None:
    def staff_times(window: WindowId, interval: Interval) -> list[tuple[Interval, StaffId | None]]:
        return _staff_times(tx, newest.hall, window, interval)

    life: TicketLife = read_life(in_order(events), newest, staff_times)
    queueing.save_ticket(tx, life.ticket)
    for handling in life.handlings:
        queueing.save_transaction(tx, handling.transaction, handling.periods, now)
    kept = [handling.transaction.id for handling in life.handlings]
    queueing.remove_transactions(tx, life.ticket.id, kept, now)


def _staff_times(
    tx: Read, hall: HallId, window: WindowId, interval: Interval
) -> list[tuple[Interval, StaffId | None]]:
    """Who was logged in at a window over an interval; neighbouring stretches of one person are joined."""
    end = interval.end if interval.end is not None else interval.start + FAR_AHEAD
    told: list[WindowStatus] = queueing.window_status_history(tx, hall, window, interval.start, end)
    stretches: list[tuple[Interval, StaffId | None]] = []
    for status in told:
        part = status.interval.intersection(interval)
        if part is None:
            continue
        if stretches and stretches[-1][1] == status.staff:
            stretches[-1] = (Interval(stretches[-1][0].start, part.end), status.staff)
        else:
            stretches.append((part, status.staff))
    return stretches or [(interval, None)]

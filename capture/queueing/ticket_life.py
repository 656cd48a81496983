"""From the events of one ticket to the ticket, its transactions and their periods. Pure.

The same events give the same result in whatever order they arrived: they are sorted by time first, so
a late or corrected event re-tags the record by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hall.errors import EventRefused
from hall.interval import Interval
from hall.names import PeriodId, StaffId, TicketId, TransactionId, WindowId
from hall.queueing import (
    Period,
    QueueEvent,
    QueueEventType,
    Step,
    Ticket,
    TicketStatus,
    Transaction,
)

StaffTimes = Callable[[WindowId, Interval], Sequence[tuple[Interval, StaffId | None]]]
"""Who was logged in at a window over an interval, in order and without holes."""

TICKET_EVENTS = frozenset(
    {
        QueueEventType.TICKET_TAKEN,
        QueueEventType.TICKET_CALLED,
        QueueEventType.TICKET_NO_SHOW,
        QueueEventType.TICKET_ON_HOLD,
        QueueEventType.TICKET_TRANSFERRED,
        QueueEventType.SERVICE_STARTED,
        QueueEventType.STEP_CHANGED,
        QueueEventType.SERVICE_FINISHED,
    }
)

_POSSIBLE: dict[QueueEventType, frozenset[TicketStatus]] = {
    QueueEventType.TICKET_CALLED: frozenset(
        {TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.ON_HOLD, TicketStatus.NO_SHOW}
    ),
    QueueEventType.TICKET_NO_SHOW: frozenset(
        {TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.ON_HOLD}
    ),
    QueueEventType.TICKET_ON_HOLD: frozenset({TicketStatus.CALLED, TicketStatus.SERVING}),
    QueueEventType.TICKET_TRANSFERRED: frozenset({TicketStatus.CALLED, TicketStatus.SERVING}),
    QueueEventType.SERVICE_STARTED: frozenset({TicketStatus.CALLED, TicketStatus.SERVING}),
    QueueEventType.STEP_CHANGED: frozenset({TicketStatus.SERVING}),
    QueueEventType.SERVICE_FINISHED: frozenset({TicketStatus.SERVING}),
}
"""In which states of a ticket each event can happen; who did not show up may be called again."""


@dataclass(frozen=True, slots=True)
class Handling:
    """One transaction with its periods."""

    transaction: Transaction
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class TicketLife:
    """Everything that the events of a ticket say."""

    ticket: Ticket
    handlings: tuple[Handling, ...]


@dataclass
class _Matter:
    """A transaction while its events are read."""

    started: QueueEvent
    window: WindowId
    steps: list[tuple[datetime, Step]] = field(default_factory=list)
    end: datetime | None = None


def in_order(events: Iterable[QueueEvent]) -> list[QueueEvent]:
    """Events by time; at the same moment in the order in which a ticket lives through them."""
    order = list(QueueEventType)
    return sorted(events, key=lambda event: (event.at, order.index(event.type), event.id))


def lives(events: Iterable[QueueEvent]) -> list[list[QueueEvent]]:
    """Cut the events of one ticket *number* into lives: a number is used again, each taking begins anew."""
    found: list[list[QueueEvent]] = []
    for event in in_order(events):
        if event.type is QueueEventType.TICKET_TAKEN or not found:
            found.append([])
        found[-1].append(event)
    return found


def windows_along(life: Sequence[QueueEvent]) -> dict[str, WindowId | None]:
    """The window that each event of a life concerns, by its id: its own, or where the ticket was before."""
    found: dict[str, WindowId | None] = {}
    window: WindowId | None = None
    for event in life:
        window = event.window if event.window is not None else window
        found[event.id] = window
        if event.type is QueueEventType.TICKET_TRANSFERRED:
            window = None
    return found


def ticket_identifier(taken: QueueEvent) -> TicketId:
    """The ticket's id: hall, number and the second in which it was taken."""
    return TicketId(f"{taken.hall}-{taken.ticket}-{taken.at:%Y%m%dT%H%M%S}")


def transaction_identifier(started: QueueEvent) -> TransactionId:
    """The transaction's id: hall, ticket number and the second in which service started."""
    return TransactionId(f"{started.hall}-{started.ticket}-{started.at:%Y%m%dT%H%M%S}")


def read_life(events: Sequence[QueueEvent], newest: QueueEvent, staff_times: StaffTimes) -> TicketLife:
    """The life of a ticket out of its events (one of `lives`).

    `newest` is the event that just came; when the sequence is not possible, EventRefused names what is
    wrong with it, or which known event it would make impossible.
    """
    taken = events[0]
    if taken.type is not QueueEventType.TICKET_TAKEN:
        raise EventRefused("ticket", f"ticket '{taken.ticket}' was never taken")
    ticket = Ticket(
        id=ticket_identifier(taken),
        hall=taken.hall,
        number=str(taken.ticket),
        item=taken.item,
        status=TicketStatus.WAITING,
        taken_at=taken.at,
        waiting_since=taken.at,
    )
    matters: list[_Matter] = []
    for event in events[1:]:
        ticket = _call_ended(_after(ticket, event, matters, newest), event.at)
    return TicketLife(ticket, tuple(_handling(ticket, matter, staff_times) for matter in matters))


def _after(ticket: Ticket, event: QueueEvent, matters: list[_Matter], newest: QueueEvent) -> Ticket:
    if ticket.status not in _POSSIBLE[event.type]:
        raise _impossible(ticket, event, newest)
    window = event.window if event.window is not None else ticket.window
    serving = matters[-1] if matters and matters[-1].end is None else None
    if event.type is QueueEventType.TICKET_CALLED:
        called_at = ticket.called_at or event.at  # the first call ended the wait; further ones end nothing
        is_repeated = ticket.status is TicketStatus.CALLED and window == ticket.window
        if not is_repeated:
            ended = () if ticket.calling is None else (ticket.calling.closed(ticket.calling.end or event.at),)
            past = (*ticket.past_calls, *ended)
            ticket = replace(ticket, calling=Interval(event.at), past_calls=past)
        return replace(ticket, status=TicketStatus.CALLED, called_at=called_at, window=window)
    if event.type is QueueEventType.SERVICE_STARTED:
        if window is None:
            raise EventRefused("window", "is missing: at which window did service start?")
        if serving is not None:
            serving.end = event.at
        matters.append(_Matter(event, window, [(event.at, event.step or Step.ACCEPT)]))
        return replace(
            ticket, status=TicketStatus.SERVING, started_at=ticket.started_at or event.at, window=window
        )
    if event.window is not None and ticket.window is not None and event.window != ticket.window:
        raise EventRefused(
            "window", f"ticket '{ticket.number}' is at window '{ticket.window}', not '{event.window}'"
        )
    if event.type is QueueEventType.STEP_CHANGED:
        if serving is not None and event.step is not None and serving.steps[-1][1] is not event.step:
            serving.steps.append((event.at, event.step))
        return ticket
    if serving is not None:
        serving.end = event.at
    return _ended(ticket, event)


def _call_ended(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket with its call ended, when it is not called any more."""
    if ticket.status is TicketStatus.CALLED or ticket.calling is None or not ticket.calling.is_open:
        return ticket
    return replace(ticket, calling=ticket.calling.closed(at))


def _ended(ticket: Ticket, event: QueueEvent) -> Ticket:
    """The ticket after an event that ends its stay at the window."""
    if event.type is QueueEventType.SERVICE_FINISHED:
        return replace(ticket, status=TicketStatus.SERVED, finished_at=event.at)
    if event.type is QueueEventType.TICKET_NO_SHOW:
        return replace(ticket, status=TicketStatus.NO_SHOW, finished_at=event.at)
    if event.type is QueueEventType.TICKET_ON_HOLD:
        return replace(ticket, status=TicketStatus.ON_HOLD)
    waited = Interval(ticket.waiting_since, ticket.called_at or event.at)
    return replace(
        ticket,
        status=TicketStatus.WAITING,
        waiting_since=event.at,
        called_at=None,
        window=None,
        past_waits=(*ticket.past_waits, waited),
    )


def _impossible(ticket: Ticket, event: QueueEvent, newest: QueueEvent) -> EventRefused:
    if event.id == newest.id:
        return EventRefused(
            "type", f"{event.type} is not possible: ticket '{ticket.number}' is {ticket.status} at {event.at}"
        )
    return hindered(event, newest)


def hindered(event: QueueEvent, newest: QueueEvent) -> EventRefused:
    """The refusal of the newest event because a known one would not be possible after it."""
    what = f"a known event impossible: {event.type} at {event.at}"
    if newest.type is QueueEventType.EVENT_WITHDRAWN:
        return EventRefused("corrects", f"without event '{newest.corrects}' it would make {what}")
    return EventRefused("at", f"at {newest.at} it would make {what}")


def _handling(ticket: Ticket, matter: _Matter, staff_times: StaffTimes) -> Handling:
    started = matter.started
    interval = Interval(started.at, matter.end)
    identifier = transaction_identifier(started)
    parts: list[Period] = []
    ends = [at for at, _ in matter.steps[1:]]
    for (start, step), end in zip(matter.steps, [*ends, matter.end], strict=True):
        for stretch, staff in staff_times(matter.window, Interval(start, end)):
            if stretch.end is not None and stretch.end <= stretch.start:
                continue
            number = PeriodId(f"{identifier}.{len(parts) + 1}")
            parts.append(Period(number, identifier, matter.window, staff or started.staff, step, stretch))
    transaction = Transaction(
        id=identifier,
        hall=ticket.hall,
        ticket=ticket.id,
        ticket_number=ticket.number,
        serial=started.serial,
        item=started.item or ticket.item,
        window=matter.window,
        staff=started.staff or next((part.staff for part in parts if part.staff is not None), None),
        interval=interval,
    )
    return Handling(transaction, tuple(parts))

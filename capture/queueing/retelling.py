"""What follows from a queue event: the tickets, transactions, periods and window states that it changes.

All of them are told anew from the events that stand, so an event may come late, and one that stands in the
place of another changes what the other had changed: both the places where it was and where it is now are
told again. A ticket or a window is told at most LONGEST_LIFE back and FAR_AHEAD on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from capture.queueing.case_life import CASE_EVENTS, read_case
from capture.queueing.ticket_life import (
    TICKET_EVENTS,
    TicketLife,
    hindered,
    in_order,
    lives,
    read_life,
    ticket_identifier,
    windows_along,
)
from capture.queueing.window_life import closed, read_window, staff_changes
from hall.errors import EventRefused
from hall.interval import Interval
from hall.names import StaffId, TicketId, WindowId
from hall.queueing import QueueEvent, QueueEventType, TicketStatus, WindowStatus
from store import cases, queue_events, queueing
from store.database import Read, Write

LONGEST_LIFE = timedelta(hours=20)
"""How far back the events of one ticket, or of one window's day, reach."""
FAR_AHEAD = timedelta(days=1)
MOST_TRANSACTIONS = 2000
"""Of one window in a stretch in which other staff are logged in than was known."""

Type = QueueEventType
Life = list[QueueEvent]


@dataclass(slots=True)
class _Change:
    """One new event: the events that stand since it came, and those that do not any more."""

    newest: QueueEvent
    come: QueueEvent | None
    gone: QueueEvent | None
    now: datetime

    @property
    def both(self) -> list[QueueEvent]:
        return [event for event in (self.gone, self.come) if event is not None]


def take_in(tx: Write, event: QueueEvent, now: datetime, *, is_superseded: bool) -> None:
    """Record an event that is not known yet, and tell anew what it changes. Raises EventRefused.

    `is_superseded`: another event, which came earlier, stands in its place.
    """
    gone: QueueEvent | None = None
    if event.corrects is not None:
        _refuse_wrong_correction(tx, event, event.corrects)
        gone = queue_events.event_by_id(tx, event.hall, event.corrects)
    says_nothing = event.type is Type.EVENT_WITHDRAWN or is_superseded
    if gone is not None and gone.type is Type.EVENT_WITHDRAWN:
        gone = None
    change = _Change(event, None if says_nothing else event, gone, now)
    touched, retired = _changed_lives(tx, change)
    moments = _place_events(tx, change, touched)
    _retell(tx, change, touched, moments)
    _retell_cases(tx, change)
    for ticket in retired:
        queueing.retire_ticket(tx, ticket, now)


def _refuse_wrong_correction(tx: Read, event: QueueEvent, corrected: str) -> None:
    """Corrections form a line: A is corrected by B, B by C."""
    known = queue_events.correction_of(tx, event.hall, corrected)
    if known is not None:
        raise EventRefused(
            "corrects", f"event '{corrected}' is corrected already by '{known}': name that one"
        )
    seen = {corrected}
    while True:
        earlier = queue_events.event_by_id(tx, event.hall, corrected)
        if earlier is None or earlier.corrects is None or earlier.corrects in seen:
            return
        corrected = earlier.corrects
        seen.add(corrected)
        if corrected == event.id:
            raise EventRefused("corrects", "the event would correct itself, by way of others")


def _changed_lives(tx: Read, change: _Change) -> tuple[list[Life], set[TicketId]]:
    """The lives of tickets that are not what they were, and the tickets that do not exist any more."""
    touched: list[Life] = []
    before_ids: set[TicketId] = set()
    after_ids: set[TicketId] = set()
    named = [event for event in change.both if event.type in TICKET_EVENTS]
    for number in dict.fromkeys(str(event.ticket) for event in named):
        moments = [event.at for event in named if event.ticket == number]
        start, end = min(moments) - LONGEST_LIFE, max(moments) + FAR_AHEAD
        known = queue_events.events_of_ticket(tx, change.newest.hall, number, start, end)
        standing = [event for event in known if change.gone is None or event.id != change.gone.id]
        if change.come is not None and change.come.ticket == number:
            if change.come.type is Type.TICKET_TAKEN:
                _refuse_second_taking(change.come, standing)
            standing.append(change.come)
        before, after = lives(known), lives(standing)
        untouched = {tuple(event.id for event in life) for life in before}
        touched += [life for life in after if tuple(event.id for event in life) not in untouched]
        before_ids |= {ticket_identifier(life[0]) for life in before if life[0].type is Type.TICKET_TAKEN}
        after_ids |= {ticket_identifier(life[0]) for life in after if life[0].type is Type.TICKET_TAKEN}
    for life in touched:
        if life[0].type is not Type.TICKET_TAKEN:
            raise _never_taken(life, change.newest)
    return touched, before_ids - after_ids


def _never_taken(life: Life, newest: QueueEvent) -> EventRefused:
    if all(event.id != newest.id for event in life):
        return hindered(life[0], newest)
    if len(life) == 1:
        return EventRefused("ticket", f"ticket '{newest.ticket}' is unknown")
    return EventRefused("ticket", f"ticket '{newest.ticket}' was not taken before {newest.at}")


def _refuse_second_taking(event: QueueEvent, known: Sequence[QueueEvent]) -> None:
    """A number is given out again only once the visitor who held it is served or gone."""
    earlier = [life for life in lives(known) if life[0].type is Type.TICKET_TAKEN and life[0].at <= event.at]
    if not earlier:
        return
    ticket = read_life(earlier[-1], earlier[-1][-1], lambda _, interval: [(interval, None)]).ticket
    if ticket.status in (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING):
        raise EventRefused("ticket", f"ticket '{event.ticket}' was taken already at {ticket.taken_at}")


def _place_events(tx: Write, change: _Change, touched: Iterable[Life]) -> dict[WindowId, datetime]:
    """Record the new event, say which window each event concerns, and from when each window is to be told."""
    hall, newest, moments = change.newest.hall, change.newest, dict[WindowId, datetime]()

    def tell_from(window: WindowId | None, at: datetime) -> None:
        if window is not None:
            moments[window] = min(at, moments.get(window, at))

    along = {identifier: window for life in touched for identifier, window in windows_along(life).items()}
    said = {event.id: event for life in touched for event in life}
    asked = [*said, *([change.gone.id] if change.gone is not None else [])]
    placed = queue_events.windows_of_events(tx, hall, asked) if asked else {}
    is_about_case = newest.type in CASE_EVENTS
    own = None if is_about_case else along.get(newest.id, newest.window)
    placed_at = own if change.come is not None else None
    queue_events.record_event(tx, newest, placed_at, change.now, newest.serial if is_about_case else None)
    if change.come is not None:
        tell_from(own, newest.at)
    if change.gone is not None:
        tell_from(placed.get(change.gone.id), change.gone.at)
    for identifier, window in along.items():
        if identifier != newest.id and placed.get(identifier) != window:
            queue_events.place_event(tx, hall, identifier, window)
            tell_from(placed.get(identifier), said[identifier].at)
            tell_from(window, said[identifier].at)
    return moments


def _retell(tx: Write, change: _Change, touched: Sequence[Life], moments: dict[WindowId, datetime]) -> None:
    """Tell windows, then the lives that changed, then those whose staff did."""
    others: list[tuple[WindowId, Interval]] = []
    for window, at in moments.items():
        changed = _retell_window(tx, window, at, change)
        if changed is not None:
            others.append((window, changed))
    saved = {ticket_identifier(life[0]) for life in touched}
    for life in touched:
        _save_life(tx, life, change)
    for window, changed in others:
        _split_anew(tx, window, changed, saved, change)


def _retell_cases(tx: Write, change: _Change) -> None:
    """Tell the cases anew that the new event, or the one in whose place it stands, is about."""
    hall = change.newest.hall
    about = [str(event.serial) for event in change.both if event.type in CASE_EVENTS]
    for serial in dict.fromkeys(about):
        case = read_case(queue_events.events_of_case(tx, hall, serial), change.newest)
        if case is None and (known := cases.find(tx, hall, serial)) is not None:
            case = replace(known, suspended=(), closed_at=known.accepted_at, withdrawn=True)
        if case is not None:
            cases.save_case(tx, case)


def _retell_window(tx: Write, window: WindowId, at: datetime, change: _Change) -> Interval | None:
    """Tell the states of a window anew from the last one that began before `at`.

    That state holds everything up to its beginning, so the events after its beginning are read again:
    mostly the newest alone, more of them when it came late. What is known of later days stays. Gives the
    time over which somebody else is logged in than was known.
    """
    hall, horizon = change.newest.hall, at - LONGEST_LIFE
    known = queueing.window_status_before(tx, hall, window, at, horizon)
    before = known or closed(hall, window, horizon)
    since = before.interval.start
    following: WindowStatus | None = None
    if at + FAR_AHEAD < change.now + FAR_AHEAD / 2:  # nothing happened yet that would be so far ahead
        following = queueing.next_window_status(tx, hall, window, at + FAR_AHEAD)
    events = queue_events.events_of_window(tx, hall, window, since, at + FAR_AHEAD)
    later = in_order(event for event in events if event.at > since)
    statuses = read_window(before, later, change.newest)
    until = following.interval.start if following is not None else None
    if until is not None:
        statuses[-1] = replace(statuses[-1], interval=statuses[-1].interval.closed(until))
    if known is None:
        statuses = statuses[1:]  # nobody told that the window was closed before: it is not stored
    gone, entered = queueing.save_window_statuses(tx, hall, window, since, statuses, change.now, until)
    return staff_changes(gone, entered)


def _split_anew(
    tx: Write, window: WindowId, changed: Interval, saved: set[TicketId], change: _Change
) -> None:
    """Where other staff are logged in than was known, the periods of a transaction are cut otherwise."""
    hall = change.newest.hall
    handled = queueing.transactions_of(
        tx, hall=hall, window=window, start=changed.start, end=changed.end, limit=MOST_TRANSACTIONS
    )
    for transaction in handled:
        if transaction.ticket in saved:
            continue
        saved.add(transaction.ticket)
        at = transaction.interval.start
        known = queue_events.events_of_ticket(
            tx, hall, transaction.ticket_number, at - LONGEST_LIFE, at + FAR_AHEAD
        )
        for life in lives(known):
            if life[0].type is Type.TICKET_TAKEN and ticket_identifier(life[0]) == transaction.ticket:
                _save_life(tx, life, change)


def _save_life(tx: Write, events: Sequence[QueueEvent], change: _Change) -> None:
    told: dict[WindowId, list[WindowStatus]] = {}

    def staff_times(window: WindowId, interval: Interval) -> list[tuple[Interval, StaffId | None]]:
        if window not in told:
            first, last = events[0].at, events[-1].at + 2 * FAR_AHEAD
            told[window] = queueing.window_status_history(tx, change.newest.hall, window, first, last)
        return _staff_times(told[window], interval)

    life: TicketLife = read_life(in_order(events), change.newest, staff_times)
    queueing.save_ticket(tx, life.ticket)
    for handling in life.handlings:
        queueing.save_transaction(tx, handling.transaction, handling.periods, change.now)
    kept = [handling.transaction.id for handling in life.handlings]
    queueing.remove_transactions(tx, life.ticket.id, kept, change.now)


def _staff_times(told: Iterable[WindowStatus], interval: Interval) -> list[tuple[Interval, StaffId | None]]:
    """Who was logged in at a window over an interval; neighbouring stretches of one person are joined."""
    bounded = interval if interval.end is not None else interval.closed(interval.start + FAR_AHEAD)
    stretches: list[tuple[Interval, StaffId | None]] = []
    for status in told:
        part = status.interval.intersection(interval) if status.interval.overlaps(bounded) else None
        if part is None:
            continue
        if stretches and stretches[-1][1] == status.staff:
            stretches[-1] = (Interval(stretches[-1][0].start, part.end), status.staff)
        else:
            stretches.append((part, status.staff))
    return stretches or [(interval, None)]

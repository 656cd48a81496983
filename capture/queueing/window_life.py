"""From the events of one window to its states over time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from capture.queueing.ticket_life import hindered, transaction_identifier
from hall.errors import EventRefused
from hall.interval import Interval
from hall.names import HallId, StaffId, WindowId
from hall.queueing import QueueEvent, QueueEventType, Step, WindowState, WindowStatus

Type = QueueEventType


def closed(hall: HallId, window: WindowId, since: datetime) -> WindowStatus:
    """The state of a window that nobody opened."""
    return WindowStatus(hall, window, WindowState.CLOSED, Interval(since))


def read_window(before: WindowStatus, events: Sequence[QueueEvent], newest: QueueEvent) -> list[WindowStatus]:
    """The states of a window, from the state `before` its first event on, in order; the last one is open.

    States without length (two events in one moment) are left out. Raises EventRefused when an event is
    not possible in the state it meets.
    """
    states = [replace(before, interval=Interval(before.interval.start))]
    for event in events:
        current = states[-1]
        following = _after(current, event, newest)
        if replace(following, interval=current.interval) == current:
            continue
        start = max(event.at, current.interval.start)
        states[-1] = replace(current, interval=Interval(current.interval.start, start))
        states.append(replace(following, interval=Interval(start)))
    return [
        state for state in states if state.interval.end is None or state.interval.end > state.interval.start
    ]


def staff_changes(before: Sequence[WindowStatus], after: Sequence[WindowStatus]) -> Interval | None:
    """From when to when somebody else is logged in after than was before; None when it is the same person.

    Times that no state covers count as nobody's.
    """
    starts = {status.interval.start for status in (*before, *after)}
    ends = {status.interval.end for status in (*before, *after) if status.interval.end is not None}
    edges = sorted(starts | ends)
    changed = [place for place, at in enumerate(edges) if _staff_at(before, at) != _staff_at(after, at)]
    if not changed:
        return None
    behind = changed[-1] + 1
    return Interval(edges[changed[0]], edges[behind] if behind < len(edges) else None)


def _staff_at(statuses: Sequence[WindowStatus], at: datetime) -> StaffId | None:
    return next((status.staff for status in statuses if status.interval.contains(at)), None)


def _after(status: WindowStatus, event: QueueEvent, newest: QueueEvent) -> WindowStatus:
    if event.type in (Type.STAFF_LOGGED_IN, Type.STAFF_LOGGED_OUT, Type.WINDOW_OPENED, Type.WINDOW_CLOSED):
        return _after_opening(status, event, newest)
    if event.type in (Type.WINDOW_PAUSED, Type.WINDOW_RESUMED):
        return _after_pause(status, event, newest)
    return _after_ticket(status, event)


def _after_opening(status: WindowStatus, event: QueueEvent, newest: QueueEvent) -> WindowStatus:
    if event.type in (Type.STAFF_LOGGED_IN, Type.WINDOW_OPENED):
        staff = event.staff if event.staff is not None else status.staff
        state = WindowState.OPEN if status.state is WindowState.CLOSED else status.state
        return replace(status, state=state, staff=staff)
    names_another = None not in (event.staff, status.staff) and event.staff != status.staff
    if event.type is Type.STAFF_LOGGED_OUT and names_another:
        raise _impossible("staff", f"'{status.staff}' is logged in, not '{event.staff}'", event, newest)
    if event.type is Type.STAFF_LOGGED_OUT and status.state is WindowState.CLOSED:
        raise _impossible("type", f"nobody is logged in at window '{status.window}'", event, newest)
    return closed(status.hall, status.window, event.at)


def _after_pause(status: WindowStatus, event: QueueEvent, newest: QueueEvent) -> WindowStatus:
    if event.type is Type.WINDOW_PAUSED:
        if status.state is WindowState.CLOSED:
            raise _impossible("type", f"window '{status.window}' is not open", event, newest)
        return replace(status, state=WindowState.PAUSED, reason=event.reason)
    if status.state is not WindowState.PAUSED:
        raise _impossible("type", f"window '{status.window}' is not paused", event, newest)
    state = WindowState.SERVING if status.transaction is not None else WindowState.OPEN
    return replace(status, state=state, reason=None)


def _after_ticket(status: WindowStatus, event: QueueEvent) -> WindowStatus:
    """Whoever calls or serves at a window has opened it and ended its pause, said or not."""
    if event.type is Type.TICKET_CALLED:
        awake = replace(status, state=WindowState.OPEN, reason=None)
        return replace(
            awake, staff=event.staff or status.staff, ticket=event.ticket, transaction=None, step=None
        )
    if event.type is Type.SERVICE_STARTED:
        return replace(
            status,
            state=WindowState.SERVING,
            reason=None,
            staff=event.staff or status.staff,
            ticket=event.ticket,
            transaction=transaction_identifier(event),
            step=event.step or Step.ACCEPT,
        )
    if status.ticket != event.ticket:
        return status
    if event.type is Type.STEP_CHANGED:
        return replace(status, step=event.step)
    state = WindowState.OPEN if status.state is WindowState.SERVING else status.state
    return replace(status, state=state, ticket=None, transaction=None, step=None)


def _impossible(field: str, message: str, event: QueueEvent, newest: QueueEvent) -> EventRefused:
    return EventRefused(field, message) if event.id == newest.id else hindered(event, newest)

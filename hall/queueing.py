"""Tickets, transactions, periods and the state of windows: what the queue system tells us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from hall.interval import Interval
from hall.names import HallId, PeriodId, StaffId, TicketId, TransactionId, WindowId
from hall.place import Strict

LARGEST_EVENT = 64 * 1024
"""Bytes of the JSON text of one event, at most."""


class Step(StrEnum):
    """The part of a transaction that is being worked on (环节)."""

    ACCEPT = "accept"
    HANDLE = "handle"
    REVIEW = "review"
    APPROVE = "approve"
    CLOSE = "close"
    DELIVER = "deliver"


class PauseReason(StrEnum):
    """Why a window is paused; each has its allowed minutes in the rules."""

    BREAK = "break"
    BACK_OFFICE = "back_office"
    LEAVE = "leave"
    FAULT = "fault"


class QueueEventType(StrEnum):
    """What happened at the queue machine or at a window's terminal."""

    TICKET_TAKEN = "ticket_taken"
    TICKET_CALLED = "ticket_called"
    TICKET_NO_SHOW = "ticket_no_show"
    TICKET_ON_HOLD = "ticket_on_hold"
    TICKET_TRANSFERRED = "ticket_transferred"
    SERVICE_STARTED = "service_started"
    STEP_CHANGED = "step_changed"
    SERVICE_FINISHED = "service_finished"
    WINDOW_OPENED = "window_opened"
    WINDOW_PAUSED = "window_paused"
    WINDOW_RESUMED = "window_resumed"
    WINDOW_CLOSED = "window_closed"
    STAFF_LOGGED_IN = "staff_logged_in"
    STAFF_LOGGED_OUT = "staff_logged_out"
    CASE_ACCEPTED = "case_accepted"
    CASE_SUSPENDED = "case_suspended"
    CASE_RESUMED = "case_resumed"
    CASE_EXTENDED = "case_extended"
    CASE_CLOSED = "case_closed"
    EVENT_WITHDRAWN = "event_withdrawn"


def _whole(value: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise ValueError("control characters are not allowed")
    return value


Label = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_whole)]


class QueueEvent(Strict):
    """One event of a queue system, as posted to `queue-events` (see docs/queue-events.md).

    `id` is unique within a hall and makes a repeated event harmless. `at` is when it happened, by the
    queue system's clock. Which other members are needed depends on `type`. `days` are working days that
    are added to the limits of a case. `corrects` is the id of an earlier
    event in whose place this one stands; an `event_withdrawn` only takes that event back.
    """

    id: Label
    hall: HallId
    at: AwareDatetime
    type: QueueEventType
    window: WindowId | None = None
    ticket: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] | None = None
    serial: Label | None = None
    item: Label | None = None
    step: Step | None = None
    staff: StaffId | None = None
    reason: PauseReason | None = None
    days: Annotated[int | None, Field(ge=1, le=1000)] = None
    corrects: Label | None = None


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    SERVED = "served"
    NO_SHOW = "no_show"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"
    """Its taking was corrected away: there never was such a ticket. Lists leave it out."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One queue ticket of one day. `number` is what stands on the paper, as `A012`.

    `waiting_since` is when the present, or last, wait began: the ticket was taken or transferred then.
    `called_at` is the call that ended it, None while it still waits. On hold is no wait: both stay as
    they were, and a further call of who was called already begins and ends none. `calling` is the last call,
    from its first repetition at its window to the service, or whatever else ended it; open while it
    stands. `finished_at` is when the visitor was served or was found gone. `past_waits` and `past_calls` are
    the waits that a call ended, and the calls, before those.
    """

    id: TicketId
    hall: HallId
    number: str
    item: str | None
    status: TicketStatus
    taken_at: datetime
    waiting_since: datetime
    called_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    window: WindowId | None = None
    calling: Interval | None = None
    past_waits: tuple[Interval, ...] = ()
    past_calls: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One matter of one visitor at a window (办件). The interval is open while it goes on."""

    id: TransactionId
    hall: HallId
    ticket: TicketId
    ticket_number: str
    serial: str | None
    item: str | None
    window: WindowId
    staff: StaffId | None
    interval: Interval


@dataclass(frozen=True, slots=True)
class Period:
    """Append-only interval: transaction × window × staff × step (时段); a correction supersedes it."""

    id: PeriodId
    transaction: TransactionId
    window: WindowId
    staff: StaffId | None
    step: Step
    interval: Interval


class WindowState(StrEnum):
    """What a window is doing, as the queue system knows it."""

    OPEN = "open"
    SERVING = "serving"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WindowStatus:
    """The state of one window over one interval, and who and what stands behind it.

    `reason` is set while paused; `ticket` (its number) while a ticket is called or served; `step` and
    `transaction` while serving; `staff` while somebody is logged in.
    """

    hall: HallId
    window: WindowId
    state: WindowState
    interval: Interval
    staff: StaffId | None = None
    reason: PauseReason | None = None
    ticket: str | None = None
    transaction: TransactionId | None = None
    step: Step | None = None

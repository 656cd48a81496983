"""Rows of the queue's tables as what they tell: tickets, transactions, periods and states of windows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from hall.names import HallId, PeriodId, StaffId, TicketId, TransactionId, WindowId
from hall.queueing import (
    PauseReason,
    Period,
    Step,
    Ticket,
    TicketStatus,
    Transaction,
    WindowState,
    WindowStatus,
)
from store.past_waits import unpacked
from store.rows import interval, optional_time


def ticket_of_row(row: Row[Any]) -> Ticket:
    """The ticket of a row."""
    return Ticket(
        id=TicketId(row.id),
        hall=HallId(row.hall),
        number=row.number,
        item=row.item,
        status=TicketStatus(row.status),
        taken_at=interval(row.taken_us, None).start,
        waiting_since=interval(row.waiting_us, None).start,
        called_at=optional_time(row.called_us),
        started_at=optional_time(row.started_us),
        finished_at=optional_time(row.finished_us),
        window=WindowId(row.window) if row.window is not None else None,
        calling=interval(row.calling_us, row.calling_end_us) if row.calling_us is not None else None,
        past_waits=unpacked(row.past, "waits"),
        past_calls=unpacked(row.past, "calls"),
    )


def transaction_of_row(row: Row[Any]) -> Transaction:
    """The transaction of a row."""
    return Transaction(
        id=TransactionId(row.id),
        hall=HallId(row.hall),
        ticket=TicketId(row.ticket),
        ticket_number=row.ticket_number,
        serial=row.serial,
        item=row.item,
        window=WindowId(row.window),
        staff=StaffId(row.staff) if row.staff is not None else None,
        interval=interval(row.start_us, row.end_us),
    )


def period_of_row(row: Row[Any]) -> Period:
    """The period of a row."""
    return Period(
        id=PeriodId(row.id),
        transaction=TransactionId(row.transaction),
        window=WindowId(row.window),
        staff=StaffId(row.staff) if row.staff is not None else None,
        step=Step(row.step),
        interval=interval(row.start_us, row.end_us),
    )


def status_of_row(row: Row[Any]) -> WindowStatus:
    """The state of a window, of a row."""
    return WindowStatus(
        hall=HallId(row.hall),
        window=WindowId(row.window),
        state=WindowState(row.state),
        interval=interval(row.start_us, row.end_us),
        staff=StaffId(row.staff) if row.staff is not None else None,
        reason=PauseReason(row.reason) if row.reason is not None else None,
        ticket=row.ticket,
        transaction=TransactionId(row.transaction) if row.transaction is not None else None,
        step=Step(row.step) if row.step is not None else None,
    )

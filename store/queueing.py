"""What was made of the queue events: tickets, transactions, periods and the states of windows.

Tickets and transactions are overwritten when a late event changes them (the journal keeps every version);
periods and window statuses are append-only: what a correction replaces is marked superseded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from hall.clock import to_microseconds
from hall.errors import NotFound
from hall.journal import FactKind
from hall.names import HallId, PeriodId, StaffId, TicketId, TransactionId, WindowId
from hall.queueing import (
    Period,
    Ticket,
    TicketStatus,
    Transaction,
    WindowStatus,
)
from store import journal, lasting
from store.database import Read, Write
from store.long_rows import LONG, LONG_US
from store.past_waits import packed
from store.queue_rows import period_of_row, status_of_row, ticket_of_row, transaction_of_row
from store.rows import optional_microseconds
from store.status_history import STATUS_HISTORY
from store.tables import periods, tickets, transactions, window_statuses

# Put together once: every event uses these, and putting a statement together costs more than executing it.
_TICKET = select(tickets).where(tickets.c.id == bindparam("identifier"))
_NEW_TICKET = insert(tickets)
_CHANGE_TICKET = update(tickets).where(tickets.c.id == bindparam("identifier"))
_TRANSACTION = select(transactions).where(transactions.c.id == bindparam("identifier"))
_NEW_TRANSACTION = insert(transactions)
_CHANGE_TRANSACTION = update(transactions).where(transactions.c.id == bindparam("identifier"))
_PERIODS = (
    select(periods)
    .where(periods.c.transaction == bindparam("identifier"), periods.c.superseded_us.is_(None))
    .order_by(periods.c.start_us, periods.c.id)
)
_NEW_PERIOD = insert(periods)
_NEW_STATUS = insert(window_statuses)


def save_ticket(tx: Write, ticket: Ticket) -> None:
    """Enter or replace a ticket; nothing is journaled when nothing changed."""
    values = {
        "hall": ticket.hall,
        "number": ticket.number,
        "item": ticket.item,
        "status": ticket.status.value,
        "taken_us": to_microseconds(ticket.taken_at),
        "waiting_us": to_microseconds(ticket.waiting_since),
        "called_us": optional_microseconds(ticket.called_at),
        "started_us": optional_microseconds(ticket.started_at),
        "finished_us": optional_microseconds(ticket.finished_at),
        "window": ticket.window,
        "calling_us": optional_microseconds(ticket.calling.start if ticket.calling else None),
        "calling_end_us": optional_microseconds(ticket.calling.end if ticket.calling else None),
        "past": packed(ticket),
    }
    row = tx.connection.execute(_TICKET, {"identifier": ticket.id}).first()
    if row is not None and ticket_of_row(row) == ticket:
        return
    if row is None:
        tx.connection.execute(_NEW_TICKET, {"id": ticket.id, **values})
    else:
        tx.connection.execute(_CHANGE_TICKET, {"identifier": ticket.id, **values})
    latest = [ticket.taken_at, ticket.called_at, ticket.started_at, ticket.finished_at]
    journal.append(tx, FactKind.TICKET, ticket.hall, max(at for at in latest if at is not None), ticket)


def save_transaction(tx: Write, transaction: Transaction, parts: Sequence[Period], now: datetime) -> None:
    """Enter or replace a transaction and make `parts` its periods.

    Periods that stand already with the same content stay; those that do not occur in `parts` any more
    are superseded.
    """
    values = {
        "hall": transaction.hall,
        "ticket": transaction.ticket,
        "ticket_number": transaction.ticket_number,
        "serial": transaction.serial,
        "item": transaction.item,
        "window": transaction.window,
        "staff": transaction.staff,
        "start_us": to_microseconds(transaction.interval.start),
        "end_us": optional_microseconds(transaction.interval.end),
    }
    row = tx.connection.execute(_TRANSACTION, {"identifier": transaction.id}).first()
    if row is None:
        tx.connection.execute(_NEW_TRANSACTION, {"id": transaction.id, **values})
    elif transaction_of_row(row) != transaction:
        tx.connection.execute(_CHANGE_TRANSACTION, {"identifier": transaction.id, **values})
    if row is None or transaction_of_row(row) != transaction:
        at = transaction.interval.end or transaction.interval.start
        journal.append(tx, FactKind.TRANSACTION, transaction.hall, at, transaction)
    _replace_periods(tx, transaction, parts, now)


def _replace_periods(tx: Write, transaction: Transaction, parts: Sequence[Period], now: datetime) -> None:
    standing = {_content(period): period for period in periods_of(tx, transaction.id)}
    wanted = {_content(period): period for period in parts}
    gone = [period.id for content, period in standing.items() if content not in wanted]
    if gone:
        tx.connection.execute(
            update(periods).where(periods.c.id.in_(gone)).values(superseded_us=to_microseconds(now))
        )
    new = [period for content, period in wanted.items() if content not in standing]
    if not new:
        return
    numbered = select(periods.c.id).where(periods.c.transaction == transaction.id)
    number = len(tx.connection.execute(numbered).all())
    for period in new:
        number += 1
        entered = replace(period, id=PeriodId(f"{transaction.id}.{number}"))
        tx.connection.execute(
            _NEW_PERIOD,
            {
                "id": entered.id,
                "transaction": entered.transaction,
                "window": entered.window,
                "staff": entered.staff,
                "step": entered.step.value,
                "start_us": to_microseconds(entered.interval.start),
                "end_us": optional_microseconds(entered.interval.end),
            },
        )
        journal.append(tx, FactKind.PERIOD, transaction.hall, entered.interval.start, entered)


def _content(period: Period) -> tuple[Any, ...]:
    return (period.window, period.staff, period.step, period.interval)


def remove_transactions(tx: Write, ticket: TicketId, keep: Collection[TransactionId], now: datetime) -> None:
    """Supersede the transactions of a ticket that later events take back: all but `keep`."""
    stale = (
        select(transactions)
        .where(transactions.c.ticket == ticket, transactions.c.id.not_in(list(keep)))
        .where(transactions.c.end_us.is_(None) | (transactions.c.end_us > transactions.c.start_us))
    )
    for row in list(tx.connection.execute(stale)):
        known = transaction_of_row(row)
        gone = replace(known, interval=known.interval.closed(known.interval.start))
        _replace_periods(tx, known, (), now)
        tx.connection.execute(
            update(transactions).where(transactions.c.id == row.id).values(end_us=row.start_us)
        )
        journal.append(tx, FactKind.TRANSACTION, known.hall, known.interval.start, gone)


def retire_ticket(tx: Write, identifier: TicketId, now: datetime) -> None:
    """Take a ticket back that, as corrected events tell, nobody took. Its wait lasted no time."""
    row = tx.connection.execute(select(tickets).where(tickets.c.id == identifier)).first()
    if row is None:
        return
    known = ticket_of_row(row)
    remove_transactions(tx, identifier, (), now)
    never = replace(known, status=TicketStatus.WITHDRAWN, waiting_since=known.taken_at, called_at=None)
    never = replace(never, past_waits=(), past_calls=())
    save_ticket(tx, replace(never, started_at=None, finished_at=known.taken_at, window=None, calling=None))


def save_window_statuses(
    tx: Write,
    hall: HallId,
    window: WindowId,
    since: datetime,
    statuses: Sequence[WindowStatus],
    now: datetime,
    until: datetime | None = None,
) -> tuple[list[WindowStatus], list[WindowStatus]]:
    """Make `statuses` the states of a window from `since` on; equal ones stay, others are superseded.

    The statuses are in order of time, and the last one ends at `until`, where those that stay follow, or is
    open. Gives the states that were superseded and those that were entered.
    """
    query = (
        _standing_statuses(hall, window)
        .where(window_statuses.c.start_us >= to_microseconds(since))
        .order_by(window_statuses.c.start_us)
    )
    if until is not None:
        query = query.where(window_statuses.c.start_us < to_microseconds(until))
    standing = {status_of_row(row): row.id for row in tx.connection.execute(query)}
    wanted = list(dict.fromkeys(statuses))
    gone = [status for status in standing if status not in wanted]
    entered = [status for status in wanted if status not in standing]
    if gone:
        tx.connection.execute(
            update(window_statuses)
            .where(window_statuses.c.id.in_([standing[status] for status in gone]))
            .values(superseded_us=to_microseconds(now))
        )
        lasting.stood(tx, gone, -1)
    lasting.stood(tx, entered)
    for status in entered:
        tx.connection.execute(
            _NEW_STATUS,
            {
                "hall": hall,
                "window": window,
                "state": status.state.value,
                "start_us": to_microseconds(status.interval.start),
                "end_us": optional_microseconds(status.interval.end),
                "staff": status.staff,
                "reason": status.reason.value if status.reason else None,
                "ticket": status.ticket,
                "transaction": status.transaction,
                "step": status.step.value if status.step else None,
            },
        )
        journal.append(tx, FactKind.WINDOW_STATUS, hall, status.interval.start, status)
    return gone, entered


def window_status_before(
    tx: Read, hall: HallId, window: WindowId, at: datetime, horizon: datetime
) -> WindowStatus | None:
    """The state of a window that began last before a moment, unless it ended at the horizon or before."""
    row = tx.connection.execute(
        _standing_statuses(hall, window)
        .where(
            window_statuses.c.start_us < to_microseconds(at),
            window_statuses.c.end_us.is_(None) | (window_statuses.c.end_us > to_microseconds(horizon)),
        )
        .order_by(window_statuses.c.start_us.desc())
        .limit(1)
    ).first()
    return None if row is None else status_of_row(row)


def next_window_status(tx: Read, hall: HallId, window: WindowId, at: datetime) -> WindowStatus | None:
    """The first state of a window that begins at a moment or later."""
    row = tx.connection.execute(
        _standing_statuses(hall, window)
        .where(window_statuses.c.start_us >= to_microseconds(at))
        .order_by(window_statuses.c.start_us)
        .limit(1)
    ).first()
    return None if row is None else status_of_row(row)


def _standing_statuses(hall: HallId, window: WindowId) -> Select[Any]:
    return select(window_statuses).where(
        window_statuses.c.hall == hall,
        window_statuses.c.window == window,
        window_statuses.c.superseded_us.is_(None),
    )


def window_statuses_now(tx: Read, hall: HallId) -> dict[WindowId, WindowStatus]:
    """The state of every window that ever told one."""
    query = (
        select(window_statuses)
        .where(
            window_statuses.c.hall == hall,
            window_statuses.c.superseded_us.is_(None),
            window_statuses.c.end_us.is_(None),
        )
        .order_by(window_statuses.c.start_us)
    )
    return {WindowId(row.window): status_of_row(row) for row in tx.connection.execute(query)}


def window_status_history(
    tx: Read, hall: HallId, window: WindowId, start: datetime, end: datetime
) -> list[WindowStatus]:
    """The states of a window that overlap `[start, end)`, in order."""
    bounds = {"from_us": to_microseconds(start), "until_us": to_microseconds(end)}
    rows = tx.connection.execute(STATUS_HISTORY, {"of_hall": hall, "of_window": window, **bounds})
    return [status_of_row(row) for row in rows]


def ticket(tx: Read, identifier: TicketId) -> Ticket:
    """One ticket. Raises NotFound."""
    row = tx.connection.execute(_TICKET, {"identifier": identifier}).first()
    if row is None:
        raise NotFound(f"there is no ticket {identifier}")
    return ticket_of_row(row)


def tickets_of(
    tx: Read,
    hall: HallId,
    *,
    statuses: Collection[TicketStatus] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 1000,
) -> list[Ticket]:
    """Tickets of a hall, the longest waiting first; only of some statuses, only taken in `[since, until)`."""
    query = select(tickets).where(tickets.c.hall == hall).order_by(tickets.c.taken_us).limit(limit)
    if statuses is None:
        query = query.where(tickets.c.status != TicketStatus.WITHDRAWN.value)
        query = query.with_hint(tickets, "INDEXED BY ix_tickets_taken", "sqlite")
    else:
        query = query.where(tickets.c.status.in_([status.value for status in statuses]))
    query = query.where(tickets.c.taken_us >= to_microseconds(since)) if since else query
    query = query.where(tickets.c.taken_us < to_microseconds(until)) if until else query
    return [ticket_of_row(row) for row in tx.connection.execute(query)]


def transaction(tx: Read, identifier: TransactionId) -> Transaction:
    """One transaction. Raises NotFound."""
    row = tx.connection.execute(select(transactions).where(transactions.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no transaction {identifier}")
    return transaction_of_row(row)


def transactions_of(  # noqa: PLR0913 - one member per way of looking
    tx: Read,
    *,
    hall: HallId | None = None,
    halls: Collection[HallId] | None = None,
    ticket_number: str | None = None,
    serial: str | None = None,
    window: WindowId | None = None,
    staff: StaffId | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    before: tuple[datetime, TransactionId] | None = None,
    limit: int = 50,
) -> list[Transaction]:
    """Transactions that fit every given member, the newest first; `before` is the cursor of the next page.

    Over a time those of ordinary length are looked for no further back than they can last, the few longer
    ones by an index of their own.
    """
    newest = (transactions.c.start_us.desc(), transactions.c.id.desc())
    query = select(transactions).where(
        transactions.c.end_us.is_(None) | (transactions.c.end_us > transactions.c.start_us)
    )
    for column, wanted in (
        (transactions.c.hall, hall),
        (transactions.c.ticket_number, ticket_number),
        (transactions.c.serial, serial),
        (transactions.c.window, window),
        (transactions.c.staff, staff),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    query = query.where(transactions.c.hall.in_(halls)) if halls is not None else query
    query = query.where(transactions.c.start_us < to_microseconds(end)) if end else query
    if before is not None:
        start_us = to_microseconds(before[0])
        query = query.where(
            transactions.c.start_us <= start_us,  # by this one the index is entered
            (transactions.c.start_us < start_us)
            | ((transactions.c.start_us == start_us) & (transactions.c.id < before[1])),
        )
    parts = [query]
    if start is not None:
        earliest = to_microseconds(start) - LONG_US
        lasts = transactions.c.end_us.is_(None) | (transactions.c.end_us > to_microseconds(start))
        parts = [
            query.where(lasts, transactions.c.start_us >= earliest),
            query.where(lasts, transactions.c.start_us < earliest, LONG).with_hint(
                transactions, "INDEXED BY ix_transactions_long", "sqlite"
            ),
        ]
    # All of the second part began before any of the first.
    rows = [row for part in parts for row in tx.connection.execute(part.order_by(*newest).limit(limit))]
    return [transaction_of_row(row) for row in rows[:limit]]


def transaction_at(tx: Read, hall: HallId, window: WindowId, at: datetime) -> Transaction | None:
    """The transaction at a window at a moment, or the last one before it."""
    query = (
        select(transactions)
        .where(
            transactions.c.hall == hall,
            transactions.c.window == window,
            transactions.c.start_us <= to_microseconds(at),
            transactions.c.end_us.is_(None) | (transactions.c.end_us > transactions.c.start_us),
        )
        .order_by(transactions.c.start_us.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).first()
    return None if row is None else transaction_of_row(row)


def transaction_of_ticket(tx: Read, identifier: TicketId) -> Transaction | None:
    """The last transaction of a ticket, or None while it was not served."""
    query = select(transactions).where(transactions.c.ticket == identifier)
    row = tx.connection.execute(query.order_by(transactions.c.start_us.desc()).limit(1)).first()
    return None if row is None else transaction_of_row(row)


def periods_of(tx: Read, identifier: TransactionId) -> list[Period]:
    """The periods of a transaction that stand, in order."""
    found = tx.connection.execute(_PERIODS, {"identifier": identifier})
    return [period_of_row(row) for row in found]

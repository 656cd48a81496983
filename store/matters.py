"""Transactions with their periods, many at once: what goes on at windows, and what did lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from hall.clock import to_microseconds
from hall.names import HallId, TransactionId
from hall.queueing import Period, Transaction
from store.database import Read
from store.queue_rows import period_of_row, transaction_of_row
from store.queueing import periods_of
from store.tables import periods, transactions

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Handled:
    """A transaction and its periods that stand, in order."""

    transaction: Transaction
    periods: tuple[Period, ...]


def recent(tx: Read, hall: HallId, begun: datetime, ended: datetime) -> Iterator[Handled]:
    """The transactions of a hall that began at `begun` or later and last, or ended after `ended`."""
    lasts = or_(transactions.c.end_us.is_(None), transactions.c.end_us > to_microseconds(ended))
    query = (
        select(transactions)
        .where(transactions.c.start_us >= to_microseconds(begun), transactions.c.hall == hall, lasts)
        .order_by(transactions.c.start_us)
    )
    found = [transaction_of_row(row) for row in tx.connection.execute(query)]
    for first in range(0, len(found), AT_ONCE):
        part = found[first : first + AT_ONCE]
        parts: dict[str, list[Period]] = defaultdict(list)
        standing = (
            select(periods)
            .where(periods.c.transaction.in_([one.id for one in part]), periods.c.superseded_us.is_(None))
            .order_by(periods.c.start_us, periods.c.id)
        )
        for row in tx.connection.execute(standing):
            parts[row.transaction].append(period_of_row(row))
        for one in part:
            yield Handled(one, tuple(parts[one.id]))


def handled(tx: Read, identifier: TransactionId) -> Handled | None:
    """One transaction, or None."""
    row = tx.connection.execute(select(transactions).where(transactions.c.id == identifier)).first()
    return None if row is None else Handled(transaction_of_row(row), tuple(periods_of(tx, identifier)))

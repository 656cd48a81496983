"""What belongs to the transactions of a page: their tickets, their periods and the alerts at their time.

One statement of each kind for the whole page. Alerts of ordinary length are looked for no further back than
they can last, the few longer ones by an index of their own.
"""

# ruff: noqa: S608 - beside parameters only a number of this program stands in the statement

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text

from hall.clock import to_microseconds
from hall.finding import Alert
from hall.names import TicketId, TransactionId
from hall.queueing import Period, Ticket, Transaction
from store.alert_lists import alert_of_body
from store.alert_tables import alerts
from store.database import Read
from store.long_rows import LONG, LONG_US
from store.queue_rows import period_of_row, ticket_of_row
from store.tables import periods, tickets

MOST_ALERTS = 100
"""Of one transaction at its window, and as many of its ticket."""
AT_ONCE = 100
"""Transactions in one statement."""

_TICKETS = select(tickets).where(tickets.c.id.in_(bindparam("names", expanding=True)))
_PERIODS = (
    select(periods)
    .where(periods.c.transaction.in_(bindparam("names", expanding=True)), periods.c.superseded_us.is_(None))
    .order_by(periods.c.start_us, periods.c.id)
)
# CROSS JOIN: SQLite begins with the table that is written first. The few longer alerts are read without a
# join: SQLite would read all alerts first, to know which windows have any.
_AT_WINDOW = f"""
SELECT wanted.nth, alerts.id, alerts.opened_us, alerts.body FROM wanted CROSS JOIN alerts
WHERE alerts."window" = wanted.place AND alerts.hall = wanted.hall AND alerts.start_us < wanted.until_us
AND alerts.start_us >= wanted.from_us - {LONG_US}
AND (alerts.end_us IS NULL OR alerts.end_us > wanted.from_us)"""
_LONG_ALERTS = (
    select(alerts)
    .with_hint(alerts, "INDEXED BY ix_alerts_long_window", "sqlite")
    .where(alerts.c.window.in_(bindparam("windows", expanding=True)), LONG)
    .where(alerts.c.start_us < bindparam("until_us"))
)
# Without the hall, which the ticket implies: SQLite would read all alerts of the hall.
_OF_TICKETS = select(alerts.c.ticket, alerts.c.id, alerts.c.opened_us, alerts.c.body).where(
    alerts.c.ticket.in_(bindparam("names", expanding=True))
)

Opened = tuple[int, str, str]
"""When an alert was opened, its identifier and its JSON."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A transaction and the time over which it is looked at."""

    transaction: Transaction
    start: datetime
    end: datetime


def tickets_of_all(tx: Read, served: Sequence[Transaction]) -> dict[TicketId, Ticket]:
    """The tickets of these transactions; one that is not entered is left out."""
    return {
        TicketId(row.id): ticket_of_row(row)
        for some in _parts([one.ticket for one in served])
        for row in tx.connection.execute(_TICKETS, {"names": some})
    }


def periods_of_all(tx: Read, served: Sequence[Transaction]) -> dict[TransactionId, list[Period]]:
    """The periods of each of these transactions that stand, in order."""
    found: dict[TransactionId, list[Period]] = {one.id: [] for one in served}
    for some in _parts([one.id for one in served]):
        for row in tx.connection.execute(_PERIODS, {"names": some}):
            found[TransactionId(row.transaction)].append(period_of_row(row))
    return found


def alerts_of_all(tx: Read, looked_at: Sequence[Lasting]) -> list[list[Alert]]:
    """The alerts of each transaction: those of its ticket, and those of its window over its time.

    By the beginning of their causes. Of each of both sorts no more than MOST_ALERTS, the newest.
    """
    of_ticket: dict[str, list[Opened]] = {}
    for some in _parts({one.transaction.ticket for one in looked_at}):
        for row in tx.connection.execute(_OF_TICKETS, {"names": some}):
            of_ticket.setdefault(row.ticket, []).append((row.opened_us, row.id, row.body))
    at_window = _at_windows(tx, looked_at)
    found: list[list[Alert]] = []
    for one, beside in zip(looked_at, at_window, strict=True):
        rows = (*_newest(beside), *_newest(of_ticket.get(one.transaction.ticket, ())))
        both = {identifier: alert_of_body(body) for _, identifier, body in rows}
        found.append(sorted(both.values(), key=lambda alert: (alert.interval.start, alert.id)))
    return found


def _at_windows(tx: Read, looked_at: Sequence[Lasting]) -> list[set[Opened]]:
    found: list[set[Opened]] = [set() for _ in looked_at]
    for first in range(0, len(looked_at), AT_ONCE):
        part = looked_at[first : first + AT_ONCE]
        wanted, values = _wanted(part)
        for row in tx.connection.execute(text(wanted + _AT_WINDOW), values):
            found[first + row.nth].add((row.opened_us, row.id, row.body))
        windows = sorted({one.transaction.window for one in part})
        until_us = to_microseconds(max(one.end for one in part))
        long = tx.connection.execute(_LONG_ALERTS, {"windows": windows, "until_us": until_us}).all()
        for nth, one in enumerate(part):
            found[first + nth] |= {
                (row.opened_us, row.id, row.body)
                for row in long
                if (row.hall, row.window) == (one.transaction.hall, one.transaction.window)
                and row.start_us < to_microseconds(one.end)
                and (row.end_us is None or row.end_us > to_microseconds(one.start))
            }
    return found


def _newest(rows: Collection[Opened]) -> list[Opened]:
    return sorted(rows, key=lambda row: row[:2], reverse=True)[:MOST_ALERTS]


def _wanted(looked_at: Sequence[Lasting]) -> tuple[str, dict[str, object]]:
    """The transactions as a table, and the values of its parameters."""
    rows: list[str] = []
    values: dict[str, object] = {}
    for nth, one in enumerate(looked_at):
        rows.append(
            f"(CAST(:n{nth} AS BIGINT), CAST(:h{nth} AS VARCHAR(63)), CAST(:w{nth} AS VARCHAR(63)), "
            f"CAST(:f{nth} AS BIGINT), CAST(:u{nth} AS BIGINT))"
        )
        values |= {
            f"n{nth}": nth,
            f"h{nth}": one.transaction.hall,
            f"w{nth}": one.transaction.window,
            f"f{nth}": to_microseconds(one.start),
            f"u{nth}": to_microseconds(one.end),
        }
    return f"WITH wanted (nth, hall, place, from_us, until_us) AS (VALUES {', '.join(rows)})", values


def _parts(names: Collection[str]) -> Iterator[list[str]]:
    each = sorted(names)
    for first in range(0, len(each), AT_ONCE):
        yield each[first : first + AT_ONCE]

"""What stands beside the rows of a page: the alerts of transactions, the transactions of cases."""

# ruff: noqa: S608 - all that is put into the statement are the names of its own parameters

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text, tuple_

from hall.case import Case
from hall.clock import to_microseconds
from hall.names import HallId, TransactionId
from hall.queueing import Transaction
from store.database import Read
from store.long_rows import LONG_US
from store.tables import transactions

_BESIDE = f"""
SELECT wanted.nth, count(*) AS counted FROM wanted CROSS JOIN alerts
WHERE alerts."window" = wanted.place AND alerts.hall = wanted.hall AND alerts.start_us < wanted.until_us
AND alerts.start_us >= wanted.from_us - {LONG_US}
AND (alerts.end_us IS NULL OR alerts.end_us > wanted.from_us)
GROUP BY wanted.nth"""


def alerts_beside(tx: Read, served: Sequence[Transaction], now: datetime) -> dict[str, int]:
    """By the transaction how many alerts of its window overlap it.

    Of those that began at most four hours before it.
    """
    if not served:
        return {}
    rows: list[str] = []
    values: dict[str, object] = {}
    for nth, one in enumerate(served):
        rows.append(
            f"(CAST(:n{nth} AS BIGINT), CAST(:h{nth} AS VARCHAR(63)), CAST(:w{nth} AS VARCHAR(63)), "
            f"CAST(:f{nth} AS BIGINT), CAST(:u{nth} AS BIGINT))"
        )
        values |= {
            f"n{nth}": nth,
            f"h{nth}": one.hall,
            f"w{nth}": one.window,
            f"f{nth}": to_microseconds(one.interval.start),
            f"u{nth}": to_microseconds(one.interval.end or now),
        }
    wanted = f"WITH wanted (nth, hall, place, from_us, until_us) AS (VALUES {', '.join(rows)})"
    counted = tx.connection.execute(text(wanted + _BESIDE), values)
    return {served[row.nth].id: row.counted for row in counted}


def newest_of_cases(tx: Read, found: Sequence[Case]) -> dict[tuple[HallId, str], TransactionId]:
    """By hall and serial number the newest transaction of each case that has one."""
    if not found:
        return {}
    of_serial = transactions.c.serial.in_(sorted({case.serial for case in found}))
    wanted = tuple_(transactions.c.hall, transactions.c.serial).in_([(one.hall, one.serial) for one in found])
    query = select(transactions.c.id, transactions.c.hall, transactions.c.serial).where(of_serial, wanted)
    query = query.where(transactions.c.end_us.is_(None) | (transactions.c.end_us > transactions.c.start_us))
    rows = tx.connection.execute(query.order_by(transactions.c.start_us))
    return {(HallId(row.hall), row.serial): TransactionId(row.id) for row in rows}

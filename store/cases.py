"""Cases as they stand. Each is overwritten when an event changes it; the journal keeps every version."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select

from hall.case import Case, Extension
from hall.clock import from_microseconds, to_microseconds
from hall.journal import FactKind
from hall.names import HallId, StaffId, WindowId
from store import journal
from store.case_tables import cases
from store.database import Read, Write
from store.rows import interval, optional_microseconds, optional_time


def save_case(tx: Write, case: Case) -> None:
    """Enter or replace a case; nothing is journaled when nothing changed."""
    if find(tx, case.hall, case.serial) == case:
        return
    tx.connection.execute(delete(cases).where(cases.c.hall == case.hall, cases.c.serial == case.serial))
    stretches = [
        (to_microseconds(stretch.start), optional_microseconds(stretch.end)) for stretch in case.suspended
    ]
    tx.connection.execute(
        insert(cases).values(
            hall=case.hall,
            serial=case.serial,
            item=case.item,
            window=case.window,
            staff=case.staff,
            accepted_us=to_microseconds(case.accepted_at),
            suspended=json.dumps(stretches),
            extended_days=case.extended_days,
            extensions=json.dumps([(to_microseconds(one.at), one.days) for one in case.extensions]),
            closed_us=optional_microseconds(case.closed_at),
            withdrawn=case.withdrawn,
        )
    )
    journal.append(tx, FactKind.CASE, case.hall, case.closed_at or case.accepted_at, case)


def find(tx: Read, hall: HallId, serial: str) -> Case | None:
    """The case with a serial number, withdrawn or not, or None."""
    query = select(cases).where(cases.c.hall == hall, cases.c.serial == serial)
    row = tx.connection.execute(query).first()
    return None if row is None else case_of_row(row)


def running(tx: Read, hall: HallId, since: datetime) -> list[Case]:
    """The cases of a hall that are not closed, or were closed at `since` or later; the oldest first."""
    still = or_(cases.c.closed_us.is_(None), cases.c.closed_us >= to_microseconds(since))
    query = (
        select(cases)
        .where(cases.c.hall == hall, still, cases.c.withdrawn.is_(False))
        .order_by(cases.c.accepted_us, cases.c.serial)
    )
    return [case_of_row(row) for row in tx.connection.execute(query)]


def case_of_row(row: Row[Any]) -> Case:
    """The case of a row."""
    return Case(
        hall=HallId(row.hall),
        serial=row.serial,
        item=row.item,
        accepted_at=from_microseconds(row.accepted_us),
        window=WindowId(row.window) if row.window is not None else None,
        staff=StaffId(row.staff) if row.staff is not None else None,
        suspended=tuple(interval(start, end) for start, end in json.loads(row.suspended)),
        extended_days=row.extended_days,
        extensions=tuple(
            Extension(from_microseconds(at), days) for at, days in json.loads(row.extensions or "[]")
        ),
        closed_at=optional_time(row.closed_us),
        withdrawn=row.withdrawn,
    )

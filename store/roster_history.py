"""What was changed of each hall's roster, the newest first, so that it can be told and undone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import NotFound
from hall.names import HallId
from hall.roster_change import RosterDifference
from hall.wire import from_json, to_wire
from store.database import Read, Write
from store.roster_tables import roster_changes

MOST_KEPT = 200
"""Changes of one hall that can be undone; the trail tells of older ones."""


class RosterOrigin(StrEnum):
    """Where a change came from: entered on the console, out of a file, or by undoing another."""

    CONSOLE = "console"
    FILE = "file"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class RosterAuthor:
    """Who changes a roster. `note`: the file's name, or the number of the change that is undone."""

    who: str
    origin: RosterOrigin
    note: str = ""


NOBODY = RosterAuthor("", RosterOrigin.FILE)
"""The author of what no person changed."""


@dataclass(frozen=True, slots=True)
class KeptChange:
    """A change of a hall's roster. `undone_by`: the change that undid it, None while none did."""

    id: int
    hall: HallId
    at: datetime
    author: RosterAuthor
    difference: RosterDifference
    undone_by: int | None


def keep(tx: Write, hall: HallId, changed: RosterDifference, now: datetime, author: RosterAuthor) -> int:
    """Keep a change; the oldest beyond MOST_KEPT are forgotten. Returns its number."""
    kept = tx.connection.execute(
        insert(roster_changes).values(
            hall=hall,
            at_us=to_microseconds(now),
            who=author.who[:63],
            origin=author.origin.value,
            note=author.note[:200],
            difference=json.dumps(to_wire(changed), ensure_ascii=False),
        )
    ).inserted_primary_key
    assert kept is not None
    numbers = select(roster_changes.c.id).where(roster_changes.c.hall == hall)
    oldest = numbers.order_by(roster_changes.c.id.desc()).offset(MOST_KEPT).limit(1)
    beyond = tx.connection.execute(oldest).scalar_one_or_none()
    if beyond is not None:
        tx.connection.execute(
            delete(roster_changes).where(roster_changes.c.hall == hall, roster_changes.c.id <= beyond)
        )
    return int(kept[0])


def mark_undone(tx: Write, number: int, by: int) -> None:
    """Say by which change another was undone."""
    tx.connection.execute(update(roster_changes).where(roster_changes.c.id == number).values(undone_by=by))


def newest(tx: Read, hall: HallId, limit: int = 1) -> list[KeptChange]:
    """The newest changes of a hall, the newest first."""
    query = select(roster_changes).where(roster_changes.c.hall == hall)
    return [
        _kept(row) for row in tx.connection.execute(query.order_by(roster_changes.c.id.desc()).limit(limit))
    ]


def kept(tx: Read, hall: HallId, number: int) -> KeptChange:
    """One change of a hall. Raises NotFound."""
    query = select(roster_changes).where(roster_changes.c.hall == hall, roster_changes.c.id == number)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no change {number}")
    return _kept(row)


def _kept(row: Row[Any]) -> KeptChange:
    return KeptChange(
        row.id,
        HallId(row.hall),
        from_microseconds(row.at_us),
        RosterAuthor(row.who, RosterOrigin(row.origin), row.note),
        from_json(RosterDifference, row.difference.encode()),
        row.undone_by,
    )

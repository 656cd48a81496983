"""Queue events that could not be accepted: kept with the reason until an operator has settled them.

The same event that comes again and again is one row, which counts how often it came.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotFound
from hall.journal import FactKind
from hall.names import HallId
from hall.queueing import LARGEST_EVENT
from store import journal
from store.database import Read, Write
from store.rows import optional_time
from store.tables import refused_events

LONGEST_FIELD = 64


class Settlement(StrEnum):
    """How a refused event was settled."""

    REPLAYED = "replayed"
    """An operator tried it again, as it was or mended, and it was accepted."""
    DISCARDED = "discarded"
    """An operator found that nothing is lost without it."""
    ACCEPTED = "accepted"
    """The queue system told it again, and then it was accepted."""


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event that was refused: the member that is wrong, why, and the event as it came.

    `received_at` is when it came last, `times` how often. `is_cut`: it was larger than any event may be and
    `raw` is its beginning.
    """

    id: int
    hall: HallId | None
    received_at: datetime
    field: str
    message: str
    raw: str
    is_cut: bool
    times: int
    settled_at: datetime | None = None
    settled_by: str | None = None
    settlement: Settlement | None = None
    note: str | None = None


def refuse_event(tx: Write, hall: HallId | None, raw: bytes, field: str, message: str, now: datetime) -> None:
    """Keep an event that could not be accepted, with the field that is wrong, for an operator to see."""
    digest = sha256(raw).digest()
    reason = {"field": _without_nul(field[:LONGEST_FIELD]), "message": _without_nul(message)}
    again = (
        update(refused_events)
        .where(refused_events.c.sha256 == digest, refused_events.c.settled_us.is_(None))
        .values(**reason, times=refused_events.c.times + 1, received_us=to_microseconds(now))
    )
    if tx.connection.execute(again).rowcount:
        return
    row = {
        **reason,
        "hall": hall,
        "received_us": to_microseconds(now),
        "raw": _without_nul(raw[:LARGEST_EVENT].decode("utf-8", "replace")),
        "is_cut": len(raw) > LARGEST_EVENT,
        "sha256": digest,
    }
    tx.connection.execute(insert(refused_events).values(row))
    journal.append(tx, FactKind.EVENT_REFUSED, hall, now, {**reason})


def refused(
    tx: Read,
    limit: int = 100,
    before: int | None = None,
    *,
    is_settled: bool | None = None,
    halls: Collection[HallId] | None = None,
) -> list[RefusedEvent]:
    """The newest refused events, or those before one; only the settled, or only those that are not.

    With `halls` only those of these halls: an event whose hall could not be read is of none.
    """
    query = select(refused_events).order_by(refused_events.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(refused_events.c.id < before)
    if halls is not None:
        query = query.where(refused_events.c.hall.in_(halls))
    if is_settled is not None:
        settled = refused_events.c.settled_us
        query = query.where(settled.is_not(None) if is_settled else settled.is_(None))
    return [_refused(row) for row in tx.connection.execute(query)]


def oldest_open(tx: Read, after: int = 0, limit: int = 100) -> list[RefusedEvent]:
    """Refused events that nobody settled, the oldest first, behind an id."""
    query = (
        select(refused_events)
        .where(refused_events.c.settled_us.is_(None), refused_events.c.id > after)
        .order_by(refused_events.c.id)
        .limit(limit)
    )
    return [_refused(row) for row in tx.connection.execute(query)]


def refused_event(tx: Read, identifier: int) -> RefusedEvent:
    """One refused event, whole. Raises NotFound."""
    query = select(refused_events).where(refused_events.c.id == identifier)
    row = tx.connection.execute(query).first() if 0 < identifier < 2**63 else None
    if row is None:
        raise NotFound(f"there is no refused event {identifier}")
    return _refused(row)


def settle(
    tx: Write, identifier: int, settlement: Settlement, by: str, now: datetime, note: str | None = None
) -> None:
    """Enter how an event was settled. Raises NotFound, and Conflict when it is settled already."""
    before = refused_event(tx, identifier)
    if before.settlement is not None:
        raise Conflict(f"refused event {identifier} is settled already: {before.settlement}")
    tx.connection.execute(
        update(refused_events)
        .where(refused_events.c.id == identifier)
        .values(settlement=settlement.value, settled_by=by[:63], settled_us=to_microseconds(now), note=note)
    )


def settle_same(tx: Write, raws: Iterable[bytes], now: datetime) -> None:
    """What was refused and has come again, and is accepted now, needs nobody any more."""
    digests = [sha256(raw).digest() for raw in raws]
    tx.connection.execute(
        update(refused_events)
        .where(refused_events.c.sha256.in_(digests), refused_events.c.settled_us.is_(None))
        .values(settlement=Settlement.ACCEPTED.value, settled_us=to_microseconds(now))
    )


def refuse_again(tx: Write, identifier: int, field: str, message: str) -> None:
    """Enter why an event that was tried again is still refused."""
    tx.connection.execute(
        update(refused_events)
        .where(refused_events.c.id == identifier)
        .values(field=_without_nul(field[:LONGEST_FIELD]), message=_without_nul(message))
    )


def _without_nul(text: str) -> str:
    """PostgreSQL's text holds no NUL, and a file that lost its power is full of them."""
    return text.replace("\0", "\ufffd")


def _refused(row: Row[Any]) -> RefusedEvent:
    return RefusedEvent(
        id=row.id,
        hall=HallId(row.hall) if row.hall is not None else None,
        received_at=from_microseconds(row.received_us),
        field=row.field,
        message=row.message,
        raw=row.raw,
        is_cut=row.is_cut,
        times=row.times,
        settled_at=optional_time(row.settled_us),
        settled_by=row.settled_by,
        settlement=Settlement(row.settlement) if row.settlement is not None else None,
        note=row.note,
    )

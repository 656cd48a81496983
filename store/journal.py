"""The journal: every fact in one order. Rules and screens follow `tail(after=seq)`."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, bindparam, func, insert, select

from hall.clock import from_microseconds, to_microseconds
from hall.journal import FactKind, JournalEntry, Json
from hall.names import HallId
from hall.wire import to_wire
from store.database import Read, Write
from store.tables import journal

# Put together once: every fact goes through these.
_APPEND = insert(journal).returning(journal.c.seq)
_LAST_SEQ = select(func.coalesce(func.max(journal.c.seq), 0))


def append(tx: Write, kind: FactKind, hall: HallId | None, at: datetime, fact: object) -> int:
    """Append one fact (a `hall` type, or a plain dict of JSON values) and return its seq.

    Writers take turns (store.database), so the order of seq is the order of commits.
    """
    body = fact if isinstance(fact, dict) else to_wire(fact)
    row = {
        "kind": kind.value,
        "hall": hall,
        "at_us": to_microseconds(at),
        "body": json.dumps(body, ensure_ascii=False),
    }
    result = tx.connection.execute(_APPEND, row)
    seq = int(result.scalar_one())
    tx.last_seq = seq
    return seq


def tail(
    tx: Read, after: int, limit: int = 500, kinds: Collection[FactKind] | None = None
) -> list[JournalEntry]:
    """The entries after `after`, oldest first, at most `limit`; only of `kinds` when given."""
    query = _tail(None if kinds is None else frozenset(kinds))
    return [
        JournalEntry(
            seq=row.seq,
            kind=FactKind(row.kind),
            hall=HallId(row.hall) if row.hall is not None else None,
            at=from_microseconds(row.at_us),
            body=cast(dict[str, Json], json.loads(row.body)),
        )
        for row in tx.connection.execute(query, {"after": after, "most": limit})
    ]


@cache
def _tail(kinds: frozenset[FactKind] | None) -> Select[tuple[Any, ...]]:
    query = (
        select(journal)
        .where(journal.c.seq > bindparam("after"))
        .order_by(journal.c.seq)
        .limit(bindparam("most"))
    )
    return query if kinds is None else query.where(journal.c.kind.in_(sorted(kind.value for kind in kinds)))


def last_seq(tx: Read) -> int:
    """The newest seq, 0 when the journal is empty."""
    return int(tx.connection.execute(_LAST_SEQ).scalar_one())


def last_moment(tx: Read) -> datetime | None:
    """The latest moment at which a fact happened, as far as the newest hundred tell; None without any.

    Facts are appended close to when they happen, though not in that order.
    """
    newest = select(journal.c.at_us).order_by(journal.c.seq.desc()).limit(100).subquery()
    latest = tx.connection.execute(select(func.max(newest.c.at_us))).scalar_one()
    return None if latest is None else from_microseconds(latest)


def first_seq(tx: Read) -> int:
    """The oldest seq that is still kept, 0 when the journal is empty."""
    return int(tx.connection.execute(select(func.coalesce(func.min(journal.c.seq), 0))).scalar_one())

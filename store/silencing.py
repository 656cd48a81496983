"""Silences: what is told to nobody, from when to when. Each change of a silence is a fact."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, insert, or_, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotFound
from hall.journal import FactKind, Json
from hall.names import HallId, SilenceId
from hall.silencing import Matcher, Silence
from hall.wire import from_wire, to_wire
from store import journal
from store.alert_tables import silences
from store.database import Read, Write
from store.rows import interval, optional_microseconds, optional_time


def add_silence(tx: Write, silence: Silence) -> None:
    """Enter a new silence."""
    in_force = silence.in_force
    tx.connection.execute(
        insert(silences).values(
            id=silence.id,
            hall=silence.matcher.hall,
            start_us=to_microseconds(in_force.start),
            end_us=optional_microseconds(silence.interval.end),
            matcher=json.dumps(to_wire(silence.matcher), ensure_ascii=False),
            author=silence.author,
            reason=silence.reason,
            created_us=to_microseconds(silence.created_at),
            ended_us=optional_microseconds(silence.ended_at),
            ended_by=silence.ended_by,
        )
    )
    journal.append(tx, FactKind.SILENCE, silence.matcher.hall, silence.created_at, silence)


def end_silence(tx: Write, identifier: SilenceId, who: str, at: datetime) -> Silence:
    """End a silence before its time. Raises NotFound, or Conflict when it is over already."""
    found = silence(tx, identifier)
    end = found.in_force.end
    if found.ended_at is not None or (end is not None and end <= at):
        raise Conflict("silence: it is over already", found)
    tx.connection.execute(
        update(silences).where(silences.c.id == identifier).values(ended_us=to_microseconds(at), ended_by=who)
    )
    ended = replace(found, ended_at=at, ended_by=who)
    journal.append(tx, FactKind.SILENCE, ended.matcher.hall, at, ended)
    return ended


def silence(tx: Read, identifier: SilenceId) -> Silence:
    """One silence. Raises NotFound."""
    row = tx.connection.execute(select(silences).where(silences.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no silence {identifier}")
    return _silence(row)


def silences_since(tx: Read, hall: HallId, since: datetime) -> list[Silence]:
    """The silences of a hall that held, hold or will hold after a moment, the first to end first."""
    since_us = to_microseconds(since)
    query = (
        select(silences)
        .where(
            silences.c.hall == hall,
            silences.c.end_us > since_us,
            or_(silences.c.ended_us.is_(None), silences.c.ended_us > since_us),
        )
        .order_by(silences.c.end_us, silences.c.id)
    )
    return [_silence(row) for row in tx.connection.execute(query)]


def newest_silences(tx: Read, hall: HallId, limit: int = 100) -> list[Silence]:
    """Silences of a hall whether they still hold or not, the one that ends last first."""
    query = (
        select(silences)
        .where(silences.c.hall == hall)
        .order_by(silences.c.end_us.desc(), silences.c.id)
        .limit(limit)
    )
    return [_silence(row) for row in tx.connection.execute(query)]


def _silence(row: Row[Any]) -> Silence:
    return Silence(
        id=SilenceId(row.id),
        matcher=from_wire(Matcher, cast(dict[str, Json], json.loads(row.matcher))),
        interval=interval(row.start_us, row.end_us),
        author=row.author,
        reason=row.reason,
        created_at=from_microseconds(row.created_us),
        ended_at=optional_time(row.ended_us),
        ended_by=row.ended_by,
    )

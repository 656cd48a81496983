"""The audit: who viewed, sought or changed what. Each entry carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, func, insert, or_, select

from hall.clock import from_microseconds, to_microseconds
from store.access_tables import audit_entries
from store.database import Read, Write

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One accountable act. `sha256` covers the entry's content and `previous_sha256`."""

    seq: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: str
    address: str
    previous_sha256: str
    sha256: str
    reason: str = ""


def record(
    tx: Write,
    *,
    at: datetime,
    who: str,
    action: str,
    subject: str,
    detail: str = "",
    address: str = "",
    reason: str = "",
) -> None:
    """Append an entry to the chain. `reason` is what the person said it was for."""
    newest = select(audit_entries.c.sha256).order_by(audit_entries.c.seq.desc()).limit(1)
    previous = tx.connection.execute(newest).scalar_one_or_none() or FIRST
    at_us = to_microseconds(at)
    tx.connection.execute(
        insert(audit_entries).values(
            at_us=at_us,
            who=who,
            action=action,
            subject=subject,
            detail=detail,
            address=address,
            previous_sha256=previous,
            sha256=_link(previous, at_us, who, action, subject, detail, address, *_stated(reason)),
            reason=reason,
        )
    )


def entries(tx: Read, after: int = 0, limit: int = 1000) -> list[AuditEntry]:
    """Entries after a seq, oldest first."""
    query = (
        select(audit_entries).where(audit_entries.c.seq > after).order_by(audit_entries.c.seq).limit(limit)
    )
    return [_entry(row) for row in tx.connection.execute(query)]


def search(  # noqa: PLR0913 - one member per way of looking
    tx: Read,
    *,
    who: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    before: int | None = None,
    besides: str | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """Entries that fit every given member, the newest first; `before` is the seq at which a page went on.

    `subject` is how a subject begins, `text` stands anywhere in subject, detail or reason; acts of the kind
    `besides` are left out.
    """
    of = audit_entries.c
    query = select(audit_entries).order_by(of.seq.desc()).limit(limit)
    for column, wanted in ((of.who, who), (of.action, action)):
        if wanted is not None:
            query = query.where(column == wanted)
    if subject is not None:
        query = query.where(of.subject.startswith(subject, autoescape=True))
    if text is not None:
        anywhere = (column.contains(text, autoescape=True) for column in (of.subject, of.detail, of.reason))
        query = query.where(or_(*anywhere))
    query = query.where(of.action != besides) if besides is not None else query
    query = query.where(of.at_us >= to_microseconds(start)) if start is not None else query
    query = query.where(of.at_us < to_microseconds(end)) if end is not None else query
    query = query.where(of.seq < before) if before is not None else query
    return [_entry(row) for row in tx.connection.execute(query)]


def known(tx: Read, member: Literal["who", "action"]) -> list[str]:
    """Every value that a member of an entry ever had, in order."""
    # One look into the index for each different value: neither database does so by itself.
    column = audit_entries.c[member]
    first = select(func.min(column).label("value")).cte("value_after", recursive=True)
    following = select(select(func.min(column)).where(column > first.c.value).scalar_subquery())
    values = first.union_all(following.where(first.c.value.is_not(None)))
    found = tx.connection.execute(select(values.c.value).where(values.c.value.is_not(None))).scalars()
    return sorted(found)


def head(tx: Read) -> tuple[int, str]:
    """How many entries there are, and the hash of the newest.

    Whoever writes both down elsewhere can tell later whether the newest entries were taken away.
    """
    newest = select(audit_entries.c.sha256).order_by(audit_entries.c.seq.desc()).limit(1)
    count = int(tx.connection.execute(select(func.count()).select_from(audit_entries)).scalar_one())
    return count, tx.connection.execute(newest).scalar_one_or_none() or FIRST


def first_broken_link(tx: Read) -> int | None:
    """The seq of the first entry that does not fit its content or its predecessor, or None."""
    previous = FIRST
    after = 0
    while page := entries(tx, after):
        for entry in page:
            at_us = to_microseconds(entry.at)
            expected = _link(
                previous,
                at_us,
                entry.who,
                entry.action,
                entry.subject,
                entry.detail,
                entry.address,
                *_stated(entry.reason),
            )
            if entry.previous_sha256 != previous or entry.sha256 != expected:
                return entry.seq
            previous = entry.sha256
        after = page[-1].seq
    return None


def _stated(reason: str) -> tuple[str, ...]:
    """A reason is covered by the hash where one was stated; entries from before there were any still hold."""
    return (reason,) if reason else ()


def _link(previous: str, at_us: int, *content: str) -> str:
    return hashlib.sha256(json.dumps([previous, at_us, *content]).encode()).hexdigest()


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        row.seq,
        from_microseconds(row.at_us),
        row.who,
        row.action,
        row.subject,
        row.detail,
        row.address,
        row.previous_sha256,
        row.sha256,
        row.reason,
    )

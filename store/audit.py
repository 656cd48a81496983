"""The audit: who viewed, sought or changed what. Each entry carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

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

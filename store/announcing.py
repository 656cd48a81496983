"""Announcements: what excuses windows, from when to when. Each change of one is a fact."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from hall.announcement import Announcement, AnnouncementKind
from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotFound
from hall.journal import FactKind
from hall.names import AnnouncementId, HallId, WindowId
from store import journal
from store.announcement_tables import announcements
from store.database import Read, Write
from store.rows import interval, optional_microseconds, optional_time


def add_announcement(tx: Write, announcement: Announcement) -> None:
    """Enter a new announcement."""
    tx.connection.execute(
        insert(announcements).values(
            id=announcement.id,
            hall=announcement.hall,
            kind=announcement.kind.value,
            start_us=to_microseconds(announcement.interval.start),
            end_us=optional_microseconds(announcement.interval.end),
            windows=json.dumps(announcement.windows),
            author=announcement.author,
            reason=announcement.reason,
            created_us=to_microseconds(announcement.created_at),
            ended_us=optional_microseconds(announcement.ended_at),
            ended_by=announcement.ended_by,
        )
    )
    journal.append(tx, FactKind.ANNOUNCEMENT, announcement.hall, announcement.created_at, announcement)


def end_announcement(tx: Write, identifier: AnnouncementId, who: str, at: datetime) -> Announcement:
    """End an announcement before its time. Raises NotFound, or Conflict when it is over already."""
    found = announcement(tx, identifier)
    end = found.in_force.end
    if found.ended_at is not None or (end is not None and end <= at):
        raise Conflict("announcement: it is over already", found)
    tx.connection.execute(
        update(announcements)
        .where(announcements.c.id == identifier)
        .values(ended_us=to_microseconds(at), ended_by=who)
    )
    ended = replace(found, ended_at=at, ended_by=who)
    journal.append(tx, FactKind.ANNOUNCEMENT, ended.hall, at, ended)
    return ended


def announcement(tx: Read, identifier: AnnouncementId) -> Announcement:
    """One announcement. Raises NotFound."""
    row = tx.connection.execute(select(announcements).where(announcements.c.id == identifier)).first()
    if row is None:
        raise NotFound(f"there is no announcement {identifier}")
    return _announcement(row)


def announcements_since(tx: Read, hall: HallId, since: datetime) -> list[Announcement]:
    """The announcements of a hall that are in force after a moment, or will be; the first to end first."""
    since_us = to_microseconds(since)
    query = (
        select(announcements)
        .where(
            announcements.c.hall == hall,
            announcements.c.end_us > since_us,
            or_(announcements.c.ended_us.is_(None), announcements.c.ended_us > since_us),
        )
        .order_by(announcements.c.end_us, announcements.c.id)
    )
    return [_announcement(row) for row in tx.connection.execute(query)]


def newest_announcements(tx: Read, hall: HallId, limit: int = 100) -> list[Announcement]:
    """Announcements of a hall whether they are over or not, the one that ends last first."""
    query = (
        select(announcements)
        .where(announcements.c.hall == hall)
        .order_by(announcements.c.end_us.desc(), announcements.c.id)
        .limit(limit)
    )
    return [_announcement(row) for row in tx.connection.execute(query)]


def _announcement(row: Row[Any]) -> Announcement:
    return Announcement(
        id=AnnouncementId(row.id),
        hall=HallId(row.hall),
        kind=AnnouncementKind(row.kind),
        interval=interval(row.start_us, row.end_us),
        author=row.author,
        reason=row.reason,
        created_at=from_microseconds(row.created_us),
        windows=tuple(WindowId(window) for window in json.loads(row.windows)),
        ended_at=optional_time(row.ended_us),
        ended_by=row.ended_by,
    )

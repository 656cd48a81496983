"""When something happened for the first time in a hall."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from hall.names import HallId
from store.database import Read
from store.rows import optional_time
from store.tables import queue_events


def first_queue_event(tx: Read, hall: HallId) -> datetime | None:
    """The moment of the earliest queue event of a hall, None while none came. Found in an index."""
    query = select(func.min(queue_events.c.at_us)).where(queue_events.c.hall == hall)
    return optional_time(tx.connection.execute(query).scalar_one_or_none())

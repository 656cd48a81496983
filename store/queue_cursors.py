"""How far each queue that is asked was read. A place to go on from, and no fact of its own: not journaled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from hall.clock import to_microseconds
from hall.names import HallId, QueueId
from hall.ports import Cursor
from store.database import Read, Write
from store.tables import queue_cursors


def cursor(tx: Read, hall: HallId, queue: QueueId) -> Cursor | None:
    """Behind the last event of this queue that was taken in or refused; None before the first."""
    query = select(queue_cursors.c.value).where(queue_cursors.c.hall == hall, queue_cursors.c.queue == queue)
    value = tx.connection.execute(query).scalar_one_or_none()
    return None if value is None else Cursor(value)


def move(tx: Write, hall: HallId, queue: QueueId, to: Cursor, now: datetime) -> None:
    """Stand behind one more event. Belongs into the transaction that keeps the event."""
    values = {"hall": hall, "queue": queue, "value": to.value, "moved_us": to_microseconds(now)}
    kind = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(queue_cursors).values(values)
    tx.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[queue_cursors.c.hall, queue_cursors.c.queue],
            set_={"value": statement.excluded.value, "moved_us": statement.excluded.moved_us},
        )
    )

"""What waits for somebody, or was given up: counted for who looks after the system."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from hall.clock import to_microseconds
from hall.exporting import ExportState
from hall.names import HallId
from store.alert_tables import alerts
from store.database import Read
from store.notifier_tables import failed_deliveries
from store.tables import exports, refused_events

MOST = 1000
"""Counting ends here: a thousand is as bad as ten thousand."""


def refused_for_good(tx: Read, since: datetime, halls: Collection[HallId] | None = None) -> int:
    """How many messages receivers refused for good since then, of alerts of these halls; `MOST` at most."""
    query = select(failed_deliveries.c.seq).where(failed_deliveries.c.at_us >= to_microseconds(since))
    if halls is not None:
        query = query.where(
            failed_deliveries.c.alert.in_(select(alerts.c.id).where(alerts.c.hall.in_(halls)))
        )
    return int(
        tx.connection.execute(select(func.count()).select_from(query.limit(MOST).subquery())).scalar_one()
    )


def refused_events_open(tx: Read, halls: Collection[HallId] | None = None) -> int:
    """How many refused queue events nobody settled; `MOST` at most."""
    query = select(refused_events.c.id).where(refused_events.c.settled_us.is_(None))
    if halls is not None:
        query = query.where(refused_events.c.hall.in_(halls))
    return int(
        tx.connection.execute(select(func.count()).select_from(query.limit(MOST).subquery())).scalar_one()
    )


def exports_unmade(tx: Read, halls: Collection[HallId] | None = None) -> int:
    """How many ordered evidence packages are not made yet."""
    query = select(func.count()).where(
        exports.c.state.in_([ExportState.QUEUED.value, ExportState.MAKING.value])
    )
    if halls is not None:
        query = query.where(exports.c.hall.in_(halls))
    return int(tx.connection.execute(query).scalar_one())


def database_kind(tx: Read) -> tuple[str, str | None]:
    """What the database is, `sqlite` or `postgresql`, and the file of the former."""
    kind = tx.connection.dialect.name
    return kind, tx.connection.engine.url.database if kind == "sqlite" else None

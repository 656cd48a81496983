"""What a long time held, counted: how much of it was recorded, and how many transactions and alerts began.

Nothing here reads a row of `segments` but the last: what was recorded is told by the runs, less the gaps, of
which there are few in a year. The rest are counts over an index, as many as there are buckets.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, literal_column, select

from hall.clock import to_microseconds
from hall.finding import AlertStatus
from hall.names import CameraId, HallId, WindowId
from store import recording
from store.alert_tables import alerts
from store.database import Read
from store.tables import runs, transactions

Span = tuple[int, int]
"""Microseconds since 1970, half-open."""


def connected(tx: Read, camera: CameraId, start: datetime, end: datetime) -> list[Span]:
    """When a camera was connected within `[start, end)`, by the beginning of its runs; they may overlap.

    A run that has no end yet lasts as long as something is recorded. What is missing within a run is a gap.
    """
    last = recording.last_segment_end(tx, camera)
    if last is None:
        return []
    first_us, last_us = to_microseconds(start), min(to_microseconds(end), to_microseconds(last))
    until = func.coalesce(runs.c.end_us, last_us)
    query = (
        select(runs.c.start_us, until.label("until_us"))
        .where(runs.c.camera == camera, runs.c.start_us < last_us, until > first_us)
        .order_by(runs.c.start_us)
    )
    return [(max(row.start_us, first_us), min(row.until_us, last_us)) for row in tx.connection.execute(query)]


def transactions_begun(
    tx: Read, hall: HallId, windows: Collection[WindowId], start: datetime, width_us: int, buckets: int
) -> list[int]:
    """How many transactions began at these windows, per bucket of `width_us` from `start` on."""
    column = transactions.c.start_us
    stands = transactions.c.end_us.is_(None) | (transactions.c.end_us > column)
    first_us = to_microseconds(start)
    query = select((column - first_us) // width_us, func.count()).where(
        transactions.c.hall == hall, transactions.c.window.in_(windows), stands
    )
    return _counts(tx, query.where(_within(column, first_us, width_us, buckets)), buckets)


def alerts_begun(
    tx: Read,
    hall: HallId,
    windows: Collection[WindowId],
    cameras: Collection[CameraId],
    start: datetime,
    width_us: int,
    buckets: int,
) -> list[int]:
    """How many alerts about these windows or cameras began, per bucket; those found false are left out."""
    column = alerts.c.start_us
    first_us = to_microseconds(start)
    about = [alerts.c.window.in_(windows), alerts.c.window.is_(None) & alerts.c.camera.in_(cameras)]
    counts = [0] * buckets
    for subject in about:  # each has an index of its own
        query = select((column - first_us) // width_us, func.count()).where(
            subject, alerts.c.hall == hall, alerts.c.status != AlertStatus.DISMISSED.value
        )
        found = _counts(tx, query.where(_within(column, first_us, width_us, buckets)), buckets)
        counts = [one + other for one, other in zip(counts, found, strict=True)]
    return counts


def _within(column: Column[int], first_us: int, width_us: int, buckets: int) -> ColumnElement[bool]:
    return (column >= first_us) & (column < first_us + width_us * buckets)


def _counts(tx: Read, query: Select[Any], buckets: int) -> list[int]:
    counts = [0] * buckets
    for row in tx.connection.execute(query.group_by(literal_column("1"))):
        counts[row[0]] = row[1]
    return counts

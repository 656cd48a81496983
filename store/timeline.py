"""The facts of a short time, at any distance from now: what a timeline shows where single facts stand apart.

Each query is bounded on both sides of an index. Facts of ordinary length are looked for as far back as they
can last; the few longer ones have an index of their own (`LONG`, `LONG_OBSERVATION`).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Select, bindparam, select, union_all

from hall.clock import to_microseconds
from hall.finding import Alert
from hall.journal import Json
from hall.names import CameraId, HallId, TransactionId, WindowId
from hall.observing import Observation, ObservationKind
from hall.queueing import Period, Transaction
from hall.wire import from_wire
from store.alert_tables import alerts
from store.database import Read
from store.long_rows import LONG, LONG_US
from store.observing import observation_of_row
from store.queue_rows import period_of_row
from store.rows import overlapping_us
from store.tables import (
    LONG_OBSERVATION,
    LONG_OBSERVATION_US,
    observations,
    periods,
    transactions,
)


def _several(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


# Put together once: that costs more than asking.
_EARLIEST: Final[BindParameter[int]] = bindparam("earliest_us")


_FROM: Final[BindParameter[int]] = bindparam("from_us")
_UNTIL: Final[BindParameter[int]] = bindparam("until_us")


def _bounds(start: datetime, end: datetime, longest_us: int) -> dict[str, int]:
    first = to_microseconds(start)
    return {"from_us": first, "until_us": to_microseconds(end), "earliest_us": first - longest_us}


_STANDING = select(periods.c.id).where(
    periods.c.window.in_(_several("of_windows")),
    periods.c.superseded_us.is_(None),
    overlapping_us(periods, _FROM, _UNTIL),
)
_PERIODS: Final[Select[Any]] = (
    select(periods, transactions.c.ticket_number)
    .join(transactions, transactions.c.id == periods.c.transaction)
    .where(
        periods.c.id.in_(union_all(_STANDING.where(periods.c.start_us >= _EARLIEST), _STANDING.where(LONG))),
        transactions.c.hall == bindparam("of_hall"),
    )
    .order_by(periods.c.start_us, periods.c.id)
    .limit(bindparam("most"))
)

_SEEN = select(observations.c.id).where(
    observations.c.camera == bindparam("of_camera"), overlapping_us(observations, _FROM, _UNTIL)
)
_OBSERVATIONS: Final[Select[Any]] = (
    select(observations)
    .where(
        observations.c.id.in_(
            union_all(_SEEN.where(observations.c.start_us >= _EARLIEST), _SEEN.where(LONG_OBSERVATION))
        ),
        observations.c.kind.in_(_several("kinds")),
        observations.c.end_us.is_(None) | (observations.c.end_us > observations.c.start_us),
    )
    .order_by(observations.c.start_us, observations.c.id)
    .limit(bindparam("most"))
)

_ABOUT = {
    "ix_alerts_long_window": alerts.c.window.in_(_several("of_windows")),
    "ix_alerts_long": alerts.c.window.is_(None) & alerts.c.camera.in_(_several("of_cameras")),
}
_RAISED = select(alerts.c.id).where(overlapping_us(alerts, _FROM, _UNTIL))
_ALERTS: Final[Select[str]] = (
    select(alerts.c.body)
    .where(
        alerts.c.id.in_(
            union_all(
                *(_RAISED.where(subject, alerts.c.start_us >= _EARLIEST) for subject in _ABOUT.values()),
                *(
                    _RAISED.where(subject, LONG, alerts.c.start_us < _EARLIEST).with_hint(
                        alerts, f"INDEXED BY {index}", "sqlite"
                    )
                    for index, subject in _ABOUT.items()
                ),
            )
        ),
        alerts.c.hall == bindparam("of_hall"),
    )
    .order_by(alerts.c.start_us, alerts.c.id)
    .limit(bindparam("most"))
)


def periods_between(
    tx: Read, hall: HallId, windows: Collection[WindowId], start: datetime, end: datetime, limit: int
) -> list[tuple[Period, str]]:
    """The periods that stand at these windows and overlap `[start, end)`, in order, each with its ticket."""
    asked = {"of_hall": hall, "of_windows": list(windows), "most": limit, **_bounds(start, end, LONG_US)}
    rows = tx.connection.execute(_PERIODS, asked)
    return [(period_of_row(row), row.ticket_number) for row in rows]


def observations_between(
    tx: Read,
    camera: CameraId,
    start: datetime,
    end: datetime,
    kinds: Collection[ObservationKind],
    limit: int,
) -> list[Observation]:
    """What a camera saw and heard of these kinds over `[start, end)`, by the beginning."""
    asked = {
        "of_camera": camera,
        "kinds": sorted(kind.value for kind in kinds),
        "most": limit,
        **_bounds(start, end, LONG_OBSERVATION_US),
    }
    return [observation_of_row(row) for row in tx.connection.execute(_OBSERVATIONS, asked)]


def alerts_between(
    tx: Read,
    hall: HallId,
    windows: Collection[WindowId],
    cameras: Collection[CameraId],
    start: datetime,
    end: datetime,
    limit: int,
) -> list[Alert]:
    """Alerts about these windows or cameras that overlap `[start, end)`, by the beginning."""
    asked = {
        "of_hall": hall,
        "of_windows": list(windows),
        "of_cameras": list(cameras),
        "most": limit,
        **_bounds(start, end, LONG_US),
    }
    return [
        from_wire(Alert, cast(dict[str, Json], json.loads(body)))
        for body in tx.connection.execute(_ALERTS, asked).scalars()
    ]


def neighbours(tx: Read, of: Transaction) -> tuple[TransactionId | None, TransactionId | None]:
    """The transaction at the same window that began before this one, and the one that began after it."""
    at = (to_microseconds(of.interval.start), str(of.id))
    column = (transactions.c.start_us, transactions.c.id)
    query = select(transactions.c.id).where(
        transactions.c.hall == of.hall,
        transactions.c.window == of.window,
        transactions.c.end_us.is_(None) | (transactions.c.end_us > transactions.c.start_us),
    )
    earlier = (column[0] < at[0]) | ((column[0] == at[0]) & (column[1] < at[1]))
    later = (column[0] > at[0]) | ((column[0] == at[0]) & (column[1] > at[1]))
    backward = query.where(column[0] <= at[0], earlier).order_by(column[0].desc(), column[1].desc()).limit(1)
    forward = query.where(column[0] >= at[0], later).order_by(*column).limit(1)
    before = tx.connection.execute(backward).scalar_one_or_none()
    after = tx.connection.execute(forward).scalar_one_or_none()
    return (
        TransactionId(before) if before is not None else None,
        TransactionId(after) if after is not None else None,
    )

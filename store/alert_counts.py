"""How many alerts were opened and dismissed, by hour and by day: kept with each that is entered or changed.

A rate over months would otherwise read every alert of that time. Counts of rule and kind stand beside those
of their cameras; the latter are of alerts that a camera shows.
"""

# ruff: noqa: S608 - beside parameters only names of this module stand in the statements

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select, text

from hall.clock import to_microseconds
from hall.finding import Alert, AlertStatus
from hall.names import HallId
from store.alert_tables import alert_cameras
from store.database import Read, Write

HOUR_US = 3600 * 1_000_000
DAY_US = 24 * HOUR_US
UNITS = (HOUR_US, DAY_US)
ALL = ""
"""In the place of a camera: the alerts of the rule, whether a camera shows them or not."""

_ADD = text(
    "INSERT INTO alert_counts (hall, unit_us, start_us, rule, kind, camera, opened, dismissed) "
    "VALUES (:hall, :unit, :start, :rule, :kind, :camera, :opened, :dismissed) "
    "ON CONFLICT (hall, unit_us, start_us, rule, kind, camera) DO UPDATE SET "
    "opened = alert_counts.opened + excluded.opened, dismissed = alert_counts.dismissed + excluded.dismissed"
)
_KEPT = text(
    "SELECT rule, kind, camera, SUM(opened) AS opened, SUM(dismissed) AS dismissed FROM alert_counts "
    "WHERE hall = :hall AND unit_us = :unit AND start_us >= :first AND start_us < :until "
    "GROUP BY rule, kind, camera"
)
_DISMISSED = f"SUM(CASE WHEN status = '{AlertStatus.DISMISSED.value}' THEN 1 ELSE 0 END)"
_OPENED = "alerts.hall = :hall AND alerts.opened_us >= :first AND alerts.opened_us < :until"
_SINGLE = text(
    f"SELECT rule, kind, '{ALL}' AS camera, COUNT(*) AS opened, {_DISMISSED} AS dismissed FROM alerts "
    f"WHERE {_OPENED} GROUP BY rule, kind UNION ALL "
    f"SELECT rule, kind, alert_cameras.camera, COUNT(*), {_DISMISSED} FROM alerts "
    f"JOIN alert_cameras ON alert_cameras.alert = alerts.id WHERE {_OPENED} "
    "GROUP BY rule, kind, alert_cameras.camera"
)

Counts = dict[tuple[str, str, str], tuple[int, int]]
"""By rule, kind and camera (ALL: of the rule): how many were opened, and how many of these dismissed."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a time: whole hours or days, or, without a unit, a rest of an hour.

    In microseconds, half-open.
    """

    unit: int | None
    first: int
    until: int


def opened(tx: Write, alert: Alert, cameras: Iterable[str]) -> None:
    """Count an alert that is new."""
    _add(tx, alert, cameras, 1)


def changed(tx: Write, before: Alert, after: Alert) -> None:
    """Count an alert as it is now, and no more as it was."""
    if _place(before) == _place(after):
        return
    query = select(alert_cameras.c.camera).where(alert_cameras.c.alert == after.id)
    cameras = list(tx.connection.execute(query).scalars())
    _add(tx, before, cameras, -1)
    _add(tx, after, cameras, 1)


def counted(tx: Read, hall: HallId, first_us: int, until_us: int) -> Counts:
    """The alerts of a hall that were opened from `first_us` on and before `until_us`."""
    found: Counts = {}
    for part in parts_of(first_us, until_us):
        asked = {"hall": hall, "unit": part.unit, "first": part.first, "until": part.until}
        statement = _SINGLE if part.unit is None else _KEPT
        if part.unit is None:
            asked.pop("unit")
        for row in tx.connection.execute(statement, asked):
            one, other = found.get((row.rule, row.kind, row.camera), (0, 0))
            found[row.rule, row.kind, row.camera] = one + int(row.opened), other + int(row.dismissed)
    return {key: both for key, both in found.items() if both[0] > 0}


def parts_of(first_us: int, until_us: int) -> Iterator[Part]:
    """A time in whole days, the hours before and after them, and what is left of an hour at its ends."""
    at = first_us
    while at < until_us:
        unit = next((one for one in reversed(UNITS) if at % one == 0 and at + one <= until_us), None)
        if unit is None:
            end = min(until_us, (at // HOUR_US + 1) * HOUR_US)
        elif unit == DAY_US:
            end = until_us // DAY_US * DAY_US
        else:
            end = min((at // DAY_US + 1) * DAY_US, until_us // HOUR_US * HOUR_US)
        yield Part(unit, at, end)
        at = end


def _place(alert: Alert) -> tuple[object, ...]:
    is_dismissed = alert.status is AlertStatus.DISMISSED
    return (
        alert.subject.hall,
        alert.rule,
        alert.kind,
        to_microseconds(alert.opened_at) // HOUR_US,
        is_dismissed,
    )


def _add(tx: Write, alert: Alert, cameras: Iterable[str], count: int) -> None:
    opened_us = to_microseconds(alert.opened_at)
    tx.connection.execute(
        _ADD,
        [
            {
                "hall": alert.subject.hall,
                "unit": unit,
                "start": opened_us // unit * unit,
                "rule": alert.rule,
                "kind": alert.kind.value,
                "camera": camera,
                "opened": count,
                "dismissed": count if alert.status is AlertStatus.DISMISSED else 0,
            }
            for unit in UNITS
            for camera in (ALL, *dict.fromkeys(cameras))
        ],
    )

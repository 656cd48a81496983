"""How often alerts were dismissed as false, per rule and camera."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select

from hall.clock import to_microseconds
from hall.false_alarms import FalseAlarms
from hall.finding import AlertKind, AlertStatus
from hall.names import CameraId, HallId, RuleId
from store.alert_tables import alert_cameras, alerts
from store.database import Read


def false_alarms(tx: Read, hall: HallId, start: datetime, end: datetime) -> list[FalseAlarms]:
    """Per rule of a hall, and then per camera of it, the alerts that were opened within `[start, end)`.

    Ordered by rule; each rule's own row, without a camera, comes before those of its cameras.
    """
    dismissed = func.sum(case((alerts.c.status == AlertStatus.DISMISSED.value, 1), else_=0))
    opened = (
        (alerts.c.hall == hall)
        & (alerts.c.opened_us >= to_microseconds(start))
        & (alerts.c.opened_us < to_microseconds(end))
    )
    group = (alerts.c.rule, alerts.c.kind)
    of_rules = select(*group, func.count(), dismissed).where(opened).group_by(*group)
    of_cameras = (
        select(*group, func.count(), dismissed, alert_cameras.c.camera)
        .join(alert_cameras, alert_cameras.c.alert == alerts.c.id)
        .where(opened)
        .group_by(*group, alert_cameras.c.camera)
    )
    rows = [(*row, None) for row in tx.connection.execute(of_rules)]
    rows += [tuple(row) for row in tx.connection.execute(of_cameras)]
    found = [
        FalseAlarms(RuleId(rule), AlertKind(kind), CameraId(camera) if camera else None, int(n), int(false))
        for rule, kind, n, false, camera in rows
    ]
    return sorted(found, key=lambda one: (one.rule, one.kind, one.camera or ""))

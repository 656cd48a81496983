"""How often alerts were dismissed as false, per rule and camera."""

from __future__ import annotations

from datetime import datetime

from hall.clock import to_microseconds
from hall.false_alarms import FalseAlarms
from hall.finding import AlertKind
from hall.names import CameraId, HallId, RuleId
from store import alert_counts
from store.database import Read


def false_alarms(tx: Read, hall: HallId, start: datetime, end: datetime) -> list[FalseAlarms]:
    """Per rule of a hall, and then per camera of it, the alerts that were opened within `[start, end)`.

    Ordered by rule; each rule's own row, without a camera, comes before those of its cameras.
    """
    counted = alert_counts.counted(tx, hall, to_microseconds(start), to_microseconds(end))
    found = [
        FalseAlarms(RuleId(rule), AlertKind(kind), CameraId(camera) if camera else None, opened, dismissed)
        for (rule, kind, camera), (opened, dismissed) in counted.items()
    ]
    return sorted(found, key=lambda one: (one.rule, one.kind, one.camera or ""))

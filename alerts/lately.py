"""Alerts that ended lately: facts that come late may say that the cause ended otherwise, or never was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from hall.finding import Alert
from hall.names import AlertId, HallId

SubjectKey: TypeAlias = tuple[HallId, str]
"""Hall and `Subject.name`."""
KEPT = timedelta(hours=2)
"""How far back a cause may have begun: so far facts are read in any case."""


class LatelyEnded:
    """Alerts with closed intervals, by their subject. No thread safety."""

    def __init__(self) -> None:
        self._alerts: dict[SubjectKey, dict[AlertId, Alert]] = {}

    def note(self, key: SubjectKey, alert: Alert) -> None:
        """Take in an alert as it stands now."""
        if not alert.interval.is_open:
            self._alerts.setdefault(key, {})[alert.id] = alert
        elif (known := self._alerts.get(key)) is not None:
            known.pop(alert.id, None)

    def of(self, key: SubjectKey, at: datetime) -> list[Alert]:
        """Those about a subject that began within the time that is kept, the first to begin first."""
        known = self._alerts.get(key)
        if known is None:
            return []
        kept = {one.id: one for one in known.values() if one.interval.start >= at - KEPT}
        if kept:
            self._alerts[key] = kept
        else:
            del self._alerts[key]
        return sorted(kept.values(), key=lambda one: (one.interval.start, one.id))

    def prune(self, at: datetime) -> None:
        """Forget everything that began before the time that is kept."""
        for key in list(self._alerts):
            self.of(key, at)

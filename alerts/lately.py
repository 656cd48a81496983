"""The alerts that are known: those whose cause lasts, and those that ended within the last day.

Facts that come late may say that a cause ended otherwise, or never was. How far back facts have to be read
for that follows from the alerts of which they may tell.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from alerts.sights import BEFORE
from hall.finding import Alert
from hall.names import AlertId, HallId, RuleId
from store import alerting
from store.database import Read

SubjectKey: TypeAlias = tuple[HallId, str]
"""Hall and `Subject.name`."""
KEPT = timedelta(hours=2)
"""How far back facts are read in any case."""
REVISED = timedelta(days=1)
"""How far back a cause may have begun that late facts still change. What a window or a camera showed over a
longer time takes too long to judge; tickets, transactions and cases are known whole however old they are."""
PRUNED_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Over:
    """An alert whose cause is over. Facts that were known at `changed_at` have made it what it is."""

    alert: Alert
    changed_at: datetime


class KnownAlerts:
    """Alerts by their subject, as far as the journal was followed. No thread safety."""

    def __init__(self, tx: Read, at: datetime, away_since: datetime) -> None:
        """Nobody has judged since `away_since`: facts are read back to it at first, see `came_back`."""
        self._lasting: dict[SubjectKey, dict[RuleId, Alert]] = {}
        self._over: dict[SubjectKey, dict[AlertId, Over]] = {}
        self._changed: dict[HallId, datetime] = {}
        self._away_since: datetime | None = away_since
        self._pruned_at = at
        for alert in alerting.lasting_alerts(tx):
            self.note(alert, at)
        for alert, changed_at in alerting.ended_alerts(tx, at - REVISED):
            self.note(alert, changed_at)

    def note(self, alert: Alert, changed_at: datetime) -> SubjectKey:
        """Take in an alert as it stands since `changed_at`."""
        key = alert.subject.hall, alert.subject.name
        lasting = self._lasting.setdefault(key, {})
        if alert.interval.is_open:
            lasting[alert.rule] = alert
            if (over := self._over.get(key)) is not None:
                over.pop(alert.id, None)
        else:
            if (known := lasting.get(alert.rule)) is not None and known.id == alert.id:
                del lasting[alert.rule]
            self._over.setdefault(key, {})[alert.id] = Over(alert, changed_at)
            self._changed[key[0]] = max(changed_at, self._changed.get(key[0], changed_at))
        if not lasting:
            del self._lasting[key]
        return key

    def came_back(self) -> None:
        """What was to be judged since somebody did last has been read."""
        self._away_since = None

    def keys(self) -> set[SubjectKey]:
        """The subjects of alerts that last."""
        return set(self._lasting)

    def lasting(self, key: SubjectKey) -> dict[RuleId, Alert]:
        """The alerts about a subject whose cause lasts, by their rule."""
        return dict(self._lasting.get(key, {}))

    def all_lasting(self) -> list[Alert]:
        """Every alert whose cause lasts."""
        return [alert for alerts in self._lasting.values() for alert in alerts.values()]

    def over(self, key: SubjectKey) -> list[Over]:
        """Those about a subject that are over, the first to begin first."""
        return sorted(
            self._over.get(key, {}).values(), key=lambda one: (one.alert.interval.start, one.alert.id)
        )

    def learn(self, tx: Read, key: SubjectKey) -> None:
        """Take in also those about a subject that ended long ago."""
        for alert, changed_at in alerting.ended_alerts_about(tx, *key):
            self._over.setdefault(key, {})[alert.id] = Over(alert, changed_at)

    def has_changed_since(self, hall: HallId, told: datetime) -> bool:
        """Whether any alert of a hall is what it is by what was known after `told`."""
        changed = self._changed.get(hall)
        return changed is not None and told < changed

    def since(self, keys: Collection[SubjectKey], at: datetime, told: datetime | None = None) -> datetime:
        """How far back facts of subjects are to be read, where late ones tell of the time after `told`."""
        begun = [alert.interval.start - BEFORE for key in keys for alert in self.lasting(key).values()]
        since = min([at - KEPT, *begun])
        if self._away_since is not None:
            since = min(since, max(self._away_since, at - REVISED))
        return since if told is None else min(since, self.told_since(keys, at, told))

    def told_since(self, keys: Collection[SubjectKey], at: datetime, told: datetime) -> datetime:
        """How far back facts say something of alerts that facts about the time after `told` may change."""
        touched = [
            one.alert.interval.start
            for key in keys
            for one in self._over.get(key, {}).values()
            if told < one.changed_at
        ]
        return max(min([told, *touched]), at - REVISED) - BEFORE

    def prune(self, at: datetime) -> None:
        """Forget all that began before the time that is kept; every now and then."""
        if at - PRUNED_EVERY < self._pruned_at <= at:
            return
        self._pruned_at = at
        for key, known in list(self._over.items()):
            kept = {name: one for name, one in known.items() if one.alert.interval.start >= at - REVISED}
            if kept:
                self._over[key] = kept
            else:
                del self._over[key]

"""Following up: what the passing of time does with the alerts that stand.

Beside the evaluator, which opens and ends alerts by their causes. Everything is worked out from alerts and
flips in the store, so that whoever takes over goes on where the last one was killed: a flip that was written
is not due any more.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from alerts.dues import Dues
from alerts.leadership import Leadership
from hall import alert_life
from hall.clock import Clock
from hall.errors import Conflict
from hall.finding import Alert, Flip
from hall.journal import FactKind
from hall.names import AlertId
from hall.wire import from_wire
from store import alerting, journal
from store.database import Database, Read

FOLLOWED = (FactKind.ALERT,)
BATCH = 500

log = structlog.get_logger(__name__)


class FollowUp:
    """Keeps the standing alerts of a store in step with the clock. Used by one thread."""

    def __init__(self, database: Database, clock: Clock, leadership: Leadership) -> None:
        self._database = database
        self._clock = clock
        self._leadership = leadership
        self._seq: int | None = None
        self._standing: dict[AlertId, Alert] = {}
        self._dues = Dues[AlertId]()

    def forget(self) -> None:
        """Know nothing: the next step reads everything anew."""
        self._seq, self._dues = None, Dues[AlertId]()
        self._standing.clear()

    def step(self) -> datetime | None:
        """Do what is due, and say when time alone makes the next step due.

        Raises StoreBusy, and NotLeading when another instance writes the alerts; call `forget` then.
        """
        at = self._clock.now()
        concerned = self._dues.take(at)
        with self._database.read() as tx:
            concerned |= self._follow(tx)
        for identifier in sorted(concerned):
            self._dues.put(identifier, self._attend(identifier, at))
        return self._dues.next()

    def _follow(self, tx: Read) -> set[AlertId]:
        """Take in what the journal tells since the last step, and say which alerts it concerns."""
        if self._seq is None:
            self._seq = journal.last_seq(tx)
            self._standing = {alert.id: alert for alert in alerting.standing_alerts(tx)}
            return set(self._standing)
        concerned: set[AlertId] = set()
        while True:
            # Read before the tail: whatever commits in between is then met again, never skipped.
            newest = journal.last_seq(tx)
            entries = journal.tail(tx, self._seq, BATCH, FOLLOWED)
            concerned |= {self._note(from_wire(Alert, entry.body)) for entry in entries}
            if len(entries) < BATCH:
                self._seq = max(self._seq, newest)
                return concerned
            self._seq = entries[-1].seq

    def _note(self, alert: Alert) -> AlertId:
        if alert.stands:
            self._standing[alert.id] = alert
        else:
            self._standing.pop(alert.id, None)
        return alert.id

    def _attend(self, identifier: AlertId, at: datetime) -> datetime | None:
        """Write what is due of one alert; when something is due next."""
        while (alert := self._standing.get(identifier)) is not None:
            change, due = turn(alert, at)
            if change is None:
                return due
            if not self._write(alert, *change):
                return at  # it has just changed, as the journal is about to say
        return None

    def _write(self, alert: Alert, changed: Alert, flip: Flip) -> bool:
        try:
            with self._database.write() as tx:
                self._leadership.confirm(tx)
                self._note(alerting.change_alert(tx, alert.revision, changed, flip))
        except Conflict:
            return False
        log.info("an alert is followed up", alert=alert.id, kind=flip.kind.value, reason=flip.reason.en)
        return True


def turn(alert: Alert, at: datetime) -> tuple[tuple[Alert, Flip] | None, datetime | None]:
    """What time alone makes of a standing alert at a moment, or when it next makes something of it."""
    if alert.snoozed_until is None:
        return None, None
    if at < alert.snoozed_until:
        return None, alert.snoozed_until
    return alert_life.snooze_ended(alert, at), None

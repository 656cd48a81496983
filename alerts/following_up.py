"""Following up: what the passing of time does with the alerts that stand.

Beside the evaluator, which opens and ends alerts by their causes. Everything is worked out from alerts and
flips in the store, so that whoever takes over goes on where the last one was killed: a flip that was written
is not due any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import structlog

from alerts.audience import covers_of, is_telling
from alerts.dues import Dues
from alerts.escalation import escalation_due
from alerts.inhibition import COVERED_BY, COVERING, is_covered
from alerts.leadership import Leadership
from alerts.muting import Mutes
from hall.alert_life import Kept, escalated, reminded, snooze_ended
from hall.clock import Clock
from hall.config import HallSettings
from hall.errors import Conflict
from hall.finding import Alert, Flip
from hall.journal import FactKind
from hall.names import AlertId, HallId
from hall.silencing import is_silenced
from hall.wire import from_wire
from store import alerting, configuration, journal, silencing
from store.database import Database, Read

FOLLOWED = (FactKind.ALERT, FactKind.SILENCE, FactKind.CONFIGURATION)
BATCH = 500

Turn: TypeAlias = tuple[tuple[Alert, Flip] | None, datetime | None]
"""A change that is due, or else when there may be one."""

log = structlog.get_logger(__name__)


class FollowUp:
    """Keeps the standing alerts of a store in step with the clock. Used by one thread."""

    def __init__(self, database: Database, clock: Clock, leadership: Leadership) -> None:
        self._database = database
        self._clock = clock
        self._leadership = leadership
        self._seq: int | None = None
        self._standing: dict[AlertId, Alert] = {}
        self._halls: dict[HallId, HallSettings] = {}
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
            self._read_halls(tx)
            return set(self._standing)
        concerned: set[AlertId] = set()
        while True:
            # Read before the tail: whatever commits in between is then met again, never skipped.
            newest = journal.last_seq(tx)
            entries = journal.tail(tx, self._seq, BATCH, FOLLOWED)
            for entry in entries:
                if entry.kind is FactKind.ALERT:
                    alert = from_wire(Alert, entry.body)
                    concerned.add(self._note(alert))
                    concerned |= self._covered_by(alert)
                elif entry.kind is FactKind.CONFIGURATION:
                    self._read_halls(tx)
                    concerned |= set(self._standing)
                else:
                    concerned |= {one.id for one in self._standing.values() if one.subject.hall == entry.hall}
            if len(entries) < BATCH:
                self._seq = max(self._seq, newest)
                return concerned
            self._seq = entries[-1].seq

    def _covered_by(self, alert: Alert) -> set[AlertId]:
        """The standing alerts that this one, of their hall, tells of."""
        if alert.kind not in COVERING:
            return set()
        return {
            one.id
            for one in self._standing.values()
            if one.subject.hall == alert.subject.hall and COVERED_BY.get(one.kind) is alert.kind
        }

    def _read_halls(self, tx: Read) -> None:
        current = configuration.current(tx)
        self._halls = {hall.id: hall for hall in current.halls} if current is not None else {}

    def _note(self, alert: Alert) -> AlertId:
        if alert.stands:
            self._standing[alert.id] = alert
        else:
            self._standing.pop(alert.id, None)
        return alert.id

    def _attend(self, identifier: AlertId, at: datetime) -> datetime | None:
        """Write what is due of one alert; when something is due next."""
        while (alert := self._standing.get(identifier)) is not None:
            hall = self._halls.get(alert.subject.hall)
            with self._database.read() as tx:
                flips = alerting.flips_of(tx, identifier)
                silences = silencing.silences_since(tx, alert.subject.hall, alert.opened_at)
                covers = covers_of(tx, alert, alert.opened_at)
            change, due = turn(alert, flips, Mutes(hall, tuple(silences), covers), at)
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


def turn(alert: Alert, flips: Sequence[Flip], mutes: Mutes, at: datetime) -> Turn:
    """What time alone makes of a standing alert at a moment, or when it next makes something of it."""
    if alert.snoozed_until is not None:
        # Nothing else becomes of it meanwhile, and its return is told.
        return (None, alert.snoozed_until) if at < alert.snoozed_until else (snooze_ended(alert, at), None)
    told_at = untold_since(alert, flips, mutes)
    if told_at is not None and not mutes.is_muted(alert, at):
        return reminded(alert, at, _kept(alert, mutes, told_at)), None
    chain = mutes.hall.escalation if mutes.hall is not None else ()
    step = escalation_due(alert, flips, chain, mutes, at)
    if step.level is not None:
        return escalated(alert, step.level, chain[step.level - 1].role, at), None
    dues = [step.due, mutes.end(alert, at) if told_at is not None else None]
    return None, min((due for due in dues if due is not None), default=None)


def _kept(alert: Alert, mutes: Mutes, told_at: datetime) -> Kept:
    if is_silenced(alert, mutes.silences, told_at):
        return Kept.SILENCE
    return Kept.COVER if is_covered(alert, mutes.covers, told_at) else Kept.QUIET


def untold_since(alert: Alert, flips: Sequence[Flip], mutes: Mutes) -> datetime | None:
    """When an alert was to be told last, if it was muted then: it still has to be. None: it was told."""
    last = next((flip for flip in reversed(flips) if is_telling(flip)), None)
    return last.at if last is not None and mutes.is_muted(alert, last.at) else None

"""The audience: which flips a notifier hears.

Everybody hears how an alert stands: found, worse, acknowledged, dismissed, back after a snooze, over. What
officers say among themselves (comments, assignments) is not told. A notifier that stands in an escalation
chain hears of an alert only from its step on. What is muted is not told when it happens; if the alert still
stands when that is over, a reminder is told. The end of an alert is told to those who had heard that it
stands, muted or not, because nobody is to be left believing in an alert that is over; and to nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.inhibition import COVERED_BY, Cover, covers
from alerts.muting import Mutes
from hall.config import Configuration
from hall.config.notifiers import NotifierSettings
from hall.finding import Alert, Flip, FlipKind
from hall.names import HallId, NotifierId
from store import alerting, configuration, silencing
from store.database import Read
from store.notifying import Delivery

MOST_COVERS = 100
"""Alerts of a hall that are looked at for one alert: more do not stand while it does."""
ALWAYS_TOLD = frozenset({FlipKind.STATUS, FlipKind.SEVERITY, FlipKind.REMINDER, FlipKind.ESCALATION})


def is_telling(flip: Flip) -> bool:
    """Whether a flip tells how an alert stands, rather than what officers arrange among themselves."""
    return flip.kind in ALWAYS_TOLD or (flip.kind is FlipKind.SNOOZE and flip.snoozed_until is None)


class Audience:
    """Who one notifier is. Used by one thread."""

    def __init__(self, settings: NotifierSettings) -> None:
        self._settings = settings
        self._known: tuple[str | None, Configuration | None] = (None, None)

    def hears(self, tx: Read, delivery: Delivery) -> bool:
        """Whether this notifier is told of a flip."""
        alert, flip = delivery.alert, delivery.flip
        if not self._is_meant(tx, flip, alert.subject.hall):
            return False
        if not alert.stands:
            return self._has_heard(tx, alert, flip)
        return not self._mutes(tx, alert, flip.at).is_muted(alert, flip.at)

    def _is_meant(self, tx: Read, flip: Flip, hall: HallId) -> bool:
        if flip.severity not in self._settings.severities or not is_telling(flip):
            return False
        steps = self._steps(tx)
        if not steps:
            return flip.kind is not FlipKind.ESCALATION
        levels = steps.get(hall, ())
        if flip.kind is FlipKind.ESCALATION:
            return flip.level in levels
        return bool(levels) and min(levels) <= flip.level

    def _has_heard(self, tx: Read, alert: Alert, ending: Flip) -> bool:
        """Whether an earlier flip was told, so that the end has to be."""
        flips = [flip for flip in alerting.flips_of(tx, alert.id) if flip.revision < ending.revision]
        mutes = self._mutes(tx, alert, alert.opened_at)
        return any(
            self._is_meant(tx, flip, alert.subject.hall)
            and not mutes.is_muted(replace(alert, severity=flip.severity), flip.at)
            for flip in flips
        )

    def _steps(self, tx: Read) -> dict[HallId, Sequence[int]]:
        """The levels at which this notifier stands, by hall; none: it stands in no chain."""
        current = self._configuration(tx)
        return {} if current is None else steps_of(current, self._settings.id)

    def _mutes(self, tx: Read, alert: Alert, since: datetime) -> Mutes:
        current, hall = self._configuration(tx), alert.subject.hall
        halls = current.halls if current is not None else ()
        settings = next((known for known in halls if known.id == hall), None)
        return Mutes(settings, tuple(silencing.silences_since(tx, hall, since)), covers_of(tx, alert, since))

    def _configuration(self, tx: Read) -> Configuration | None:
        """The configuration in force, read again only when another one was applied."""
        digest = configuration.digest(tx)
        if digest != self._known[0]:
            self._known = (digest, configuration.current(tx))
        return self._known[1]


def covers_of(tx: Read, alert: Alert, since: datetime) -> tuple[Cover, ...]:
    """When an alert of the hall stood, since a moment, that tells of alerts like this one."""
    kind = COVERED_BY.get(alert.kind)
    if kind is None:
        return ()
    near = alerting.alerts_of(tx, hall=alert.subject.hall, kinds=[kind], start=since, limit=MOST_COVERS)
    return tuple(cover for one in near for cover in covers(one, alerting.flips_of(tx, one.id)))


def steps_of(current: Configuration, notifier: NotifierId) -> dict[HallId, Sequence[int]]:
    """The levels of the chains in which a notifier stands, by hall; halls without it are left out."""
    found: dict[HallId, Sequence[int]] = {}
    for hall in current.halls:
        levels = [level for level, step in enumerate(hall.escalation, 1) if notifier in step.notifiers]
        if levels:
            found[hall.id] = levels
    return found

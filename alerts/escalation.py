"""Escalation: who hears next of an alert that nobody acknowledged, and when.

Pure: worked out anew from the alert, its flips and the chain, so a restart changes nothing. Minutes count
from when the alert last became open, and only while it may be told. A step's hours are looked at when its
minutes are up: a step that falls outside is passed over, for that is how a chain names different people by
day and by night. Each step is told once in an alert's life, however often it is acknowledged and reopened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.muting import RANK, Mutes
from hall.config.telling import EscalationStep
from hall.finding import Alert, AlertStatus, Flip, FlipKind


@dataclass(frozen=True, slots=True)
class Escalation:
    """The level to be told now, or, without one, when to look again; None twice: not by time alone."""

    level: int | None = None
    due: datetime | None = None


def escalation_due(
    alert: Alert, flips: Sequence[Flip], chain: Sequence[EscalationStep], mutes: Mutes, at: datetime
) -> Escalation:
    """How an alert stands with its hall's chain at a moment. Level 1 is the first step."""
    since = open_since(alert, flips)
    if since is None:
        return Escalation()
    for level, step in enumerate(chain, start=1):
        if level <= alert.level or RANK[alert.severity] < RANK[step.severity]:
            continue
        moment = mutes.after(alert, since, step.after)
        if moment is None or moment > at:
            return Escalation(due=moment)
        if not _falls_into_hours(step, moment, mutes):
            continue
        if mutes.is_muted(alert, at):
            return Escalation(due=mutes.end(alert, at))
        return Escalation(level=level)
    return Escalation()


def open_since(alert: Alert, flips: Sequence[Flip]) -> datetime | None:
    """When an alert that nobody has acknowledged last became open; None for any other, or a snoozed one."""
    if alert.status is not AlertStatus.OPEN or alert.snoozed_until is not None:
        return None
    for flip in reversed(flips):
        opens = flip.after is AlertStatus.OPEN and flip.snoozed_until is None
        if opens and flip.kind in (FlipKind.STATUS, FlipKind.SNOOZE):
            return flip.at
    return None


def _falls_into_hours(step: EscalationStep, moment: datetime, mutes: Mutes) -> bool:
    if not step.hours or mutes.hall is None:
        return True
    local = moment.astimezone(mutes.hall.zone_info).time()
    return any(hours.holds(local) for hours in step.hours)

"""What would have been different: findings beside the alerts that were raised at the time. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.again.findings import Finding
from hall.finding import Alert, AlertKind, AlertStatus
from hall.interval import Interval

ALIKE = timedelta(seconds=1)
"""Begin and end may differ by so much and count as the same."""


class Change(StrEnum):
    """How a finding differs from the alert that was raised."""

    ALIKE = "alike"
    NEW = "new"
    """Found now; no alert was raised."""
    GONE = "gone"
    """An alert was raised; nothing is found now."""
    TIMES = "times"
    """Both, over another time."""
    SEVERITY = "severity"
    """Both over the same time, more or less serious."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One cause: the alert that was raised, what is found now, or both."""

    change: Change
    alert: Alert | None
    finding: Finding | None

    @property
    def kind(self) -> AlertKind:
        """What is found."""
        return self._either.kind

    @property
    def start(self) -> datetime:
        """When it began, as found now, else as it was raised."""
        return self._either.interval.start

    @property
    def was_dismissed(self) -> bool:
        """True when an officer had called the alert false."""
        return self.alert is not None and self.alert.status is AlertStatus.DISMISSED

    @property
    def _either(self) -> Alert | Finding:
        either = self.finding or self.alert
        assert either is not None
        return either


def compared(alerts: Sequence[Alert], found: Sequence[Finding], whole: Interval) -> list[Compared]:
    """Each alert and each finding once, in order of time; of one kind and subject, what overlaps is one.

    Causes count as long as they overlap `whole`, which is closed.
    """
    left = [finding for finding in found if finding.interval.overlaps(whole)]
    results: list[Compared] = []
    for alert in sorted(alerts, key=lambda alert: alert.interval.start):
        if not alert.interval.overlaps(whole):
            continue
        same = next((finding for finding in left if _is_about_the_same(alert, finding)), None)
        if same is not None:
            left.remove(same)
        elif _is_later(alert, whole):
            continue
        results.append(Compared(_change(alert, same, whole), alert, same))
    results += [Compared(Change.NEW, None, finding) for finding in left]
    return sorted(results, key=lambda each: (each.start, each.kind))


def _is_about_the_same(alert: Alert, finding: Finding) -> bool:
    if alert.kind is not finding.kind or alert.subject.name != finding.subject.name:
        return False
    return finding.interval.overlaps(alert.interval)


def _is_later(alert: Alert, whole: Interval) -> bool:
    """True when its limit was reached after `whole` only: it says nothing of what is judged."""
    return whole.end is not None and alert.opened_at >= whole.end


def _change(alert: Alert, finding: Finding | None, whole: Interval) -> Change:
    if finding is None:
        return Change.GONE
    if any(abs(one - other) > ALIKE for one, other in _edges(alert.interval, finding.interval, whole)):
        return Change.TIMES
    return Change.ALIKE if alert.severity is finding.severity else Change.SEVERITY


def _edges(one: Interval, other: Interval, whole: Interval) -> Iterator[tuple[datetime, datetime]]:
    """Begins and ends side by side; what goes on beyond `whole` is not known to differ there."""
    end = whole.end
    assert end is not None
    yield one.start, other.start
    yield min(one.end or end, end), min(other.end or end, end)

"""Which alerts are not told one by one, because one alert of their hall tells of them all.

They are found, entered and shown as ever: each is evidence. Pure, like silences: whether an alert is covered
at a moment follows from when the hall's alert stood, so being late changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hall.finding import Alert, AlertKind, AlertStatus, Flip
from hall.interval import Interval

COVERED_BY: dict[AlertKind, AlertKind] = {AlertKind.OVERLONG_WAIT: AlertKind.LONG_QUEUE}
"""What is covered, by what. A long queue tells who waits longest: thirty tickets say nothing more."""
COVERING = frozenset(COVERED_BY.values())
STANDS = frozenset({AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED})


@dataclass(frozen=True, slots=True)
class Cover:
    """A hall's alert of a kind stood over `interval`, open while it stands."""

    kind: AlertKind
    interval: Interval


def covers(alert: Alert, flips: Sequence[Flip]) -> list[Cover]:
    """When a hall's alert stood, out of its flips in order."""
    found: list[Cover] = []
    since: datetime | None = None
    for flip in flips:
        if flip.after in STANDS and since is None:
            since = flip.at
        elif flip.after not in STANDS and since is not None:
            found.append(Cover(alert.kind, Interval(since, max(since, flip.at))))
            since = None
    return found if since is None else [*found, Cover(alert.kind, Interval(since))]


def is_covered(alert: Alert, covers: Iterable[Cover], at: datetime) -> bool:
    """Whether an alert of the hall tells of this one at a moment. A hall's own alert is covered by none."""
    kind = COVERED_BY.get(alert.kind)
    if kind is None or alert.subject.name == f"hall:{alert.subject.hall}":
        return False
    return any(cover.kind is kind and cover.interval.contains(at) for cover in covers)

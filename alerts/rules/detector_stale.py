"""Detector stale (检测停滞): pictures of a camera are recorded, and analysis has examined none for too long.

How far analysis has come is kept as one moment for each camera, its watermark, which is overwritten. So only
what stands still now is found for certain; what stood still before is known as far as one instance saw it.
While a camera is not recorded nothing is expected of analysis.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.facts import Outage, Unexamined
from alerts.rules.together import Cause, Shown
from hall.interval import Interval
from hall.place import Camera
from hall.rule import DetectorStaleRule

STALE = "stale"
PERIODS = 4
"""Sampling periods that pass at least until a camera counts as not examined."""


def causes(outage: Outage, at: datetime, rule: DetectorStaleRule) -> list[Cause]:
    """When the camera was not examined, in order."""
    unexamined = outage.unexamined
    if unexamined is None:
        return []
    limit = limit_of(outage.camera, rule)
    found = [
        _cause(before, limit, unexamined) for before in unexamined.before if before.duration() > limit / 2
    ]
    since = still_since(outage, unexamined, at)
    if since is not None and at - since >= limit / 2:
        found.append(_cause(Interval(since), limit, unexamined))
    return found


def limit_of(camera: Camera, rule: DetectorStaleRule) -> timedelta:
    """How long the watermark of a camera may stand still."""
    return timedelta(seconds=max(rule.limit_seconds, PERIODS * camera.sample_every))


def asked_after(camera: Camera, rule: DetectorStaleRule) -> timedelta:
    """How old a watermark has to be before anything counts of it: half the limit, for the hall's sake."""
    return limit_of(camera, rule) / 2


def still_since(outage: Outage, unexamined: Unexamined, at: datetime) -> datetime | None:
    """Since when the camera is recorded without being examined, or None while it is not recorded."""
    if any(gap.interval.contains(at) for gap in outage.gaps):
        return None
    moments = [*_ends(outage, at), *([unexamined.watched] if unexamined.watched is not None else [])]
    return max(moments, default=unexamined.configured_at)


def takes_part(outage: Outage, at: datetime) -> bool:
    """Whether anything is expected of analysis: the camera is recorded now."""
    return not any(gap.interval.contains(at) for gap in outage.gaps)


def ended_at(outage: Outage, since: datetime, at: datetime) -> datetime:
    """When what no cause tells of any more ended: with a gap, or with a new watermark."""
    ends = [gap.interval.start for gap in outage.gaps if since < gap.interval.start <= at]
    watched = outage.unexamined.watched if outage.unexamined is not None else None
    if watched is not None and watched > since:
        ends.append(watched)
    return min(ends, default=since)


def _ends(outage: Outage, at: datetime) -> Iterator[datetime]:
    for gap in outage.gaps:
        if gap.interval.end is not None and gap.interval.end <= at:
            yield gap.interval.end


def _cause(interval: Interval, limit: timedelta, unexamined: Unexamined) -> Cause:
    reached = max(interval.start, unexamined.known_from) + limit
    counts_from = interval.start + limit / 2
    if interval.end is not None and reached >= interval.end:
        return Cause(interval, None, counts_from, (Shown(interval, STALE),))
    return Cause(interval, reached, counts_from, (Shown(interval, STALE),))

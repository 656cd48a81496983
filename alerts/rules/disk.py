"""Disk (磁盘): a disk of recordings that is running short, full or out of reach.

How a disk stands is measured and foreseen by whoever looks after it (capture.retention). Each state that is
not well is a cause of its own: who was told that a disk will be short hears anew when it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import disk_reasons
from alerts.facts import DiskSpace
from hall.finding import Standing, Verdict
from hall.rule import DiskRule
from hall.storage import DiskState


def judge(space: DiskSpace, at: datetime, rule: DiskRule) -> Verdict:
    """Judge one disk at one moment: FOUND once it has not been well for as long as the limit."""
    disk = space.disk
    if disk.state is DiskState.OK:
        return Verdict(Standing.CLEAR, disk_reasons.well(space))
    reached = disk.since + timedelta(seconds=rule.limit_seconds)
    if at < reached:
        return Verdict(Standing.CLEAR, disk_reasons.found(space), due=reached)
    return Verdict(Standing.FOUND, disk_reasons.found(space), since=disk.since)


def ending(space: DiskSpace, since: datetime) -> Verdict | None:
    """How what was found to begin at `since` ended: the disk is well, or worse; None while it lasts."""
    disk = space.disk
    if disk.state is not DiskState.OK and disk.since <= since:
        return None
    return Verdict(Standing.CLEAR, disk_reasons.ended(space), ended_at=max(since, disk.since))

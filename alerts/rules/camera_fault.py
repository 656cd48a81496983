"""Camera fault (画面异常): a recorded camera that has delivered nothing for longer than allowed.

An outage is an unbroken chain of gaps: one that is offline, then refuses the password, then is offline
again has failed once. A short restart of the recorder in between does not end it, but is not counted
either: while nobody tries the camera, nobody knows. One longer than the limit ends the outage.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts import reasons
from alerts.facts import Outage
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.media import Gap, GapReason
from hall.rule import CameraFaultRule

FAULTS = frozenset(
    {
        GapReason.OFFLINE,
        GapReason.STALLED,
        GapReason.UNAUTHORIZED,
        GapReason.NOT_FOUND,
        GapReason.MALFORMED,
        GapReason.DISK_FULL,
        GapReason.WRITE_FAILED,
    }
)
"""Gaps that are a fault of the camera or of its recording."""


def judge(outage: Outage, at: datetime, rule: CameraFaultRule) -> Verdict:
    """Judge one camera at one moment: FOUND while an outage lasts and is older than the limit."""
    if not outage.camera.record:
        return Verdict(Standing.CLEAR, reasons.camera_not_recorded(outage))
    limit = timedelta(seconds=rule.limit_seconds)
    for chain in _chains(outage, at, limit):
        since, end = chain[0].interval.start, chain[-1].interval.end
        if since > at or (end is not None and end <= at):
            continue
        current = [gap for gap in chain if gap.interval.start <= at][-1]
        reached = _reached(chain, limit)
        if reached is None or at < reached:
            due = reached if current.reason in FAULTS else _too_long(current, limit)
            return Verdict(Standing.CLEAR, reasons.outage_begins(outage, current, since, rule), due=due)
        due = end if current.reason in FAULTS else _too_long(current, limit)
        reason = reasons.outage_found(outage, current, since, at, rule)
        return Verdict(Standing.FOUND, reason, since=since, due=due, reached_at=reached)
    return Verdict(Standing.CLEAR, reasons.camera_delivers(outage))


def ending(outage: Outage, since: datetime, at: datetime, rule: CameraFaultRule) -> Verdict | None:
    """How the outage that was found to begin at `since` ended, or None while it lasts."""
    end: datetime | None = since
    for chain in _chains(outage, at, timedelta(seconds=rule.limit_seconds)):
        chain_end = chain[-1].interval.end
        if chain[0].interval.start <= since and (chain_end is None or since < chain_end):
            end = chain_end
    if end is None or end > at:
        return None
    return Verdict(Standing.CLEAR, reasons.outage_ended(outage, since, end, rule), ended_at=end)


def finished(outage: Outage, after: datetime, at: datetime, rule: CameraFaultRule) -> Iterator[Finished]:
    """The outages that had reached the limit and ended after `after`, in order."""
    limit = timedelta(seconds=rule.limit_seconds)
    for chain in _chains(outage, at, limit) if outage.camera.record else ():
        since, end = chain[0].interval.start, chain[-1].interval.end
        found_at = _reached(chain, limit)
        ended = ending(outage, since, at, rule)
        if ended is None or end is None or found_at is None or max(after, found_at) >= end:
            continue
        reason = reasons.outage_found(outage, chain[-1], since, found_at, rule)
        yield Finished(Verdict(Standing.FOUND, reason, since=since, reached_at=found_at), ended)


def _chains(outage: Outage, at: datetime, limit: timedelta) -> list[list[Gap]]:
    """The outages: gaps that follow one another without a break, each beginning with a fault."""
    chains: list[list[Gap]] = []
    for gap in sorted(outage.gaps, key=lambda gap: gap.interval.start):
        end = chains[-1][-1].interval.end if chains else None
        touches = bool(chains) and (end is None or gap.interval.start <= end)
        short = gap.reason in reasons.NOT_TRIED and gap.interval.duration(at) < limit
        if touches and (gap.reason in FAULTS or short):
            chains[-1].append(gap)
        elif gap.reason in FAULTS:
            chains.append([gap])
    return chains


def _reached(chain: list[Gap], limit: timedelta) -> datetime | None:
    """When the faults of a chain together last as long as the limit, if nothing more happens; or None."""
    left = limit
    for gap in chain:
        if gap.reason not in FAULTS:
            continue
        if gap.interval.end is None or gap.interval.end - gap.interval.start >= left:
            return gap.interval.start + left
        left -= gap.interval.end - gap.interval.start
    return None


def _too_long(gap: Gap, limit: timedelta) -> datetime:
    """When a gap that is no fault has lasted too long to belong to the outage before it."""
    return gap.interval.start + limit

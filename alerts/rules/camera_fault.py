"""Camera fault (画面异常): a recorded camera that has delivered nothing for longer than allowed.

An outage is an unbroken chain of gaps: one that is offline, then refuses the password, then is offline
again has failed once. A restart of the recorder in between does not end it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts import reasons
from alerts.facts import Outage
from alerts.rules.past import Finished
from hall.finding import CameraFaultRule, Standing, Verdict
from hall.media import Gap, GapReason

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
CARRY_ON = frozenset({GapReason.PROCESS_RESTART, GapReason.STARTING})
"""Gaps that are no fault, but do not end one either: nothing was delivered meanwhile."""


def judge(outage: Outage, at: datetime, rule: CameraFaultRule) -> Verdict:
    """Judge one camera at one moment: FOUND while an outage lasts and is older than the limit."""
    if not outage.camera.record:
        return Verdict(Standing.CLEAR, reasons.camera_not_recorded(outage))
    for chain in _chains(outage):
        since, end = chain[0].interval.start, chain[-1].interval.end
        if since > at or (end is not None and end <= at):
            continue
        reached = since + timedelta(seconds=rule.limit_seconds)
        if at < reached:
            return Verdict(Standing.CLEAR, reasons.outage_begins(outage, chain[-1], since, rule), due=reached)
        found = reasons.outage_found(outage, chain[-1], since, at, rule)
        return Verdict(Standing.FOUND, found, since=since, due=end)
    return Verdict(Standing.CLEAR, reasons.camera_delivers(outage))


def ending(outage: Outage, since: datetime, at: datetime, rule: CameraFaultRule) -> Verdict | None:
    """How the outage that was found to begin at `since` ended, or None while it lasts."""
    end: datetime | None = since
    for chain in _chains(outage):
        chain_end = chain[-1].interval.end
        if chain[0].interval.start <= since and (chain_end is None or since < chain_end):
            end = chain_end
    if end is None or end > at:
        return None
    return Verdict(Standing.CLEAR, reasons.outage_ended(outage, since, end, rule), ended_at=end)


def finished(outage: Outage, after: datetime, at: datetime, rule: CameraFaultRule) -> Iterator[Finished]:
    """The outages that had reached the limit and ended after `after`, in order."""
    for chain in _chains(outage) if outage.camera.record else ():
        since, end = chain[0].interval.start, chain[-1].interval.end
        found_at = since + timedelta(seconds=rule.limit_seconds)
        ended = ending(outage, since, at, rule)
        if ended is not None and end is not None and max(after, found_at) < end:
            reason = reasons.outage_found(outage, chain[-1], since, found_at, rule)
            yield Finished(Verdict(Standing.FOUND, reason, since=since), ended)


def _chains(outage: Outage) -> list[list[Gap]]:
    """The outages: gaps that follow one another without a break, each beginning with a fault."""
    chains: list[list[Gap]] = []
    for gap in sorted(outage.gaps, key=lambda gap: gap.interval.start):
        end = chains[-1][-1].interval.end if chains else None
        touches = bool(chains) and (end is None or gap.interval.start <= end)
        if touches and gap.reason in FAULTS | CARRY_ON:
            chains[-1].append(gap)
        elif gap.reason in FAULTS:
            chains.append([gap])
    return chains

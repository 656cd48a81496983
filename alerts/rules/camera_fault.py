"""Camera fault (画面异常): a recorded camera that delivers nothing, or a picture with a fault, for too long.

An outage is an unbroken chain of gaps: one that is offline, then refuses the password, then is offline
again has failed once. A short restart of the recorder in between does not end it, but is not counted
either: while nobody tries the camera, nobody knows. One longer than the limit ends the outage.

A picture with a fault is one from the first such picture to the first that is clear. What is not seen is no
fault and ends none. Outages and faults that touch are one cause, whose fault changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.facts import Outage
from alerts.rules.faults import Patience, faulty_stretches, merged
from alerts.rules.together import Cause, Shown
from hall.interval import Interval
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
NOT_TRIED = frozenset({GapReason.PROCESS_RESTART, GapReason.STARTING})
"""Gaps in which nobody tried the camera."""
PICTURE_FAULTS = frozenset({"covered", "black", "washed_out", "frozen", "blurred", "moved"})
"""What the picture as a whole may have wrong, as analysis states it."""


def causes(outage: Outage, at: datetime, rule: CameraFaultRule) -> list[Cause]:
    """Why and when the camera was out, in order."""
    found = outages(outage, at, rule)
    if outage.picture is not None:
        patience = Patience(timedelta(seconds=rule.picture_seconds))
        found += faulty_stretches(outage.picture, at, rule.stale_seconds, PICTURE_FAULTS, patience)
    return merged(found)


def outages(outage: Outage, at: datetime, rule: CameraFaultRule) -> list[Cause]:
    """When the camera delivered nothing, in order, whatever its pictures were like."""
    limit = timedelta(seconds=rule.limit_seconds)
    return [_chain(chain, at, limit) for chain in _chains(outage, at, limit)]


def _chain(chain: list[Gap], at: datetime, limit: timedelta) -> Cause:
    """A chain of gaps as a cause."""
    current = next((gap for gap in chain if gap.interval.contains(at)), None)
    turns = None
    if current is not None and current.reason not in FAULTS:
        turns = current.interval.start + limit  # then it has lasted too long to belong to the outage
    faults = tuple(Shown(gap.interval, gap.reason.value) for gap in chain if gap.reason in FAULTS)
    start = chain[0].interval.start
    return Cause(Interval(start, chain[-1].interval.end), _reached(chain, limit), start, faults, turns)


def _chains(outage: Outage, at: datetime, limit: timedelta) -> list[list[Gap]]:
    """The outages: gaps that follow one another without a break, each beginning with a fault."""
    chains: list[list[Gap]] = []
    for gap in sorted(outage.gaps, key=lambda gap: gap.interval.start):
        end = chains[-1][-1].interval.end if chains else None
        touches = bool(chains) and (end is None or gap.interval.start <= end)
        short = gap.reason in NOT_TRIED and gap.interval.duration(at) < limit
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

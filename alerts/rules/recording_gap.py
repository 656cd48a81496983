"""Recording gap (录像缺口): a part of the record that is missing for longer than allowed.

It is about the record, not about the camera: whatever interrupted the recording counts, but what was not to
be recorded and what retention has taken. What an outage of the camera explains (`camera_fault`, where such a
rule is in force) is told there and left out here, from the outage's beginning to its end. So one
interruption may have parts of both: a recorder that was off, and then a camera that does not answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.facts import Outage
from alerts.rules import camera_fault
from alerts.rules.together import Cause, Shown
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.rule import CameraFaultRule, RecordingGapRule

EXPECTED = frozenset({GapReason.NOT_SCHEDULED, GapReason.DELETED_BY_RETENTION})
"""Gaps that are meant to be."""


def causes(outage: Outage, at: datetime, rule: RecordingGapRule) -> list[Cause]:
    """The interruptions that nothing else tells of, in order."""
    told = list(_told(outage, at))
    left: list[Gap] = []
    for gap in sorted(outage.gaps, key=lambda gap: gap.interval.start):
        if gap.reason not in EXPECTED:
            left += [Gap(gap.camera, part, gap.reason) for part in _without(gap.interval, told)]
    limit = timedelta(seconds=rule.limit_seconds)
    return [_cause(chain, limit) for chain in _chains(left)]


def _told(outage: Outage, at: datetime) -> Iterator[Interval]:
    """When the camera's outages, that had been found by `at`, were told as such."""
    for rule in outage.hall.rules:
        if isinstance(rule, CameraFaultRule) and rule.enabled:
            for cause in camera_fault.outages(outage, at, rule):
                end = cause.interval.end
                if cause.reached is not None and cause.reached <= at and (end is None or cause.reached < end):
                    yield cause.interval


def _without(whole: Interval, told: list[Interval]) -> list[Interval]:
    parts = [whole]
    for other in told:
        parts = [piece for part in parts for piece in _beside(part, other)]
    return parts


def _beside(part: Interval, other: Interval) -> Iterator[Interval]:
    """What of a part lies before and after another interval."""
    if not part.overlaps(other):
        yield part
        return
    if part.start < other.start:
        yield part.closed(other.start)
    if other.end is not None and (part.end is None or other.end < part.end):
        yield Interval(other.end, part.end)


def _chains(gaps: list[Gap]) -> list[list[Gap]]:
    chains: list[list[Gap]] = []
    end: datetime | None = None
    for gap in sorted(gaps, key=lambda gap: gap.interval.start):
        if chains and (end is None or gap.interval.start <= end):
            chains[-1].append(gap)
            end = None if end is None or gap.interval.end is None else max(end, gap.interval.end)
        else:
            chains.append([gap])
            end = gap.interval.end
    return chains


def _cause(chain: list[Gap], limit: timedelta) -> Cause:
    start = chain[0].interval.start
    ends = [gap.interval.end for gap in chain]
    end = None if None in ends else max(end for end in ends if end is not None)
    faults = tuple(Shown(gap.interval, gap.reason.value) for gap in chain)
    reached = start + limit
    return Cause(Interval(start, end), reached if end is None or reached < end else None, start, faults)

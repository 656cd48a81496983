"""Segments and gaps of one camera side by side: overlaps (invariant 8) and holes (6), as they stream by."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from capture.record.invariants import TOLERANCE, UNEXPLAINED, Fault, Invariant
from hall.interval import Interval
from hall.media import Gap, Segment
from hall.names import CameraId

Part: TypeAlias = Segment | Gap


class Coverage:
    """What explains the time of a camera from `first` on. `until` is how far that goes without an end."""

    def __init__(self, camera: CameraId, first: datetime, zone: tzinfo) -> None:
        self.until = first
        self._camera = camera
        self._zone = zone
        self._lasts = False
        self._segment_until = first
        self._gap: Gap | None = None

    def over(self, segments: Iterable[Segment], gaps: Iterable[Gap]) -> Iterator[Fault]:
        """Faults between all of both, each given in the order of its starts."""
        parts: Iterator[Part] = heapq.merge(segments, gaps, key=_start)
        for part in parts:
            yield from self.holes(part.interval.start, UNEXPLAINED)
            if isinstance(part, Gap):
                yield from self._gap_fault(part)
            else:
                yield from self._segment_fault(part)
            end = part.interval.end
            if end is None:
                self._lasts = True
            else:
                self.until = max(self.until, end)

    def finish(self, end: datetime, bearable: timedelta) -> Iterator[Fault]:
        """The hole from the last part to `end`, if there is one."""
        yield from self.holes(end, bearable)

    def holes(self, end: datetime, bearable: timedelta) -> Iterator[Fault]:
        """A fault for each day of the hall over which the time up to `end` is not explained."""
        if self._lasts or end - self.until <= bearable:
            return
        for day, hole in _by_day(Interval(self.until, end), self._zone):
            assert hole.end is not None
            start, stop = (moment.astimezone(self._zone) for moment in (hole.start, hole.end))
            lasts = hole.duration().total_seconds()
            message = f"nothing explains {start:%H:%M:%S} to {stop:%H:%M:%S} ({lasts:.1f} s)"
            yield Fault(Invariant.COVERAGE, self._camera, day, message, hole)

    def _gap_fault(self, gap: Gap) -> Iterator[Fault]:
        end, before = gap.interval.end, self._gap
        if end is None or end - gap.interval.start > TOLERANCE:
            shared = self._segment_until - gap.interval.start
            if shared > TOLERANCE:
                overlap = Interval(gap.interval.start, min(self._segment_until, end or self._segment_until))
                yield self._overlap(gap, "begins before the segment before it ends", overlap)
            if before is not None and _shared(before, gap) > TOLERANCE:
                yield self._overlap(gap, f"overlaps the gap before it ({before.reason.value})", None)
        if before is None or (
            before.interval.end is not None and (end is None or end >= before.interval.end)
        ):
            self._gap = gap

    def _segment_fault(self, segment: Segment) -> Iterator[Fault]:
        end = segment.interval.end
        assert end is not None
        if self._gap is not None:
            gap_end = self._gap.interval.end or end
            overlap_end = min(gap_end, end)
            if overlap_end - segment.interval.start > TOLERANCE:
                overlap = Interval(segment.interval.start, overlap_end)
                yield self._overlap(self._gap, f"goes on while {segment.id} is recorded", overlap)
        self._segment_until = max(self._segment_until, end)

    def _overlap(self, gap: Gap, message: str, overlap: Interval | None) -> Fault:
        subject = f"{gap.reason.value} {gap.interval.start.isoformat()}"
        return Fault(Invariant.GAPS, self._camera, subject, f"the gap {message}", overlap)


def _start(part: Part) -> datetime:
    return part.interval.start


def _shared(before: Gap, gap: Gap) -> timedelta:
    """How long two gaps last at once; `gap` begins last."""
    ends = [one.interval.end for one in (before, gap) if one.interval.end is not None]
    return min(ends) - gap.interval.start if ends else timedelta.max


def _by_day(hole: Interval, zone: tzinfo) -> Iterator[tuple[str, Interval]]:
    """The parts of a (closed) hole by the days of the zone that they lie in."""
    assert hole.end is not None
    start = hole.start
    while start < hole.end:
        local = start.astimezone(zone)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(hole.end, midnight.astimezone(hole.start.tzinfo))
        yield f"{local:%Y-%m-%d}", Interval(start, end)
        start = end

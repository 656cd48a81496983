"""The logbook read again: which runs and gaps a camera had.

The same rules by which the catalogue takes facts in (store.recording), over the same facts in the same order:
that is why both tell the same. Lines may be missing; what is left is then told as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from capture.books.logbook import (
    GapBegan,
    GapEnded,
    GapNoted,
    Line,
    RunBegan,
    RunEnded,
    SegmentChanged,
    SegmentsDeleted,
    TimeRecorded,
)
from hall.interval import Interval
from hall.media import Gap, GapReason, Run
from hall.names import CameraId, HallId, RunId, SegmentId
from store.catalogue import rests


@dataclass(frozen=True, slots=True)
class Noted:
    """A gap with the hall that it was noted for."""

    hall: HallId
    gap: Gap


@dataclass
class History:
    """What a camera's logbook tells.

    `endings` holds the first ending of each run, also of runs whose beginning is not told. The last of `gaps`
    may have no end: it lasts. `deleted` are the times that retention deleted, touching ones joined.
    """

    runs: dict[RunId, Run] = field(default_factory=dict)
    halls: dict[RunId, HallId] = field(default_factory=dict)
    endings: dict[RunId, RunEnded] = field(default_factory=dict)
    gaps: list[Noted] = field(default_factory=list)
    deleted: list[Noted] = field(default_factory=list)
    changed: dict[SegmentId, SegmentChanged] = field(default_factory=dict)

    @property
    def lasting(self) -> Gap | None:
        """The gap that has not ended, if any."""
        return next((noted.gap for noted in self.gaps if noted.gap.interval.end is None), None)

    def run(self, known: Run) -> Run:
        """The run as it was, as far as the logbook tells; `known` is what its files say."""
        run = self.runs.get(known.id, known)
        ending = self.endings.get(known.id)
        if ending is None:
            return run
        end = max(ending.end, run.interval.start)
        return replace(run, interval=run.interval.closed(end), ended_because=ending.reason)


def history(camera: CameraId, lines: Iterable[Line]) -> History:
    """What the lines of one camera tell, given in their order."""
    told = History()
    lasting: Noted | None = None
    deleted: list[tuple[HallId, Interval]] = []
    for line in lines:
        match line.word:
            case RunBegan(run):
                told.runs.setdefault(run.id, run)
                told.halls.setdefault(run.id, line.hall)
            case RunEnded() as ending:
                told.endings.setdefault(ending.run, ending)
            case SegmentsDeleted(interval):
                deleted.append((line.hall, interval))
            case SegmentChanged() as change:
                told.changed[change.segment] = change
            case GapBegan() | GapEnded() | GapNoted() | TimeRecorded() as word:
                lasting = _take(told.gaps, lasting, line.hall, word)
    if lasting is not None:
        told.gaps.append(lasting)
    told.deleted = joined(camera, deleted)
    return told


def joined(camera: CameraId, deleted: Iterable[tuple[HallId, Interval]]) -> list[Noted]:
    """Deleted times (closed) as gaps: one over all that touch or overlap, in order."""
    gaps: list[Noted] = []
    for hall, part in sorted(deleted, key=lambda one: one[1].start):
        last = gaps[-1].gap.interval if gaps else None
        if last is not None and last.end is not None and part.start <= last.end:
            end = max(last.end, part.end or last.end)
            gaps[-1] = replace(gaps[-1], gap=replace(gaps[-1].gap, interval=last.closed(end)))
        else:
            gaps.append(Noted(hall, Gap(camera, part, GapReason.DELETED_BY_RETENTION)))
    return gaps


def _take(
    over: list[Noted],
    lasting: Noted | None,
    hall: HallId,
    word: GapBegan | GapEnded | GapNoted | TimeRecorded,
) -> Noted | None:
    """What a word does to the gaps that are over; gives the one that lasts from then on."""
    match word:
        case GapNoted(gap):
            over.append(Noted(hall, gap))
        case TimeRecorded(interval):
            over[:] = [part for noted in over for part in _beside(noted, interval)]
            if lasting is not None:
                *ended, lasting = _beside(lasting, interval)
                over += ended
        case GapEnded(end):
            if lasting is not None:
                over.append(_ended(lasting, end))
            return None
        case GapBegan(gap):
            if lasting is None:
                return Noted(hall, gap)
            if lasting.gap.reason is not gap.reason:
                boundary = max(gap.interval.start, lasting.gap.interval.start)
                over.append(_ended(lasting, boundary))
                return Noted(hall, replace(gap, interval=Interval(boundary)))
    return lasting


def _beside(noted: Noted, recorded: Interval) -> list[Noted]:
    """What of a gap is left beside recorded time."""
    gap = noted.gap
    if not gap.interval.overlaps(recorded):
        return [noted]
    return [Noted(noted.hall, replace(gap, interval=rest)) for rest in rests(gap.interval, [recorded])]


def _ended(lasting: Noted, end: datetime) -> Noted:
    interval = lasting.gap.interval
    return Noted(lasting.hall, replace(lasting.gap, interval=interval.closed(max(end, interval.start))))

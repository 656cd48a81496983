"""What is wrong with a picture or a sound over time: stretches from a fault to the end of it.

Time in which nobody could see or hear is no fault, and ends none that was found. A fault that was not found
before is forgotten when it could not be seen for as long as the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.facts import Sight
from alerts.rules.together import Cause, Shown
from alerts.rules.tracks import Track
from hall.interval import Interval


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a fault must show to be found, and how long it outlasts not being seen once it was found.

    `outlasts` None: until it is seen that it is gone.
    """

    limit: timedelta
    outlasts: timedelta | None = None


def faulty_stretches(
    sight: Sight, at: datetime, stale_seconds: float, faults: Collection[str], patience: Patience
) -> list[Cause]:
    """The stretches in which the states of a whole source were faults, in order; the last one may go on.

    Their limit counts what was seen only.
    """
    if not any(seen.state in faults for seen in sight.observations):
        return []
    track = Track(sight, at, stale_seconds)
    edges = sorted({edge for edge in track.edges() if edge <= at})
    ahead = [edge for edge in track.edges() if edge > at]
    found: list[_Stretch] = []
    for edge, following in pairwise([*edges, None]):
        if edge is None:
            break
        seen = track.seen(edge)
        goes_on = bool(found) and found[-1].end is None
        if seen is not None and seen.state in faults:
            if not goes_on:
                found.append(_Stretch(edge))
            found[-1].shows(seen.state, edge, following, patience.limit)
        elif goes_on and seen is not None:
            found[-1].ends(edge)
        elif goes_on:
            found[-1].is_lost(edge, following or at, patience)
    lost_at = track.lost_at
    return [stretch.cause(earliest_after(at, lost_at, *ahead)) for stretch in found]


def earliest_after(at: datetime, *moments: datetime | None) -> datetime | None:
    """The first of the moments that lies ahead, or None."""
    return min((moment for moment in moments if moment is not None and moment > at), default=None)


@dataclass(slots=True)
class _Stretch:
    """One stretch while it is being put together."""

    start: datetime
    end: datetime | None = None
    seen: timedelta = timedelta(0)
    reached: datetime | None = None
    shown: list[Shown] = field(default_factory=list)
    lost: datetime | None = None
    forgotten_at: datetime | None = None

    def shows(self, fault: str, edge: datetime, following: datetime | None, limit: timedelta) -> None:
        """A fault is seen from one edge to the next (None: to the present and on)."""
        self.lost = self.forgotten_at = None
        if self.shown and self.shown[-1].fault == fault:
            self.shown[-1] = Shown(Interval(self.shown[-1].interval.start), fault)
        else:
            if self.shown:
                self.shown[-1] = Shown(self.shown[-1].interval.closed(edge), self.shown[-1].fault)
            self.shown.append(Shown(Interval(edge), fault))
        would_reach = edge + (limit - self.seen)
        if self.reached is None and (following is None or would_reach < following):
            self.reached = would_reach
        if following is not None:
            self.seen += following - edge

    def is_lost(self, edge: datetime, until: datetime, patience: Patience) -> None:
        """Nothing is seen from `edge` to `until`."""
        self.lost = self.lost or edge
        outlasts = patience.limit if self.reached is None else patience.outlasts
        if outlasts is None:
            return
        self.forgotten_at = self.lost + outlasts
        if until >= self.forgotten_at:
            self.ends(self.lost)

    def ends(self, end: datetime) -> None:
        """It is over."""
        self.end = max(end, self.start)
        self.forgotten_at = None
        self.shown[-1] = Shown(self.shown[-1].interval.closed(self.end), self.shown[-1].fault)

    def cause(self, changes_at: datetime | None) -> Cause:
        """What it is to a rule. `changes_at`: when the source counts as blind, or something known begins."""
        reached = self.reached
        if self.end is not None and reached is not None and reached >= self.end:
            reached = None
        is_open = self.end is None
        turns = min((m for m in (changes_at, self.forgotten_at) if m is not None), default=None)
        return Cause(
            Interval(self.start, self.end), reached, self.start, tuple(self.shown), turns if is_open else None
        )


def merged(causes: Collection[Cause]) -> list[Cause]:
    """Causes of one camera that touch are one, over the time of all."""
    found: list[Cause] = []
    for cause in sorted(causes, key=lambda cause: cause.interval.start):
        before = found[-1].interval.end if found else cause.interval.start
        if found and (before is None or cause.interval.start <= before):
            found[-1] = _both(found[-1], cause)
        else:
            found.append(cause)
    return found


def _both(one: Cause, other: Cause) -> Cause:
    ends = one.interval.end, other.interval.end
    end = None if None in ends else max(end for end in ends if end is not None)
    return Cause(
        Interval(one.interval.start, end),
        _first(one.reached, other.reached),
        one.counts_from,
        (*one.faults, *other.faults),
        _first(one.turns, other.turns),
    )


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def fault_at(cause: Cause, at: datetime) -> str:
    """The fault of a cause at a moment: the one that began last of those that show, or showed last."""
    begun = [shown for shown in cause.faults if shown.interval.start <= at] or [cause.faults[0]]
    showing = [shown for shown in begun if shown.interval.contains(at)]
    return max(showing or begun, key=lambda shown: shown.interval.start).fault


AGAIN = timedelta(minutes=5)
"""A fault that was named before must show for so long until it is named again: some causes alternate."""


def named_fault(
    cause: Cause, at: datetime, settles: Callable[[str], timedelta]
) -> tuple[str, datetime | None]:
    """The fault by which a cause is told of at `at`; and when that will change, if nothing more happens.

    It is the one that showed when the limit was reached, and then each that has shown for as long as
    `settles` says of it.
    """
    found_at = cause.reached if cause.reached is not None and cause.reached <= at else at
    edges = {edge for shown in cause.faults for edge in (shown.interval.start, shown.interval.end) if edge}
    moments = [found_at, *sorted(edge for edge in edges if found_at < edge <= at)]
    changes: list[tuple[datetime, str]] = []
    for moment in moments:
        fault = fault_at(cause, moment)
        if not changes or changes[-1][1] != fault:
            changes.append((moment, fault))
    named, known, due = changes[0][1], {changes[0][1]}, None
    ends = [*(since for since, _ in changes[1:]), at]
    for (since, fault), end in zip(changes, ends, strict=True):
        settled = since + (AGAIN if fault in known else settles(fault))
        if fault != named and settled <= end:
            named = fault
            known.add(fault)
        due = settled if fault != named else None
    return named, due

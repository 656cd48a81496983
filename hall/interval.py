"""Half-open intervals of wall time: what every fact in the system happened over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Interval:
    """`[start, end)` in aware UTC; `end` is None while it still goes on.

    Raises ValueError when a time has no zone or the end lies before the start.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError("an interval needs aware times")
        if self.end is not None and self.end < self.start:
            raise ValueError(f"an interval cannot end before it starts: {self.start} > {self.end}")

    @property
    def is_open(self) -> bool:
        """True while it still goes on."""
        return self.end is None

    def duration(self, now: datetime | None = None) -> timedelta:
        """How long it lasted, or has lasted at `now` when it still goes on."""
        end = self.end if self.end is not None else now
        if end is None:
            raise ValueError("the duration of an open interval needs a moment")
        return max(end - self.start, timedelta(0))

    def contains(self, at: datetime) -> bool:
        """True when `at` lies inside; the end itself does not."""
        return self.start <= at and (self.end is None or at < self.end)

    def overlaps(self, other: Interval) -> bool:
        """True when at least one moment lies in both."""
        before_other_ends = other.end is None or self.start < other.end
        return before_other_ends and (self.end is None or other.start < self.end)

    def intersection(self, other: Interval) -> Interval | None:
        """The part that lies in both, or None when there is none."""
        if not self.overlaps(other):
            return None
        ends = [end for end in (self.end, other.end) if end is not None]
        return Interval(max(self.start, other.start), min(ends) if ends else None)

    def closed(self, end: datetime) -> Interval:
        """The same interval, ended at `end`."""
        return Interval(self.start, end)


def uncovered(whole: Interval, parts: Iterable[Interval]) -> list[Interval]:
    """What of a closed `whole` no part covers, in order. Parts may overlap and come in any order."""
    if whole.end is None:
        raise ValueError("only a closed interval can be covered")
    holes: list[Interval] = []
    at = whole.start
    for part in sorted(parts, key=lambda part: part.start):
        if part.end is not None and part.end <= at:
            continue
        if part.start >= whole.end:
            break
        if part.start > at:
            holes.append(Interval(at, part.start))
        if part.end is None:
            return holes
        at = max(at, part.end)
    if at < whole.end:
        holes.append(Interval(at, whole.end))
    return holes

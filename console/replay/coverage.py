"""How much of each part of a time was recorded: pure, from connections and gaps to shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""Whole microseconds, half-open."""


def united(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps; `spans` are in order of their beginnings."""
    joined: list[Span] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        elif begin < end:
            joined.append((begin, end))
    return joined


def recorded(connected: Iterable[Span], gaps: Iterable[Span]) -> Iterator[Span]:
    """What of the connections no gap takes away, in order; both are in order of their beginnings."""
    holes = united(gaps)
    first = 0
    for begin, end in united(connected):
        at = begin
        while first < len(holes) and holes[first][1] <= at:
            first += 1
        reached = first
        while reached < len(holes) and holes[reached][0] < end:
            if holes[reached][0] > at:
                yield at, holes[reached][0]
            at = max(at, holes[reached][1])
            reached += 1
        if at < end:
            yield at, end


def shares(spans: Iterable[Span], start: int, width: int, buckets: int) -> list[float]:
    """How much of each bucket of `width` from `start` on the spans cover, 0 to 1. They do not overlap."""
    covered = [0] * buckets
    for begin, end in spans:
        at, until = max(begin, start), min(end, start + width * buckets)
        while at < until:
            bucket = (at - start) // width
            edge = min(until, start + (bucket + 1) * width)
            covered[bucket] += edge - at
            at = edge
    return [round(part / width, 3) for part in covered]


def counts(moments: Iterable[int], start: int, width: int, buckets: int) -> list[int]:
    """How many moments lie in each bucket of `width` from `start` on; those outside are left out."""
    found = [0] * buckets
    for at in moments:
        if start <= at < start + width * buckets:
            found[(at - start) // width] += 1
    return found

"""Heads followed over time: what is covered in each picture, also where nobody looked or nothing was found.

Pure. A film is looked at now and then; between two looks a head is covered all along the line from where it
was to where it is. A head that is lost is covered for a while longer, before it was first found as well, in a
circle that grows with what it may have moved; one that is found again at the same place is covered all the
time between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from analysis.heads.finding import FoundHead
from analysis.heads.head import Head

MARGIN = 1.35
"""By so much a covered circle is larger than the head is thought to be."""
HOLD = 1.0
"""Seconds for which a head is covered before it was first and after it was last found."""
SPREAD = 1.5
"""By how much of itself the circle of such a head grows a second."""
LOST = 1.5
"""Seconds for which somebody who moves may be lost and found again as the same."""
STILL_LOST = 10.0
"""The same for somebody who stayed where they were."""
PACE = 9.0
"""Radii of a head that somebody walks in a second: 1.4 m/s, and 0.15 m."""
FURTHEST, STILL = 4.0, 2.0
"""Radii between two findings of one head at most, and of one that stayed."""
MOSTLY = 0.8
"""Whoever is in a visible zone for less of their time passes by, and is covered all along."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in the picture of a moment (seconds of the film). None: it could not be told."""

    at: float
    heads: tuple[FoundHead, ...] | None


@dataclass(frozen=True, slots=True)
class Cover:
    """Something to be covered: everything within `radius` pixels of the line between two points."""

    start: tuple[float, float]
    end: tuple[float, float]
    radius: float


@dataclass(frozen=True, slots=True)
class _Point:
    at: float
    head: Head
    is_inside: bool


@dataclass(slots=True)
class _Track:
    points: list[_Point] = field(default_factory=list)

    @property
    def last(self) -> _Point:
        return self.points[-1]

    def is_near(self, at: float, head: Head) -> float | None:
        """How far a head is from the last one, in its radii; None when it cannot be the same."""
        since = at - self.last.at
        radius = max(head.radius, self.last.head.radius)
        apart = head.apart(self.last.head) / radius
        limit = min(FURTHEST, 1 + PACE * since) if since <= LOST else STILL if since <= STILL_LOST else 0.0
        return apart if apart <= limit else None


@dataclass(frozen=True, slots=True)
class _Covered:
    """A stretch of time `[start, end]` of the film with what is covered in it."""

    start: float
    end: float
    before: _Point
    after: _Point


class Covers:
    """What has to be covered at any moment of a film."""

    def __init__(self, looks: Sequence[Look], *, covers_all: bool) -> None:
        """`looks` in the order of time; `covers_all`: also those who are in a visible zone."""
        self._looks = [look.at for look in looks]
        self._blind = [look.heads is None for look in looks]
        self.tracks = 0
        """How many heads were followed that are covered at some time."""
        self._by_second: dict[int, list[_Covered]] = {}
        for track in _tracks(looks):
            stretches = list(_stretches(track.points, covers_all=covers_all))
            self.tracks += bool(stretches)
            for stretch in stretches:
                for second in range(int(max(0.0, stretch.start)), int(max(0.0, stretch.end)) + 1):
                    self._by_second.setdefault(second, []).append(stretch)

    def at(self, moment: float) -> list[Cover] | None:
        """What is covered in the picture of a moment; None: all of it, because it could not be told."""
        after = bisect_left(self._looks, moment)
        is_looked_at = after < len(self._looks) and self._looks[after] == moment
        around = (
            [after] if is_looked_at else [each for each in (after - 1, after) if 0 <= each < len(self._looks)]
        )
        if not around or any(self._blind[index] for index in around):
            return None
        return [
            _cover(stretch, moment)
            for stretch in self._by_second.get(int(max(0.0, moment)), ())
            if stretch.start <= moment <= stretch.end
        ]


def _tracks(looks: Sequence[Look]) -> list[_Track]:
    """Heads put together, the nearest first."""
    tracks: list[_Track] = []
    open_tracks: list[_Track] = []
    for look in looks:
        open_tracks = [track for track in open_tracks if look.at - track.last.at <= STILL_LOST]
        heads = list(look.heads or ())
        pairs = sorted(
            (near, number, index)
            for number, track in enumerate(open_tracks)
            for index, found in enumerate(heads)
            if (near := track.is_near(look.at, found.head)) is not None
        )
        taken: set[int] = set()
        followed: set[int] = set()
        for _, number, index in pairs:
            if number not in followed and index not in taken:
                followed.add(number)
                taken.add(index)
                open_tracks[number].points.append(_Point(look.at, heads[index].head, heads[index].is_inside))
        new = [
            _Track([_Point(look.at, found.head, found.is_inside)])
            for index, found in enumerate(heads)
            if index not in taken
        ]
        tracks += new
        open_tracks += new
    return tracks


def _stretches(points: Sequence[_Point], *, covers_all: bool) -> Iterator[_Covered]:
    """When a head is covered: whoever mostly is in a visible zone only around where they are not."""
    passes_by = sum(point.is_inside for point in points) < MOSTLY * len(points)
    covered = [point.at for point in points if covers_all or passes_by or not point.is_inside]
    if not covered:
        return
    spans = _joined([(at - HOLD, at + HOLD) for at in covered])
    ends = [_Covered(points[0].at - HOLD, points[0].at, points[0], points[0])]
    between = [_Covered(before.at, after.at, before, after) for before, after in pairwise(points)]
    ends.append(_Covered(points[-1].at, points[-1].at + HOLD, points[-1], points[-1]))
    everywhere = covers_all or passes_by
    for stretch in (ends[0], *between, ends[1]):
        if everywhere:
            yield stretch
            continue
        for start, end in spans:
            begin, finish = max(start, stretch.start), min(end, stretch.end)
            if begin <= finish:
                yield _Covered(begin, finish, stretch.before, stretch.after)


def _joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _cover(stretch: _Covered, moment: float) -> Cover:
    before, after = stretch.before, stretch.after
    radius = MARGIN * max(before.head.radius, after.head.radius)
    if before is after:
        radius *= 1 + SPREAD * abs(moment - before.at)
    return Cover((before.head.x, before.head.y), (after.head.x, after.head.y), radius)

"""Compares what was found with what is known. Pure: seconds in, scores out.

Per second a state counts as it stands in the middle of that second, after everything that was stated later
about it: since when somebody is away may be said afterwards, and then that is what officers read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORTEST_ABSENCE = 3.0
"""Seconds. A shorter time without anybody is not asked for, and not held against the finder either."""
HALF = 0.5
EDGE = 1.0
"""Seconds by which a label of the begin of a fault may be late: faults are labelled by the second."""
SILENT, SPEECH = 0.1, 0.6
"""A second with less speech is silent, with more it is spoken; between them it is not scored."""

Span = tuple[float, float]
"""From, to; seconds of the clip, half-open."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was rightly found, wrongly found, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: Hits) -> Hits:
        return Hits(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float | None:
        """The share of what was found that is right; None when nothing was found and nothing there."""
        found = self.right + self.wrong
        if found:
            return self.right / found
        return 0.0 if self.missed else None

    @property
    def recall(self) -> float | None:
        """The share of what is there that was found; None when there is nothing."""
        there = self.right + self.missed
        return self.right / there if there else None

    @property
    def f1(self) -> float | None:
        """2 × right / (2 × right + wrong + missed); None when nothing was found and nothing there."""
        together = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / together if together else None


@dataclass(frozen=True, slots=True)
class CountError:
    """People counted against people there, over so many moments."""

    moments: int = 0
    off: float = 0.0
    """Sum of the absolute errors; a count within the range that a careful human defends has none."""
    off_best: float = 0.0
    """The same against the best guess, whatever the range."""
    people: int = 0
    near: int = 0
    """Moments whose count is at most one off the best guess."""

    def __add__(self, other: CountError) -> CountError:
        return CountError(
            self.moments + other.moments,
            self.off + other.off,
            self.off_best + other.off_best,
            self.people + other.people,
            self.near + other.near,
        )

    @property
    def mean(self) -> float | None:
        """Mean absolute error in people."""
        return self.off / self.moments if self.moments else None

    @property
    def ratio(self) -> float | None:
        """The sum of the errors by the sum of the people."""
        return self.off / self.people if self.people else None


@dataclass(frozen=True, slots=True)
class PeopleThere:
    """How many people are there at a moment, with the range in which a number is right."""

    at: float
    best: int
    least: int
    most: int


def count_error(there: Iterable[PeopleThere], counted: Sequence[tuple[float, int | None]]) -> CountError:
    """`counted` holds since when which number was stated, in order; None (unknown) counts as nobody."""
    total = CountError()
    for known in there:
        stated = [number for since, number in counted if since <= known.at]
        number = (stated[-1] if stated else None) or 0
        best = abs(number - known.best)
        total += CountError(
            1, max(0, known.least - number, number - known.most), best, known.best, int(best <= 1)
        )
    return total


@dataclass(frozen=True, slots=True)
class SecondKnown:
    """What is labelled of a zone over one second that begins at `at`: whether nobody is there."""

    at: float
    away: bool
    sure: bool = True


def absence_hits(seconds: Sequence[SecondKnown], found: Sequence[Span]) -> Hits:
    """Absence by absence. Only what is labelled surely tells anything about what was found.

    An absence is found when half of it is covered by findings that themselves lie half in it. A finding is
    wrong when somebody is labelled as surely there for more of it than nobody is, and that for so much of it
    that it cannot be an edge: half of it, or as long as an absence must last.
    """
    empty = spans_of((second.at, second.away and second.sure) for second in seconds)
    attended = spans_of((second.at, not second.away and second.sure) for second in seconds)
    there = [
        span
        for span in spans_of((second.at, second.away) for second in seconds)
        if _length(span) >= SHORTEST_ABSENCE and _shared(span, empty) >= HALF * _length(span)
    ]
    right = sum(
        sum(
            _shared(span, [other])
            for other in found
            if _shared(other, [span]) >= HALF * _shared(other, [*empty, *attended])
        )
        >= HALF * _length(span)
        for span in there
    )
    wrong = sum(_accuses(span, empty, attended) for span in found)
    return Hits(right, wrong, len(there) - right)


def _accuses(span: Span, empty: Sequence[Span], attended: Sequence[Span]) -> bool:
    """Whether an absence that was found is one of somebody who was there."""
    length, present, away = _length(span), _shared(span, attended), _shared(span, empty)
    if length < SHORTEST_ABSENCE or present <= away:
        return False
    return present >= min(SHORTEST_ABSENCE, HALF * length)


def speech_hits(shares: Sequence[float | None], spoken: Sequence[bool]) -> Hits:
    """Second by second: the labelled share of speech (None: nobody says), and whether speech was found."""
    right = wrong = missed = 0
    for share, found in zip(shares, spoken, strict=False):
        if share is None:
            continue
        if share > SPEECH:
            right += found
            missed += not found
        elif share < SILENT:
            wrong += found
    return Hits(right, wrong, missed)


@dataclass(frozen=True, slots=True)
class FaultThere:
    """A labelled fault: what it may be called, and since when it stands. Until `sound_until` all is well."""

    kinds: frozenset[str]
    sound_until: float
    since: float


@dataclass(frozen=True, slots=True)
class FaultStated:
    """A fault that was stated: over which time, and when it was told."""

    kind: str
    span: Span
    told: float


def fault_hits(there: FaultThere | None, found: Sequence[FaultStated], within: float) -> Hits:
    """Is the fault told within so many seconds of its begin? None: a clip without any.

    Every other kind, and what is said of a time when all was well, is wrong.
    """
    right = wrong = 0
    for stated in found:
        if there is None or stated.kind not in there.kinds or stated.span[0] < there.sound_until - EDGE:
            wrong += 1
        elif stated.told <= there.since + within:
            right = 1
    return Hits(right, wrong, int(there is not None and not right))


def spans_of(states: Iterable[tuple[float, bool]], step: float = 1.0) -> list[Span]:
    """The stretches over which something holds, out of one truth for each step."""
    spans: list[Span] = []
    for at, holds in states:
        if not holds:
            continue
        if spans and at - spans[-1][1] < step / 2:
            spans[-1] = (spans[-1][0], max(spans[-1][1], at + step))
        else:
            spans.append((at, at + step))
    return spans


def _length(span: Span) -> float:
    return span[1] - span[0]


def _shared(span: Span, others: Iterable[Span]) -> float:
    return sum(max(0.0, min(span[1], other[1]) - max(span[0], other[0])) for other in others)

"""Compares what was found with what is known. Pure: seconds in, scores out.

Per second a state counts as it stands in the middle of that second, after everything that was stated later
about it: since when somebody is away may be said afterwards, and then that is what officers read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORTEST_ABSENCE = 3.0
"""Seconds. A shorter time without anybody is not asked for, and not held against the finder either."""
SAME_ABSENCE = 0.5
"""Two absences are the same one when they share this much of each of them."""
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


def same_absences(there: Sequence[Span], found: Sequence[Span], unsure: Sequence[Span] = ()) -> Hits:
    """Absence by absence. What is too short, or lies mostly in seconds nobody is sure of, is left out."""
    open_ends = [span for span in there if _length(span) >= SHORTEST_ABSENCE]
    right = sum(any(_same(span, other) for other in found) for span in open_ends)
    wrong = sum(
        not any(_same(span, other) for other in there)
        for span in found
        if _length(span) >= SHORTEST_ABSENCE and _shared(span, unsure) < SAME_ABSENCE * _length(span)
    )
    return Hits(right, wrong, len(open_ends) - right)


def speech_hits(shares: Sequence[float], spoken: Sequence[bool]) -> Hits:
    """Second by second: the labelled share of speech, and whether speech was found."""
    right = wrong = missed = 0
    for share, found in zip(shares, spoken, strict=False):
        if share > SPEECH:
            right += found
            missed += not found
        elif share < SILENT:
            wrong += found
    return Hits(right, wrong, missed)


def fault_hits(
    kind: str | None, since: float | None, found: Sequence[tuple[str, Span]], within: float
) -> Hits:
    """`kind` is the labelled fault and `since` its begin; None: a clip without any.

    The fault is found when that very kind is stated within so many seconds of its begin. Every other kind,
    and any that begins before, is wrong.
    """
    right = wrong = 0
    for name, (start, _end) in found:
        is_early = since is None or start < since - within
        if since is None or is_early or name != kind:
            wrong += 1
        elif start <= since + within:
            right = 1
    return Hits(right, wrong, int(kind is not None and not right))


def spans_of(states: Iterable[tuple[float, bool]], step: float = 1.0) -> list[Span]:
    """The stretches over which something holds, out of one truth for each step."""
    spans: list[Span] = []
    for at, holds in states:
        if not holds:
            continue
        if spans and abs(spans[-1][1] - at) < step / 2:
            spans[-1] = (spans[-1][0], at + step)
        else:
            spans.append((at, at + step))
    return spans


def _length(span: Span) -> float:
    return span[1] - span[0]


def _shared(span: Span, others: Iterable[Span]) -> float:
    return sum(max(0.0, min(span[1], other[1]) - max(span[0], other[0])) for other in others)


def _same(one: Span, other: Span) -> bool:
    common = _shared(one, [other])
    return common >= SAME_ABSENCE * _length(one) and common >= SAME_ABSENCE * _length(other)

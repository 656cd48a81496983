"""Scores as a table for people and as one JSON object for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analysis.accuracy.judging import Score

HEADER = (
    *("clip", "presence", "of seconds", "absences right/wrong/missed", "count off", "of people", "within 1"),
    *("speech F1", "% of a core", "faults right/wrong/missed"),
)
ALL = "all"

Cell = str | int | float | None


def total(scores: Iterable[Score]) -> Score:
    """All scores together."""
    return sum(scores, start=Score(ALL))


def keys(scores: Sequence[Score]) -> dict[str, int | float | None]:
    """What scripts read; None where no clip has such labels.

    `count_mae` is in people, `count_mae_ratio` the sum of the errors by the sum of the people,
    `speech_cpu_share` a share of one core per microphone, decoding not counted.
    """
    together = total(scores)
    has_pictures = any(not score.has_speech for score in scores)
    return {
        "clips": len(scores),
        "presence_accuracy": _rounded(together.presence),
        "absence_precision": _rounded(together.absences.precision),
        "absence_recall": _rounded(together.absences.recall),
        "count_mae": _rounded(together.counts.mean),
        "count_mae_ratio": _rounded(together.counts.ratio),
        "speech_f1": _rounded(together.speech.f1),
        "speech_cpu_share": _rounded(together.speech_share, 5),
        "fault_precision": _rounded(together.faults.precision) if has_pictures else None,
        "fault_recall": _rounded(together.faults.recall) if has_pictures else None,
    }


def rows(scores: Sequence[Score]) -> list[tuple[Cell, ...]]:
    """A row a clip and, where there are several, one for all."""
    shown = [*scores, replace(total(scores), clip=ALL)] if len(scores) > 1 else list(scores)
    return [_row(score) for score in shown]


def _row(score: Score) -> tuple[Cell, ...]:
    counts = score.counts
    share = score.speech_share
    return (
        score.clip,
        _rounded(score.presence),
        score.scored or None,
        _hits(score.absences.right, score.absences.wrong, score.absences.missed),
        _rounded(counts.mean, 2),
        round(counts.people / counts.moments, 1) if counts.moments else None,
        f"{counts.near} of {counts.moments}" if counts.moments else None,
        _rounded(score.speech.f1),
        round(share * 100, 2) if share is not None else None,
        _hits(score.faults.right, score.faults.wrong, score.faults.missed),
    )


def _hits(*numbers: int) -> str | None:
    return "/".join(str(number) for number in numbers) if any(numbers) else None


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)

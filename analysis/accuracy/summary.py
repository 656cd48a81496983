"""Scores as a table for people and as one JSON object for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analysis.accuracy.judging import Score
from analysis.accuracy.scoring import Hits

HEADER = (
    *("clip", "presence", "of seconds", "absences right/wrong/missed", "count off", "of people", "within 1"),
    *("speech right/wrong/missed", "speech F1", "% of a core", "faults right/wrong/missed", "notes"),
)
ALL = "all"

Cell = str | int | float | None


def total(scores: Iterable[Score]) -> Score:
    """All scores together."""
    return sum(scores, start=Score(ALL))


def keys(scores: Sequence[Score]) -> dict[str, int | float | None]:
    """What scripts read; None where no clip has such labels.

    `clips` are those that could be judged, `count_mae` is in people, `count_mae_ratio` the sum of the errors
    by the sum of the people, `speech_cpu_share` a share of one core per microphone, decoding not counted.
    """
    together = total(scores)
    absences = together.absences if together.has_zones else Hits()
    faults = together.faults if together.has_fault else Hits()
    return {
        "clips": sum(score.judged for score in scores),
        "presence_accuracy": _rounded(together.presence),
        "absence_precision": _rounded(absences.precision),
        "absence_recall": _rounded(absences.recall),
        "count_mae": _rounded(together.counts.mean),
        "count_mae_ratio": _rounded(together.counts.ratio),
        "speech_f1": _rounded(together.speech.f1),
        "speech_cpu_share": _rounded(together.speech_share, 5),
        "fault_precision": _rounded(faults.precision),
        "fault_recall": _rounded(faults.recall),
    }


def rows(scores: Sequence[Score]) -> list[tuple[Cell, ...]]:
    """A row a clip and, where there are several, one for all."""
    shown = [*scores, replace(total(scores), clip=ALL)] if len(scores) > 1 else list(scores)
    return [_row(score) for score in shown]


def table(scores: Sequence[Score]) -> list[str]:
    """Header and rows as lines of text in columns; columns in which nothing is told are left out."""
    told = rows(scores)
    columns = [
        [name, *(_text(row[number]) for row in told)]
        for number, name in enumerate(HEADER)
        if number == 0 or any(row[number] is not None for row in told)
    ]
    widths = [max(map(len, column)) for column in columns]
    lines = zip(*columns, strict=True)
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]


def not_judged(scores: Iterable[Score]) -> list[str]:
    """The names of what is labelled, and could not be judged."""
    return [score.clip for score in scores if not score.judged]


def _row(score: Score) -> tuple[Cell, ...]:
    counts = score.counts
    share = score.speech_share
    notes = [] if score.judged else ["not judged"]
    return (
        score.clip,
        _rounded(score.presence),
        score.scored or None,
        _hits(score.absences, told=score.has_zones),
        _rounded(counts.mean, 2),
        round(counts.people / counts.moments, 1) if counts.moments else None,
        f"{counts.near} of {counts.moments}" if counts.moments else None,
        _hits(score.speech, told=score.has_speech),
        _rounded(score.speech.f1),
        round(share * 100, 2) if share is not None else None,
        _hits(score.faults, told=score.has_fault),
        "; ".join((*notes, *score.notes)) or None,
    )


def _text(cell: Cell) -> str:
    return "–" if cell is None else str(cell)


def _hits(hits: Hits, *, told: bool) -> str | None:
    """None where nothing is labelled and nothing was found."""
    return f"{hits.right}/{hits.wrong}/{hits.missed}" if told or hits != Hits() else None


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)

"""Looking at zones: what a detector is asked, and what its answers say about each zone.

Pictures of several cameras are looked at together: each is a generator that yields its questions and is sent
the answers, so that the questions of all go to the detector in one call, in two rounds at most.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from analysis.detectors.asking import Answer, Asking, Question
from analysis.metrics import CROPS
from analysis.picture.counting import TILE_FROM, merged, strips, tiles
from analysis.picture.zones import Crop
from hall.errors import DetectorError
from hall.ports import Detection

if TYPE_CHECKING:
    from hall.ports import Picture

Outcome = TypeVar("Outcome")
Looking = Generator[list[Question], list[Answer], Outcome]
"""Yields questions, is sent as many answers, and returns its outcome."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A crop to be looked at. `is_crowd`: people are to be counted, so it is looked at in tiles too."""

    place: str
    crop: Crop
    is_crowd: bool


def looked_at(wanted: Sequence[Wanted], picture: Picture) -> Looking[list[Answer]]:
    """Per crop the people in it (in its own coordinates), or why nobody knows.

    A crop whose pieces were not all answered is not answered.
    """
    pieces = [strips(each.crop, _aspect(each.crop, picture)) for each in wanted]
    first = yield from _asked(wanted, pieces, picture, "")
    answers = [
        _whole(each.crop, parts, found) for each, parts, found in zip(wanted, pieces, first, strict=True)
    ]
    crowds = [
        index
        for index, (each, answer) in enumerate(zip(wanted, answers, strict=True))
        if each.is_crowd and isinstance(answer, list) and len(answer) >= TILE_FROM
    ]
    if crowds:
        closer = [tiles(wanted[index].crop) for index in crowds]
        second = yield from _asked([wanted[index] for index in crowds], closer, picture, "tile-")
        for index, parts, found in zip(crowds, closer, second, strict=True):
            both = [*pieces[index], *parts], [*first[index], *found]
            answers[index] = _whole(wanted[index].crop, *both)
    return answers


def answered_together(
    lookings: Sequence[Looking[Outcome]], asking: Asking, now: float
) -> list[Outcome | DetectorError]:
    """Drive all to their end, asking about everything that they want to know at once. `now` is monotonic."""
    outcomes: dict[int, Outcome | DetectorError] = {}
    waiting: dict[int, list[Question]] = {}

    def advance(index: int, answers: list[Answer] | None) -> None:
        try:
            # A generator that has not begun takes None only.
            waiting[index] = next(lookings[index]) if answers is None else lookings[index].send(answers)
        except StopIteration as end:
            outcomes[index] = end.value
        except DetectorError as error:
            outcomes[index] = error

    for index in range(len(lookings)):
        advance(index, None)
    while waiting:
        asked, waiting = waiting, {}
        answers = iter(asking.answers([each for questions in asked.values() for each in questions], now))
        for index, questions in asked.items():
            advance(index, [next(answers) for _ in questions])
    return [outcomes[index] for index in range(len(lookings))]


def _asked(
    wanted: Sequence[Wanted], pieces: Sequence[Sequence[Crop]], picture: Picture, kind: str
) -> Looking[list[list[Answer]]]:
    """Ask once about all pieces of all crops; the answers, crop by crop."""
    questions = [
        Question(f"{each.place}/{kind}{number}", piece.cut(picture))
        for each, parts in zip(wanted, pieces, strict=True)
        for number, piece in enumerate(parts)
    ]
    if not questions:
        return []
    answers = yield questions
    for result, kinds in (("examined", list), ("failed", DetectorError), ("unclear", type(None))):
        CROPS.labels(result).inc(sum(isinstance(answer, kinds) for answer in answers))
    rest = iter(answers)
    return [[next(rest) for _ in parts] for parts in pieces]


def _whole(crop: Crop, parts: Sequence[Crop], found: Sequence[Answer]) -> Answer:
    known: list[tuple[Crop, Sequence[Detection]]] = []
    for part, answer in zip(parts, found, strict=True):
        if not isinstance(answer, list):
            return answer
        known.append((part, answer))
    return list(known[0][1]) if len(known) == 1 else merged(crop, known)


def _aspect(crop: Crop, picture: Picture) -> float:
    height, width = crop.cut(picture).shape[:2]
    return float(width / height)

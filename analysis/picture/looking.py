"""Looking at zones: what a detector is asked, and what its answers say about each zone.

Pictures of several cameras are looked at together: each is a generator that yields its questions and is sent
the answers, so that the questions of all go to the detector in one call.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from analysis.detectors.asking import Answer, Asking, Question
from analysis.metrics import CROPS
from analysis.picture.merging import merged
from analysis.picture.tiling import strips
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
    """A crop to be looked at, piece by piece."""

    place: str
    crop: Crop
    pieces: tuple[Crop, ...]


def looked_at(wanted: Sequence[Wanted], picture: Picture) -> Looking[list[list[Answer]]]:
    """Ask once about all pieces of all crops; the answers, crop by crop and piece by piece."""
    questions = [
        Question(f"{each.place}/{number}", piece.cut(picture))
        for each in wanted
        for number, piece in enumerate(each.pieces)
    ]
    if not questions:
        return [[] for _ in wanted]
    answers = yield questions
    for result, kinds in (("examined", list), ("failed", DetectorError), ("unclear", type(None))):
        CROPS.labels(result).inc(sum(isinstance(answer, kinds) for answer in answers))
    rest = iter(answers)
    return [[next(rest) for _ in each.pieces] for each in wanted]


def answered(answers: Sequence[Answer]) -> list[list[Detection]] | DetectorError | None:
    """The people of each piece; or why a piece was not answered."""
    known: list[list[Detection]] = []
    for answer in answers:
        if not isinstance(answer, list):
            return answer
        known.append(answer)
    return known


def whole(crop: Crop, pieces: Sequence[Crop], found: Sequence[list[Detection]]) -> list[Detection]:
    """The people of a crop out of those of its pieces, each once, in its coordinates."""
    if len(pieces) == 1 and pieces[0] == crop:
        return found[0]
    return merged(crop, list(zip(pieces, found, strict=True)))


def lengthwise(crop: Crop, picture: Picture) -> tuple[Crop, ...]:
    """The crop in nearly square pieces along its length; whole, where it is nearly square itself."""
    height, width = crop.cut(picture).shape[:2]
    return tuple(strips(crop, width / height))


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

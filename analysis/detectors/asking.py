"""Asking a detector, and believing only answers that can be true: it may be foreign code, or a damaged model.

Whatever goes wrong (any exception, too few answers, boxes that are no shares of the crop, numbers that are
none) is a DetectorError for the crops concerned. One crop that a detector cannot stand must not blind the
others: after a failure each is asked about alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from traceback import format_exception
from typing import TYPE_CHECKING

import structlog

from hall.errors import DetectorError
from hall.ports import BatchDetector, Detection, Detector, KeyPoint, PlacedDetector
from hall.pulse import renew

if TYPE_CHECKING:
    from hall.ports import Picture

KEY_POINTS = 17
SPILL = 0.5
"""Boxes may reach so far beyond their crop, as a share of it, and are cut. Further out it is no share."""
LONGEST_NAME = 63
"""Characters that the store has for it."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """A piece of a picture. `place` names it for detectors that remember."""

    place: str
    crop: Picture


Answer = list[Detection] | DetectorError | None
"""The people found; what went wrong; None: the detector cannot tell."""


class Asking:
    """One detector and how it is asked. Calls must come from one thread at a time."""

    def __init__(self, detector: Detector) -> None:
        """Raises DetectorError when the detector cannot say its name, or how many crops it wants."""
        try:
            self.name = str(detector.name)
            self._detector = detector
            self._placed = detector if isinstance(detector, PlacedDetector) else None
            self.counts_people = self._placed is None or bool(self._placed.counts_people)
            self.most_at_once = int(detector.most_at_once) if isinstance(detector, BatchDetector) else 1
        except Exception as error:
            raise DetectorError(f"the detector does not say what it is: {error!r}") from error
        if not 0 < len(self.name) <= LONGEST_NAME:
            raise DetectorError(
                f"the detector's name should have 1 to {LONGEST_NAME} characters: {self.name!r}"
            )
        self._is_failing = False

    @property
    def remembers(self) -> bool:
        """True when a place must always be cut alike, because it is compared with what it was."""
        return self._placed is not None

    def answers(self, questions: Sequence[Question], now: float) -> list[Answer]:
        """One answer a question, whatever the detector does. `now` is in monotonic seconds."""
        if not questions:
            return []
        answers = self._asked_safely(questions, now)
        if answers is None:
            answers = [self._asked_alone(question, now) for question in questions]
        self._tell(answers)
        return answers

    def _asked_safely(self, questions: Sequence[Question], now: float) -> list[Answer] | None:
        """The answers, or None when each has to be asked for alone."""
        try:
            return self._asked(questions, now)
        except DetectorError as error:
            return [error] if len(questions) == 1 else None

    def _asked_alone(self, question: Question, now: float) -> Answer:
        try:
            return self._asked([question], now)[0]
        except DetectorError as error:
            return error

    def _asked(self, questions: Sequence[Question], now: float) -> list[Answer]:
        renew()
        crops = [question.crop for question in questions]
        try:
            if self._placed is not None:
                found = list(self._placed.detect_at([each.place for each in questions], crops, now))
            else:
                found = list(self._detector.detect(crops))
        except DetectorError:
            raise
        except Exception as error:  # foreign code may raise anything, and must not end the role
            raise DetectorError(f"{self.name} failed: {type(error).__name__}: {error}") from error
        if len(found) != len(crops):
            raise DetectorError(f"{self.name} gave {len(found)} answers to {len(crops)} crops")
        return [
            None if people is None and self.remembers else believed(people, self.name) for people in found
        ]

    def _tell(self, answers: Sequence[Answer]) -> None:
        failures = [answer for answer in answers if isinstance(answer, DetectorError)]
        if failures and not self._is_failing:
            # Not by exc_info: what foreign code raises may be its own cause, and a renderer run in circles.
            trace = "".join(format_exception(failures[0].__cause__)) if failures[0].__cause__ else None
            log.warning("detector failed", error=str(failures[0]), crops=len(failures), trace=trace)
        self._is_failing = bool(failures)


def believed(people: Sequence[Detection] | None, name: str) -> list[Detection] | DetectorError:
    """The detections, boxes cut to the crop; an error when one of them cannot be true."""
    if people is None:
        return DetectorError(f"{name} gave no list of people")
    try:
        return [_believed(person, name) for person in people]
    except DetectorError as error:
        return error
    except (TypeError, ValueError, AttributeError) as error:
        return DetectorError(f"{name} answered with something that is no list of people: {error}")


def _believed(person: Detection, name: str) -> Detection:
    left, top, right, bottom = person.box
    _check(-SPILL <= left <= right <= 1 + SPILL, name, f"a box across from {left} to {right}")
    _check(-SPILL <= top <= bottom <= 1 + SPILL, name, f"a box down from {top} to {bottom}")
    _check(0 <= person.score <= 1, name, f"a score of {person.score}")
    _check(len(person.key_points) in (0, KEY_POINTS), name, f"{len(person.key_points)} key points")
    for point in person.key_points:
        _check(
            isfinite(point.x) and isfinite(point.y) and isfinite(point.score), name, f"the key point {point}"
        )
    return Detection(
        (_cut(left), _cut(top), _cut(right), _cut(bottom)),
        float(person.score),
        tuple(KeyPoint(_cut(point.x), _cut(point.y), float(point.score)) for point in person.key_points),
    )


def _check(holds: bool, name: str, what: str) -> None:
    if not holds:
        raise DetectorError(f"{name} answered with {what}, expected shares of the crop between 0 and 1")


def _cut(share: float) -> float:
    return min(1.0, max(0.0, float(share)))

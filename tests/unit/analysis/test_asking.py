"""Asking a detector that may be anybody's code: what is believed, and whom a failure concerns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from analysis.detectors import open_detector
from analysis.detectors.asking import Answer, Asking, Question
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.ports import Detection, Detector, KeyPoint

if TYPE_CHECKING:
    from hall.ports import Picture

PERSON = Detection((0.1, 0.2, 0.3, 0.4), 0.9)
NAN = float("nan")


def questions(*levels: int) -> list[Question]:
    """Crops of one grey level each."""
    return [Question(f"place-{level}", np.full((4, 4, 3), level, np.uint8)) for level in levels]


@dataclass
class Foreign:
    """A detector whose answer to each crop comes from a function of its grey level."""

    answer: Callable[[int], object]
    name: str = "foreign@1"
    calls: list[int] = field(default_factory=list)

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        self.calls.append(len(crops))
        return cast("list[list[Detection]]", [self.answer(int(crop[0, 0, 0])) for crop in crops])


def kinds(answers: Sequence[Answer]) -> list[str]:
    return [
        "failed" if isinstance(each, DetectorError) else "found" if each else "nobody" for each in answers
    ]


def test_answers_are_handed_on_in_order() -> None:
    asking = Asking(Foreign(lambda level: [PERSON] * level))
    assert asking.answers(questions(0, 1, 2), 0.0) == [[], [PERSON], [PERSON, PERSON]]
    assert asking.answers([], 0.0) == []


def test_one_crop_that_it_cannot_stand_does_not_blind_the_others() -> None:
    def answer(level: int) -> object:
        if level == 7:
            raise ZeroDivisionError("seven")
        return [PERSON] if level else []

    foreign = Foreign(answer)
    answers = Asking(foreign).answers(questions(1, 7, 0), 0.0)
    assert kinds(answers) == ["found", "failed", "nobody"]
    assert str(answers[1]) == "foreign@1 failed: ZeroDivisionError: seven"
    assert foreign.calls == [3, 1, 1, 1]


@pytest.mark.parametrize("error", [DetectorError("broken"), RuntimeError("x"), KeyError(1), MemoryError()])
def test_whatever_it_raises_is_a_failure_and_nothing_else(error: Exception) -> None:
    def answer(level: int) -> object:
        raise error

    assert kinds(Asking(Foreign(answer)).answers(questions(1, 2), 0.0)) == ["failed", "failed"]


def test_too_few_and_too_many_answers_are_none() -> None:
    class Miscounts(Foreign):
        def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
            return super().detect(crops)[1:] if len(crops) == 2 else super().detect(crops) * 2

    answers = Asking(Miscounts(lambda level: [PERSON])).answers(questions(1, 2), 0.0)
    assert [str(each) for each in answers] == ["foreign@1 gave 2 answers to 1 crops"] * 2


@pytest.mark.parametrize(
    "impossible",
    [
        Detection((NAN, 0.2, 0.3, 0.4), 0.9),
        Detection((0.1, 0.2, 0.3, float("inf")), 0.9),
        Detection((0.5, 0.2, 0.3, 0.4), 0.9),
        Detection((10.0, 20.0, 30.0, 40.0), 0.9),
        Detection((0.1, 0.2, 0.3, 0.4), NAN),
        Detection((0.1, 0.2, 0.3, 0.4), 90.0),
        Detection((0.1, 0.2, 0.3, 0.4), 0.9, (KeyPoint(0.1, 0.1, 0.5),)),
        Detection((0.1, 0.2, 0.3, 0.4), 0.9, (KeyPoint(NAN, 0.1, 0.5),) * 17),
        "somebody",
        None,
    ],
)
def test_what_cannot_be_true_is_a_failure_of_that_crop_alone(impossible: object) -> None:
    foreign = Foreign(lambda level: [impossible] if level == 7 else [PERSON])
    assert kinds(Asking(foreign).answers(questions(7, 1), 0.0)) == ["failed", "found"]
    assert foreign.calls == [2]


def test_an_answer_that_is_no_list_is_a_failure() -> None:
    assert kinds(Asking(Foreign(lambda level: 5)).answers(questions(1), 0.0)) == ["failed"]


def test_a_box_that_reaches_a_little_beyond_its_crop_is_cut() -> None:
    asking = Asking(Foreign(lambda level: [Detection((-0.1, -0.2, 1.1, 1.2), 0.9)]))
    assert asking.answers(questions(1), 0.0) == [[Detection((0.0, 0.0, 1.0, 1.0), 0.9)]]


@pytest.mark.parametrize("name", ["", "x" * 64])
def test_a_name_that_no_row_can_hold_is_refused(name: str) -> None:
    with pytest.raises(DetectorError, match="the detector's name should have 1 to 63 characters"):
        Asking(Foreign(lambda level: [], name=name))


def test_a_detector_that_cannot_say_its_name_is_refused() -> None:
    class Nameless:
        @property
        def name(self) -> str:
            raise ValueError("who am I?")

        def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
            return []

    with pytest.raises(DetectorError, match="does not say what it is: ValueError"):
        Asking(Nameless())


def test_a_detector_that_remembers_is_told_places_and_the_time_and_may_not_know() -> None:
    @dataclass
    class Remembers:
        name: str = "remembers@1"
        counts_people: bool = False
        told: list[tuple[list[str], float]] = field(default_factory=list)

        def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
            raise AssertionError("it is asked by detect_at alone")

        def detect_at(
            self, places: Sequence[str], crops: Sequence[Picture], now: float
        ) -> list[list[Detection] | None]:
            self.told.append((list(places), now))
            return [None, [PERSON]]

    remembers = Remembers()
    asking = Asking(remembers)
    assert asking.answers(questions(1, 2), 17.0) == [None, [PERSON]]
    assert remembers.told == [(["place-1", "place-2"], 17.0)]
    assert (asking.remembers, asking.counts_people, asking.most_at_once) == (True, False, 1)


def test_how_many_crops_it_gains_by_is_its_own_word() -> None:
    class Batches(Foreign):
        most_at_once = 6

    assert Asking(Batches(lambda level: [])).most_at_once == 6
    assert Asking(cast(Detector, Foreign(lambda level: []))).most_at_once == 1


def test_a_foreign_detector_that_cannot_be_opened_is_a_detector_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Point:
        name = "theirs"

        def load(self) -> Callable[[AnalysisSettings], Detector]:
            def opens(settings: AnalysisSettings) -> Detector:
                raise KeyError("their own setting")

            return opens

    monkeypatch.setattr("analysis.detectors.entry_points", lambda group: [Point()])
    with pytest.raises(DetectorError, match="detector 'theirs' cannot be loaded: KeyError"):
        open_detector(AnalysisSettings(detector="theirs"))
    with pytest.raises(DetectorError, match="known: motion, movenet, onnx, theirs"):
        open_detector(AnalysisSettings(detector="ours"))

"""The conformance suite for detectors that remember places; that for all others is in `hall.testing`.

class TestMyDetector(PlacedDetectorSuite):
    def detector(self) -> PlacedDetector: return MyDetector()
    def pictures(self) -> list[Picture]: ...   # what a place shows, one after the other
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from hall.errors import DetectorError
from hall.ports import PlacedDetector
from hall.testing import plausible

if TYPE_CHECKING:
    from hall.ports import Picture


class PlacedDetectorSuite(ABC):
    """What a PlacedDetector must do, whatever it goes by."""

    @abstractmethod
    def detector(self) -> PlacedDetector:
        """A new detector that remembers no place."""

    @abstractmethod
    def pictures(self) -> list[Picture]:
        """Some pictures (H×W×3, uint8, BGR) that a place shows one after the other."""

    def test_it_names_itself_and_its_version(self) -> None:
        """The name is stored with every observation."""
        name, at, version = self.detector().name.partition("@")
        assert name
        assert at
        assert version

    def test_every_crop_has_an_answer_or_none(self) -> None:
        """And what is found lies in the crop."""
        detector = self.detector()
        for second, picture in enumerate(self.pictures()):
            answers = detector.detect_at(["a", "b"], [picture, picture], float(second))
            assert len(answers) == 2
            for found in answers:
                plausible(found or [])

    def test_places_are_kept_apart(self) -> None:
        """What one shows says nothing about another, beside it or asked about alone."""
        pictures, together, alone = self.pictures(), self.detector(), self.detector()
        for second, (first, other) in enumerate(zip(pictures, reversed(pictures), strict=True)):
            answers = together.detect_at(["a", "b"], [first, other], float(second))
            assert answers[:1] == alone.detect_at(["a"], [first], float(second))

    def test_no_crops_have_no_answers(self) -> None:
        """A picture without change asks nothing."""
        assert self.detector().detect_at([], [], 0.0) == []

    def test_a_picture_stays_as_it_was(self) -> None:
        """Others look at it too."""
        detector = self.detector()
        for second, picture in enumerate(self.pictures()):
            before = picture.copy()
            detector.detect_at(["a"], [picture], float(second))
            assert (picture == before).all()

    def test_crops_of_any_size_and_shape_are_answered(self) -> None:
        """A single pixel, a narrow strip, a view into a larger picture; and the resolution may change."""
        detector, picture = self.detector(), self.pictures()[0]
        for second, crop in enumerate([picture[:1, :1], picture[:, :3], picture[:2], picture[::2, 1::2]]):
            assert len(detector.detect_at(["a"], [crop], float(second))) == 1

    def test_a_crop_without_pixels_is_a_detector_error(self) -> None:
        """Rather than an answer that looks like an empty zone."""
        refused = ""
        try:
            self.detector().detect_at(["a"], [self.pictures()[0][:0]], 0.0)
        except DetectorError as error:
            refused = str(error)
        assert refused

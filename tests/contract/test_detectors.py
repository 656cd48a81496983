"""Every built-in detector passes the suite for detectors."""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis.detectors import open_detector
from hall.config.detectors import ModelLayout, OnnxSettings
from hall.config.settings import AnalysisSettings
from hall.ports import Detector, PlacedDetector
from hall.testing import DetectorSuite
from hall.testing_detectors import PlacedDetectorSuite
from tests.unit.analysis.models import bright_model, bright_thing, brightest_onnx, nothing_bright, save
from tests.unit.analysis.pictures import empty_counter, person

if TYPE_CHECKING:
    from hall.ports import Picture


@cache
def _opened(name: str) -> Detector:
    return open_detector(AnalysisSettings(detector=name))


class TestMoveNet(DetectorSuite):
    """MoveNet, as it is installed."""

    def detector(self) -> Detector:
        return _opened("movenet")

    def one_person(self) -> Picture:
        return person()

    def nobody(self) -> Picture:
        return empty_counter()


class FromFile(DetectorSuite):
    """The detector `onnx` with a model that finds the bright thing."""

    opened: Detector

    @pytest.fixture(autouse=True)
    def _open(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        suite = type(self)
        if "opened" not in vars(suite):
            model = self.model(tmp_path_factory.mktemp("model"))
            suite.opened = open_detector(AnalysisSettings(detector="onnx", onnx=model, score=0.5))

    @abstractmethod
    def model(self, folder: Path) -> OnnxSettings:
        """A model file in a folder, and how it is read."""

    def detector(self) -> Detector:
        return self.opened

    def one_person(self) -> Picture:
        return bright_thing()

    def nobody(self) -> Picture:
        return nothing_bright()


class TestYolox(FromFile):
    """Cells, asked about one by one."""

    def model(self, folder: Path) -> OnnxSettings:
        return OnnxSettings(model=save(bright_model("grid"), folder / "m.xml"), layout=ModelLayout.YOLOX)


class TestYoloxInBatches(FromFile):
    """Cells, a batch of any length."""

    def model(self, folder: Path) -> OnnxSettings:
        path = save(bright_model("pixels", batch=-1), folder / "m.xml")
        return OnnxSettings(model=path, layout=ModelLayout.YOLOX)


class TestMixedUpBatches(FromFile):
    """A file that gives its answers to the wrong pictures of a batch."""

    def model(self, folder: Path) -> OnnxSettings:
        path = save(bright_model("grid", batch=-1, mixes_up=True), folder / "m.xml")
        return OnnxSettings(model=path, layout=ModelLayout.YOLOX)


class TestRtDetr(FromFile):
    """Boxes and logits, a batch of three."""

    def model(self, folder: Path) -> OnnxSettings:
        path = save(bright_model("logits", batch=3, brightest=1.0), folder / "m.xml")
        return OnnxSettings(model=path, layout=ModelLayout.RT_DETR)


class TestDFine(FromFile):
    """Labels, boxes and scores beside an input of sizes."""

    def model(self, folder: Path) -> OnnxSettings:
        path = save(bright_model("listed", batch=-1, brightest=1.0), folder / "m.xml")
        return OnnxSettings(model=path, layout=ModelLayout.D_FINE)


class TestOnnxFile(FromFile):
    """A file in the ONNX format itself."""

    def model(self, folder: Path) -> OnnxSettings:
        path = folder / "m.onnx"
        path.write_bytes(brightest_onnx())
        return OnnxSettings(model=path, layout=ModelLayout.RT_DETR)


class TestMotion(PlacedDetectorSuite):
    """The detector without a model."""

    def detector(self) -> PlacedDetector:
        detector = open_detector(AnalysisSettings(detector="motion"))
        assert isinstance(detector, PlacedDetector)
        return detector

    def pictures(self) -> list[Picture]:
        return [empty_counter(), bright_thing(512), empty_counter(), person()]

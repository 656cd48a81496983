"""Every built-in detector passes the suite for detectors."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from analysis.detectors import open_detector
from hall.config.settings import AnalysisSettings
from hall.ports import Detector
from hall.testing import DetectorSuite
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

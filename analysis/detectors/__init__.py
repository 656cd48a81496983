"""Detectors: who finds people in a crop. The built-in ones, and those that other packages bring.

A detector of your own is a callable in the entry-point group `hallwatch.detectors` that takes the
`AnalysisSettings` and returns a `hall.ports.Detector`; `site.analysis.detector` names it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from analysis.detectors.motion import Motion
from analysis.detectors.movenet import MoveNet
from analysis.detectors.onnx import OnnxDetector
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.ports import Detector

GROUP = "hallwatch.detectors"

OpenDetector = Callable[[AnalysisSettings], Detector]


def _movenet(settings: AnalysisSettings) -> Detector:
    return MoveNet(size=settings.crop_size, score=settings.score, model=settings.model)


def _onnx(settings: AnalysisSettings) -> Detector:
    if settings.onnx is None:
        raise DetectorError(
            "site.analysis.onnx: is missing: the detector 'onnx' needs a model and its layout"
        )
    return OnnxDetector(settings.onnx, score=settings.score)


def _motion(settings: AnalysisSettings) -> Detector:  # noqa: ARG001 - it has nothing to set
    return Motion()


BUILT_IN: dict[str, OpenDetector] = {"movenet": _movenet, "onnx": _onnx, "motion": _motion}


def open_detector(settings: AnalysisSettings) -> Detector:
    """The detector that the configuration names, ready to work. Raises DetectorError."""
    opener = BUILT_IN.get(settings.detector)
    if opener is not None:
        return opener(settings)
    foreign = {point.name: point for point in entry_points(group=GROUP)}
    if settings.detector not in foreign:
        known = ", ".join(sorted({*BUILT_IN, *foreign}))
        raise DetectorError(
            f"site.analysis.detector: there is no detector '{settings.detector}'; known: {known}"
        )
    try:
        detector: Detector = foreign[settings.detector].load()(settings)
    except DetectorError:
        raise
    except Exception as error:  # foreign code may raise anything: the zones are unknown, the role lives
        raise DetectorError(f"detector '{settings.detector}' cannot be loaded: {error!r}") from error
    return detector

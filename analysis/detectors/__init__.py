"""Detectors: who finds people in a crop. The built-in one, and those that other packages bring.

A detector of your own is a callable in the entry-point group `hallwatch.detectors` that takes the
`AnalysisSettings` and returns a `hall.ports.Detector`; `site.analysis.detector` names it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

from analysis.detectors.movenet import MoveNet
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.ports import Detector

GROUP = "hallwatch.detectors"

OpenDetector = Callable[[AnalysisSettings], Detector]


def _movenet(settings: AnalysisSettings) -> Detector:
    return MoveNet(size=settings.crop_size, score=settings.score, model=settings.model)


BUILT_IN: dict[str, OpenDetector] = {"movenet": _movenet}


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
    except (ImportError, AttributeError) as error:
        raise DetectorError(f"detector '{settings.detector}' cannot be loaded: {error}") from error
    return detector

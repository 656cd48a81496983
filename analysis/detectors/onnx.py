"""People by a model of the user's own: an ONNX or OpenVINO file of YOLOX, RT-DETR or D-FINE.

`site.analysis.onnx` says which file and of which layout. When it is opened, it has to answer two trial
pictures. The answers tell the form of its outputs (`analysis.detectors.layouts`), and whether a batch can be
trusted: some exports mix up a batch without a word, and are asked about one picture at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters, digits
from typing import TYPE_CHECKING

import numpy as np
import structlog

from analysis.detectors.fitting import Placement, Preparation, fitted, preparation_for
from analysis.detectors.layouts import SETTING, Canvas, Form, Output, form_of
from analysis.detectors.model_file import Model, inputs_of, read_network, version_of
from hall.config.detectors import OnnxSettings
from hall.errors import DetectorError
from hall.ports import Detection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

    Floats = NDArray[np.float32]

MOST_CANDIDATES = 300
"""As many as the queries of the DETR family; far more than people fit into a crop."""
SAME_PERSON = 0.55
"""Two boxes that share more than this of their union are one person found twice."""
PLAIN = frozenset(ascii_letters + digits + "._-")
NEARNESS = 0.25
"""Answers to one picture at two places of a batch may differ by this share of what two pictures differ by."""

log = structlog.get_logger(__name__)


class OnnxDetector:
    """A detector out of a file. Calls must come from one thread at a time."""

    def __init__(self, settings: OnnxSettings, *, score: float) -> None:
        """Open the file; people below `score` are not returned.

        Raises DetectorError that names the file and the setting when it is missing, damaged or does not fit.
        """
        self._score = score
        self._preparation = preparation_for(settings)
        self._model, answers = opened(settings, self._preparation)
        self._form: Form = form_of(answers, settings, self._model.canvas, self._model.has_sizes)
        self.name = f"{settings.name or plain(settings.model.stem)}@{version_of(settings.model)}"

    @property
    def most_at_once(self) -> int:
        """How many crops are looked at together."""
        return self._model.most

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        """Per crop (H×W×3, uint8, BGR) the people found, best first. Raises DetectorError."""
        for index, crop in enumerate(crops):
            if crop.ndim != 3 or crop.shape[2] != 3 or crop.dtype != np.uint8 or 0 in crop.shape:
                raise DetectorError(
                    f"crop {index} must be height × width × 3 pixels of uint8, "
                    f"not {crop.shape} of {crop.dtype}"
                )
        found: list[list[Detection]] = []
        for start in range(0, len(crops), self._model.most):
            found += self._look(crops[start : start + self._model.most])
        return found

    def _look(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        canvas = self._model.canvas
        pictures = [fitted(crop, canvas.width, canvas.height, self._preparation) for crop in crops]
        outputs = self._model.run([pixels for pixels, _ in pictures])
        return [
            self._people([output.values[row] for output in outputs], placement)
            for row, (_, placement) in enumerate(pictures)
        ]

    def _people(self, answers: Sequence[NDArray[np.generic]], placement: Placement) -> list[Detection]:
        boxes, scores = self._form.read(answers)
        if not np.isfinite(scores).all():
            raise DetectorError(f"{self.name} answered with a score that is no number")
        best = np.argsort(-scores, kind="stable")[:MOST_CANDIDATES]
        best = best[scores[best] >= self._score]
        boxes, scores = boxes[best], np.minimum(scores[best], 1.0)
        if not np.isfinite(boxes).all():
            raise DetectorError(f"{self.name} answered with a box that is no number")
        boxes = placement.to_crop(boxes)
        real = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        boxes, scores = boxes[real], scores[real]
        if self._form.doubles:
            single = without_doubles(boxes)
            boxes, scores = boxes[single], scores[single]
        return [
            Detection((float(left), float(top), float(right), float(bottom)), float(score))
            for (left, top, right, bottom), score in zip(boxes, scores, strict=True)
        ]


def opened(settings: OnnxSettings, preparation: Preparation) -> tuple[Model, list[Output]]:
    """The model with the largest batch whose answers can be trusted, and its answers to the trial pictures.

    Raises DetectorError.
    """
    path = settings.model
    inputs = inputs_of(read_network(path), settings)
    trials = trial_pictures(inputs.canvas, preparation)
    if inputs.batch != 1:
        try:
            model = Model(path, settings, inputs.batch)
            answers = model.run(trials)
            if answers_belong(model, trials, answers):
                return model, answers
        except DetectorError as error:
            if inputs.batch is not None:
                raise
            log.info("model takes no batch", model=str(path), error=str(error))
        if inputs.batch is not None:
            raise DetectorError(
                f"{SETTING}.model: {path} looks at {inputs.batch} pictures at once, but its answers do not "
                "belong to their pictures; export it anew with a batch of 1"
            )
        log.info("model is asked about one picture at a time", model=str(path))
    model = Model(path, settings, 1)
    return model, model.run(trials[:1])


def answers_belong(model: Model, trials: Sequence[Floats], answers: Sequence[Output]) -> bool:
    """True when a picture gets the same answer beside another, beside itself, and alone."""
    others = [(place, model.run([trial, trial])) for place, trial in enumerate(trials)]
    if not model.is_fixed:
        others.append((0, model.run(trials[:1])))
    for place, output in enumerate(answers):
        apart = _distance(output.values[0], output.values[1])
        for row, other in others:
            if not _distance(output.values[row], other[place].values[0]) <= NEARNESS * apart + 1e-6:
                return False
    return True


def _distance(first: NDArray[np.generic], second: NDArray[np.generic]) -> float:
    """How much two answers differ, whatever the order of their rows: equal scores may change places."""
    if first.shape != second.shape or first.size == 0:
        return float("nan")
    ordered = [np.sort(answer.astype(np.float64), axis=0) for answer in (first, second)]
    return float(np.abs(ordered[0] - ordered[1]).mean())


def plain(name: str) -> str:
    """A file's name as part of a detector's: letters, digits, dots, dashes; 40 at most."""
    return "".join(each if each in PLAIN else "-" for each in name)[:40]


def without_doubles(boxes: Floats) -> list[int]:
    """Which of the boxes (N×4, best first) to keep: none that shares too much with a better one."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = list(range(len(boxes)))
    kept: list[int] = []
    while left:
        best, *others = left
        kept.append(best)
        rest = np.array(others, int)
        starts = np.maximum(boxes[best, :2], boxes[rest, :2])
        ends = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        common = np.prod(np.clip(ends - starts, 0, None), axis=1)
        shared = common / np.maximum(areas[best] + areas[rest] - common, 1e-12)
        left = rest[shared <= SAME_PERSON].tolist()
    return kept


def trial_pictures(canvas: Canvas, preparation: Preparation) -> list[Floats]:
    """Two pictures that differ much, ready for the model: a slope of grey, and coloured noise."""
    shape = (canvas.height, canvas.width, 3)
    slope = np.linspace(0, 255, canvas.width).astype(np.uint8)[None, :, None]
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    crops = [np.broadcast_to(slope, shape).copy(), noise]
    return [fitted(crop, canvas.width, canvas.height, preparation)[0] for crop in crops]

"""What a model's answers mean: the forms in which YOLOX, RT-DETR and D-FINE are usually exported.

A form is found once, by the names, shapes and values of the answers to two trial pictures; what does not fit
is a DetectorError that says what was expected, what the file gives, and which setting to look at. Reading an
answer gives boxes (left, top, right, bottom) in shares of the model's picture, and the person's scores.

* YOLOX: one output 1×N×(5+classes): box, objectness, a score a class. N is the number of cells of the strides
  8, 16, 32 (and 64 in the larger kind). The box is middle and size, either as it leaves the network (shift in
  cells, logarithm of the size in strides) or in pixels (`--decode_in_inference`). Or, with the suppression of
  doubles inside the file: 1×N×5 (left, top, right, bottom in pixels, score), with or without labels 1×N.
* RT-DETR and D-FINE: labels 1×N, boxes 1×N×4 (left, top, right, bottom in the unit of the second input
  `orig_target_sizes`), scores 1×N. Or boxes 1×N×4 (middle and size, in shares of the picture) with a score a
  class 1×N×classes. Or the two beside each other, 1×N×(4+classes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from hall.config.detectors import Boxes, ModelLayout, OnnxSettings
from hall.errors import DetectorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SETTING = "site.analysis.onnx"
STRIDES = (8, 16, 32)
LARGEST_EXPONENT = 20.0
"""Of the logarithm of a box's size: whatever lies above is no box, and must not become infinite."""
OUTSIDE = 1.0
"""Boxes may reach beyond the picture, but not further than this share of it, or they are no shares."""


@dataclass(frozen=True, slots=True)
class Output:
    """One answer of the model to the trial pictures: batch × whatever the layout says."""

    name: str
    values: NDArray[np.generic]

    @property
    def is_integer(self) -> bool:
        """True for labels, as a rule."""
        return np.issubdtype(self.values.dtype, np.integer)

    def __str__(self) -> str:
        return f"'{self.name}' {'×'.join(str(length) for length in self.values.shape)}"


@dataclass(frozen=True, slots=True)
class Canvas:
    """The model's picture, in pixels."""

    width: int
    height: int


class Form(Protocol):
    """Reads the answers to one picture."""

    def read(self, answers: Sequence[NDArray[np.generic]]) -> tuple[Floats, Floats]:
        """Boxes (N×4) in shares of the model's picture and scores (N) out of the picture's own answers."""
        ...

    @property
    def doubles(self) -> bool:
        """True when one person may be found several times, so that doubles must be suppressed."""
        ...


@dataclass(frozen=True, slots=True)
class Cells:
    """YOLOX: a box a cell. `grid` (N×2) and `strides` (N×1) are None when boxes come in pixels."""

    canvas: Canvas
    person: int
    grid: Floats | None
    strides: Floats | None
    doubles: bool = True

    def read(self, answers: Sequence[NDArray[np.generic]]) -> tuple[Floats, Floats]:
        """As the formulas of YOLOX's own demonstration say."""
        rows = answers[0].astype(np.float32, copy=False)
        middles, sizes = rows[:, 0:2], rows[:, 2:4]
        if self.grid is not None and self.strides is not None:
            middles = (middles + self.grid) * self.strides
            sizes = np.exp(np.minimum(sizes, LARGEST_EXPONENT)) * self.strides
        scores = rows[:, 4] * rows[:, 5 + self.person]
        return _corners(middles, sizes) / _sides(self.canvas), scores


@dataclass(frozen=True, slots=True)
class Sifted:
    """YOLOX with the suppression of doubles in the file: 1×N×5 in pixels, and labels or none."""

    canvas: Canvas
    person: int
    rows: int
    labels: int | None
    doubles: bool = False

    def read(self, answers: Sequence[NDArray[np.generic]]) -> tuple[Floats, Floats]:
        """Rows of another label are left out."""
        rows = answers[self.rows].astype(np.float32, copy=False)
        if self.labels is not None:
            rows = rows[answers[self.labels].reshape(-1) == self.person]
        return rows[:, :4] / _sides(self.canvas), rows[:, 4]


@dataclass(frozen=True, slots=True)
class Listed:
    """Labels, boxes and scores, the best of all classes; boxes in the unit of `orig_target_sizes`."""

    canvas: Canvas
    person: int
    labels: int
    boxes: int
    scores: int
    doubles: bool = False

    def read(self, answers: Sequence[NDArray[np.generic]]) -> tuple[Floats, Floats]:
        """Rows of another label are left out."""
        persons = np.rint(answers[self.labels].astype(np.float32)) == self.person
        boxes = answers[self.boxes].astype(np.float32, copy=False)[persons]
        return boxes / _sides(self.canvas), answers[self.scores].astype(np.float32, copy=False)[persons]


@dataclass(frozen=True, slots=True)
class Queries:
    """A box and a score a class for each query; both in one output when `boxes` and `classes` are equal."""

    person: int
    boxes: int
    classes: int
    are_logits: bool
    doubles: bool = False

    def read(self, answers: Sequence[NDArray[np.generic]]) -> tuple[Floats, Floats]:
        """Logits become scores by the logistic function."""
        boxes = answers[self.boxes].astype(np.float32, copy=False)[:, :4]
        column = self.person + (4 if self.boxes == self.classes else 0)
        scores: Floats = answers[self.classes][:, column].astype(np.float32, copy=False)
        if self.are_logits:
            scores = (1.0 / (1.0 + np.exp(-np.clip(scores, -80.0, 80.0)))).astype(np.float32)
        return _corners(boxes[:, 0:2], boxes[:, 2:4]), scores


def form_of(outputs: Sequence[Output], settings: OnnxSettings, canvas: Canvas, has_sizes: bool) -> Form:
    """The form of these answers. `has_sizes`: the file takes `orig_target_sizes`. Raises DetectorError."""
    if settings.layout is ModelLayout.YOLOX:
        return _yolox(outputs, settings, canvas)
    return _detr(outputs, settings, canvas, has_sizes)


def _yolox(outputs: Sequence[Output], settings: OnnxSettings, canvas: Canvas) -> Form:
    cells = _cells(canvas, STRIDES)
    larger = _cells(canvas, (*STRIDES, 64))
    expected = (
        f"one output 1×{len(cells[0])}×(5 + classes) for pictures of {canvas.width}×{canvas.height}, "
        "or 1×N×5 with labels 1×N"
    )
    rows = [output for output in outputs if output.values.ndim == 3]
    labels = [index for index, output in enumerate(outputs) if output.values.ndim == 2]
    if len(rows) != 1 or len(outputs) - len(labels) != 1 or len(labels) > 1:
        raise _misfit(settings, expected, outputs)
    _, count, width = rows[0].values.shape
    if width == 5:
        return Sifted(canvas, settings.person, outputs.index(rows[0]), labels[0] if labels else None)
    grid = next((known for known in (cells, larger) if len(known[0]) == count), None)
    if width < 6 or labels or grid is None:
        raise _misfit(settings, expected, outputs)
    _check_person(settings, width - 5)
    values = rows[0].values.astype(np.float32)
    _check_shares(rows[0], values[:, :, 4:], "objectness and classes")
    in_pixels = settings.boxes is Boxes.PIXELS
    if settings.boxes is None:
        # Pixels spread over the whole picture; shifts within a cell are a few cells at most.
        in_pixels = bool(np.abs(values[:, :, 0]).max() > canvas.width / 2)
    return Cells(canvas, settings.person, *((None, None) if in_pixels else grid))


def _detr(outputs: Sequence[Output], settings: OnnxSettings, canvas: Canvas, has_sizes: bool) -> Form:
    flat = [index for index, output in enumerate(outputs) if output.values.ndim == 2]
    deep = [index for index, output in enumerate(outputs) if output.values.ndim == 3]
    if has_sizes and len(flat) == 2 and len(deep) == 1 and outputs[deep[0]].values.shape[2] == 4:
        labels = _named(outputs, flat, "label", lambda index: outputs[index].is_integer)
        if labels is not None:
            (scores,) = set(flat) - {labels}
            _check_shares(outputs[scores], outputs[scores].values, "scores")
            return Listed(canvas, settings.person, labels, deep[0], scores)
    if not has_sizes and not flat and len(deep) in (1, 2):
        boxes, classes = (deep[0], deep[0]) if len(deep) == 1 else _boxes_and_classes(outputs, deep)
        if boxes is not None and classes is not None:
            return _queries(outputs, settings, boxes, classes)
    raise _misfit(
        settings,
        "labels 1×N, boxes 1×N×4 and scores 1×N beside an input 'orig_target_sizes', "
        "or boxes 1×N×4 and classes 1×N×C, or both in one output 1×N×(4 + C)",
        outputs,
    )


def _queries(outputs: Sequence[Output], settings: OnnxSettings, boxes: int, classes: int) -> Form:
    first = 4 if boxes == classes else 0
    columns = outputs[classes].values[:, :, first:].astype(np.float32)
    if columns.shape[2] < 1 or outputs[boxes].values.shape[:2] != outputs[classes].values.shape[:2]:
        raise _misfit(settings, "as many rows of classes as of boxes", outputs)
    _check_person(settings, columns.shape[2])
    places = outputs[boxes].values[:, :, :4].astype(np.float32)
    if not np.isfinite(places).all() or places.min() < -OUTSIDE or places.max() > 1 + OUTSIDE:
        raise DetectorError(
            f"{SETTING}.layout: {settings.layout} gives boxes in shares of the picture, 0 to 1; "
            f"{settings.model}: {outputs[boxes]} gives {places.min():.3g} to {places.max():.3g}"
        )
    are_logits = bool(columns.min() < 0 or columns.max() > 1)
    return Queries(settings.person, boxes, classes, are_logits)


def _boxes_and_classes(outputs: Sequence[Output], deep: Sequence[int]) -> tuple[int | None, int | None]:
    boxes = _named(outputs, deep, "box", lambda index: outputs[index].values.shape[2] == 4)
    if boxes is None or outputs[boxes].values.shape[2] != 4:
        return None, None
    return boxes, next(index for index in deep if index != boxes)


class _Says(Protocol):
    def __call__(self, index: int, /) -> bool: ...


def _named(outputs: Sequence[Output], among: Sequence[int], word: str, fits: _Says) -> int | None:
    """The one output that fits; where several do, or none, the one whose name says so."""
    fitting = [index for index in among if fits(index)]
    if len(fitting) != 1:
        fitting = [index for index in among if word in outputs[index].name.lower()]
    return fitting[0] if len(fitting) == 1 else None


def _check_person(settings: OnnxSettings, classes: int) -> None:
    if settings.person >= classes:
        raise DetectorError(
            f"{SETTING}.person: is {settings.person}, but {settings.model} knows {classes} "
            f"{'class' if classes == 1 else 'classes'}, counted from 0"
        )


def _check_shares(output: Output, values: NDArray[np.generic], what: str) -> None:
    numbers = values.astype(np.float32)
    if numbers.size and (not np.isfinite(numbers).all() or numbers.min() < -1e-3 or numbers.max() > 1 + 1e-3):
        raise DetectorError(
            f"{SETTING}.layout: {what} in output {output} should lie between 0 and 1, "
            f"but reach from {numbers.min():.3g} to {numbers.max():.3g}; is it another layout?"
        )


def _misfit(settings: OnnxSettings, expected: str, outputs: Sequence[Output]) -> DetectorError:
    given = ", ".join(str(output) for output in outputs) or "no output"
    return DetectorError(
        f"{SETTING}.layout: {settings.layout} expects {expected}; {settings.model} gives {given}. "
        "Change the layout, or export the model anew"
    )


def _cells(canvas: Canvas, strides: Sequence[int]) -> tuple[Floats, Floats]:
    """Column and row of every cell (N×2), and its stride in pixels (N×1): row by row, stride by stride."""
    grids, sizes = [], []
    for stride in strides:
        columns, rows = canvas.width // stride, canvas.height // stride
        across, down = np.meshgrid(np.arange(columns), np.arange(rows))
        grids.append(np.stack([across.ravel(), down.ravel()], axis=1))
        sizes.append(np.full((columns * rows, 1), stride))
    return np.concatenate(grids).astype(np.float32), np.concatenate(sizes).astype(np.float32)


def _corners(middles: Floats, sizes: Floats) -> Floats:
    return np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)


def _sides(canvas: Canvas) -> Floats:
    return np.array([canvas.width, canvas.height, canvas.width, canvas.height], np.float32)

"""Every form of answer, decoded against boxes that were worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from analysis.detectors.layouts import Canvas, Output, form_of
from hall.config.detectors import Boxes, ModelLayout, OnnxSettings
from hall.errors import DetectorError

CANVAS = Canvas(width=128, height=64)
CELLS = 16 * 8 + 8 * 4 + 4 * 2
"""Of the strides 8, 16 and 32 on the canvas."""


def settings(layout: ModelLayout, **changes: object) -> OnnxSettings:
    return OnnxSettings.model_validate({"model": Path("m.onnx"), "layout": layout, **changes})


def read(
    outputs: Sequence[Output], told: OnnxSettings, *, has_sizes: bool = False
) -> list[tuple[list[float], float]]:
    """Boxes (four decimals) and scores above 0.1 of the first picture."""
    form = form_of(outputs, told, CANVAS, has_sizes)
    boxes, scores = form.read([output.values[0] for output in outputs])
    return [
        ([round(float(side), 4) for side in box], round(float(score), 4))
        for box, score in zip(boxes, scores, strict=True)
        if score > 0.1
    ]


def yolox(row: int, values: Sequence[float], count: int = CELLS) -> Output:
    rows = np.zeros((1, count, len(values)), np.float32)
    rows[0, row] = values
    return Output("output", rows)


@pytest.mark.parametrize(
    ("row", "stride", "column", "line"),
    [(0, 8, 0, 0), (17, 8, 1, 1), (128, 16, 0, 0), (128 + 8 * 3 + 5, 16, 5, 3), (128 + 32 + 7, 32, 3, 1)],
)
def test_a_yolox_cell_tells_its_box_by_its_place_and_stride(
    row: int, stride: int, column: int, line: int
) -> None:
    # The middle lies half a cell right of and a quarter below the cell's corner; two strides wide, one high.
    output = yolox(row, [0.5, 0.25, np.log(2), 0.0, 0.8, 0.5, 0.9])
    middle = (column + 0.5) * stride, (line + 0.25) * stride
    box = [(middle[0] - stride) / 128, (middle[1] - stride / 2) / 64]
    box += [(middle[0] + stride) / 128, (middle[1] + stride / 2) / 64]
    assert read([output], settings(ModelLayout.YOLOX)) == [([round(side, 4) for side in box], 0.4)]
    assert read([output], settings(ModelLayout.YOLOX, person=1))[0][1] == pytest.approx(0.72)


def test_yolox_boxes_that_spread_over_the_picture_are_pixels() -> None:
    output = yolox(3, [96.0, 32.0, 32.0, 16.0, 0.8, 0.5])
    assert read([output], settings(ModelLayout.YOLOX)) == [([0.625, 0.375, 0.875, 0.625], 0.4)]


def test_what_the_settings_say_of_yolox_boxes_is_not_guessed() -> None:
    output = yolox(0, [16.0, 16.0, 16.0, 16.0, 0.8, 0.5])
    assert read([output], settings(ModelLayout.YOLOX, boxes=Boxes.PIXELS)) == [
        ([0.0625, 0.125, 0.1875, 0.375], 0.4)
    ]


def test_the_larger_yolox_has_a_fourth_stride() -> None:
    output = yolox(CELLS + 1, [0.5, 0.5, 0.0, 0.0, 0.8, 0.5], CELLS + 2)
    assert read([output], settings(ModelLayout.YOLOX)) == [([0.5, 0.0, 1.0, 1.0], 0.4)]


def test_a_size_that_no_box_has_does_not_become_infinite() -> None:
    form = form_of([yolox(0, [0.0, 0.0, 500.0, 0.0, 0.8, 0.5])], settings(ModelLayout.YOLOX), CANVAS, False)
    boxes, _ = form.read([yolox(0, [0.0, 0.0, 500.0, 0.0, 0.8, 0.5]).values[0]])
    assert np.isfinite(boxes).all()


def test_yolox_with_its_doubles_suppressed_gives_corners_in_pixels() -> None:
    rows = np.zeros((1, 3, 5), np.float32)
    rows[0, 0], rows[0, 1] = [32, 16, 64, 48, 0.9], [0, 0, 128, 64, 0.8]
    labels = np.array([[0, 2, 2]])
    person = [([0.25, 0.25, 0.5, 0.75], 0.9)]
    assert read([Output("dets", rows), Output("labels", labels)], settings(ModelLayout.YOLOX)) == person
    assert len(read([Output("dets", rows)], settings(ModelLayout.YOLOX))) == 2


@pytest.mark.parametrize("layout", [ModelLayout.RT_DETR, ModelLayout.D_FINE])
@pytest.mark.parametrize("kind", [np.int64, np.float32])
def test_labels_boxes_and_scores_are_told_apart_by_kind_or_name(
    layout: ModelLayout, kind: type[np.generic]
) -> None:
    labels = np.array([[1, 0, 0]], kind)
    boxes = np.array([[[0, 0, 1, 1], [32, 16, 64, 48], [0, 0, 8, 8]]], np.float32)
    scores = np.array([[0.9, 0.7, 0.05]], np.float32)
    outputs = [Output("scores", scores), Output("boxes", boxes), Output("labels", labels)]
    assert read(outputs, settings(layout), has_sizes=True) == [([0.25, 0.25, 0.5, 0.75], 0.7)]


@pytest.mark.parametrize("layout", [ModelLayout.RT_DETR, ModelLayout.D_FINE])
def test_boxes_and_classes_in_shares_of_the_picture_with_logits_or_scores(layout: ModelLayout) -> None:
    boxes = np.array([[[0.5, 0.5, 0.25, 0.5], [0.5, 0.5, 1.0, 1.0]]], np.float32)
    scores = np.array([[[0.1, 0.8], [0.0, 0.0]]], np.float32)
    logits = np.array([[[-4.0, 0.0], [-9.0, -9.0]]], np.float32)
    person = [([0.375, 0.25, 0.625, 0.75], 0.8)]
    told = settings(layout, person=1)
    assert read([Output("pred_boxes", boxes), Output("scores", scores)], told) == person
    assert read([Output("logits", logits), Output("pred_boxes", boxes)], told) == [(person[0][0], 0.5)]
    assert read([Output("output0", np.concatenate([boxes, scores], axis=2))], told) == person


def test_four_classes_are_told_from_boxes_by_name() -> None:
    boxes = Output("pred_boxes", np.full((1, 2, 4), 0.5, np.float32))
    classes = Output("logits", np.full((1, 2, 4), -3.0, np.float32))
    found = form_of([classes, boxes], settings(ModelLayout.RT_DETR), CANVAS, False)
    read_boxes, scores = found.read([classes.values[0], boxes.values[0]])
    assert read_boxes[0].tolist() == [0.25, 0.25, 0.75, 0.75]
    assert scores.tolist() == pytest.approx([0.0474, 0.0474], abs=1e-3)
    unnamed = [Output("a", classes.values), Output("b", boxes.values)]
    with pytest.raises(DetectorError, match="rt-detr expects labels"):
        form_of(unnamed, settings(ModelLayout.RT_DETR), CANVAS, False)


@pytest.mark.parametrize("count", [CELLS - 1, CELLS + 1])
def test_a_number_of_rows_that_fits_no_strides_is_refused(count: int) -> None:
    with pytest.raises(
        DetectorError, match=rf"1×{CELLS}×\(5 \+ classes\) for pictures of 128×64.*1×{count}×7"
    ):
        form_of([yolox(0, [0.0] * 7, count)], settings(ModelLayout.YOLOX), CANVAS, False)


def test_logits_where_scores_belong_are_told() -> None:
    rows = yolox(0, [0.0, 0.0, 0.0, 0.0, -3.0, 2.0])
    with pytest.raises(
        DetectorError, match=r"should lie between 0 and 1, but reach from -3 to 2; is it another"
    ):
        form_of([rows], settings(ModelLayout.YOLOX), CANVAS, False)

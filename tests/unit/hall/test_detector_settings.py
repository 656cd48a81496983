"""What hall.yaml may say about a detector's own model."""

from __future__ import annotations

from pathlib import Path

import pytest

from hall.config import load_configuration, parse_configuration
from hall.config.settings import AnalysisSettings
from hall.errors import ConfigurationError
from tests.unit.hall.test_configuration import GOOD, problems


def with_analysis(text: str) -> str:
    return GOOD.replace("version: 1\n", f"version: 1\nsite:\n  analysis: {text}\n")


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("{detector: onnx}", "site.analysis.onnx", "the detector 'onnx' needs a model and its layout"),
        ("{onnx: {layout: yolox}}", "site.analysis.onnx.model", "Field required"),
        ("{onnx: {model: m.onnx}}", "site.analysis.onnx.layout", "Field required"),
        (
            "{onnx: {model: m.onnx, layout: yolov8}}",
            "site.analysis.onnx.layout",
            "'yolox', 'rt-detr' or 'd-fine'",
        ),
        ("{onnx: {model: m.onnx, layout: yolox, size: 641}}", "site.analysis.onnx.size", "multiple of 32"),
        (
            "{onnx: {model: m.onnx, layout: yolox, name: a@1}}",
            "site.analysis.onnx.name",
            "should match pattern",
        ),
        ("{onnx: {model: m.onnx, layout: d-fine, boxes: grid}}", "site.analysis.onnx.boxes", "not to d-fine"),
    ],
)
def test_what_does_not_fit_is_named_by_its_field_and_line(text: str, field: str, words: str) -> None:
    (problem,) = problems(with_analysis(text))
    assert problem.field == field
    assert words in problem.message
    assert problem.line == 3


def test_models_are_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hall.yaml"
    text = "{model: weights/movenet.tflite, onnx: {model: weights/m.onnx, layout: yolox}}"
    path.write_text(with_analysis(text), encoding="utf-8")
    analysis = load_configuration(path).site.analysis
    assert analysis.model == tmp_path / "weights" / "movenet.tflite"
    assert analysis.onnx is not None
    assert analysis.onnx.model == tmp_path / "weights" / "m.onnx"


def test_pictures_are_decoded_as_large_as_the_detector_looks_at_them() -> None:
    onnx = {"model": "m.onnx", "layout": "yolox"}
    assert AnalysisSettings(crop_size=160).detail == 160
    assert AnalysisSettings.model_validate({"detector": "onnx", "onnx": onnx}).detail == 640
    assert AnalysisSettings.model_validate({"detector": "onnx", "onnx": onnx | {"size": 416}}).detail == 416
    assert AnalysisSettings.model_validate({"onnx": onnx}).detail == 192


def test_a_good_model_is_accepted() -> None:
    text = "{detector: onnx, onnx: {model: m.onnx, layout: yolox, boxes: pixels, colours: rgb, fit: stretch}}"
    assert parse_configuration(with_analysis(text)).site.analysis.onnx is not None
    with pytest.raises(ConfigurationError, match=r"site\.analysis\.onnx\.colours"):
        parse_configuration(with_analysis(text.replace("rgb", "cmyk")))

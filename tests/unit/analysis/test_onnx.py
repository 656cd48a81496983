"""A model file of the user's own: what it finds, and what is said of one that does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino
import pytest
from openvino import opset13 as op

from analysis.detectors import open_detector
from analysis.detectors.fitting import fitted, preparation_for
from analysis.detectors.onnx import OnnxDetector, plain, without_doubles
from hall.config.detectors import Colours, Fit, ModelLayout, OnnxSettings, Values
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from tests.unit.analysis.models import (
    CANVAS,
    bright_model,
    bright_thing,
    brightest_onnx,
    nothing_bright,
    save,
)

FORMS = {
    "grid": (ModelLayout.YOLOX, 255.0),
    "pixels": (ModelLayout.YOLOX, 255.0),
    "sifted": (ModelLayout.YOLOX, 255.0),
    "logits": (ModelLayout.RT_DETR, 1.0),
    "joined": (ModelLayout.RT_DETR, 1.0),
    "listed": (ModelLayout.D_FINE, 1.0),
}


def settings_for(path: Path, form: str = "grid", **changes: object) -> OnnxSettings:
    return OnnxSettings.model_validate({"model": path, "layout": FORMS[form][0], **changes})


def saved(folder: Path, form: str = "grid", **changes: object) -> Path:
    brightest = FORMS[form][1]
    return save(bright_model(form, brightest=brightest, **changes), folder / f"{form}.xml")  # type: ignore[arg-type]


def opened(folder: Path, form: str = "grid", **changes: object) -> OnnxDetector:
    return OnnxDetector(settings_for(saved(folder, form, **changes), form), score=0.3)


def refusal(settings: OnnxSettings) -> str:
    with pytest.raises(DetectorError) as raised:
        OnnxDetector(settings, score=0.3)
    return str(raised.value)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_answer_is_known_by_its_shapes_and_values(form: str, tmp_path: Path) -> None:
    found, nothing = opened(tmp_path, form).detect([bright_thing(), nothing_bright()])
    assert [person.box for person in found] == [pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.02)]
    assert found[0].score == pytest.approx(1.0, abs=0.01)
    assert nothing == []


@pytest.mark.parametrize("form", FORMS)
def test_a_batch_that_is_open_is_used_and_every_crop_gets_its_own_answer(form: str, tmp_path: Path) -> None:
    detector = opened(tmp_path, form, batch=-1)
    assert detector.most_at_once == 4
    left, right = bright_thing().copy(), bright_thing().copy()
    left[:, 100:] = 60
    right[:, :100] = 60
    crops = [left, nothing_bright(), right] * 4
    middles = [[(p.box[0] + p.box[2]) / 2 < 0.5 for p in found] for found in detector.detect(crops)]
    assert middles == [[True], [], [False]] * 4


def test_a_batch_of_fixed_length_is_filled_up(tmp_path: Path) -> None:
    detector = opened(tmp_path, "joined", batch=3)
    crops = [bright_thing(), nothing_bright(), bright_thing(), bright_thing(), nothing_bright()]
    assert [len(found) for found in detector.detect(crops)] == [1, 0, 1, 1, 0]


def test_a_file_that_mixes_up_a_batch_is_asked_one_by_one(tmp_path: Path) -> None:
    detector = opened(tmp_path, "grid", batch=-1, mixes_up=True)
    assert detector.most_at_once == 1
    assert [len(found) for found in detector.detect([bright_thing(), nothing_bright()])] == [1, 0]


def test_a_file_that_mixes_up_a_batch_of_fixed_length_is_refused(tmp_path: Path) -> None:
    told = refusal(settings_for(saved(tmp_path, batch=2, mixes_up=True)))
    assert told.startswith("site.analysis.onnx.model: ")
    assert "do not belong to their pictures; export it anew with a batch of 1" in told


def test_an_onnx_file_is_read_and_names_the_observations(tmp_path: Path) -> None:
    path = tmp_path / "People & more.onnx"
    path.write_bytes(brightest_onnx())
    detector = OnnxDetector(settings_for(path, "joined"), score=0.5)
    found, nothing = detector.detect([bright_thing(), nothing_bright()])
    assert [(person.box, person.score) for person in found] == [((0.375, 0.25, 0.625, 0.75), 1.0)]
    assert nothing == []
    name, _, version = detector.name.partition("@")
    assert name == "People---more"
    assert len(version) == 8
    assert OnnxDetector(settings_for(path, "joined", name="hall-7"), score=0.5).name == f"hall-7@{version}"


def test_a_size_that_the_file_leaves_open_comes_from_the_settings(tmp_path: Path) -> None:
    path = saved(tmp_path, "grid", size=-1)
    assert "site.analysis.onnx.size: " in refusal(settings_for(path))
    assert len(OnnxDetector(settings_for(path, size=CANVAS), score=0.3).detect([bright_thing()])[0]) == 1


def test_a_size_that_is_not_the_files_is_refused(tmp_path: Path) -> None:
    told = refusal(settings_for(saved(tmp_path), size=640))
    assert told.startswith("site.analysis.onnx.size: is 640, but ")
    assert "[1,3,64,64]" in told


def test_a_person_that_the_file_does_not_know_is_refused(tmp_path: Path) -> None:
    told = refusal(settings_for(saved(tmp_path), person=3))
    assert told.startswith("site.analysis.onnx.person: is 3, but ")
    assert "knows 3 classes, counted from 0" in told


def test_another_class_than_the_person_is_not_found(tmp_path: Path) -> None:
    for form in ("grid", "logits", "listed"):
        path = saved(tmp_path, form)
        assert OnnxDetector(settings_for(path, form, person=1), score=0.3).detect([bright_thing()]) == [[]]


@pytest.mark.parametrize(
    ("form", "layout", "expected", "given"),
    [
        (
            "logits",
            ModelLayout.YOLOX,
            "one output 1×84×(5 + classes) for pictures of 64×64",
            "'logits' 1×12×3",
        ),
        ("listed", ModelLayout.YOLOX, "or 1×N×5 with labels 1×N", "'boxes' 1×12×4"),
        ("sifted", ModelLayout.D_FINE, "labels 1×N, boxes 1×N×4 and scores 1×N", "'dets' 1×12×5"),
    ],
)
def test_answers_of_another_layout_are_told_with_both_shapes(
    form: str, layout: ModelLayout, expected: str, given: str, tmp_path: Path
) -> None:
    told = refusal(settings_for(saved(tmp_path, form), layout=layout))
    assert told.startswith(f"site.analysis.onnx.layout: {layout} expects ")
    assert expected in told
    assert given in told
    assert "Change the layout, or export the model anew" in told


def test_boxes_in_pixels_are_no_rt_detr(tmp_path: Path) -> None:
    told = refusal(settings_for(saved(tmp_path, "pixels"), layout=ModelLayout.RT_DETR))
    assert "rt-detr gives boxes in shares of the picture, 0 to 1" in told


def test_scores_beyond_one_are_no_yolox(tmp_path: Path) -> None:
    images = op.parameter([1, 3, CANVAS, CANVAS], np.float32, name="images")
    rows = op.add(
        op.multiply(op.reduce_mean(images, np.array([1, 2, 3]), True), np.float32(0)), np.float32(3)
    )
    model = openvino.Model(
        [op.result(op.broadcast(op.squeeze(rows, np.array([3])), np.array([1, 84, 8])))], [images], "m"
    )
    assert "objectness and classes in output " in refusal(settings_for(save(model, tmp_path / "m.xml")))


@pytest.mark.parametrize("shape", [[1, CANVAS, CANVAS, 3], [1, 3 * CANVAS * CANVAS], [1, 1, CANVAS, CANVAS]])
def test_an_input_that_is_no_picture_is_told_with_its_shape(shape: list[int], tmp_path: Path) -> None:
    given = op.parameter(shape, np.float32, name="x")
    given.output(0).set_names({"x"})
    model = openvino.Model([op.result(op.relu(given))], [given], "m")
    told = refusal(settings_for(save(model, tmp_path / "m.xml")))
    assert "expected an input of pictures 1×3×height×width" in told
    assert f"'x' [{','.join(str(length) for length in shape)}] of f32" in told


def test_a_missing_file_is_named_with_its_setting(tmp_path: Path) -> None:
    told = refusal(settings_for(tmp_path / "gone.onnx"))
    assert told == f"site.analysis.onnx.model: {tmp_path / 'gone.onnx'} is missing, or no file"


def test_a_file_of_another_kind_is_named_with_the_kinds_that_are_read(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"PK")
    assert "model.pt should end in .onnx or .xml (OpenVINO)" in refusal(settings_for(tmp_path / "model.pt"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
def test_a_truncated_onnx_file_is_a_plain_error(share: float, tmp_path: Path) -> None:
    whole = brightest_onnx()
    path = tmp_path / "model.onnx"
    path.write_bytes(whole[: int(len(whole) * share)])
    told = refusal(settings_for(path, "joined"))
    assert told.startswith("site.analysis.onnx.")
    assert "model.onnx" in told


def test_a_file_of_something_else_is_a_plain_error(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(bytes(range(256)) * 8)
    assert f"site.analysis.onnx.model: {path} cannot be read as a model" in refusal(settings_for(path))


def test_an_openvino_model_without_or_with_too_few_weights_is_a_plain_error(tmp_path: Path) -> None:
    path = saved(tmp_path)
    weights = path.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:-8])
    assert f"site.analysis.onnx.model: {path} " in refusal(settings_for(path))
    weights.unlink()
    assert f"site.analysis.onnx.model: {path} " in refusal(settings_for(path))


def test_without_its_settings_the_detector_is_refused() -> None:
    with pytest.raises(DetectorError, match=r"site.analysis.onnx: is missing"):
        open_detector(AnalysisSettings(detector="onnx"))


def test_a_crop_fills_the_models_picture_as_the_layout_wants_it() -> None:
    crop = np.full((50, 100, 3), (10, 20, 30), np.uint8)
    corner, at_corner = fitted(crop, 64, 64, preparation_for(settings_for(Path("m.onnx"))))
    assert corner[:, :32].reshape(3, -1).T.tolist() == [[10, 20, 30]] * (32 * 64)
    assert (corner[:, 32:] == 114).all()
    assert (at_corner.left, at_corner.top, at_corner.width, at_corner.height) == (0, 0, 1, 0.5)
    stretched, _ = fitted(crop, 64, 64, preparation_for(settings_for(Path("m.onnx"), "logits")))
    assert stretched[:, 63, 63] * 255 == pytest.approx([30, 20, 10], abs=1e-3)
    centre, at_centre = fitted(
        crop, 64, 64, preparation_for(settings_for(Path("m.onnx"), fit=Fit.CENTRE, values=Values.IMAGENET))
    )
    assert (at_centre.left, at_centre.top, at_centre.width, at_centre.height) == (0, 0.25, 1, 0.5)
    blue, red = (10 / 255 - 0.406) / 0.225, (30 / 255 - 0.485) / 0.229
    assert centre[[0, 2], 32, 32].tolist() == pytest.approx([blue, red], abs=1e-5)
    rgb, _ = fitted(crop, 64, 64, preparation_for(settings_for(Path("m.onnx"), colours=Colours.RGB)))
    assert rgb[:, 0, 0].tolist() == [30, 20, 10]


def test_a_box_in_the_models_picture_comes_back_to_where_it_was_in_the_crop() -> None:
    crop = np.zeros((50, 100, 3), np.uint8)
    boxes = np.array([[0.25, 0.375, 0.5, 0.625], [-1.0, 0.0, 2.0, 1.0]], np.float32)
    _, centred = fitted(crop, 64, 64, preparation_for(settings_for(Path("m.onnx"), fit=Fit.CENTRE)))
    assert centred.to_crop(boxes).tolist() == [[0.25, 0.25, 0.5, 0.75], [0.0, 0.0, 1.0, 1.0]]


def test_of_two_boxes_on_one_person_the_better_one_stays() -> None:
    boxes = np.array([[0.1, 0.1, 0.5, 0.9], [0.6, 0.1, 0.9, 0.9], [0.12, 0.1, 0.5, 0.88]], np.float32)
    assert without_doubles(boxes) == [0, 1]
    assert without_doubles(boxes[:0]) == []


def test_a_name_holds_nothing_that_a_row_cannot() -> None:
    assert plain("模型 v1@2") == "---v1-2"
    assert len(plain("x" * 100)) == 40

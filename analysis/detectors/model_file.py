"""A model file of the user's own, opened with OpenVINO: its inputs checked, its pictures' size settled.

Whatever is wrong is a DetectorError that names the file and the setting of hall.yaml to look at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openvino

from analysis.detectors.layouts import SETTING, Canvas, Output
from hall.config.detectors import OnnxSettings, Values
from hall.errors import DetectorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SUFFIXES = (".onnx", ".xml")
MOST_AT_ONCE = 4
"""Pictures in one batch: more would only hold up the first, one thread has to look at all of them anyway."""
ONE_THREAD = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1}
KINDS: dict[str, type[np.generic]] = {"f32": np.float32, "f16": np.float16, "u8": np.uint8}
SIZE_KINDS: dict[str, type[np.generic]] = {"i64": np.int64, "i32": np.int32, "f32": np.float32}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the file wants: pictures, and perhaps `orig_target_sizes`. `batch`: None when it is open."""

    picture: openvino.Output
    picture_at: int
    sizes: openvino.Output | None
    sizes_at: int | None
    canvas: Canvas
    batch: int | None


class Model:
    """A compiled model that looks at up to `most` pictures at once; `is_fixed`: always at so many."""

    def __init__(self, path: Path, settings: OnnxSettings, batch: int | None) -> None:
        """Open and compile for a batch, None: for any up to MOST_AT_ONCE. Raises DetectorError."""
        network = read_network(path)
        inputs = inputs_of(network, settings)
        self.canvas = inputs.canvas
        self.has_sizes = inputs.sizes is not None
        self.most = batch or MOST_AT_ONCE
        self.is_fixed = batch is not None
        self._path = path
        self._kind = KINDS[inputs.picture.get_element_type().to_string()]
        first = openvino.Dimension(batch) if batch is not None else openvino.Dimension(1, MOST_AT_ONCE)
        shapes = {inputs.picture: openvino.PartialShape([first, 3, self.canvas.height, self.canvas.width])}
        if inputs.sizes is not None:
            self._size_kind = SIZE_KINDS[inputs.sizes.get_element_type().to_string()]
            shapes[inputs.sizes] = openvino.PartialShape([first, 2])
        self._places = (inputs.picture_at, inputs.sizes_at)
        try:
            network.reshape(shapes)
            compiled = openvino.Core().compile_model(network, "CPU", ONE_THREAD)
            self._request = compiled.create_infer_request()
        except (RuntimeError, ValueError) as error:
            raise DetectorError(
                f"{SETTING}.model: {path} cannot be prepared for pictures of "
                f"{self.canvas.width}×{self.canvas.height}: {last_line(error)}"
            ) from error
        self._names = [_name(output, index) for index, output in enumerate(compiled.outputs)]

    def run(self, pictures: Sequence[Floats]) -> list[Output]:
        """All answers to up to `most` pictures (3×H×W). Raises DetectorError."""
        batch = np.stack(pictures).astype(self._kind, copy=False)
        if self.is_fixed and len(batch) < self.most:
            batch = np.concatenate([batch, np.repeat(batch[-1:], self.most - len(batch), axis=0)])
        fed: dict[int, NDArray[np.generic]] = {self._places[0]: batch}
        if self._places[1] is not None:
            side = [[self.canvas.width, self.canvas.height]]
            fed[self._places[1]] = np.repeat(np.array(side, self._size_kind), len(batch), axis=0)
        try:
            self._request.infer(fed)
            # Copied: the request's own memory is written anew by the next call.
            answers = [np.array(tensor.data) for tensor in self._request.output_tensors]
        except (RuntimeError, ValueError) as error:
            raise DetectorError(f"{self._path}: failed: {last_line(error)}") from error
        for name, answer in zip(self._names, answers, strict=True):
            if answer.ndim == 0 or len(answer) != len(batch):
                raise DetectorError(
                    f"{SETTING}.model: {self._path}: output {Output(name, answer)} does not answer "
                    f"{len(batch)} pictures, one after the other"
                )
        return [
            Output(name, answer[: len(pictures)]) for name, answer in zip(self._names, answers, strict=True)
        ]


def read_network(path: Path) -> openvino.Model:
    """The network of a file as it stands. Raises DetectorError."""
    if path.suffix.lower() not in SUFFIXES:
        raise DetectorError(f"{SETTING}.model: {path} should end in .onnx or .xml (OpenVINO)")
    if not path.is_file():
        raise DetectorError(f"{SETTING}.model: {path} is missing, or no file")
    try:
        return openvino.Core().read_model(path)
    except (RuntimeError, ValueError, OSError) as error:
        raise DetectorError(
            f"{SETTING}.model: {path} cannot be read as a model, it may be damaged or incomplete: "
            f"{last_line(error)}"
        ) from error


def version_of(path: Path) -> str:
    """The first eight digits of the SHA-256 over the file, and its weights where they lie beside it."""
    digest = hashlib.sha256()
    try:
        for part in (path, path.with_suffix(".bin")):
            if part is path or (path.suffix.lower() == ".xml" and part.is_file()):
                with part.open("rb") as file:
                    while chunk := file.read(1 << 20):
                        digest.update(chunk)
    except OSError as error:
        raise DetectorError(f"{SETTING}.model: {path} cannot be read: {error}") from error
    return digest.hexdigest()[:8]


def inputs_of(network: openvino.Model, settings: OnnxSettings) -> Inputs:
    """What the file wants to be fed. Raises DetectorError when it is not what the layouts say."""
    pictures = [(place, given) for place, given in enumerate(network.inputs) if _rank(given) == 4]
    others = [(place, given) for place, given in enumerate(network.inputs) if _rank(given) == 2]
    if len(pictures) != 1 or len(pictures) + len(others) != len(network.inputs) or len(others) > 1:
        raise _unfit(network, settings)
    picture_at, picture = pictures[0]
    sizes_at, sizes = others[0] if others else (None, None)
    shape = picture.get_partial_shape()
    kind = picture.get_element_type().to_string()
    if not shape[1].relaxes(openvino.Dimension(3)) or kind not in KINDS:
        raise _unfit(network, settings)
    if kind == "u8" and settings.values not in (None, Values.BYTES):
        raise DetectorError(
            f"{SETTING}.values: {settings.model} takes whole bytes, leave this setting out or write bytes"
        )
    if sizes is not None and (
        sizes.get_element_type().to_string() not in SIZE_KINDS
        or not sizes.get_partial_shape()[1].relaxes(openvino.Dimension(2))
    ):
        raise _unfit(network, settings)
    batch = None if shape[0].is_dynamic else shape[0].get_length()
    return Inputs(picture, picture_at, sizes, sizes_at, _canvas(shape, settings), batch)


def last_line(error: BaseException) -> str:
    """What OpenVINO says in the end, after the places in its own source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__


def _canvas(shape: openvino.PartialShape, settings: OnnxSettings) -> Canvas:
    sides: list[int] = []
    for dimension in (shape[3], shape[2]):
        if dimension.is_dynamic:
            if settings.size is None:
                raise DetectorError(
                    f"{SETTING}.size: {settings.model} leaves the size of its pictures open ({shape}); "
                    "say which to use, for example 640"
                )
            sides.append(settings.size)
        else:
            length = dimension.get_length()
            if settings.size not in (None, length):
                raise DetectorError(
                    f"{SETTING}.size: is {settings.size}, but {settings.model} takes pictures of {shape}; "
                    "leave the setting out, or export the model anew"
                )
            sides.append(length)
    return Canvas(*sides)


def _unfit(network: openvino.Model, settings: OnnxSettings) -> DetectorError:
    given = ", ".join(
        f"'{_name(each, index)}' {each.get_partial_shape()} of {each.get_element_type().to_string()}"
        for index, each in enumerate(network.inputs)
    )
    return DetectorError(
        f"{SETTING}.model: expected an input of pictures 1×3×height×width (float or bytes), and at most "
        f"one of sizes 1×2 beside it; {settings.model} takes {given or 'nothing'}. Export the model anew"
    )


def _rank(given: openvino.Output) -> int | None:
    shape = given.get_partial_shape()
    return None if shape.rank.is_dynamic else int(shape.rank.get_length())


def _name(port: openvino.Output, index: int) -> str:
    names = sorted(port.get_names())
    return names[0] if names else str(index)

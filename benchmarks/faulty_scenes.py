"""What befalls the picture of a camera: faults of every kind in several strengths, and what is none.

Each changes a picture (H×W×3, uint8, BGR) of a drawn hall, taken `second` seconds after the change began.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import sin
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

Change = Callable[["Picture", int], "Picture"]


def _levels(values: NDArray[np.floating]) -> Picture:
    return np.asarray(np.clip(values, 0, 255), np.uint8)


def _scaled(picture: Picture, _second: int, gain: float, offset: float = 0.0) -> Picture:
    return _levels(picture * gain + offset)


def _blurred(picture: Picture, _second: int, share: float) -> Picture:
    """Out of focus by a share of the picture's width."""
    return cast("Picture", cv2.GaussianBlur(picture, (0, 0), picture.shape[1] * share))


def _warped(
    picture: Picture, _second: int, *, across: float = 0, down: float = 0, turn: float = 0, zoom: float = 1
) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, zoom)
    matrix[:, 2] += np.array([across * width, down * height])
    return cast("Picture", cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT))


def _cloth(picture: Picture, _second: int, level: float, weave: float = 0.0, share: float = 1.0) -> Picture:
    """Something before the lens over a share of the width; a weave is a fine pattern."""
    height, width = picture.shape[:2]
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    shade = level + 14 * np.sin(across / width * 4 + down / height * 2) + weave * np.sin(across * 0.9)
    covered = picture.copy()
    covered[:, : int(width * share)] = _levels(shade[..., None] * (0.95, 1.0, 1.04))[:, : int(width * share)]
    return covered


FAULTS: dict[str, tuple[str, Change]] = {
    "a dark cloth": ("covered", partial(_cloth, level=45)),
    "a grey cloth": ("covered", partial(_cloth, level=110)),
    "a light cloth": ("covered", partial(_cloth, level=165)),
    "a woven cloth": ("covered", partial(_cloth, level=80, weave=5)),
    "a hand over 95 %": ("covered", partial(_cloth, level=85, share=0.95)),
    "no light": ("black", partial(_scaled, gain=0.03)),
    "hardly any light": ("black", partial(_scaled, gain=0.08)),
    "no signal": ("black", partial(_scaled, gain=0.0)),
    "a lamp into the lens": ("washed_out", partial(_scaled, gain=4.0, offset=60)),
    "much too bright": ("washed_out", partial(_scaled, gain=2.2, offset=60)),
    "a white veil": ("washed_out", partial(_scaled, gain=0.2, offset=200)),
    "blur of 0.5 %": ("blurred", partial(_blurred, share=0.005)),
    "blur of 1 %": ("blurred", partial(_blurred, share=0.01)),
    "blur of 2 %": ("blurred", partial(_blurred, share=0.02)),
    "blur of 5 %": ("blurred", partial(_blurred, share=0.05)),
    "pushed by 8 %": ("moved", partial(_warped, across=0.08)),
    "pushed by 15 %": ("moved", partial(_warped, across=-0.15)),
    "pushed by 35 %": ("moved", partial(_warped, across=0.35)),
    "tilted by 15 %": ("moved", partial(_warped, down=0.15)),
    "turned by 8°": ("moved", partial(_warped, turn=8)),
    "turned by 25°": ("moved", partial(_warped, turn=25)),
    "zoomed by 1.3": ("moved", partial(_warped, zoom=1.3)),
}
"""Faults that are made of the living picture. A frozen one is made where pictures are taken."""


def _light_switch(picture: Picture, second: int) -> Picture:
    return _scaled(picture, second, 0.4 if second % 14 < 7 else 1.0)


def _dusk(picture: Picture, second: int) -> Picture:
    return _scaled(picture, second, max(0.35, 1 - second / 45))


def _infrared(picture: Picture, second: int) -> Picture:
    """White for two seconds, then grey with other contrasts."""
    if second < 2:
        return np.full_like(picture, 250)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) / 255.0
    return _levels(np.repeat((255 * grey**0.7)[..., None], 3, axis=2))


def _exposure(picture: Picture, second: int) -> Picture:
    return _scaled(picture, second, (1.0, 1.25, 0.8, 1.1)[second // 6 % 4])


def _focus_hunts(picture: Picture, second: int) -> Picture:
    """The focus is lost for two seconds in ten."""
    return _blurred(picture, second, 0.012) if second % 10 < 2 else picture


def _passer_by(picture: Picture, second: int) -> Picture:
    """Somebody walks close to the lens for three seconds."""
    return _cloth(picture, second, 60, share=0.85) if second % 15 < 3 else picture


def _somebody_close(picture: Picture, second: int) -> Picture:
    height, width = picture.shape[:2]
    shown = picture.copy()
    middle = (int(width * (0.3 + 0.02 * sin(second))), height)
    cv2.ellipse(shown, middle, (width // 4, height), 0, 0, 360, (60, 45, 40), -1)
    return shown


def _sun_patch(picture: Picture, second: int) -> Picture:
    height, width = picture.shape[:2]
    left = (second * 8) % width
    corners = np.array([(left, 0), (left + 150, 0), (left + 60, height), (left - 90, height)], np.int32)
    lit = np.zeros((height, width), np.float32)
    cv2.fillPoly(lit, [corners], 1.0)
    return _levels(picture * (1 + 0.8 * lit[..., None]))


def _shaken(picture: Picture, second: int) -> Picture:
    return _warped(picture, second, across=0.004 * (-1) ** second, down=0.003 * (-1) ** (second // 2))


def _clock(picture: Picture, second: int) -> Picture:
    shown = picture.copy()
    text = f"2026-03-02 09:00:{second % 60:02}"
    cv2.putText(shown, text, (12, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 2)
    return shown


NO_FAULTS: dict[str, Change] = {
    "nothing happens": lambda picture, _: picture,
    "lamps switched off and on": _light_switch,
    "dusk": _dusk,
    "a switch to infrared": _infrared,
    "steps of the exposure": _exposure,
    "the focus hunts for two seconds": _focus_hunts,
    "somebody close passes for three seconds": _passer_by,
    "somebody stands close to the lens": _somebody_close,
    "a patch of sun wanders": _sun_patch,
    "the camera trembles": _shaken,
    "a burnt-in clock": _clock,
}

"""What one picture shows as a whole: how bright, how detailed, how sharp, and where its edges run.

Everything is taken from a small grey copy, in a grid of blocks, so that a person, a screen or a burnt-in
clock speaks for its own blocks only. Edges are kept as directions without sign and nearly without strength:
lights, infrared and shadows change what is bright, seldom where things end.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from analysis.scaling import halved, halvings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

Kind = TypeVar("Kind", bound=np.generic)

WIDE = 320
"""Columns of the copy that sharpness is measured in; a narrower picture is not enlarged."""
EDGES = (160, 96)
"""Columns and rows of the map of edges."""
GRID = (10, 6)
"""Blocks across and down. Each is 16×16 of the map of edges."""
LAYOUT = (20, 12)
"""Columns and rows of the coarse light and dark of a picture, which even a bad blur leaves."""
FAINT = 4.0
"""Grey levels: detail below this, in a picture of usual brightness, is noise or the shading of a cover."""
USUAL_BRIGHTNESS = 100.0
LEAST_DIM = 0.35
"""What is faint shrinks with the light, but not below this part: noise does not shrink."""
SATURATED = 245
EDGE_NOISE = 6.0
"""Strength at which an edge counts by half, in grey levels a pixel of the map."""
ROWS_LEFT_OUT = 4
"""Every fourth row is compared to find repeated pictures: digits of a clock are higher than that."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One picture. Arrays by block have the shape of GRID, rows first."""

    mean: float
    """Grey level, 0 to 255."""
    high: float
    """Grey level that 98 of 100 pixels stay below."""
    saturated: float
    """Share of pixels that are as good as white."""
    detail: NDArray[np.float32]
    """By block: grey levels by which its strongest shapes stand out."""
    sharpness: NDArray[np.float32]
    """By block: fine detail over coarse, about 1 for sharp edges and below 0.1 for badly blurred ones."""
    edges: NDArray[np.complex64]
    """EDGES, rows first: direction (as twice its angle) times strength from 0 to nearly 1."""
    layout: NDArray[np.float32]
    """LAYOUT, rows first: grey levels."""
    grey: NDArray[np.uint8]
    """The grey copy itself, H×W, at most WIDE columns."""
    fingerprint: int
    """Equal for pictures that are equal to the last bit."""

    @property
    def flat(self) -> float:
        """Share of blocks without any detail."""
        faint = FAINT * min(1.0, max(LEAST_DIM, self.mean / USUAL_BRIGHTNESS))
        return float(np.mean(self.detail < faint))


def measure(picture: Picture) -> Measures:
    """Measure a picture (H×W×3, uint8, BGR, at least 1×1)."""
    height, width = picture.shape[:2]
    columns = min(WIDE, width)
    rows = max(1, round(height * columns / width))
    whole = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = halved(np.asarray(whole, np.uint8), halvings(min(width // columns, height // rows), 1))
    grey = np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    detail, sharpness = _detail(grey.astype(np.float32))
    return Measures(
        mean=float(grey.mean()),
        high=_level_below(grey, 0.98),
        saturated=float(np.mean(grey >= SATURATED)),
        detail=detail,
        sharpness=sharpness,
        edges=_edges(cv2.resize(grey, EDGES, interpolation=cv2.INTER_AREA).astype(np.float32)),
        layout=cv2.resize(grey, LAYOUT, interpolation=cv2.INTER_AREA).astype(np.float32),
        grey=grey,
        fingerprint=zlib.crc32(picture[::ROWS_LEFT_OUT].tobytes()),
    )


def _level_below(grey: NDArray[np.uint8], share: float) -> float:
    """The grey level that so large a share of the pixels stay at or below."""
    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    return float(np.searchsorted(counts, share * grey.size))


def _detail(grey: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Detail and sharpness by block: the top of two bands of the picture (differences of Gaussians)."""
    near = cv2.GaussianBlur(grey, (0, 0), 1.0)
    far = cv2.GaussianBlur(near, (0, 0), 3.0)
    fine, coarse = _tops(np.abs(grey - near)), _tops(np.abs(near - far))
    return coarse, (fine / np.maximum(coarse, FAINT)).astype(np.float32)


def _tops(band: NDArray[np.float32]) -> NDArray[np.float32]:
    """What 95 of 100 pixels of each block stay below, after the band was brought to 16×16 a block."""
    blocks = by_block(cv2.resize(band, EDGES, interpolation=cv2.INTER_LINEAR))
    place = int(blocks.shape[2] * 0.95)
    return np.partition(blocks, place, axis=2)[:, :, place].astype(np.float32)


def _edges(grey: NDArray[np.float32]) -> NDArray[np.complex64]:
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3) / 4
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3) / 4
    power = across * across + down * down
    strength = 1.0 / (power + EDGE_NOISE * EDGE_NOISE)
    doubled = (across * across - down * down) + 1j * (2 * across * down)
    return (doubled * strength).astype(np.complex64)


def by_block(values: NDArray[Kind]) -> NDArray[Kind]:
    """A map of EDGES as GRID rows × columns × pixels of the block."""
    side = EDGES[0] // GRID[0]
    parts = values.reshape(GRID[1], side, GRID[0], side).swapaxes(1, 2)
    return parts.reshape(GRID[1], GRID[0], side * side)

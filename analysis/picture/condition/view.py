"""The reference view: what a camera used to show, and whether it still shows it from the same place.

The edges of many pictures are averaged: what stands still stays, people fade. A block counts by how far its
edges run in several directions, since a long line looks the same after a shift along itself.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from analysis.picture.condition.measures import EDGES, GRID, LAYOUT, Measures, by_block
from hall.errors import MediaError

if TYPE_CHECKING:
    from numpy.typing import NDArray

USABLE_SAMPLES = 5
SLOWEST = 300
"""Samples over which the view follows light and furniture once it is well known."""
IN_PLACE = 0.45
"""Likeness of a block, -1 to 1, from which its edges count as where they were."""
BARE = 2.0
"""Power of a block's edges below which nothing is to be seen in it."""
LEAST_VISIBLE = 0.35
TEXTURED = 5.0
MOST_WEIGHT = 25.0
REACH = (28, 20)
"""Columns and rows of the map of edges by which a displaced block is sought: about a fifth of the picture."""
MATCHED = 0.55
"""Likeness at which a block is found again somewhere else."""
FOUND_AGAIN = 0.35
"""Share of textured blocks that must agree on one shift, turn and zoom."""
FEWEST_BLOCKS = 6
NEAR = 2.5
"""Pixels of the map of edges within which blocks agree."""
SHIFTED = 4.0
"""The same by which they must have been shifted on average: 2.5 % of the width."""
STRENGTHS = 100
"""Edges are kept in steps of a hundredth."""
FORM = 1


@dataclass(frozen=True, slots=True)
class View:
    """What is known of a camera's view from `samples` pictures. Arrays as in Measures."""

    samples: int
    edges: NDArray[np.complex64]
    detail: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    layout: NDArray[np.float32]
    flat: float
    saturated: float

    @property
    def is_usable(self) -> bool:
        """True once enough pictures were taken in to judge others by it."""
        return self.samples >= USABLE_SAMPLES

    def learnt(self, shown: Measures) -> View:
        """The view with one more picture taken in."""
        part = max(1.0 / (self.samples + 1), 1.0 / SLOWEST)
        return View(
            self.samples + 1,
            (self.edges + part * (shown.edges - self.edges)).astype(np.complex64),
            (self.detail + part * (shown.detail - self.detail)).astype(np.float32),
            (self.sharpness + part * (shown.sharpness - self.sharpness)).astype(np.float32),
            (self.layout + part * (shown.layout - self.layout)).astype(np.float32),
            self.flat + part * (shown.flat - self.flat),
            self.saturated + part * (shown.saturated - self.saturated),
        )

    def in_place(self, shown: Measures) -> float:
        """Share of the view's textured blocks, 0 to 1, whose edges are where they were.

        Blocks in which nothing is to be seen now are hidden, not displaced, and do not count. 1 when too few
        remain to say.
        """
        weight = self._weights()
        if not weight.any():
            return 1.0
        known, seen = by_block(self.edges), by_block(shown.edges)
        product = np.real(known * np.conj(seen)).sum(axis=2)
        power = _power(seen)
        likeness = product / np.sqrt((_power(known) + 1) * (power + 1))
        visible = weight[power > BARE].sum()
        if visible < LEAST_VISIBLE * weight.sum():
            return 1.0
        return float(weight[(likeness > IN_PLACE) & (power > BARE)].sum() / visible)

    def is_displaced(self, shown: Measures) -> bool:
        """True when many blocks are found again, all shifted, turned or zoomed by the same."""
        weight = self._weights()
        side, (columns, rows) = EDGES[0] // GRID[0], REACH
        known = _channels(self.edges)
        seen = cv2.copyMakeBorder(_channels(shown.edges), rows, rows, columns, columns, cv2.BORDER_CONSTANT)
        places, found = [], []
        for row, column in np.argwhere(weight > 0):
            top, left = int(row) * side, int(column) * side
            block = known[top : top + side, left : left + side]
            area = seen[top : top + side + 2 * rows, left : left + side + 2 * columns]
            likeness = cv2.matchTemplate(area, block, cv2.TM_CCORR_NORMED)
            _, best, _, (x, y) = cv2.minMaxLoc(likeness)
            if best >= MATCHED:
                places.append((left + side / 2, top + side / 2))
                found.append((left + side / 2 + x - columns, top + side / 2 + y - rows))
        wanted = max(FEWEST_BLOCKS, FOUND_AGAIN * int((weight > 0).sum()))
        if len(places) < wanted:
            return False
        before, after = np.array(places, np.float32), np.array(found, np.float32)
        _, agree = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=NEAR)
        agreeing = agree.ravel().astype(bool)
        shift = np.linalg.norm(after - before, axis=1)
        return bool(agreeing.sum() >= wanted and shift[agreeing].mean() >= SHIFTED)

    def resembles(self, shown: Measures) -> float:
        """Likeness, -1 to 1, of coarse light and dark, whatever the brightness and contrast."""
        known, seen = self.layout - self.layout.mean(), shown.layout - shown.layout.mean()
        return float((known * seen).sum() / np.sqrt((known**2).sum() * (seen**2).sum() + 1.0))

    def sharp(self, shown: Measures) -> float:
        """Sharpness over what it used to be, of the better blocks among those that had detail; 1 without."""
        detailed = (self.detail >= 8) & (self.sharpness > 0.05)
        if detailed.sum() < 3:
            return 1.0
        return float(np.percentile(shown.sharpness[detailed] / self.sharpness[detailed], 75))

    def contrast(self, shown: Measures) -> float:
        """The share that is left of what stood out, in the middle of the blocks that had detail; or 1."""
        detailed = self.detail >= 8
        return float(np.median(shown.detail[detailed] / self.detail[detailed])) if detailed.any() else 1.0

    def encode(self) -> bytes:
        """The view as bytes to be stored, about 20 KB."""
        edges = np.stack([self.edges.real, self.edges.imag]) * STRENGTHS
        numbers = np.array([self.samples, self.flat, self.saturated], np.float32)
        parts = (
            numbers.tobytes(),
            np.clip(np.round(edges), -127, 127).astype(np.int8).tobytes(),
            self.detail.astype(np.float32).tobytes(),
            self.sharpness.astype(np.float32).tobytes(),
            self.layout.astype(np.float32).tobytes(),
        )
        return bytes([FORM]) + zlib.compress(b"".join(parts))

    @classmethod
    def decode(cls, stored: bytes) -> View:
        """Raises MediaError for bytes that are no view of this form."""
        blocks, cells, pixels = GRID[0] * GRID[1], LAYOUT[0] * LAYOUT[1], EDGES[0] * EDGES[1]
        size = 3 * 4 + 2 * pixels + 2 * blocks * 4 + cells * 4
        if not stored or stored[0] != FORM:
            raise MediaError("a stored reference view has another form")
        try:
            plain = zlib.decompressobj().decompress(stored[1:], size + 1)
        except zlib.error as error:
            raise MediaError(f"a stored reference view cannot be read: {error}") from error
        if len(plain) != size:
            raise MediaError(f"a stored reference view holds {len(plain)} bytes instead of {size}")
        samples, flat, saturated = np.frombuffer(plain, np.float32, 3)
        edges = np.frombuffer(plain, np.int8, 2 * pixels, 12).reshape(2, EDGES[1], EDGES[0]) / STRENGTHS
        rest = np.frombuffer(plain, np.float32, 2 * blocks + cells, 12 + 2 * pixels)
        if not (np.isfinite(rest).all() and np.isfinite([samples, flat, saturated]).all()):
            raise MediaError("a stored reference view holds numbers that are none")
        return cls(
            int(samples),
            (edges[0] + 1j * edges[1]).astype(np.complex64),
            rest[:blocks].reshape(GRID[1], GRID[0]),
            rest[blocks : 2 * blocks].reshape(GRID[1], GRID[0]),
            rest[2 * blocks :].reshape(LAYOUT[1], LAYOUT[0]),
            float(flat),
            float(saturated),
        )

    def _weights(self) -> NDArray[np.float32]:
        known = by_block(self.edges)
        several = np.abs(known).sum(axis=2) - np.abs(known.sum(axis=2))
        return np.where(several > TEXTURED, np.minimum(several, MOST_WEIGHT), 0).astype(np.float32)


def first_view(shown: Measures) -> View:
    """The view after its first picture."""
    return View(1, shown.edges, shown.detail, shown.sharpness, shown.layout, shown.flat, shown.saturated)


def _power(blocks: NDArray[np.complex64]) -> NDArray[np.float32]:
    power: NDArray[np.float32] = np.square(np.abs(blocks)).sum(axis=2, dtype=np.float32)
    return power


def _channels(edges: NDArray[np.complex64]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.stack([edges.real, edges.imag], axis=2).astype(np.float32))

"""Finding every head in the pictures of one film, one picture after the other.

A picture is looked at in overlapping pieces of several sizes, because people near and far differ in size
and the detector sees each piece as a small square. A piece that shows what it showed when it was looked at
last is not looked at again for a while: most of a hall stands still. What several pieces found is put
together generously: a head too many is covered for nothing, a head too few is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from analysis.detectors.asking import Asking, Question
from analysis.heads.head import Head, head_of, shows_face
from analysis.picture.merging import cuts_of, merged, moved
from analysis.picture.stature import LEVELS
from analysis.picture.tiling import Extent, pieces
from analysis.picture.zones import Crop, people_inside
from hall.errors import DetectorError
from hall.place import Zone
from hall.ports import Detection, Detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

    Shown = NDArray[np.int16]
    Grey = NDArray[np.uint8]

WHOLE = Crop(0.0, 0.0, 1.0, 1.0)
CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SEEN_AS = 24
"""Side, in cells, of what is remembered of a piece."""
CHANGED = 5
"""Grey levels by which a cell must differ for its piece to be looked at again."""
LOOK_AGAIN = 5.0
"""Seconds of the film after which a piece is looked at although nothing changed in it."""
LEAST_SIDE = 128.0
"""Pixels. In smaller pieces people of 60 pixels would be found, whose heads are ten across: no faces."""
MUCH_LARGER = 1.2
"""A size of pieces that is hardly larger than the smallest finds nobody else."""
ONE_HEAD = 0.7
"""Heads of two people who were told apart, and yet are no further apart than so many radii, are one."""
SAME_HEAD = 1.2
"""The same where the one was taken for the other before."""


@dataclass(frozen=True, slots=True)
class FoundHead:
    """A head, and whether its owner is surely in one of the zones that stay visible."""

    head: Head
    is_inside: bool


@dataclass(slots=True)
class _Piece:
    crop: Crop
    shown: Shown | None = None
    looked_at: float = float("-inf")
    found: list[Detection] = field(default_factory=list)


class HeadFinder:
    """Finds the heads of one film. Calls must come from one thread, in the order of time."""

    def __init__(self, detector: Detector, visible: Sequence[Zone]) -> None:
        """`visible` are the zones of the camera whose people are no by-standers.

        Raises DetectorError for a detector that finds no single people.
        """
        self._asking = Asking(detector)
        if self._asking.remembers or not self._asking.counts_people:
            raise DetectorError(f"{self._asking.name} cannot tell where single people are")
        self._visible = tuple(visible)
        self._size = (0, 0)
        self._pieces: list[_Piece] = []

    @property
    def name(self) -> str:
        """Name and version of the detector."""
        return self._asking.name

    def find(self, picture: Picture, at: float) -> list[FoundHead]:
        """All heads in a picture (H×W×3, uint8, BGR) that is shown `at` seconds of the film.

        Raises DetectorError when any part of the picture could not be looked at.
        """
        height, width = picture.shape[:2]
        if (width, height) != self._size:
            self._size = (width, height)
            self._pieces = _pieces(width, height)
        grey = cast("Grey", cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
        due = [(piece, shown) for piece, shown in self._shown(grey) if _is_due(piece, shown, at)]
        questions = [
            Question(f"heads/{number}", piece.crop.cut(picture)) for number, (piece, _) in enumerate(due)
        ]
        for (piece, shown), answer in zip(due, self._asking.answers(questions, at), strict=True):
            if not isinstance(answer, list):
                raise answer if answer is not None else DetectorError(f"{self.name} cannot tell")
            piece.shown, piece.looked_at, piece.found = shown, at, answer
        return self._heads(width, height)

    def _shown(self, grey: Grey) -> list[tuple[_Piece, Shown]]:
        size = (SEEN_AS, SEEN_AS)
        return [
            (
                piece,
                cv2.resize(piece.crop.cut(grey), size, interpolation=cv2.INTER_AREA).astype(np.int16),
            )
            for piece in self._pieces
        ]

    def _heads(self, width: int, height: int) -> list[FoundHead]:
        parts = [(piece.crop, piece.found) for piece in self._pieces if piece.found]
        told = [(crop, [person for person in found if _tells(person, crop)]) for crop, found in parts]
        people = merged(WHOLE, told, width / height)
        inside = {id(person) for zone in self._visible for person in people_inside(zone, WHOLE, people)}
        heads: list[FoundHead] = []
        for person in sorted(people, key=lambda each: -each.score):
            _add(heads, FoundHead(head_of(person, width, height), id(person) in inside), ONE_HEAD)
        for crop, found in told:
            # What was taken for somebody known, and has its head elsewhere, may be somebody else.
            for person in (moved(one, crop, WHOLE) for one in found if shows_face(one)):
                _add(heads, FoundHead(head_of(person, width, height), is_inside=False), SAME_HEAD)
        return heads


def _add(heads: list[FoundHead], found: FoundHead, radii: float) -> None:
    """Add a head, unless it lies within so many radii of one that is known: then that covers both."""
    for index, known in enumerate(heads):
        if found.head.apart(known.head) <= radii * known.head.radius:
            if found.head.radius > known.head.radius:
                heads[index] = replace(known, head=replace(known.head, radius=found.head.radius))
            return
    heads.append(found)


def _tells(person: Detection, piece: Crop) -> bool:
    """Whether it tells where a head is: a face, or somebody who stands whole in the piece, turned away.

    Of somebody whom a piece cuts off the head may be beyond it, and only be guessed: another piece has it.
    """
    return shows_face(person) or not any(cuts_of(person, piece, WHOLE))


def _pieces(width: int, height: int) -> list[_Piece]:
    extent = Extent(WHOLE, width, height)
    crops: set[Crop] = set()
    for side in sorted({max(LEAST_SIDE, level * extent.shorter) for level in LEVELS}):
        if side > LEAST_SIDE * MUCH_LARGER or side == LEAST_SIDE:
            crops.update(pieces(extent, partial(_even, side), CORNERS))
    return [_Piece(crop) for crop in sorted(crops, key=lambda each: (each.top, each.left, each.right))]


def _even(side: float, _row: float) -> float:
    return side


def _is_due(piece: _Piece, shown: Shown, at: float) -> bool:
    if piece.shown is None or at - piece.looked_at >= LOOK_AGAIN:
        return True
    return int(np.abs(shown - piece.shown).max()) >= CHANGED

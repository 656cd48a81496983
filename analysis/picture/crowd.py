"""The people of one waiting area, found piece by piece; only pieces that changed are looked at again.

At first, and now and then later, the area is looked at in pieces of several sizes to learn how tall people
are there (analysis.picture.tiling); from then on in pieces made for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.picture.counting import Box, merged
from analysis.picture.gate import Gate
from analysis.picture.tiling import LEVELS, Extent, heights, pieces, side_for, whole_people
from analysis.picture.zones import Crop, crop_of, people_inside
from hall.place import Zone
from hall.ports import Detection

if TYPE_CHECKING:
    from hall.ports import Picture

LOOKS_A_PICTURE = 12
"""Pieces that are looked at in one picture, the longest unexamined first; the others keep what was found.

All are, while nobody has been counted yet."""
COUNT_EACH = 2
"""People are counted in every second picture: a queue does not change in seconds, and each piece costs."""
EXAMINE_EVERY = 30.0
"""Seconds after which a piece is looked at although nothing changed in it."""
LEARN_EVERY = 600.0
"""Seconds after which the size of people is learnt anew: cameras are turned, and zoomed."""
LEARN_AGAIN = 60.0
"""The same while nobody has been found at all."""
NOT_AS_BEFORE = 1.35
"""A size that differs by less than this factor from the one in use changes nothing."""
FIRST_SIDE = 0.5
"""Side of a piece, as a share of the shorter side, while nobody knows how tall people are."""


@dataclass(slots=True)
class Piece:
    """A part of the area, and who was found in it when it was looked at last."""

    crop: Crop
    found: list[Detection] = field(default_factory=list)
    gate: Gate = field(default_factory=lambda: Gate(EXAMINE_EVERY))
    looked_at: float = float("-inf")


class Crowd:
    """One waiting zone. Moments are monotonic seconds; calls must come from one thread at a time."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._crop = crop_of(zone)
        self._extent: Extent | None = None
        self._pieces: list[Piece] = []
        self._side = 0.0
        self._pictures = 0
        self.counts_now = True
        """Whether people are counted in the picture that was given last."""
        self._lessons: list[float] = []
        """Sides of the pieces that are still to be tried, in pixels."""
        self._learnt: list[Box] = []
        """Boxes of people found in this course of lessons."""
        self._learn_at = float("-inf")
        self._shown: list[Detection] | None = None
        """Everybody, as found when every piece had been looked at."""

    def due(self, picture: Picture, now: float) -> list[Piece]:
        """The pieces to be looked at in this picture; empty when nothing changed."""
        self._fit(picture)
        assert self._extent is not None
        self._pictures += 1
        self.counts_now = self._shown is None or bool(self._lessons) or self._pictures % COUNT_EACH == 0
        if not self.counts_now:
            return []
        if now >= self._learn_at and not self._lessons:
            self._lessons = [share * self._extent.shorter for share in LEVELS]
            self._learnt = []
            self._learn_at = now + LEARN_EVERY
        if self._lessons:
            return [
                Piece(crop)
                for side in self._now_tried()
                for crop in pieces(self._extent, side, self._zone.polygon)
            ]
        changed = [piece for piece in self._pieces if piece.gate.opens(piece.crop.cut(picture), now)]
        most = len(changed) if self._shown is None else LOOKS_A_PICTURE
        return sorted(changed, key=lambda piece: piece.looked_at)[:most]

    def answered(
        self, picture: Picture, looks: Sequence[tuple[Piece, list[Detection]]], now: float
    ) -> list[Detection]:
        """Take the answers about the pieces that were due; everybody in the zone, each once."""
        if self._lessons:
            parts = [(piece.crop, found) for piece, found in looks]
            del self._lessons[: len(self._now_tried())]
            self._learn(parts, now)
            if self._shown is None:
                self._shown = self._people(parts)
            return self._shown
        for piece, found in looks:
            piece.found, piece.looked_at = found, now
            piece.gate.examined(piece.crop.cut(picture), now)
        if any(piece.looked_at == float("-inf") for piece in self._pieces) and self._shown is not None:
            return self._shown
        self._shown = self._people([(piece.crop, piece.found) for piece in self._pieces])
        return self._shown

    def forget(self) -> None:
        """Nothing that was seen holds any more."""
        for piece in self._pieces:
            piece.gate.forget()
            piece.found, piece.looked_at = [], float("-inf")
        self._shown = None

    def oldest(self) -> list[Piece]:
        """The piece that was looked at longest ago: whoever only wants to know whether an answer comes."""
        return [min(self._pieces, key=lambda piece: piece.looked_at)]

    def _now_tried(self) -> list[float]:
        """One size a picture; all of them in the first one, because nobody has been counted yet."""
        return self._lessons if self._shown is None else self._lessons[:1]

    def _fit(self, picture: Picture) -> None:
        height, width = self._crop.cut(picture).shape[:2]
        extent = Extent(self._crop, width, height)
        if extent == self._extent:
            return
        self._extent = extent
        self._learn_at = float("-inf")
        self._lessons = []
        self._divide(FIRST_SIDE * extent.shorter)

    def _divide(self, side: float) -> None:
        assert self._extent is not None
        self._side = side
        self._pieces = [Piece(crop) for crop in pieces(self._extent, side, self._zone.polygon)]

    def _learn(self, looks: Sequence[tuple[Crop, Sequence[Detection]]], now: float) -> None:
        assert self._extent is not None
        self._learnt += whole_people(self._crop, looks)
        if self._lessons:
            return
        if not self._learnt:
            self._learn_at = now + LEARN_AGAIN
            return
        side = side_for(heights(self._extent, self._learnt))
        if not 1 / NOT_AS_BEFORE < side / self._side < NOT_AS_BEFORE:
            self._divide(side)

    def _people(self, looks: Sequence[tuple[Crop, Sequence[Detection]]]) -> list[Detection]:
        return people_inside(self._zone, self._crop, merged(self._crop, looks))

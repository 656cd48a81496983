"""The people of one waiting area, found piece by piece; only pieces that changed are looked at again.

At first, and now and then later, the area is looked at in pieces of several sizes to learn how tall people
are there (analysis.picture.stature); from then on in pieces made for them. Where many are found in a piece
its quarters are looked at too: the detector finds six people at most, and overlooks who stands behind others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.picture.cells import cell_side, measured, part_of
from analysis.picture.gate import Gate
from analysis.picture.merging import cuts_of, merged, upper_middle
from analysis.picture.stature import LEVELS, Seen, Stature, seen_whole, stature_of
from analysis.picture.tiling import QUARTER, Extent, pieces, quarters
from analysis.picture.zones import Crop, crop_of, people_inside
from hall.place import Zone
from hall.ports import Detection

if TYPE_CHECKING:
    from analysis.picture.cells import Cells
    from hall.ports import Picture

LOOKS_A_PICTURE = 12
"""Pieces that are looked at per picture, in the long run.

People walk from piece to piece, so all that changed is looked at in one picture, and nothing in the next
ones until the average is kept. Everything is looked at until it has been once."""
MOST_SAVED = 96
"""Looks that may be saved up: a crowd in which everything moves is counted each so many pictures."""
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
FIRST_TALL = 0.25
"""Height of people, as a share of the shorter side, while nobody knows it."""
CROWDED = (3, 4)
"""So many people found in a piece, or in a quarter of one, and its quarters are looked at too."""
DENSE = 12
"""Where so many are counted in all, two in a piece are enough: more of them hide each other."""
SMALLEST_QUARTER = 64.0
"""Pixels: in a smaller one a camera's picture shows no more than the detector has seen already."""


@dataclass(slots=True)
class Piece:
    """A part of the area, who was found in it when it was looked at last, and its quarters, if any."""

    crop: Crop
    depth: int = 0
    found: list[Detection] = field(default_factory=list)
    gate: Gate = field(default_factory=lambda: Gate(EXAMINE_EVERY))
    looked_at: float = float("-inf")
    quarters: list[Piece] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether it was never looked at."""
        return self.looked_at == float("-inf")

    def every(self) -> Iterator[Piece]:
        """The piece, its quarters, and theirs."""
        yield self
        for quarter in self.quarters:
            yield from quarter.every()


class Crowd:
    """One waiting zone. Moments are monotonic seconds; calls must come from one thread at a time."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._crop = crop_of(zone)
        self._extent: Extent | None = None
        self._pieces: list[Piece] = []
        self._stature = Stature(1.0, 1.0)
        self._pictures = 0
        self._saved = 0
        """Looks that may be made now; below 0 after a costly picture."""
        self._needed = 0
        """Looks for which the next count waits."""
        self.counts_now = True
        """Whether people are counted in the picture that was given last."""
        self._lessons: list[float] = []
        """Sides of the pieces that are still to be tried, in pixels."""
        self._learnt: list[Seen] = []
        """People found in this course of lessons."""
        self._learn_at = float("-inf")
        self._is_complete = False
        """Whether every piece has been looked at since they were made."""
        self._shown: list[Detection] | None = None
        """Everybody, as found when every piece had been looked at."""

    def due(self, picture: Picture, now: float) -> list[Piece]:
        """The pieces to be looked at in this picture; empty when nothing changed."""
        self._fit(picture)
        assert self._extent is not None
        self._pictures += 1
        self._saved = min(MOST_SAVED, self._saved + LOOKS_A_PICTURE)
        self.counts_now = self._shown is None or bool(self._lessons) or self._may_count()
        if not self.counts_now:
            return []
        if now >= self._learn_at and not self._lessons:
            self._lessons = [share * self._extent.shorter for share in LEVELS]
            self._learnt = []
            self._learn_at = now + LEARN_EVERY
        if self._lessons:
            return [Piece(crop) for side in self._now_tried() for crop in self._even(side)]
        cells = self._measured(picture)
        changed = [piece for piece in self._every() if piece.gate.opens(self._part(cells, piece), now)]
        self._needed = min(MOST_SAVED, len(changed))
        self.counts_now = not self._is_complete or self._may_count()
        if not self.counts_now:
            return []
        self._needed = 0
        self._saved -= len(changed)
        return changed

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
        cells = self._measured(picture)
        for piece, found in looks:
            piece.found, piece.looked_at = found, now
            part = self._part(cells, piece).copy()  # a view would keep the whole zone's cells
            if found:
                piece.gate.examined(part, now)
            else:
                piece.gate.found_nobody(part, now)
        for piece, _ in looks:
            self._quarter(piece)
        self._is_complete = self._is_complete or not any(piece.is_new for piece in self._every())
        if not self._is_complete and self._shown is not None:
            return self._shown
        self._shown = self._people([(piece.crop, self._still_there(piece)) for piece in self._every()])
        return self._shown

    def forget(self) -> None:
        """Nothing that was seen holds any more."""
        for piece in self._pieces:
            piece.gate.forget()
            piece.found, piece.looked_at, piece.quarters = [], float("-inf"), []
        self._shown = None
        self._is_complete = False

    def oldest(self) -> list[Piece]:
        """The piece that was looked at longest ago: whoever only wants to know whether an answer comes."""
        return [min(self._pieces, key=lambda piece: piece.looked_at)]

    def _every(self) -> Iterator[Piece]:
        for piece in self._pieces:
            yield from piece.every()

    def _may_count(self) -> bool:
        return self._pictures % COUNT_EACH == 0 and self._saved >= self._needed

    def _measured(self, picture: Picture) -> Cells:
        """The whole zone in cells as small as a piece needs them: pieces overlap, and are many."""
        assert self._extent is not None
        side = min(self._stature.side(0.0), self._extent.shorter)
        return measured(self._crop.cut(picture), cell_side(side))

    def _part(self, cells: Cells, piece: Piece) -> Cells:
        return part_of(cells, self._crop, piece.crop)

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
        self._divide(Stature(FIRST_TALL * extent.shorter, FIRST_TALL * extent.shorter))

    def _divide(self, stature: Stature) -> None:
        assert self._extent is not None
        self._stature = stature
        self._pieces = [Piece(crop) for crop in pieces(self._extent, stature.side, self._zone.polygon)]
        self._is_complete = False

    def _even(self, side: float) -> list[Crop]:
        assert self._extent is not None
        return pieces(self._extent, lambda _: side, self._zone.polygon)

    def _quarter(self, piece: Piece) -> None:
        """Divide a piece in which many were found; no longer when hardly anybody is."""
        if piece.depth >= len(CROWDED):
            return
        is_dense = piece.depth == 0 and len(self._shown or ()) >= DENSE
        many = CROWDED[piece.depth] - is_dense
        here = max(len(piece.found), self._known_in(piece))
        if here < many - 1:
            piece.quarters = []
        elif here >= many and not piece.quarters and self._can_quarter(piece):
            piece.quarters = [Piece(crop, piece.depth + 1) for crop in quarters(piece.crop)]

    def _still_there(self, piece: Piece) -> list[Detection]:
        """Who was found in a piece, without those at its edge where another piece was looked at later.

        Somebody who leaves a piece by its edge changes so little in it that its gate stays shut.
        """
        later = [other.crop for other in self._every() if other.looked_at > piece.looked_at]
        if not later:
            return piece.found
        return [
            person
            for person in piece.found
            if not any(cuts_of(person, piece.crop, self._crop))
            or not any(crop.holds(piece.crop.to_picture(*upper_middle(person))) for crop in later)
        ]

    def _known_in(self, piece: Piece) -> int:
        """How many of those who were counted last have the middle of the upper body in a piece."""
        middles = [self._crop.to_picture(*upper_middle(person)) for person in self._shown or ()]
        return sum(piece.crop.holds(middle) for middle in middles)

    def _can_quarter(self, piece: Piece) -> bool:
        assert self._extent is not None
        across = (piece.crop.right - piece.crop.left) / (self._crop.right - self._crop.left)
        return QUARTER * across * self._extent.width >= SMALLEST_QUARTER

    def _learn(self, looks: Sequence[tuple[Crop, Sequence[Detection]]], now: float) -> None:
        assert self._extent is not None
        self._learnt += seen_whole(self._extent, looks)
        if self._lessons:
            return
        if not self._learnt:
            self._learn_at = now + LEARN_AGAIN
            return
        stature = stature_of(self._extent, self._learnt)
        if not stature.is_like(self._stature, NOT_AS_BEFORE):
            self._divide(stature)

    def _people(self, looks: Sequence[tuple[Crop, Sequence[Detection]]]) -> list[Detection]:
        assert self._extent is not None
        return people_inside(self._zone, self._crop, merged(self._crop, looks, self._extent.aspect))

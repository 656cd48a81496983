"""What is remembered of one zone between two pictures, and whether the detector is to be asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from analysis.picture.cells import cell_side, covered, measured
from analysis.picture.counting import PeopleCount
from analysis.picture.crowd import Crowd, Piece
from analysis.picture.gate import Gate
from analysis.picture.merging import moved
from analysis.picture.presence import PresenceLimits, PresenceMachine
from analysis.picture.sitter import Sitter
from analysis.picture.zones import MARGIN, Crop, crop_of
from hall.observing import Presence
from hall.place import Zone, ZoneRole
from hall.ports import Detection
from hall.sighting import Box

if TYPE_CHECKING:
    from analysis.picture.cells import Cells
    from hall.ports import Picture

SECOND_LOOKS = (MARGIN, 0.4, 0.05)
"""Margins tried in turn while nobody is found where somebody was: one unlucky crop decides nothing."""


@dataclass(slots=True)
class ZoneWatch:
    """One zone. Moments are monotonic seconds where nothing else is said."""

    zone: Zone
    machine: PresenceMachine
    count: PeopleCount
    crowd: Crowd
    crop: Crop
    """What is compared from picture to picture; the detector may be shown another margin."""
    gate: Gate = field(default_factory=Gate)
    due: list[Piece] = field(default_factory=list)
    """What of a waiting zone is to be looked at in this picture."""
    found: list[Detection] = field(default_factory=list)
    """Who was inside when the detector was asked last, in coordinates of `crop`."""
    looks: int = 0
    unanswered: int = 0
    """Pictures since the process began by which the zone could not be judged."""
    judged_at: float = 0.0
    """When the last sample was taken: a detector may fail for one zone alone."""
    last: datetime | None = None
    """Wall time of the last picture in which this zone could be judged."""
    _is_beside: bool = False
    """Whether the last look found somebody who does not count for the zone."""
    _sitters: list[Sitter | None] = field(default_factory=list)
    """Each of `found`, as far as they can be known again."""
    _cells: Cells | None = None
    """The picture that is examined now."""

    @classmethod
    def of(cls, zone: Zone, limits: PresenceLimits) -> ZoneWatch:
        """A zone of which nothing is known yet."""
        return cls(zone, PresenceMachine(limits), PeopleCount(limits.window), Crowd(zone), crop_of(zone))

    @property
    def counts_people(self) -> bool:
        """True for a waiting zone, which knows no presence."""
        return self.zone.role is ZoneRole.WAITING

    @property
    def is_settled(self) -> bool:
        """True when the last look agrees with what is believed: an unchanged picture needs no other."""
        return self.machine.state is (Presence.ON_POST if self.found else Presence.ABSENT)

    def wants_look(self, picture: Picture, now: float) -> bool:
        """Whether the detector is to be asked: nothing certain is known, or what matters has changed.

        While somebody is there it matters only whether all who were found still are; and nobody comes who
        changes nothing within the polygon.
        """
        if self.counts_people:
            self.due = self.crowd.due(picture, now)
            return bool(self.due)
        crop = self.crop.cut(picture)
        self._cells = measured(crop, cell_side(min(crop.shape[:2])))
        if not self.is_settled or self.gate.is_due(self._cells, now):
            return True
        return self.gate.opens(self._cells, now) and not self._all_stay(crop)

    def crop_to_show(self, is_compared: bool) -> Crop:
        """What the detector is shown; always the same when it compares pictures itself."""
        is_believed = self.is_settled and not self.gate.doubts
        if is_compared or self.counts_people or self.found or is_believed:
            return self.crop
        return crop_of(self.zone, SECOND_LOOKS[self.looks % len(SECOND_LOOKS)])

    def boxes(self, at: datetime | None) -> tuple[Box, ...] | None:
        """Where those who count are in the picture taken at `at`; None when it did not tell of this zone.

        Who was found by an earlier look and is still there, as far as the change gate tells, is among them.
        """
        if at is None or self.last != at or (self.counts_people and not self.crowd.counts_now):
            return None
        return tuple(_in_picture(person.box, self.crop) for person in self.found)

    def took_people(self, shown: Crop, inside: Sequence[Detection], is_beside: bool) -> None:
        """Remember who was found and counts for the zone, and whether others are beside it."""
        self.found = [moved(person, shown, self.crop) for person in inside]
        self._is_beside = is_beside
        self.looks += 1

    def took_counted(self, picture: Picture, known: Sequence[list[Detection]], now: float) -> None:
        """Remember who was found in the pieces of a waiting zone that were due."""
        self.found = self.crowd.answered(picture, list(zip(self.due, known, strict=True)), now)
        self.looks += 1

    def remember(self, picture: Picture, now: float, is_compared: bool) -> None:
        """The detector was asked about this picture: compare the next ones with it.

        A detector that compares pictures itself says where something moved, not where somebody is: nothing
        else is concluded from its answers.
        """
        if self.counts_people or self._cells is None:
            return
        crop = self.crop.cut(picture)
        self._sitters = []
        shape = self._cells.shape[0], self._cells.shape[1]
        if is_compared:
            self.gate.matters = None
        elif self.gate.matters is None or self.gate.matters.shape != shape:
            self.gate.matters = covered(self.zone.polygon, self.crop, shape)
        if self.found or is_compared:
            self.gate.examined(self._cells, now)
        else:
            self.gate.found_nobody(self._cells, now, self._is_beside)
        if not is_compared:
            self._sitters = [Sitter.of(person, crop) for person in self.found]

    def ask_again(self) -> None:
        """The detector gave no answer: ask at the next picture, whatever it shows."""
        self.gate.forget()
        self._sitters = []

    def forget(self) -> None:
        """Nothing that was seen holds any more."""
        self.ask_again()
        self.crowd.forget()
        self.found = []

    def _all_stay(self, crop: Picture) -> bool:
        sitters = [sitter for sitter in self._sitters if sitter is not None and sitter.stays(crop)]
        return 0 < len(self._sitters) == len(sitters)


def _in_picture(box: Box, crop: Crop) -> Box:
    """A box of a crop as one of the whole picture, to a ten-thousandth of it, and no larger than it."""
    left, top = crop.to_picture(box[0], box[1])
    right, bottom = crop.to_picture(box[2], box[3])
    return _share(left), _share(top), _share(right), _share(bottom)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)

"""Somebody or nobody without a model: by what changed at a place. The fallback where no model can run.

Change cannot tell a still person from an empty chair, so it says only what it has seen grounds for:

* Somebody: an area of a person's size differs from what the place usually looks like, and things moved in it
  again and again, the last time not long ago.
* Nobody: the place looks as it did before somebody came and went. What it usually looks like is learnt when
  nothing at all has moved for minutes (`QUIET`), and proves nothing until somebody has come, and gone again.
* Else it cannot tell, and the place becomes unknown: in the beginning, in the dark, when everything changes
  at once (light, a moved camera), or when something that was put down stays there without a move.

Light that changes slowly is followed; a lamp that makes everything brighter by the same factor is no change.
It tells neither how many people there are nor whether what moves is a person: a curtain of a person's size
counts. Its scores say nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from hall.errors import DetectorError
from hall.ports import Detection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hall.ports import Picture

    Grey = NDArray[np.float32]
    Mask = NDArray[np.bool_]

SIDE = 64
"""Cells in each direction; a place of any size is judged by so many."""
STEP = 16.0
"""Grey levels by which a cell must differ; noise of a compressed still picture stays below 6."""
PERSON = 0.03
"""Share of the place that differs at least while somebody is there."""
VISITOR = 0.08
"""Share that differs at some moment while somebody comes and goes: more than arms that reach out."""
MOVE = 0.006
"""Share of the place in which a hand or a head moves."""
EVERYTHING = 0.7
"""Share that differs from the usual look beyond which that look means nothing: no person fills so much of a
zone with its margin."""
SWITCH = 0.4
"""Share that differs from one picture to the next beyond which it may be light that changed, or the camera.
It is taken for somebody once something moves after it: light is switched, people go on moving."""
MOVES = 2
"""Something that appears at once is no person yet: a sunbeam and a parcel move once only."""
RECENT = 120.0
"""Seconds for which somebody is believed to be there after the last move, where the place's usual look tells
that something is there. People at work do not sit for two minutes without any move."""
BRIEF = 30.0
"""The same where the usual look is not known: somebody who left is believed to be there for so long. And so
long nothing may have moved in an empty place: somebody who hardly differs from the wall would move."""
QUIET = 600.0
"""Seconds without any move after which the picture is learnt as what the place usually looks like."""
LONG_QUIET = 3600.0
"""The same where it is known how the place looks empty, and something is there that does not move."""
GAP = 60.0
"""Seconds without a picture after which nobody can say that nothing moved."""
FOLLOW = 120.0
"""Seconds in which two thirds of a slow change of light are followed."""
DARKEST = 12.0
FLATTEST = 3.0
"""Mean and deviation of the grey levels below which there is nothing to see."""
MOST_PLACES = 4096
SCORE = 0.5


def _never() -> NDArray[np.float64]:
    return np.full((SIDE, SIDE), -np.inf)


@dataclass(slots=True)
class Memory:
    """What is known of one place. Moments are monotonic seconds."""

    seen: Grey | None = None
    """The last picture that showed anything."""
    seen_at: float = 0.0
    moved_at: NDArray[np.float64] = field(default_factory=_never)
    """When each cell moved last."""
    moves: int = 0
    """Pictures with a move, since the place was left or nothing moved for long."""
    is_switched: bool = False
    """So much changed at once that it may have been the light, and nothing has moved since."""
    still_since: float = 0.0
    usual: Grey | None = None
    """What the place looks like when nothing moves."""
    is_proven: bool = False
    """Somebody came and went, and the place looked as usual: it usually is empty."""
    is_visited: bool = False


class Motion:
    """The detector without a model. Calls must come from one thread at a time."""

    name = "motion@1"
    counts_people = False

    def __init__(self) -> None:
        self._places: OrderedDict[str, Memory] = OrderedDict()

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        """Nothing can be said of a single picture: raises DetectorError, unless there are no crops."""
        if crops:
            raise DetectorError(f"{self.name} compares a place with what it was, one picture says nothing")
        return []

    def detect_at(
        self, places: Sequence[str], crops: Sequence[Picture], now: float
    ) -> list[list[Detection] | None]:
        """Per crop (H×W×3, uint8, BGR) of a place: one detection, none, or None where it cannot tell."""
        return [self._look(place, crop, now) for place, crop in zip(places, crops, strict=True)]

    def _look(self, place: str, crop: Picture, now: float) -> list[Detection] | None:
        if crop.ndim != 3 or crop.shape[2] != 3 or crop.dtype != np.uint8 or 0 in crop.shape:
            raise DetectorError(
                f"crop of '{place}' must be height × width × 3 pixels of uint8, "
                f"not {crop.shape} of {crop.dtype}"
            )
        memory = self._places.setdefault(place, Memory())
        self._places.move_to_end(place)
        if len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)
        return judged(memory, grey(crop), now)


def grey(crop: Picture) -> Grey:
    """The crop as SIDE×SIDE grey levels, each the mean of its cell, a little smoothed."""
    small = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    levels = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return cv2.GaussianBlur(levels, (3, 3), 0).astype(np.float32)


def judged(memory: Memory, picture: Grey, now: float) -> list[Detection] | None:
    """Judge the picture of a place, and remember it."""
    if picture.mean() < DARKEST or picture.std() < FLATTEST:
        _begin_anew(memory, None, now)
        return None
    if memory.seen is None:
        _begin_anew(memory, picture, now)
        return None
    if now - memory.seen_at > GAP:
        memory.still_since = now
    _note(memory, _difference(picture, memory.seen), now)
    elapsed, memory.seen, memory.seen_at = now - memory.seen_at, picture, now
    differs = None if memory.usual is None else _difference(picture, memory.usual)
    if differs is None or differs.mean() >= EVERYTHING:
        return _without_usual(memory, picture, now)
    return _against_usual(memory, picture, differs, now, elapsed)


def _without_usual(memory: Memory, picture: Grey, now: float) -> list[Detection] | None:
    """The place's usual look is not known, or means nothing in this light: moves alone tell."""
    if now - memory.still_since >= QUIET:
        _learn(memory, picture)
        return None
    area = _largest(memory.moved_at >= now - BRIEF)
    return [Detection(_box(area), SCORE)] if area is not None and _is_alive(memory) else None


def _against_usual(
    memory: Memory, picture: Grey, differs: Mask, now: float, elapsed: float
) -> list[Detection] | None:
    area = _largest(differs)
    _follow(memory, picture, differs, elapsed)
    if area is None:
        if memory.is_visited and now > memory.still_since:
            memory.is_proven, memory.is_visited, memory.moves = True, False, 0
        is_calm = now - memory.still_since >= BRIEF
        return [] if memory.is_proven and is_calm else None
    if now - memory.still_since >= (LONG_QUIET if memory.is_proven else QUIET):
        _learn(memory, picture)
        return None
    if not _is_alive(memory) or memory.moved_at[area].max() < now - RECENT:
        return None
    memory.is_visited = memory.is_visited or bool(area.mean() >= VISITOR)
    return [Detection(_box(area), SCORE)]


def _is_alive(memory: Memory) -> bool:
    return memory.moves >= MOVES and not memory.is_switched


def _begin_anew(memory: Memory, picture: Grey | None, now: float) -> None:
    """Nothing was to be seen: what was known of moves means nothing any more."""
    memory.seen, memory.seen_at, memory.still_since = picture, now, now
    memory.moved_at, memory.moves, memory.is_switched = _never(), 0, False


def _note(memory: Memory, moved: Mask, now: float) -> None:
    share = moved.mean()
    if share < MOVE:
        return
    if now - memory.still_since > RECENT:
        memory.moves = 0
    memory.still_since = now
    memory.is_switched = bool(share >= SWITCH) and not memory.is_switched
    if memory.is_switched:
        memory.moved_at = _never()
        return
    memory.moves += 1
    memory.moved_at[moved] = now


def _learn(memory: Memory, picture: Grey) -> None:
    memory.usual, memory.is_proven, memory.is_visited = picture.copy(), False, False


def _follow(memory: Memory, picture: Grey, differs: Mask, elapsed: float) -> None:
    """Let what nobody covers follow slow changes of light."""
    if memory.usual is None:
        return
    covered = cv2.dilate(differs.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.bool_)
    share = 1.0 - float(np.exp(-elapsed / FOLLOW))
    memory.usual = np.where(covered, memory.usual, memory.usual + share * (picture - memory.usual))


def _difference(picture: Grey, other: Grey) -> Mask:
    """The cells that differ, the light of both made equal by the factor that most cells agree upon."""
    factor = float(np.median((picture + 8.0) / (other + 8.0)))
    return np.abs(picture - ((other + 8.0) * factor - 8.0)) > STEP


def _largest(differs: Mask) -> Mask | None:
    """The largest connected area, single cells taken away, if it is of a person's size."""
    opened = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[best, cv2.CC_STAT_AREA] < PERSON * SIDE * SIDE:
        return None
    area: Mask = labels == best
    return area


def _box(area: Mask) -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(area)
    return (
        float(columns.min() / SIDE),
        float(rows.min() / SIDE),
        float((columns.max() + 1) / SIDE),
        float((rows.max() + 1) / SIDE),
    )

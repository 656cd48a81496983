"""Whether the footage of results is kept: what is missing of each camera, and why, as far as it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hall.interval import Interval
from hall.media import Gap
from hall.names import CameraId
from store.footage import Recorded

TOLERATED = timedelta(seconds=1)
"""Between two files, or at the end of a time: nobody misses that."""


class Keeping(StrEnum):
    """How much of a time is kept of all cameras that show it."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Footage:
    """What is kept of a result, from these cameras. `gaps` are the first of those that overlap its time."""

    state: Keeping
    cameras: tuple[CameraId, ...]
    gaps: tuple[Gap, ...]


def footage_of(
    cameras: Sequence[CameraId], time: Interval, records: Sequence[Recorded], sure_until: datetime, most: int
) -> Footage:
    """What is kept of a time that has an end; `records` are those of its cameras, in their order.

    After `sure_until` files may still be being written: what is missing there is not counted.
    """
    until = min(time.end or sure_until, max(sure_until, time.start))
    wanted = Interval(time.start, until)
    states = {_state(record.plays, wanted) for record in records}
    state = states.pop() if len(states) == 1 else Keeping.PART
    gaps = tuple(gap for record in records for gap in record.gaps)[:most]
    return Footage(state, tuple(cameras), gaps)


def _state(plays: Sequence[Interval], wanted: Interval) -> Keeping:
    """How much of a time files play, which are in order."""
    end = wanted.end or wanted.start
    if not plays:
        return Keeping.WHOLE if end <= wanted.start else Keeping.NONE
    missing, reached = timedelta(), wanted.start
    for play in plays:
        missing += max(play.start - reached, timedelta())
        reached = max(reached, play.end or end)
    missing += max(end - reached, timedelta())
    return Keeping.WHOLE if missing <= TOLERATED else Keeping.PART

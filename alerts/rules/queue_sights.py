"""What cameras add to a queue: who is on post at a window that does not serve, and who waits besides.

Only for the words of a finding: no limit rests on it. Where nobody could see, nothing is said.
"""

from __future__ import annotations

from datetime import datetime

from alerts.facts import HallQueue
from alerts.rules.crowding import is_sure
from alerts.rules.tracks import Track
from hall.fused_presence import fused
from hall.names import CameraId, WindowId
from hall.observing import Presence

STALE_SECONDS = 30.0
"""A zone without a sample for so long is blind, as rules about cameras have it by default."""
MUCH_MORE = 1.5
"""Of the tickets that wait: fewer people may well be those who hold them."""
COMPANY = 5
"""So many more than tickets are company, or passers-by, in a small queue."""


def presence_at(queue: HallQueue, window: WindowId, at: datetime) -> Presence:
    """Whether somebody is on post at a window, all its staff zones together; unknown where none sees."""
    sights = [sight for known, own in queue.staff if known == window for sight in own]
    return fused([Track(sight, at, STALE_SECONDS).view(at) for sight in sights])


def people_surely(queue: HallQueue, at: datetime) -> int | None:
    """How many people are surely in the waiting zones; None where no count is sure.

    Zones of one camera are added up, and of several cameras the one that counts most is taken: two may show
    the same people, who must not be counted twice.
    """
    counted: dict[CameraId, int] = {}
    for sight in queue.people:
        seen = Track(sight, at, STALE_SECONDS).seen(at)
        if seen is not None and seen.measure is not None and is_sure(seen, at):
            counted[sight.camera] = counted.get(sight.camera, 0) + round(seen.measure)
    return max(counted.values(), default=None)


def people_beyond(queue: HallQueue, at: datetime, waiting: int) -> int | None:
    """The people surely in the waiting zones, if they are many more than the tickets that wait."""
    people = people_surely(queue, at)
    if people is None or people < max(MUCH_MORE * waiting, waiting + COMPANY):
        return None
    return people

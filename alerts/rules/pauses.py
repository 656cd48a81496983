"""Pauses (暂停) of a window: how long each has lasted, and until when its reason allows it.

Within one unbroken pause each reason has its allowance once: whoever changes from a break to the back office
has the allowance of the back office, and whoever changes back goes on with what is left of the break. Time in
which nobody was due anyway (the hall closed, an announcement, approved leave) uses none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from hall.interval import Interval
from hall.queueing import PauseReason, WindowState, WindowStatus


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch of a pause with one reason over which the window was due; however many rows tell of it.

    `earlier` is what the same unbroken pause had lasted with this reason before; `allowed` is None for a
    reason that is not permitted.
    """

    interval: Interval
    reason: PauseReason
    earlier: timedelta = timedelta(0)
    allowed: timedelta | None = None

    @property
    def start(self) -> datetime:
        """When the stretch begins."""
        return self.interval.start

    @property
    def allowed_until(self) -> datetime | None:
        """When its allowance is used up, whether it lasts so long or not."""
        if self.allowed is None:
            return None
        return self.start + max(timedelta(0), self.allowed - self.earlier)

    def used(self, at: datetime) -> timedelta:
        """How long the pause has lasted with this reason at a moment of the stretch, or at its end."""
        return self.earlier + (at - self.start)


def pauses(
    statuses: Sequence[WindowStatus],
    allowed_pauses: Mapping[PauseReason, float],
    is_due: Callable[[datetime], bool],
    borders: Sequence[datetime],
) -> list[Pause]:
    """The pauses that statuses in order tell of. `is_due` may change at `borders` (in order) alone."""
    found: list[Pause] = []
    used: dict[PauseReason, timedelta] = {}
    for before, status in pairwise([None, *statuses]):
        if status is None or status.state is not WindowState.PAUSED:
            continue
        if (
            before is None
            or before.state is not WindowState.PAUSED
            or before.interval.end != status.interval.start
        ):
            used = {}
        if status.reason is None:
            continue
        allowed = allowed_pauses.get(status.reason)
        for piece in _due(status.interval, is_due, borders):
            earlier = used.get(status.reason, timedelta(0))
            if piece.end is not None:
                used[status.reason] = earlier + (piece.end - piece.start)
            last = found[-1] if found and earlier else None
            if last is not None and last.reason is status.reason and last.interval.end == piece.start:
                found[-1] = replace(last, interval=Interval(last.start, piece.end))
            else:
                limit = None if allowed is None else timedelta(seconds=allowed)
                found.append(Pause(piece, status.reason, earlier, limit))
    return found


def _due(
    whole: Interval, is_due: Callable[[datetime], bool], borders: Sequence[datetime]
) -> Iterator[Interval]:
    """The parts of an interval, in order, over which a window is due."""
    inside = [border for border in borders if whole.start < border and whole.contains(border)]
    for start, end in pairwise([whole.start, *inside, whole.end]):
        if start is not None and is_due(start):
            yield Interval(start, end)

"""How a window works, as queue system and roster have it: at work, paused, closed, or on approved leave.

No camera is asked here: this tells visitors how many of a hall's windows worked while they waited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from alerts.matter_facts import day_end
from hall.config import HallSettings
from hall.interval import Interval
from hall.place import Window
from hall.queueing import PauseReason, WindowState, WindowStatus


class Work(StrEnum):
    """What a window does for those who wait."""

    AT_WORK = "at_work"
    PAUSED = "paused"
    CLOSED = "closed"
    ON_LEAVE = "on_leave"


@dataclass(frozen=True, slots=True)
class DeskWork:
    """What a window does; `reason` while it is paused."""

    work: Work
    reason: PauseReason | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """One window with its states, in any order and without overlap, and when approved leave excuses it."""

    window: Window
    statuses: tuple[WindowStatus, ...] = ()
    leave: tuple[Interval, ...] = ()

    def status(self, hall: HallSettings, at: datetime) -> WindowStatus | None:
        """Its state at a moment; what was left open the day before opens nothing."""
        return next((one for one in self.statuses if _of_its_day(hall, one).contains(at)), None)

    def work(self, hall: HallSettings, at: datetime) -> DeskWork:
        """What it does at a moment. A window at work is at work, whatever the roster says."""
        status = self.status(hall, at)
        if status is not None and status.state in (WindowState.OPEN, WindowState.SERVING):
            return DeskWork(Work.AT_WORK)
        if any(part.contains(at) for part in self.leave):
            return DeskWork(Work.ON_LEAVE)
        if status is not None and status.state is WindowState.PAUSED:
            return DeskWork(Work.PAUSED, status.reason)
        return DeskWork(Work.CLOSED)

    def at_work(self, hall: HallSettings) -> Iterator[Interval]:
        """When it is at work: open intervals where that goes on."""
        for status in self.statuses:
            if status.state in (WindowState.OPEN, WindowState.SERVING):
                yield _of_its_day(hall, status)

    def mostly(self, hall: HallSettings, over: Interval) -> DeskWork:
        """What it did for the longest part of a closed interval; at work where it is even."""
        assert over.end is not None
        known = [_of_its_day(hall, status) for status in self.statuses]
        bounds = {bound for part in (*known, *self.leave) for bound in (part.start, part.end) if bound}
        edges = sorted({over.start, over.end, *(one for one in bounds if over.start < one < over.end)})
        lasted: dict[DeskWork, timedelta] = {}
        for start, end in pairwise(edges):
            work = self.work(hall, start)
            lasted[work] = lasted.get(work, timedelta(0)) + (end - start)
        if not lasted:
            return self.work(hall, over.start)
        return max(lasted, key=lambda work: (lasted[work], work.work is Work.AT_WORK))

    def paused_since(self, hall: HallSettings, at: datetime) -> datetime | None:
        """When the unbroken pause of a moment began, with one reason, however many states tell of it."""
        status = self.status(hall, at)
        if status is None or status.state is not WindowState.PAUSED:
            return None
        since, paused = status.interval.start, (status.state, status.reason)
        for before in sorted(self.statuses, key=lambda one: one.interval.start, reverse=True):
            if before.interval.end == since and (before.state, before.reason) == paused:
                since = before.interval.start
        return since


def _of_its_day(hall: HallSettings, status: WindowStatus) -> Interval:
    end, closes = status.interval.end, day_end(hall, status.interval.start)
    if hall.schedule.always:
        return status.interval
    return Interval(status.interval.start, closes if end is None else min(end, closes))

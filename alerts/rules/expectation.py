"""Whether anybody is expected at a window, whatever cameras show of it.

Four things are laid over each other: the hall's opening hours, announcements, the roster with approved leave,
and the window's states out of the queue system with their allowed pauses. Each changes only at known moments
(edges).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.rules.pauses import Pause, pauses
from hall.queueing import PauseReason, WindowState, WindowStatus
from hall.roster import DutyStanding

EXCUSED_BY_ROSTER = {
    DutyStanding.ON_LEAVE: Condition.ON_LEAVE,
    DutyStanding.OFF: Condition.OFF_DUTY,
}


class Expectation:
    """What is expected of a post around the moment `at`.

    The same facts in any order give the same answers.
    """

    def __init__(self, post: Post, at: datetime, allowed_pauses: Mapping[PauseReason, float]) -> None:
        self._schedule = post.hall.schedule
        self._zone = post.hall.zone_info
        self._duties = post.duties
        self._announcements = sorted(
            (one for one in post.announcements if one.concerns(post.window.id)),
            key=lambda one: (one.in_force.start, one.id),
        )
        self._statuses = sorted(post.statuses, key=lambda status: status.interval.start)
        self._starts = [status.interval.start for status in self._statuses]
        self._at = at
        borders = sorted(self._borders())
        self.pauses = pauses(self._statuses, allowed_pauses, self._is_due, borders)
        """Every pause over which the window was due, in order."""
        self._pause_starts = [pause.start for pause in self.pauses]
        self.edges = sorted({*borders, *self._own_edges()})
        """Every moment at which something changes, in order; later ones as far as they are known."""

    def moment(self, at: datetime) -> Moment | None:
        """Why nobody needs to be on post; None where somebody does."""
        if (elsewhere := self._elsewhere(at)) is not None:
            return elsewhere
        status = self.status(at)
        if status is None:
            return Moment(Condition.NOT_OPENED)
        if status.state is WindowState.CLOSED:
            return Moment(Condition.CLOSED)
        pause = self.pause(at)
        if pause is not None and pause.allowed_until is not None and at < pause.allowed_until:
            return Moment(Condition.EXCUSED, until=pause.allowed_until, pause=pause.reason)
        return None

    def pause(self, at: datetime) -> Pause | None:
        """The pause that goes on at a moment, permitted or not."""
        place = bisect_right(self._pause_starts, at) - 1
        return self.pauses[place] if place >= 0 and self.pauses[place].interval.contains(at) else None

    def status(self, at: datetime) -> WindowStatus | None:
        """The state at `at`, if it began on that day: what was left open yesterday opens nothing today."""
        place = bisect_right(self._starts, at) - 1
        if place < 0 or not self._statuses[place].interval.contains(at):
            return None
        status = self._statuses[place]
        if self._schedule.carries_over:
            return status
        began = status.interval.start.astimezone(self._zone).date()
        return status if began == at.astimezone(self._zone).date() else None

    def next_edge(self) -> datetime | None:
        """The first known moment after `at` at which something will change: an allowance that runs out."""
        known = bisect_right(self.edges, self._at)
        return self.edges[known] if known < len(self.edges) else None

    def closes_at(self) -> datetime | None:
        """When the hall closes next; None when it is closed or never does."""
        opening = self._schedule.open_at(self._at, self._zone)
        return None if opening is None or self._schedule.always else opening.end

    def opens_at(self) -> datetime | None:
        """When the hall opens next."""
        return self._schedule.next_opening(self._at, self._zone)

    def _elsewhere(self, at: datetime) -> Moment | None:
        """Why nobody is due whatever state the window is in."""
        if self._schedule.open_at(at, self._zone) is None:
            return Moment(Condition.HALL_CLOSED)
        for announcement in self._announcements:
            if announcement.holds(at):
                until = announcement.in_force.end
                return Moment(Condition.ANNOUNCED, until=until, announcement=announcement)
        duty = self._duties.at(at)
        if duty.excuses:
            return Moment(EXCUSED_BY_ROSTER[duty.standing], until=self._duties.excused_until(at))
        return None

    def _is_due(self, at: datetime) -> bool:
        return self._elsewhere(at) is None and self.status(at) is not None

    def _borders(self) -> Iterator[datetime]:
        """When it may change whether anybody is due, whatever state the window is in."""
        for announcement in self._announcements:
            yield announcement.in_force.start
            if announcement.in_force.end is not None:
                yield announcement.in_force.end
        yield from self._duties.edges
        if self._statuses and not self._schedule.always:
            yield from self._opening_hours(max(self._starts[0], self._at - timedelta(days=2)))

    def _own_edges(self) -> Iterator[datetime]:
        for status in self._statuses:
            yield status.interval.start
            if status.interval.end is not None:
                yield status.interval.end
        for pause in self.pauses:
            if pause.allowed_until is not None and pause.interval.contains(pause.allowed_until):
                yield pause.allowed_until

    def _opening_hours(self, since: datetime) -> Iterator[datetime]:
        day = since.astimezone(self._zone).date()
        while day <= self._at.astimezone(self._zone).date():
            for opening in self._schedule.intervals_on(day, self._zone):
                yield opening.start
                if opening.end is not None:
                    yield opening.end
            day += timedelta(days=1)

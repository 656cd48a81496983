"""How a post stands at each moment: due or not, excused or not, seen or not, staffed or empty.

Three things are laid over each other: the hall's opening hours, the window's states out of the queue
system, and what the cameras tell. Each changes only at known moments (edges); between two edges the
post stands as it stood at the first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.rules.tracks import Track
from hall.fused_presence import fused
from hall.observing import Presence
from hall.queueing import PauseReason, WindowState, WindowStatus
from hall.rule import StaffedRule


@dataclass(frozen=True, slots=True)
class _Excuse:
    """A pause with a permitted reason: it excuses from `start` to `until`, whatever the pause lasts."""

    start: datetime
    until: datetime
    reason: PauseReason


class Attendance:
    """A post up to the moment `at`, under the allowances of a rule.

    The same facts in any order give the same answers.
    """

    def __init__(self, post: Post, at: datetime, rule: StaffedRule, beside: Sequence[Track] = ()) -> None:
        """Edges of the tracks `beside` are edges, too."""
        self._post = post
        self._zone = post.hall.zone_info
        self._statuses = sorted(post.statuses, key=lambda status: status.interval.start)
        self._starts = [status.interval.start for status in self._statuses]
        self._excuses = list(_excuses(self._statuses, rule))
        self._tracks = [Track(sight, at, rule.stale_seconds) for sight in post.sights]
        self.at = at
        edges = sorted({*self._edges(), *(edge for track in beside for edge in track.edges())})
        known = bisect_right(edges, at)
        self.edges = edges[:known]
        """Every moment up to `at` at which something changed, in order."""
        self.next_edge = edges[known] if known < len(edges) else None
        """The first known moment after `at` at which something will change: an allowance that runs out."""

    def moment(self, at: datetime) -> Moment:
        """How the post stands at `at`, which is not after the moment this was built for."""
        if self._post.hall.schedule.open_at(at, self._zone) is None:
            return Moment(Condition.HALL_CLOSED)
        status = self._status(at)
        if status is None:
            return Moment(Condition.NOT_OPENED)
        if status.state is WindowState.CLOSED:
            return Moment(Condition.CLOSED)
        for excuse in reversed(self._excuses):
            if excuse.start <= at < excuse.until and status.reason is excuse.reason:
                return Moment(Condition.EXCUSED, until=excuse.until, pause=excuse.reason)
        presence = fused([track.view(at) for track in self._tracks])
        if presence is Presence.UNKNOWN:
            return Moment(Condition.UNSEEN)
        if presence is Presence.ON_POST:
            return Moment(Condition.ON_POST)
        return Moment(Condition.EMPTY, surely=presence is Presence.ABSENT)

    def due(self, moment: Moment) -> datetime | None:
        """When `moment`, the present one, could change by the passing of time alone."""
        dues: list[datetime | None] = [self.next_edge]
        if moment.condition is Condition.HALL_CLOSED:
            dues.append(self.opens_at())
        elif moment.condition is Condition.ON_POST:
            dues.append(self.sight_lost_at())
        elif moment.condition is Condition.EMPTY:
            dues += [self.closes_at(), self.sight_lost_at()]
        return earliest(*dues)

    def closes_at(self) -> datetime | None:
        """When the hall closes next; None when it is closed or never does."""
        opening = self._post.hall.schedule.open_at(self.at, self._zone)
        return None if opening is None or self._post.hall.schedule.always else opening.end

    def opens_at(self) -> datetime | None:
        """When the hall opens next."""
        return self._post.hall.schedule.next_opening(self.at, self._zone)

    def sight_lost_at(self) -> datetime | None:
        """When the first zone that is seen now counts as blind, if nothing more is seen of it."""
        return earliest(*(track.lost_at for track in self._tracks))

    def _status(self, at: datetime) -> WindowStatus | None:
        """The state at `at`, if it began on that day: what was left open yesterday opens nothing today."""
        place = bisect_right(self._starts, at) - 1
        if place < 0 or not self._statuses[place].interval.contains(at):
            return None
        status = self._statuses[place]
        if self._post.hall.schedule.carries_over:
            return status
        began = status.interval.start.astimezone(self._zone).date()
        return status if began == at.astimezone(self._zone).date() else None

    def _edges(self) -> Iterator[datetime]:
        for status in self._statuses:
            yield status.interval.start
            if status.interval.end is not None:
                yield status.interval.end
        for excuse in self._excuses:
            yield excuse.until
        for track in self._tracks:
            yield from track.edges()
        if self._statuses and not self._post.hall.schedule.always:
            yield from self._opening_hours(max(self._starts[0], self.at - timedelta(days=2)))

    def _opening_hours(self, since: datetime) -> Iterator[datetime]:
        day = since.astimezone(self._zone).date()
        while day <= self.at.astimezone(self._zone).date():
            for opening in self._post.hall.schedule.intervals_on(day, self._zone):
                yield opening.start
                if opening.end is not None:
                    yield opening.end
            day += timedelta(days=1)


def _excuses(statuses: list[WindowStatus], rule: StaffedRule) -> Iterator[_Excuse]:
    """One excuse for each unbroken pause with one permitted reason, however many rows tell of it."""
    start: datetime | None = None
    for before, status in pairwise([None, *statuses]):
        if status is None or status.state is not WindowState.PAUSED or status.reason is None:
            continue
        goes_on = (
            before is not None
            and before.state is WindowState.PAUSED
            and before.reason is status.reason
            and before.interval.end == status.interval.start
        )
        if not goes_on or start is None:
            start = status.interval.start
        allowed = rule.allowed_pauses.get(status.reason)
        if allowed is not None:
            yield _Excuse(start, start + timedelta(seconds=allowed), status.reason)


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are known, or None."""
    return min((moment for moment in moments if moment is not None), default=None)

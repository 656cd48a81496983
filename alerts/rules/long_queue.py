"""Long queue (排队过长): too many wait for the windows at work, or are going to wait for too long.

One finding for the hall, whatever the number of its windows. It begins when a limit is reached, and lasts
until all of them are missed by a tenth: counts move, and one queue is to be one finding. While the hall is
closed nobody is due to call anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from alerts import queue_reasons
from alerts.facts import HallQueue
from alerts.queue_forecast import Line, lines
from alerts.rules.attendance import earliest
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.rule import LongQueueRule
from hall.rule.waits import CALM_SHARE


@dataclass(frozen=True, slots=True)
class _Queue:
    """A long queue from `since` with at most `most`. `found_at`: when it had lasted as long as the limit."""

    since: datetime
    most: int
    found_at: datetime | None = None
    end: datetime | None = None


def judge(queue: HallQueue, at: datetime, rule: LongQueueRule) -> Verdict:
    """Judge a hall's queue at one moment: FOUND when it has been too long for `limit_seconds`, else CLEAR."""
    course = _Course(queue, at, rule)
    line, long = course.now, next(iter(reversed(course.queues())), None)
    if long is None or long.end is not None:
        return Verdict(Standing.CLEAR, queue_reasons.short(queue, line), due=course.following)
    if long.found_at is None:
        reached = long.since + timedelta(seconds=rule.limit_seconds)
        due = earliest(course.following, reached)
        return Verdict(Standing.CLEAR, queue_reasons.begins(queue, long.since, line, rule), due=due)
    reason = queue_reasons.found(queue, long.since, at, line, long.most, rule)
    return Verdict(Standing.FOUND, reason, since=long.since, due=course.following)


def ending(queue: HallQueue, since: datetime, at: datetime, rule: LongQueueRule) -> Verdict | None:
    """How the long queue that was found to begin at `since` ended, or None while it lasts.

    When the facts no longer show it for the length of the limit (they came late), the reason says so.
    """
    for long in _Course(queue, at, rule).queues():
        if long.since <= since and (long.end is None or since < long.end):
            return None if long.end is None else _ended(queue, replace(long, since=since), long.end, rule)
    return _ended(queue, _Queue(since, 0), since, rule)


def finished(queue: HallQueue, after: datetime, at: datetime, rule: LongQueueRule) -> Iterator[Finished]:
    """The long queues that had lasted as long as the limit and ended after `after`, in order."""
    course = _Course(queue, at, rule)
    for long in course.queues():
        if long.end is not None and long.end > after and long.found_at is not None:
            line = course.line(long.found_at)
            found = queue_reasons.found(queue, long.since, long.found_at, line, long.most, rule)
            yield Finished(
                Verdict(Standing.FOUND, found, since=long.since), _ended(queue, long, long.end, rule)
            )


def _ended(queue: HallQueue, long: _Queue, end: datetime, rule: LongQueueRule) -> Verdict:
    reason = queue_reasons.ended(queue, long.since, end, rule, most=long.most)
    return Verdict(Standing.CLEAR, reason, ended_at=end)


class _Course:
    """The queue under a rule, up to one moment."""

    def __init__(self, queue: HallQueue, at: datetime, rule: LongQueueRule) -> None:
        self._queue, self._at, self._rule = queue, at, rule
        self._lines = lines(queue)
        self.now = self.line(at)
        following = [line.since for line in self._lines if line.since > at]
        opening = queue.hall.schedule.open_at(at, queue.hall.zone_info)
        next_opening = queue.hall.schedule.next_opening(at, queue.hall.zone_info)
        self.following = earliest(*following[:1], opening.end if opening else None, next_opening)
        """When the queue stands otherwise by the passing of time alone, as far as is known."""

    def line(self, at: datetime) -> Line:
        """How the queue stood at a moment."""
        before = [line for line in self._lines if line.since <= at]
        return before[-1] if before else Line(at, 0, 0)

    def queues(self) -> list[_Queue]:
        """The long queues in order; the last one may go on."""
        found: list[_Queue] = []
        current: _Queue | None = None
        for line, following in pairwise([*self._in_hours(), None]):
            if line is None:
                break
            current = self._through(current, line, following)
            if current is not None and current.end is not None:
                found.append(current)
                current = None
        return [*found, current] if current is not None else found

    def _in_hours(self) -> list[Line]:
        """The lines up to the moment, cut where the hall opens and closes: nobody is due to call then."""
        known = [line for line in self._lines if line.since <= self._at]
        if not known or self._queue.hall.schedule.always:
            return known
        schedule, zone = self._queue.hall.schedule, self._queue.hall.zone_info
        day, bounds = known[0].since.astimezone(zone).date(), set[datetime]()
        while day <= self._at.astimezone(zone).date():
            for opening in schedule.intervals_on(day, zone):
                bounds |= {bound for bound in (opening.start, opening.end) if bound is not None}
            day += timedelta(days=1)
        starts = [line.since for line in known]
        added = sorted(bound for bound in bounds if known[0].since < bound <= self._at)
        cut = {line.since: line for line in known}
        place = 0
        for bound in added:
            while place + 1 < len(starts) and starts[place + 1] <= bound:
                place += 1
            cut.setdefault(bound, replace(known[place], since=bound))
        return [
            line if schedule.open_at(line.since, zone) is not None else Line(line.since, 0, 0)
            for line in (cut[since] for since in sorted(cut))
        ]

    def _through(self, long: _Queue | None, line: Line, following: Line | None) -> _Queue | None:
        """The long queue after the time from one line to the next (None: to the present)."""
        if long is None:
            if not _reaches(line, self._rule):
                return None
            long = _Queue(line.since, line.waiting)
        elif not _reaches(line, self._rule, CALM_SHARE):
            return replace(long, end=line.since)
        reached = long.since + timedelta(seconds=self._rule.limit_seconds)
        in_time = reached < following.since if following is not None else reached <= self._at
        found_at = max(reached, line.since) if long.found_at is None and in_time else long.found_at
        return replace(long, most=max(long.most, line.waiting), found_at=found_at)


def _reaches(line: Line, rule: LongQueueRule, share: float = 1.0) -> bool:
    """Whether any limit, or such a share of it, is reached."""
    forecast = line.forecast
    limits: Sequence[tuple[float, float | None]] = (
        (line.waiting / max(1, line.at_work), rule.people_per_window),
        (line.waiting, rule.limit_people),
        (forecast.total_seconds() if forecast is not None else 0.0, rule.limit_wait_seconds),
    )
    return any(limit is not None and reached >= share * limit for reached, limit in limits)

"""Absence (离岗): an attended window without staff for longer than allowed.

Emptiness counts only while the window is due to be staffed, is not excused by a pause, and can be
seen. A stretch of emptiness is unbroken: anything else in between, even a moment that no camera saw,
starts the count anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import reasons
from alerts.condition import Condition
from alerts.facts import Post
from alerts.rules.attendance import Attendance, earliest
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.rule import AbsenceRule


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Unbroken emptiness from `start`; `sure_from` is when it was first more than leaving, if ever."""

    start: datetime
    sure_from: datetime | None


def judge(post: Post, at: datetime, rule: AbsenceRule) -> Verdict:
    """Judge one post at one moment.

    FOUND when it has been empty for `limit_seconds` and is surely absent; UNKNOWN when it should be
    staffed but no camera sees it; CLEAR otherwise, with the reason.
    """
    attendance = Attendance(post, at, rule)
    moment = attendance.moment(at)
    due = attendance.due(moment)
    if moment.condition is not Condition.EMPTY:
        standing = Standing.UNKNOWN if moment.condition is Condition.UNSEEN else Standing.CLEAR
        return Verdict(standing, reasons.post_stands(post, moment), due=due)
    stretch = _stretch(attendance)
    since = max(stretch.start, post.counted_from) if post.counted_from else stretch.start
    reached = since + timedelta(seconds=rule.limit_seconds)
    if stretch.sure_from is None or at < reached:
        due = earliest(due, reached) if at < reached else due
        return Verdict(Standing.CLEAR, reasons.absence_begins(post, since, rule), due=due)
    return Verdict(Standing.FOUND, reasons.absence_found(post, since, at, rule), since=since, due=due)


def ending(post: Post, since: datetime, at: datetime, rule: AbsenceRule) -> Verdict | None:
    """How the emptiness that was found to begin at `since` ended, or None while it lasts.

    UNKNOWN when it can not be seen any more: the end is then the last moment it was seen. When the facts
    no longer show it for the length of the limit (they came late), the reason says so.
    """
    attendance = Attendance(post, at, rule)
    edges = attendance.edges
    for moment_at in (since, *edges[bisect_right(edges, since) :]):
        moment = attendance.moment(moment_at)
        if moment.condition is Condition.EMPTY:
            continue
        standing = Standing.UNKNOWN if moment.condition is Condition.UNSEEN else Standing.CLEAR
        return Verdict(
            standing, reasons.absence_ended(post, since, moment_at, moment, rule), ended_at=moment_at
        )
    return None


def finished(post: Post, after: datetime, at: datetime, rule: AbsenceRule) -> Iterator[Finished]:
    """The absences that had reached the limit and ended after `after`, in order."""
    attendance = Attendance(post, at, rule)
    since, sure_from = None, None
    for edge in attendance.edges:
        moment = attendance.moment(edge)
        if moment.condition is Condition.EMPTY:
            since = since or edge
            sure_from = sure_from or (edge if moment.surely else None)
            continue
        if since is not None and sure_from is not None and edge > after:
            found_at = max(since + timedelta(seconds=rule.limit_seconds), sure_from)
            ended = ending(post, since, at, rule) if found_at < edge else None
            if ended is not None:
                reason = reasons.absence_found(post, since, found_at, rule)
                yield Finished(Verdict(Standing.FOUND, reason, since=since), ended)
        since, sure_from = None, None


def _stretch(attendance: Attendance) -> _Stretch:
    """The unbroken emptiness that holds the attendance's own moment."""
    start, sure_from = attendance.at, None
    if attendance.moment(start).surely:
        sure_from = start
    for edge in reversed(attendance.edges):
        moment = attendance.moment(edge)
        if moment.condition is not Condition.EMPTY:
            break
        start = edge
        if moment.surely:
            sure_from = edge
    return _Stretch(start, sure_from)

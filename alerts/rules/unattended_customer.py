"""Unattended customer (无人接待): customers stand at an attended window, and nobody is on post.

Only whether somebody stands there is known, not who: the place may be seen empty for a short while, and
whoever stands there afterwards has the time counted on. Everything else that interrupts breaks the stretch,
as with an absence: staff on post, an excuse, a moment that no camera saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from alerts import customer_reasons, reasons
from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.rules.attendance import Attendance, earliest
from alerts.rules.past import Finished
from alerts.rules.tracks import Track
from hall.finding import AlertKind, Standing, Verdict
from hall.observing import Presence
from hall.rule import UnattendedCustomerRule


class _Place(StrEnum):
    """What is in front of a window."""

    OCCUPIED = "occupied"
    EMPTY = "empty"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Customers without staff from `start`, counted from `since`.

    `away_since`: since when nobody stands there, while that is still bridged. `is_sure`: staff was more than
    leaving at some moment. `found_at`: when all of the rule's limit was first reached. `end` and `ended_by`
    once it is over; `ended_by` is None when the customers went.
    """

    start: datetime
    since: datetime
    away_since: datetime | None = None
    is_sure: bool = False
    found_at: datetime | None = None
    end: datetime | None = None
    ended_by: Moment | None = None


def judge(post: Post, at: datetime, rule: UnattendedCustomerRule) -> Verdict:
    """Judge one window at one moment.

    FOUND when customers have stood there without staff for `limit_seconds`; UNKNOWN when the window is due
    and staff or customers cannot be seen; CLEAR otherwise, with the reason.
    """
    scene = _Scene(post, at, rule)
    moment, due = scene.attendance.moment(at), scene.due()
    stretch = next(iter(reversed(scene.stretches())), None)
    if stretch is not None and stretch.end is None:
        reached = stretch.since + timedelta(seconds=rule.limit_seconds)
        if stretch.away_since is not None:
            due = earliest(due, stretch.away_since + timedelta(seconds=rule.gap_seconds))
        if stretch.found_at is None:
            due = earliest(due, reached) if at < reached else due
            begins = customer_reasons.stands(post, stretch.since, rule)
            return Verdict(Standing.CLEAR, begins, due=due)
        found = customer_reasons.found(post, stretch.since, at, rule)
        return Verdict(Standing.FOUND, found, since=stretch.since, due=due)
    if moment.condition is not Condition.EMPTY:
        standing = Standing.UNKNOWN if moment.condition is Condition.UNSEEN else Standing.CLEAR
        return Verdict(standing, reasons.post_stands(post, moment, AlertKind.UNATTENDED_CUSTOMER), due=due)
    if scene.place(at) is _Place.UNSEEN:
        return Verdict(Standing.UNKNOWN, customer_reasons.place_unseen(post), due=due)
    return Verdict(Standing.CLEAR, customer_reasons.nobody_stands(post), due=due)


def ending(post: Post, since: datetime, at: datetime, rule: UnattendedCustomerRule) -> Verdict | None:
    """How what was found to begin at `since` ended, or None while it lasts.

    UNKNOWN when it can not be seen any more. When the facts no longer show it for the length of the limit
    (they came late), the reason says so.
    """
    scene = _Scene(post, at, rule)
    for stretch in scene.stretches():
        if stretch.start <= since and (stretch.end is None or since < stretch.end):
            return None if stretch.end is None else _ended(post, since, stretch.end, stretch.ended_by, rule)
    moment = scene.attendance.moment(since)
    by = moment if moment.condition is not Condition.EMPTY else None
    return _ended(post, since, since, by, rule)


def finished(post: Post, after: datetime, at: datetime, rule: UnattendedCustomerRule) -> Iterator[Finished]:
    """What had reached the limit and ended after `after`, in order."""
    for stretch in _Scene(post, at, rule).stretches():
        if stretch.end is not None and stretch.end > after and stretch.found_at is not None:
            reason = customer_reasons.found(post, stretch.since, stretch.found_at, rule)
            yield Finished(
                Verdict(Standing.FOUND, reason, since=stretch.since),
                _ended(post, stretch.since, stretch.end, stretch.ended_by, rule),
            )


def _ended(
    post: Post, since: datetime, end: datetime, by: Moment | None, rule: UnattendedCustomerRule
) -> Verdict:
    unseen = by is not None and by.condition in (Condition.UNSEEN, Condition.EMPTY)
    reason = customer_reasons.ended(post, since, end, by, rule)
    return Verdict(Standing.UNKNOWN if unseen else Standing.CLEAR, reason, ended_at=end)


class _Scene:
    """A window and the place in front of it, up to one moment."""

    def __init__(self, post: Post, at: datetime, rule: UnattendedCustomerRule) -> None:
        self._post = post
        self._rule = rule
        self._tracks = [Track(sight, at, rule.stale_seconds) for sight in post.customers]
        self.attendance = Attendance(post, at, rule, beside=self._tracks)

    def place(self, at: datetime) -> _Place:
        """Whether somebody stands there: one camera that shows somebody is enough."""
        seen = [found.state for track in self._tracks if (found := track.seen(at)) is not None]
        if not seen:
            return _Place.UNSEEN
        return _Place.OCCUPIED if Presence.ON_POST in seen else _Place.EMPTY

    def due(self) -> datetime | None:
        """When the present moment could change by the passing of time alone, but for limits."""
        now = self.attendance.moment(self.attendance.at)
        return earliest(self.attendance.due(now), *(track.lost_at for track in self._tracks))

    def stretches(self) -> list[_Stretch]:
        """Customers without staff, in order; the last one may go on."""
        found: list[_Stretch] = []
        current: _Stretch | None = None
        for edge, following in pairwise([*self.attendance.edges, None]):
            if edge is None:
                break
            current = self._through(current, edge, following)
            if current is not None and current.end is not None:
                found.append(current)
                current = None
        return [*found, current] if current is not None else found

    def _through(
        self, stretch: _Stretch | None, edge: datetime, following: datetime | None
    ) -> _Stretch | None:
        """The stretch after the time from one edge to the next (None: to the present)."""
        moment, place = self.attendance.moment(edge), self.place(edge)
        if moment.condition is Condition.EMPTY and place is _Place.OCCUPIED:
            counted_from = self._post.counted_from or edge
            stretch = stretch or _Stretch(edge, max(edge, counted_from))
            return self._stands(stretch, moment, edge, following)
        if stretch is None:
            return None
        if moment.condition is not Condition.EMPTY or place is _Place.UNSEEN:
            if stretch.away_since is not None:
                return replace(stretch, end=stretch.away_since)  # they had gone before
            return replace(stretch, end=edge, ended_by=moment)
        away_since = stretch.away_since or edge
        if (following or self.attendance.at) >= away_since + timedelta(seconds=self._rule.gap_seconds):
            return replace(stretch, end=away_since)
        return replace(stretch, away_since=away_since, is_sure=stretch.is_sure or moment.surely)

    def _stands(
        self, stretch: _Stretch, moment: Moment, edge: datetime, following: datetime | None
    ) -> _Stretch:
        is_sure = stretch.is_sure or moment.surely
        reached = max(edge, stretch.since + timedelta(seconds=self._rule.limit_seconds))
        in_time = reached < following if following is not None else reached <= self.attendance.at
        found_at = reached if stretch.found_at is None and is_sure and in_time else stretch.found_at
        return replace(stretch, away_since=None, is_sure=is_sure, found_at=found_at)

"""Overlong pause (暂停超时): a window that is paused with a permitted reason for longer than that allows.

Only the states of the window are asked, and whether it is due at all; no camera. The allowance of the reason
is counted as for absence: there the excuse ends when this rule begins to find.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts import pause_reasons, reasons
from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.rules.attendance import earliest
from alerts.rules.expectation import Expectation
from alerts.rules.past import Finished
from alerts.rules.pauses import Pause
from hall.finding import AlertKind, Reason, Standing, Verdict
from hall.queueing import WindowState
from hall.rule import OverlongPauseRule


def judge(post: Post, at: datetime, rule: OverlongPauseRule) -> Verdict:
    """Judge one window at one moment: FOUND while a pause lasts and its allowance, with the grace, is over.

    `since` is when the pause began, `reached_at` when it became too long.
    """
    expectation = Expectation(post, at, rule.allowed_pauses)
    due = expectation.next_edge()
    pause = expectation.pause(at)
    if pause is None:
        unexpected = expectation.moment(at)
        if unexpected is not None and unexpected.condition is Condition.HALL_CLOSED:
            due = earliest(due, expectation.opens_at())
        return Verdict(Standing.CLEAR, _not_paused(post, unexpected), due=due)
    reached = _reached(pause, rule)
    if reached is None:
        return Verdict(Standing.CLEAR, pause_reasons.not_permitted(post, pause), due=due)
    if at < reached:
        return Verdict(Standing.CLEAR, pause_reasons.within(post, pause, rule), due=earliest(due, reached))
    found = pause_reasons.found(post, pause, at, rule)
    return Verdict(Standing.FOUND, found, since=pause.start, due=due, reached_at=reached)


def ending(post: Post, since: datetime, at: datetime, rule: OverlongPauseRule) -> Verdict | None:
    """How the pause that was found to begin at `since` ended, or None while it lasts.

    When the facts say now that it was not too long (they came late), the reason says so.
    """
    expectation = Expectation(post, at, rule.allowed_pauses)
    pause = expectation.pause(since)
    if pause is None:
        by = expectation.moment(since)
        return Verdict(Standing.CLEAR, pause_reasons.never_was(post, since, by), ended_at=since)
    end, reached = pause.interval.end, _reached(pause, rule)
    end = None if end is not None and end > at else end
    if reached is None or (end or at) < reached or end == reached:
        return Verdict(Standing.CLEAR, pause_reasons.in_time(post, pause, end, rule), ended_at=end or since)
    if end is None:
        return None
    return _ended(post, pause, end, expectation, rule)


def finished(post: Post, after: datetime, at: datetime, rule: OverlongPauseRule) -> Iterator[Finished]:
    """The pauses that were too long and ended after `after`, in order."""
    expectation = Expectation(post, at, rule.allowed_pauses)
    for pause in expectation.pauses:
        end, reached = pause.interval.end, _reached(pause, rule)
        if end is None or reached is None or not after < end <= at or end <= reached:
            continue
        found = Verdict(
            Standing.FOUND,
            pause_reasons.found(post, pause, reached, rule),
            since=pause.start,
            reached_at=reached,
        )
        yield Finished(found, _ended(post, pause, end, expectation, rule))


def _reached(pause: Pause, rule: OverlongPauseRule) -> datetime | None:
    """When a pause becomes too long; None when its reason has no allowance."""
    until = pause.allowed_until
    return None if until is None else until + timedelta(seconds=rule.grace_seconds)


def _ended(
    post: Post, pause: Pause, end: datetime, expectation: Expectation, rule: OverlongPauseRule
) -> Verdict:
    by = expectation.moment(end)
    status = expectation.status(end)
    goes_on = by is None or by.condition is Condition.EXCUSED
    reason = status.reason if goes_on and status is not None and status.state is WindowState.PAUSED else None
    return Verdict(Standing.CLEAR, pause_reasons.ended(post, pause, end, by, reason, rule), ended_at=end)


def _not_paused(post: Post, unexpected: Moment | None) -> Reason:
    if unexpected is not None:
        return reasons.post_stands(post, unexpected, AlertKind.OVERLONG_PAUSE)
    return pause_reasons.not_paused(post)

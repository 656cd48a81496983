"""Overlong wait (等候超时): a ticket that has waited for its call longer than allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import wait_reasons
from alerts.facts import Wait
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.queueing import TicketStatus
from hall.rule import OverlongWaitRule


def judge(wait: Wait, at: datetime, rule: OverlongWaitRule) -> Verdict:
    """Judge one ticket at one moment: FOUND while it waits and has waited for the limit.

    A ticket that was handed on to another window waits anew from then.
    """
    since = wait.ticket.waiting_since
    ended = ending(wait, since, at, rule)
    if ended is not None:
        return ended
    reached = since + timedelta(seconds=rule.limit_seconds)
    if at < reached:
        return Verdict(Standing.CLEAR, wait_reasons.goes_on(wait, at, rule), due=reached)
    return Verdict(Standing.FOUND, wait_reasons.found(wait, at, rule), since=since, due=wait.expires)


def ending(wait: Wait, since: datetime, at: datetime, rule: OverlongWaitRule) -> Verdict | None:
    """How a wait that began at `since` ended, or None while it lasts.

    A call that came in time but was told late takes the finding back, and the reason says so; as does what
    puts the beginning of the wait right, so that none went on at `since`.
    """
    if (then := _then(wait, since)) is not None:
        return ending(then, since, at, rule)
    ticket = wait.ticket
    if ticket.waiting_since > since:
        end = since
    elif ticket.status is not TicketStatus.WAITING or ticket.called_at is not None:
        end = max(since, ticket.called_at or ticket.finished_at or at)
    elif at >= wait.expires:
        end = max(since, wait.expires)
    else:
        return None
    return Verdict(Standing.CLEAR, wait_reasons.ended(wait, since, end, rule), ended_at=end)


def finished(wait: Wait, after: datetime, at: datetime, rule: OverlongWaitRule) -> Iterator[Finished]:
    """The waits of the ticket that had reached the limit and ended after `after`, in order."""
    for past in wait.ticket.past_waits:
        if (then := _then(wait, past.start)) is not None:
            yield from finished(then, after, at, rule)
    since = wait.ticket.waiting_since
    ended = ending(wait, since, at, rule)
    found_at = since + timedelta(seconds=rule.limit_seconds)
    if ended is not None and ended.ended_at is not None and max(after, found_at) < ended.ended_at:
        yield Finished(Verdict(Standing.FOUND, wait_reasons.found(wait, found_at, rule), since=since), ended)


def _then(wait: Wait, since: datetime) -> Wait | None:
    """The ticket as it was when an earlier wait ended that went on at `since`; None when none did."""
    past = next((one for one in wait.ticket.past_waits if one.contains(since)), None)
    if past is None:
        return None
    called = TicketStatus.CALLED
    then = replace(
        wait.ticket, status=called, waiting_since=past.start, called_at=past.end, past_waits=(), calling=None
    )
    return replace(wait, ticket=then)

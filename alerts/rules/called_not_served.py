"""Called but not served (叫号未办): a call that stands, and nobody is served, passed over or put on hold.

Calling again at the same window is the same call: whoever repeats it every minute has not served anybody yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import overdue_reasons
from alerts.facts import Wait
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.queueing import TicketStatus
from hall.rule import CalledNotServedRule


def judge(wait: Wait, at: datetime, rule: CalledNotServedRule) -> Verdict:
    """Judge the last call of a ticket at one moment: FOUND while it stands and has stood for the limit."""
    calling = wait.ticket.calling
    if calling is None:
        return Verdict(Standing.CLEAR, overdue_reasons.not_called(wait))
    ended = ending(wait, calling.start, at, rule)
    if ended is not None:
        return ended
    reached = calling.start + timedelta(seconds=rule.limit_seconds)
    if at < reached:
        return Verdict(Standing.CLEAR, overdue_reasons.call_stands(wait, calling.start, rule), due=reached)
    reason = overdue_reasons.call_found(wait, calling.start, at, rule)
    return Verdict(Standing.FOUND, reason, since=calling.start, due=wait.expires)


def ending(wait: Wait, since: datetime, at: datetime, rule: CalledNotServedRule) -> Verdict | None:
    """How the call that began at `since` ended, or None while it stands.

    A call that is not known (any more), of those before the last one too, is taken back.
    """
    if (then := _then(wait, since)) is not None:
        return ending(then, since, at, rule)
    calling = wait.ticket.calling
    if calling is None or calling.start != since:
        end = since
    elif calling.end is not None:
        end = calling.end
    elif at >= wait.expires:
        end = max(since, wait.expires)
    else:
        return None
    return Verdict(Standing.CLEAR, overdue_reasons.call_ended(wait, since, end, rule), ended_at=end)


def finished(wait: Wait, after: datetime, at: datetime, rule: CalledNotServedRule) -> Iterator[Finished]:
    """The calls of the ticket that had stood for the limit and ended after `after`, in order."""
    for past in wait.ticket.past_calls:
        if (then := _then(wait, past.start)) is not None:
            yield from finished(then, after, at, rule)
    calling = wait.ticket.calling
    if calling is None:
        return
    ended = ending(wait, calling.start, at, rule)
    found_at = calling.start + timedelta(seconds=rule.limit_seconds)
    if ended is not None and ended.ended_at is not None and max(after, found_at) < ended.ended_at:
        reason = overdue_reasons.call_found(wait, calling.start, found_at, rule)
        yield Finished(Verdict(Standing.FOUND, reason, since=calling.start), ended)


def _then(wait: Wait, since: datetime) -> Wait | None:
    """The ticket as it was when the earlier call ended that began at `since`; None when none did."""
    calls = (
        one for one in wait.ticket.past_calls if one.end != one.start
    )  # called elsewhere the same moment
    past = next((one for one in calls if one.start == since), None)
    if past is None:
        return None
    others = (*wait.ticket.past_calls, wait.ticket.calling)
    is_called_anew = any(one is not None and one.start == past.end for one in others)
    status = TicketStatus.CALLED if is_called_anew else TicketStatus.WAITING
    return replace(wait, ticket=replace(wait.ticket, status=status, calling=past, past_calls=()))

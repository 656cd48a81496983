"""Why a wait counts as overlong or not, and what the windows did meanwhile: sentences in both languages."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.desk_reasons import Words, windows_meanwhile
from alerts.facts import Wait
from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.finding import Reason
from hall.interval import Interval
from hall.queueing import TicketStatus
from hall.rule import OverlongWaitRule


def found(wait: Wait, at: datetime, rule: OverlongWaitRule) -> Reason:
    """A ticket has waited as long as the limit."""
    number, since = wait.ticket.number, wait.ticket.waiting_since
    start, lasted, limit = clock(wait.hall, since, at), at - since, timedelta(seconds=rule.limit_seconds)
    (zh, en), windows = _meanwhile(wait, Interval(since, at))
    return Reason(
        "overlong_wait.found",
        _values(wait, since, rule, seconds=seconds(lasted)) | windows,
        f"{number} 号自 {start} 起等候叫号，已 {length_zh(lasted)}（限 {length_zh(limit)}）{zh}",
        f"Ticket {number} has waited for its call since {start}, for {length_en(lasted)} "
        f"(limit {length_en(limit)}){en}",
    )


def goes_on(wait: Wait, at: datetime, rule: OverlongWaitRule) -> Reason:
    """A ticket waits, within the limit."""
    number, since = wait.ticket.number, wait.ticket.waiting_since
    start, limit = clock(wait.hall, since, at), timedelta(seconds=rule.limit_seconds)
    return Reason(
        "overlong_wait.waiting",
        _values(wait, since, rule),
        f"{number} 号自 {start} 起等候叫号（限 {length_zh(limit)}）",
        f"Ticket {number} waits for its call since {start} (limit {length_en(limit)})",
    )


def ended(wait: Wait, since: datetime, end: datetime, rule: OverlongWaitRule) -> Reason:
    """How a wait ended, and after how long; or that late facts take the finding back."""
    ticket, lasted = wait.ticket, end - since
    limit = timedelta(seconds=rule.limit_seconds)
    stop = clock(wait.hall, end, since)
    if ticket.waiting_since > since:
        return _not_waiting_then(wait, since, rule)
    if ticket.called_at is not None:
        because, zh, en = "called", "被叫号", "was called"
    elif ticket.status is TicketStatus.NO_SHOW:
        because, zh, en = "no_show", "过号", "was passed over as a no-show"
    elif ticket.status is TicketStatus.WAITING:
        because, zh, en = "expired", "随当日结束失效", "expired with the day it was taken on"
    else:
        because, zh, en = ticket.status.value, "不再等候", "does not wait any more"
    values = _values(wait, since, rule, seconds=seconds(lasted))
    values |= {"end": local(wait.hall, end), "because": because}
    if lasted < limit:
        return Reason(
            "overlong_wait.retracted",
            values,
            f"未超时：{ticket.number} 号已于 {stop} {zh}，等候 {length_zh(lasted)}（限 {length_zh(limit)}）",
            f"In time: ticket {ticket.number} {en} at {stop}, after {length_en(lasted)} "
            f"(limit {length_en(limit)})",
        )
    (more_zh, more_en), windows = _meanwhile(wait, Interval(since, end))
    return Reason(
        f"overlong_wait.ended.{because}",
        values | windows,
        f"{ticket.number} 号 {stop} {zh}，共等候 {length_zh(lasted)}（限 {length_zh(limit)}）{more_zh}",
        f"Ticket {ticket.number} {en} at {stop}, after {length_en(lasted)} "
        f"(limit {length_en(limit)}){more_en}",
    )


def _not_waiting_then(wait: Wait, since: datetime, rule: OverlongWaitRule) -> Reason:
    """The queue system tells of no such wait any more."""
    number, start = wait.ticket.number, clock(wait.hall, since, since)
    return Reason(
        "overlong_wait.retracted",
        _values(wait, since, rule, because="not_waiting_then"),
        f"撤回：按排队系统更正后的记录，{number} 号在 {start} 并未等候",
        f"Taken back: as the queue system tells it now, ticket {number} did not wait at {start}",
    )


def _meanwhile(wait: Wait, over: Interval) -> tuple[Words, dict[str, str]]:
    """What the windows that may serve the ticket did while it waited; nothing where they are not known."""
    own = [desk for desk in wait.desks if desk.window.id == wait.ticket.window]
    bound = own if own and wait.ticket.called_at is None else wait.desks
    (zh, en), values = windows_meanwhile(wait.hall, bound, over)
    return (f"；{zh}" if zh else "", f"; {en}" if en else ""), values


def _values(wait: Wait, since: datetime, rule: OverlongWaitRule, **more: str) -> dict[str, str]:
    limits = {"since": local(wait.hall, since), "limit_seconds": f"{rule.limit_seconds:g}"}
    return {"number": wait.ticket.number} | limits | more

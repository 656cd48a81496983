"""How a call and a step stand, in words: one sentence each in Chinese and English, with the figures."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.facts import Wait
from alerts.matter_facts import Service
from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.config import HallSettings
from hall.finding import Reason
from hall.names import WindowId
from hall.queueing import Step, TicketStatus
from hall.rule import CalledNotServedRule

STEPS = {
    Step.ACCEPT: ("受理", "acceptance"),
    Step.HANDLE: ("承办", "handling"),
    Step.REVIEW: ("审核", "review"),
    Step.APPROVE: ("批准", "approval"),
    Step.CLOSE: ("办结", "close"),
    Step.DELIVER: ("告知", "delivery"),
}


def not_called(wait: Wait) -> Reason:
    """Nobody has called the ticket, or its call was never told."""
    number = wait.ticket.number
    zh, en = f"{number} 号尚未被叫号", f"Ticket {number} has not been called"
    return Reason("called_not_served.not_called", {"number": number}, zh, en)


def call_stands(wait: Wait, since: datetime, rule: CalledNotServedRule) -> Reason:
    """A ticket is called, within the limit."""
    zh, en = _window(wait.hall, wait.ticket.window)
    number, start = wait.ticket.number, clock(wait.hall, since)
    limit = timedelta(seconds=rule.limit_seconds)
    return Reason(
        "called_not_served.called",
        _call_values(wait, since, rule),
        f"{zh}于 {start} 呼叫 {number} 号（限 {length_zh(limit)} 内开始办理）",
        f"{en} called ticket {number} at {start} (service is due within {length_en(limit)})",
    )


def call_found(wait: Wait, since: datetime, at: datetime, rule: CalledNotServedRule) -> Reason:
    """A call has stood as long as the limit."""
    zh, en = _window(wait.hall, wait.ticket.window)
    number, start, lasted = wait.ticket.number, clock(wait.hall, since, at), at - since
    limit = timedelta(seconds=rule.limit_seconds)
    return Reason(
        "called_not_served.found",
        _call_values(wait, since, rule, seconds=seconds(lasted)),
        f"{zh}自 {start} 呼叫 {number} 号后，{length_zh(lasted)}内既未开始办理，也未过号"
        f"（限 {length_zh(limit)}）",
        f"{en} called ticket {number} at {start}; for {length_en(lasted)} neither did service begin "
        f"nor was the ticket passed over (limit {length_en(limit)})",
    )


def call_ended(wait: Wait, since: datetime, end: datetime, rule: CalledNotServedRule) -> Reason:
    """How a call ended, and after how long; or that late facts take the finding back."""
    ticket, lasted, limit = wait.ticket, end - since, timedelta(seconds=rule.limit_seconds)
    stop = clock(wait.hall, end, since)
    if ticket.calling is None or ticket.calling.start != since:
        return _not_called_then(wait, since, rule)
    if ticket.calling.is_open:
        because, zh, en = "expired", "随当日结束失效", "expired with its day"
    elif ticket.status is TicketStatus.CALLED:
        because, zh, en = "called_anew", "另行叫号", "was called anew"
    elif ticket.status in (TicketStatus.SERVING, TicketStatus.SERVED):
        because, zh, en = "served", "开始办理", "began to be served"
    elif ticket.status is TicketStatus.NO_SHOW:
        because, zh, en = "no_show", "过号", "was passed over as a no-show"
    else:
        because, zh, en = "not_called", "不再处于叫号状态", "was not called any more"
    values = _call_values(wait, since, rule, seconds=seconds(lasted))
    values |= {"end": local(wait.hall, end), "because": because}
    if lasted < limit:
        return Reason(
            "called_not_served.retracted",
            values,
            f"未超时：{ticket.number} 号已于 {stop} {zh}，"
            f"距叫号 {length_zh(lasted)}（限 {length_zh(limit)}）",
            f"In time: ticket {ticket.number} {en} at {stop}, {length_en(lasted)} after its call "
            f"(limit {length_en(limit)})",
        )
    return Reason(
        f"called_not_served.ended.{because}",
        values,
        f"{ticket.number} 号 {stop} {zh}，距叫号 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"Ticket {ticket.number} {en} at {stop}, {length_en(lasted)} after its call "
        f"(limit {length_en(limit)})",
    )


def _not_called_then(wait: Wait, since: datetime, rule: CalledNotServedRule) -> Reason:
    """The queue system tells of no such call any more."""
    number, start = wait.ticket.number, clock(wait.hall, since, since)
    return Reason(
        "called_not_served.retracted",
        _call_values(wait, since, rule) | {"because": "not_called_then"},
        f"撤回：按排队系统更正后的记录，{start} 并未呼叫 {number} 号",
        f"Taken back: as the queue system tells it now, ticket {number} was not called at {start}",
    )


def no_step(service: Service) -> Reason:
    """Nothing of the transaction is being worked on."""
    number = service.transaction.ticket_number
    zh, en = f"{number} 号当前没有进行中的环节", f"No step of ticket {number} is going on"
    return Reason("overdue_step.none", {"number": number}, zh, en)


def step_lasts(service: Service, step: Step, since: datetime, limit: timedelta) -> Reason:
    """A step lasts, within its limit."""
    zh, en = STEPS[step]
    number, start = service.transaction.ticket_number, clock(service.hall, since)
    return Reason(
        "overdue_step.lasts",
        _step_values(service, step, since, limit),
        f"{number} 号自 {start} 起处于{zh}环节（限 {length_zh(limit)}）",
        f"The {en} of ticket {number} goes on since {start} (limit {length_en(limit)})",
    )


def step_found(service: Service, step: Step, since: datetime, at: datetime, limit: timedelta) -> Reason:
    """A step has lasted as long as its limit."""
    zh, en = STEPS[step]
    window_zh, window_en = _window(service.hall, service.transaction.window)
    number, start, lasted = service.transaction.ticket_number, clock(service.hall, since, at), at - since
    return Reason(
        "overdue_step.found",
        _step_values(service, step, since, limit, seconds=seconds(lasted)),
        f"{window_zh} {number} 号的{zh}环节自 {start} 起已 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"The {en} of ticket {number} at {window_en.lower()} goes on since {start}, for {length_en(lasted)} "
        f"(limit {length_en(limit)})",
    )


def step_ended(service: Service, step: Step, since: datetime, end: datetime, limit: timedelta) -> Reason:
    """A step is over, and how long it lasted; or late facts say that it was in time."""
    zh, en = STEPS[step]
    number, lasted, stop = service.transaction.ticket_number, end - since, clock(service.hall, end, since)
    values = _step_values(service, step, since, limit, seconds=seconds(lasted))
    values["end"] = local(service.hall, end)
    if lasted < limit:
        return Reason(
            "overdue_step.retracted",
            values,
            f"未超时：{number} 号的{zh}环节已于 {stop} 结束，"
            f"历时 {length_zh(lasted)}（限 {length_zh(limit)}）",
            f"In time: the {en} of ticket {number} ended at {stop}, after {length_en(lasted)} "
            f"(limit {length_en(limit)})",
        )
    if end >= service.expires:
        return Reason(
            "overdue_step.expired",
            values,
            f"{number} 号的{zh}环节随当日结束不再计时，自 {clock(service.hall, since)} 起未见结束",
            f"The {en} of ticket {number} is not counted beyond its day; "
            f"nobody told its end since {clock(service.hall, since)}",
        )
    return Reason(
        "overdue_step.ended",
        values,
        f"{number} 号的{zh}环节于 {stop} 结束，历时 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"The {en} of ticket {number} ended at {stop}, after {length_en(lasted)} (limit {length_en(limit)})",
    )


def step_unknown(service: Service, since: datetime) -> Reason:
    """Late facts know no step that began then."""
    number, start = service.transaction.ticket_number, clock(service.hall, since)
    return Reason(
        "overdue_step.retracted",
        {"number": number, "since": local(service.hall, since)},
        f"撤回：迟到的信息表明，{number} 号没有自 {start} 开始的环节",
        f"Taken back: facts that came late know no step of ticket {number} that began at {start}",
    )


def _window(hall: HallSettings, window: WindowId | None) -> tuple[str, str]:
    known = hall.window(window) if window is not None else None
    return (f"{known.number}号窗口", f"Window {known.number}") if known else ("窗口", "A window")


def _call_values(wait: Wait, since: datetime, rule: CalledNotServedRule, **more: str) -> dict[str, str]:
    values = {"number": wait.ticket.number, "since": local(wait.hall, since)}
    return values | {"window": wait.ticket.window or "", "limit_seconds": f"{rule.limit_seconds:g}"} | more


def _step_values(
    service: Service, step: Step, since: datetime, limit: timedelta, **more: str
) -> dict[str, str]:
    transaction = service.transaction
    return {
        "number": transaction.ticket_number,
        "window": transaction.window,
        "step": step.value,
        "since": local(service.hall, since),
        "limit_seconds": seconds(limit),
    } | more

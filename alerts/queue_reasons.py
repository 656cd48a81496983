"""Why a queue counts as long or not, and what could be done, in words: each in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.desk_reasons import NAMED, Words
from alerts.desks import Work
from alerts.facts import HallQueue
from alerts.queue_forecast import Line, waiting_at
from alerts.rules.openable import Openable, Opening, openable
from alerts.rules.queue_sights import people_beyond
from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.finding import Reason
from hall.rule import LongQueueRule

SUGGESTED = 3

WHY_OPENABLE: dict[Opening, Words] = {
    Opening.PAUSE_OVER: ("暂停已超过许可时间", "its pause is over what is permitted"),
    Opening.BACK_OFFICE: ("正在后台办理", "in the back office"),
    Opening.CLOSED: ("关闭", "closed"),
}


def found(
    queue: HallQueue, since: datetime, at: datetime, line: Line, most: int, rule: LongQueueRule
) -> Reason:
    """A queue has been too long for as long as the limit; `most` waited in it."""
    lasted, limit = at - since, timedelta(seconds=rule.limit_seconds)
    start = clock(queue.hall, since, at)
    values = _values(queue, line, rule, since) | {"seconds": seconds(lasted), "most": str(most)}
    more = [_standing(queue, at, line, values), _longest(queue, at, values), _forecast(line, values)]
    more += [_besides(queue, at, line, values), _suggestion(openable(queue, at), values)]
    return Reason(
        "long_queue.found",
        values,
        f"自 {start} 起排队过长，已 {length_zh(lasted)}（限 {length_zh(limit)}）："
        + "；".join(zh for zh, _ in more if zh),
        f"The queue is too long since {start}, for {length_en(lasted)} (limit {length_en(limit)}): "
        + "; ".join(en for _, en in more if en),
    )


def begins(queue: HallQueue, since: datetime, line: Line, rule: LongQueueRule) -> Reason:
    """Too long, but not yet for as long as the limit."""
    start, limit = clock(queue.hall, since), timedelta(seconds=rule.limit_seconds)
    return Reason(
        "long_queue.begins",
        _values(queue, line, rule, since),
        f"自 {start} 起排队达到限值，现有 {line.waiting} 人等候，"
        f"{line.at_work} 个窗口在办（限 {length_zh(limit)}）",
        f"The queue has reached its limit at {start}; {line.waiting} wait for {line.at_work} windows at work "
        f"(limit {length_en(limit)})",
    )


def short(queue: HallQueue, line: Line) -> Reason:
    """Within every limit."""
    return Reason(
        "long_queue.clear",
        {"hall": queue.hall.id, "waiting": str(line.waiting), "at_work": str(line.at_work)},
        f"{line.waiting} 人等候，{line.at_work} 个窗口在办",
        f"{line.waiting} wait for {line.at_work} windows at work",
    )


def ended(queue: HallQueue, since: datetime, end: datetime, rule: LongQueueRule, *, most: int) -> Reason:
    """A queue is short again; or late facts say that it never was too long for so long."""
    lasted, limit = end - since, timedelta(seconds=rule.limit_seconds)
    start, stop = clock(queue.hall, since, end), clock(queue.hall, end, since)
    values = {
        "hall": queue.hall.id,
        "since": local(queue.hall, since),
        "end": local(queue.hall, end),
        "seconds": seconds(lasted),
        "most": str(most),
        "limit_seconds": f"{rule.limit_seconds:g}",
    }
    if lasted < limit:
        return Reason(
            "long_queue.retracted",
            values,
            f"撤回：迟到的信息表明，排队过长未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that the queue was not too long for {length_en(limit)}",
        )
    return Reason(
        "long_queue.ended",
        values,
        f"{stop} 排队已缓解；自 {start} 起排队过长共 {length_zh(lasted)}，最多 {most} 人等候",
        f"At {stop} the queue is short again; it was too long since {start}, for {length_en(lasted)}, "
        f"with up to {most} waiting",
    )


def _standing(queue: HallQueue, at: datetime, line: Line, values: dict[str, str]) -> Words:
    """How many wait, and which windows work."""
    working = sorted(
        (desk.window.number for desk in queue.desks if desk.work(queue.hall, at).work is Work.AT_WORK),
    )
    handed = Counter(ticket.window for ticket in waiting_at(queue, at) if ticket.window is not None)
    numbers = {desk.window.id: desk.window.number for desk in queue.desks}
    bound = [(numbers[window], count) for window, count in handed.items() if window in numbers]
    values["working"] = " ".join(working)
    zh, en = f"{line.waiting} 人等候", f"{line.waiting} wait"
    if bound:
        zh += "（其中 " + "，".join(f"{number}号窗口 {count} 人" for number, count in sorted(bound)) + "）"
        en += " (" + ", ".join(f"{count} for window {number}" for number, count in sorted(bound)) + ")"
    if not working:
        return f"{zh}，没有窗口在办", f"{en}, no window is at work"
    total = len(queue.desks)
    if len(working) > NAMED:
        return (
            f"{zh}，{total} 个窗口中 {len(working)} 个在办",
            f"{en}, {len(working)} of {total} windows are at work",
        )
    verb = "window {} is" if len(working) == 1 else "windows {} are"
    return (
        f"{zh}，{'、'.join(working)}号窗口在办（共 {total} 个）",
        f"{en}, {verb.format(', '.join(working))} at work (of {total})",
    )


def _longest(queue: HallQueue, at: datetime, values: dict[str, str]) -> Words:
    waiting = waiting_at(queue, at)
    if not waiting:
        return "", ""
    first = waiting[0]
    lasted = at - first.waiting_since
    values |= {"longest": first.number, "longest_seconds": seconds(lasted)}
    return (
        f"{first.number} 号等候最久，已 {length_zh(lasted)}",
        f"ticket {first.number} waits longest, for {length_en(lasted)}",
    )


def _forecast(line: Line, values: dict[str, str]) -> Words:
    forecast = line.forecast
    if forecast is None or line.waiting == 0:
        return "", ""
    whole = timedelta(minutes=max(1, round(forecast.total_seconds() / 60)))
    values["forecast_seconds"] = seconds(whole)
    return (
        f"按最近一小时的办理速度，最后一人预计等候约 {length_zh(whole)}",
        f"at the pace of the last hour the last of them waits about {length_en(whole)}",
    )


def _besides(queue: HallQueue, at: datetime, line: Line, values: dict[str, str]) -> Words:
    """That far more people than tickets are seen: who they are no camera knows."""
    people = people_beyond(queue, at, line.waiting)
    if people is None:
        return "", ""
    values["people"] = str(people)
    return (
        f"等候区约有 {people} 人，明显多于候号人数，可能有人未取号等候",
        f"about {people} people are in the waiting zones, many more than tickets: some may wait without one",
    )


def _why(one: Openable) -> Words:
    zh, en = WHY_OPENABLE[one.why]
    return (f"{zh}，有人在岗", f"{en}, somebody is on post") if one.on_post else (zh, en)


def _suggestion(could: Sequence[Openable], values: dict[str, str]) -> Words:
    if not could:
        return "", ""
    few = could[:SUGGESTED]
    values["openable"] = " ".join(one.window.number for one in few)
    whys = [(one.window.number, *_why(one)) for one in few]
    zh = "、".join(f"{number}号窗口（{why}）" for number, why, _ in whys)
    en = ", ".join(f"window {number} ({why})" for number, _, why in whys)
    return f"可考虑开放：{zh}", f"could be opened: {en}"


def _values(queue: HallQueue, line: Line, rule: LongQueueRule, since: datetime) -> dict[str, str]:
    return {
        "hall": queue.hall.id,
        "since": local(queue.hall, since),
        "limit_seconds": f"{rule.limit_seconds:g}",
        "waiting": str(line.waiting),
        "at_work": str(line.at_work),
    }

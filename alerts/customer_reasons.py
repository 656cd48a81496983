"""Why customers count as unattended or not, in words: one sentence in both languages for each verdict."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import excuse_reasons
from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.reasons import ENDINGS
from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.finding import Reason
from hall.rule import UnattendedCustomerRule

LEFT = ("办事群众已离开", "nobody stands there any more")
PLACE_UNSEEN = ("此后看不到窗口前的情况", "the place in front of it cannot be seen any more")


def found(post: Post, since: datetime, at: datetime, rule: UnattendedCustomerRule) -> Reason:
    """The limit is reached: customers stand there and nobody is on post."""
    number, lasted, limit = post.window.number, at - since, timedelta(seconds=rule.limit_seconds)
    start = clock(post.hall, since, at)
    return Reason(
        "unattended_customer.found",
        _values(post, since, rule, seconds=seconds(lasted)),
        f"{number}号窗口自 {start} 起有人等候办事而无人在岗，已 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"Customers have stood at window {number} without staff since {start}, "
        f"for {length_en(lasted)} (limit {length_en(limit)})",
    )


def stands(post: Post, since: datetime, rule: UnattendedCustomerRule) -> Reason:
    """Customers stand there without staff, but not yet for as long as the limit, or not yet surely."""
    number, start = post.window.number, clock(post.hall, since)
    limit = timedelta(seconds=rule.limit_seconds)
    return Reason(
        "unattended_customer.begins",
        _values(post, since, rule),
        f"{number}号窗口自 {start} 起有人等候办事，未见有人在岗（限 {length_zh(limit)}）",
        f"Customers stand at window {number} since {start} and nobody is seen on post "
        f"(limit {length_en(limit)})",
    )


def nobody_stands(post: Post) -> Reason:
    """Nobody is on post, and nobody waits for it."""
    number = post.window.number
    return Reason(
        "unattended_customer.nobody",
        _window(post),
        f"{number}号窗口前无人等候办事",
        f"Nobody stands at window {number}",
    )


def place_unseen(post: Post) -> Reason:
    """No camera sees the place in front of the window."""
    number = post.window.number
    return Reason(
        "unattended_customer.place_unseen",
        _window(post),
        f"看不到{number}号窗口前的情况，无法判断",
        f"No camera sees who stands at window {number}: nothing can be said",
    )


def ended(
    post: Post, since: datetime, end: datetime, by: Moment | None, rule: UnattendedCustomerRule
) -> Reason:
    """What ended it, and how long it lasted; or that late facts take it back.

    `by` is how the post stood then (still empty: the place was lost from sight), None when the
    customers went.
    """
    number, lasted, limit = post.window.number, end - since, timedelta(seconds=rule.limit_seconds)
    start, stop = clock(post.hall, since, end), clock(post.hall, end, since)
    if by is None:
        because, (zh, en) = "left", LEFT
    elif by.condition is Condition.EMPTY:
        because, (zh, en) = "place_unseen", PLACE_UNSEEN
    else:
        because, (zh, en) = by.condition.value, excuse_reasons.because(by, ENDINGS)
    values = _values(post, since, rule, seconds=seconds(lasted))
    values |= {"end": local(post.hall, end), "because": because}
    if lasted < limit:
        return Reason(
            "unattended_customer.retracted",
            values,
            f"撤回：迟到的信息表明，{number}号窗口 {stop} {zh}，无人接待未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that at {stop} {en}; "
            f"customers were not without staff at window {number} for {length_en(limit)}",
        )
    return Reason(
        f"unattended_customer.ended.{because}",
        values,
        f"{number}号窗口 {stop} {zh}；自 {start} 起有人等候而无人在岗共 {length_zh(lasted)}",
        f"At {stop} {en}; customers had stood at window {number} without staff since {start}, "
        f"for {length_en(lasted)}",
    )


def _window(post: Post) -> dict[str, str]:
    name = post.window.name
    return {"window": post.window.id, "number": post.window.number, "name_zh": name.zh, "name_en": name.en}


def _values(post: Post, since: datetime, rule: UnattendedCustomerRule, **more: str) -> dict[str, str]:
    limit = {"since": local(post.hall, since), "limit_seconds": f"{rule.limit_seconds:g}"}
    return _window(post) | limit | more

"""Why a pause counts as overlong or not, in words: one sentence in both languages for each verdict."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import excuse_reasons
from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.reasons import ENDINGS, PAUSES
from alerts.rules.pauses import Pause
from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.finding import Reason
from hall.queueing import PauseReason
from hall.rule import OverlongPauseRule

RESUMED = ("恢复办理", "service was resumed")


def found(post: Post, pause: Pause, at: datetime, rule: OverlongPauseRule) -> Reason:
    """The allowance is over, and by how much."""
    zh, en = PAUSES[pause.reason]
    start, used = clock(post.hall, pause.start, at), pause.used(at)
    earlier_zh, earlier_en = _earlier(pause)
    over_zh, over_en = _over(pause, used)
    return Reason(
        "overlong_pause.found",
        _values(post, pause, rule, at),
        f"{post.window.number}号窗口自 {start} 起暂停（{zh}），已 {length_zh(used)}{earlier_zh}"
        f"（许可 {length_zh(_allowed(pause))}），{over_zh}",
        f"Window {post.window.number} has been paused ({en}) since {start}, "
        f"for {length_en(used)}{earlier_en} ({length_en(_allowed(pause))} allowed): {over_en}",
    )


def within(post: Post, pause: Pause, rule: OverlongPauseRule) -> Reason:
    """Paused, within the allowance or the grace."""
    zh, en = PAUSES[pause.reason]
    until = pause.allowed_until or pause.start
    return Reason(
        "overlong_pause.within",
        _values(post, pause, rule) | {"until": local(post.hall, until)},
        f"{post.window.number}号窗口暂停（{zh}），许可至 {clock(post.hall, until)}",
        f"Window {post.window.number} is paused ({en}), allowed until {clock(post.hall, until)}",
    )


def not_permitted(post: Post, pause: Pause) -> Reason:
    """Paused with a reason that has no allowance: that is for the rules about absence."""
    zh, en = PAUSES[pause.reason]
    return Reason(
        "overlong_pause.not_permitted",
        _window(post) | {"pause": pause.reason.value},
        f"{post.window.number}号窗口暂停（{zh}），该事由不设许可时长，按离岗判断",
        f"Window {post.window.number} is paused ({en}); absence is judged, this reason has no allowance",
    )


def not_paused(post: Post) -> Reason:
    """The window is not paused, or says no reason."""
    return Reason(
        "overlong_pause.clear",
        _window(post),
        f"{post.window.number}号窗口未暂停",
        f"Window {post.window.number} is not paused",
    )


def ended(
    post: Post,
    pause: Pause,
    end: datetime,
    by: Moment | None,
    reason: PauseReason | None,
    rule: OverlongPauseRule,
) -> Reason:
    """What ended an overlong pause, after how long, and by how much it was over its allowance.

    `by` is why nobody is due from then on, None where somebody is; `reason` is that of the pause that
    follows at once.
    """
    zh, en = PAUSES[pause.reason]
    because, because_zh, because_en = _because(by, reason)
    start, stop, used = (
        clock(post.hall, pause.start, end),
        clock(post.hall, end, pause.start),
        pause.used(end),
    )
    earlier_zh, earlier_en = _earlier(pause)
    over_zh, over_en = _over(pause, used)
    return Reason(
        f"overlong_pause.ended.{because}",
        _values(post, pause, rule, end) | {"end": local(post.hall, end), "because": because},
        f"{post.window.number}号窗口 {stop} {because_zh}；自 {start} 起暂停（{zh}）共 {length_zh(used)}"
        f"{earlier_zh}（许可 {length_zh(_allowed(pause))}），{over_zh}",
        f"At {stop} {because_en}; window {post.window.number} was paused ({en}) since {start}, "
        f"for {length_en(used)}{earlier_en} ({length_en(_allowed(pause))} allowed): {over_en}",
    )


def in_time(post: Post, pause: Pause, end: datetime | None, rule: OverlongPauseRule) -> Reason:
    """Facts that came late say that the pause keeps to what is allowed."""
    zh, en = PAUSES[pause.reason]
    values = _values(post, pause, rule)
    if pause.allowed is None:
        zh_, en_ = f"暂停事由为{zh}，按离岗判断", f"it is a pause ({en}) that has no allowance"
    elif end is None:
        until = clock(post.hall, pause.allowed_until or pause.start)
        zh_, en_ = f"暂停（{zh}）许可至 {until}", f"the pause ({en}) is allowed until {until}"
    else:
        stop = clock(post.hall, end, pause.start)
        zh_, en_ = (
            f"暂停（{zh}）止于 {stop}，未超出许可",
            f"the pause ({en}) ended at {stop}, within what is allowed",
        )
        values |= {"end": local(post.hall, end)}
    return Reason(
        "overlong_pause.retracted",
        values,
        f"撤回：迟到的信息表明，{post.window.number}号窗口{zh_}",
        f"Taken back: facts that came late say of window {post.window.number} that {en_}",
    )


def never_was(post: Post, since: datetime, by: Moment | None) -> Reason:
    """Facts that came late say that the window was not paused, or that nobody was due then."""
    start = clock(post.hall, since)
    if by is None:
        zh, en = "窗口未暂停", "it was not paused"
    else:
        zh, en = excuse_reasons.because(by, ENDINGS)
    return Reason(
        "overlong_pause.retracted",
        _window(post)
        | {"since": local(post.hall, since), "because": by.condition.value if by else "not_paused"},
        f"撤回：迟到的信息表明，{post.window.number}号窗口 {start} {zh}",
        f"Taken back: facts that came late say of window {post.window.number} that at {start} {en}",
    )


def _because(by: Moment | None, reason: PauseReason | None) -> tuple[str, str, str]:
    if reason is not None:
        zh, en = PAUSES[reason]
        return "other_reason", f"改以其他事由暂停（{zh}）", f"the pause went on for another reason ({en})"
    if by is None or by.condition is Condition.EXCUSED:
        return "resumed", *RESUMED
    return by.condition.value, *excuse_reasons.because(by, ENDINGS)


def _over(pause: Pause, used: timedelta) -> tuple[str, str]:
    over = used - _allowed(pause)
    # What is found at once is over by milliseconds: "by 0.0 s" would say nothing.
    if over < timedelta(seconds=1):
        return "许可时长已用完", "its allowance is used up"
    return f"超出 {length_zh(over)}", f"over its allowance by {length_en(over)}"


def _earlier(pause: Pause) -> tuple[str, str]:
    if not pause.earlier:
        return "", ""
    return (
        f"（含本次暂停此前的 {length_zh(pause.earlier)}）",
        f" together with {length_en(pause.earlier)} before in the same pause",
    )


def _allowed(pause: Pause) -> timedelta:
    return pause.allowed or timedelta(0)


def _window(post: Post) -> dict[str, str]:
    name = post.window.name
    return {"window": post.window.id, "number": post.window.number, "name_zh": name.zh, "name_en": name.en}


def _values(post: Post, pause: Pause, rule: OverlongPauseRule, at: datetime | None = None) -> dict[str, str]:
    values = _window(post) | {
        "pause": pause.reason.value,
        "since": local(post.hall, pause.start),
        "allowed_seconds": seconds(_allowed(pause)),
        "limit_seconds": f"{_allowed(pause).total_seconds() + rule.grace_seconds:g}",
    }
    if at is not None:
        used = pause.used(at)
        values |= {
            "seconds": seconds(used),
            "over_seconds": seconds(max(timedelta(0), used - _allowed(pause))),
        }
    return values

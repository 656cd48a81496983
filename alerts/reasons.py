"""Why, in words: one sentence for each verdict, in Chinese and English, with the hall's local time.

Every reason also carries a stable key and its values, so that a screen or a notifier can write its own
sentence. Times among the values are RFC 3339 with the hall's offset, lengths are seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import excuse_reasons
from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.wording import capital, clock, length_en, length_zh, local, seconds
from hall.config import HallSettings
from hall.finding import AlertKind, Reason
from hall.queueing import PauseReason
from hall.rule import AbsenceRule, Rule

PAUSES = {
    PauseReason.BREAK: ("休息", "break"),
    PauseReason.BACK_OFFICE: ("后台办理", "back office"),
    PauseReason.LEAVE: ("请假/公出", "leave"),
    PauseReason.FAULT: ("设备故障", "fault"),
}
ENDINGS = {
    Condition.ON_POST: ("已有人在岗", "somebody is on post again"),
    Condition.EXCUSED: ("窗口已按规定暂停", "the window is paused with a permitted reason"),
    Condition.ANNOUNCED: ("公告生效", "an announcement has come into force"),
    Condition.ON_LEAVE: ("已获批准的请假生效，此时无人应在岗", "approved leave holds and nobody is due"),
    Condition.OFF_DUTY: ("排班表上此时无班次", "the roster has no shift"),
    Condition.CLOSED: ("窗口已关闭", "the window has closed"),
    Condition.NOT_OPENED: ("窗口不在开放状态", "the window is not open"),
    Condition.HALL_CLOSED: ("大厅已关闭", "the hall has closed"),
    Condition.UNSEEN: ("此后看不到画面，无法继续判断", "it cannot be seen any more"),
}


def absence_found(post: Post, since: datetime, at: datetime, rule: AbsenceRule) -> Reason:
    """The limit is reached: nobody is on post."""
    zh, en = _window(post)
    start, lasted, limit = clock(post.hall, since, at), at - since, timedelta(seconds=rule.limit_seconds)
    return Reason(
        "absence.found",
        _absence_values(post, since, rule, seconds=seconds(lasted)),
        f"{zh}自 {start} 起无人在岗，已 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"{capital(en)} has been unattended since {start}, "
        f"for {length_en(lasted)} (limit {length_en(limit)})",
    )


def absence_begins(post: Post, since: datetime, rule: AbsenceRule) -> Reason:
    """Empty, but not yet for as long as the limit, or not yet surely."""
    zh, en = _window(post)
    start, limit = clock(post.hall, since), timedelta(seconds=rule.limit_seconds)
    return Reason(
        "absence.begins",
        _absence_values(post, since, rule),
        f"{zh}自 {start} 起未见有人在岗（限 {length_zh(limit)}）",
        f"Nobody is seen at {en} since {start} (limit {length_en(limit)})",
    )


def post_stands(post: Post, moment: Moment, kind: AlertKind = AlertKind.ABSENCE) -> Reason:
    """Why a post that does not count as empty gives no finding of this kind."""
    zh, en = _window(post)
    values = _window_values(post)
    sentences = {
        Condition.HALL_CLOSED: (f"大厅未开放，{zh}无需在岗", f"The hall is closed; nobody is due at {en}"),
        Condition.NOT_OPENED: (f"{zh}今天尚未开放", f"{capital(en)} has not been opened today"),
        Condition.CLOSED: (f"{zh}已关闭", f"{capital(en)} is closed"),
        Condition.UNSEEN: (f"看不到{zh}的画面，无法判断", f"No camera sees {en}: nothing can be said"),
        Condition.ON_POST: (f"{zh}有人在岗", f"Somebody is on post at {en}"),
    }
    if moment.condition in excuse_reasons.TOLD:
        more, zh, en = excuse_reasons.told(post, moment, zh, en)
        values |= more
    elif moment.condition is Condition.EXCUSED and moment.until is not None and moment.pause is not None:
        until = clock(post.hall, moment.until)
        pause_zh, pause_en = PAUSES[moment.pause]
        values |= {"pause": moment.pause.value, "until": local(post.hall, moment.until)}
        zh, en = (
            f"{zh}暂停（{pause_zh}），许可至 {until}",
            f"{capital(en)} is paused ({pause_en}), allowed until {until}",
        )
    else:
        zh, en = sentences[moment.condition]
    return Reason(f"{kind}.{moment.condition}", values, zh, en)


def absence_ended(post: Post, since: datetime, end: datetime, moment: Moment, rule: AbsenceRule) -> Reason:
    """What ended an absence, and how long it lasted; or that late facts take it back."""
    zh, en = _window(post)
    lasted, limit = end - since, timedelta(seconds=rule.limit_seconds)
    start, stop = clock(post.hall, since, end), clock(post.hall, end, since)
    because_zh, because_en = excuse_reasons.because(moment, ENDINGS)
    values = _absence_values(post, since, rule, seconds=seconds(lasted))
    values |= {"end": local(post.hall, end), "because": moment.condition.value}
    if lasted < limit:
        return Reason(
            "absence.retracted",
            values,
            f"撤回：迟到的信息表明，{zh} {stop} {because_zh}，无人在岗未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that at {stop} {because_en}; "
            f"{en} was not unattended for {length_en(limit)}",
        )
    return Reason(
        f"absence.ended.{moment.condition}",
        values,
        f"{zh} {stop} {because_zh}；自 {start} 起无人在岗共 {length_zh(lasted)}",
        f"At {stop} {because_en}; {en} was unattended since {start}, for {length_en(lasted)}",
    )


def goes_on(kind: AlertKind) -> Reason:
    """Facts that came late leave no end between two alerts: one of them tells of all of it."""
    return Reason(
        f"{kind}.retracted",
        {},
        "撤回：迟到的信息表明，其间并未中断，由同一对象的另一告警一并说明",
        "Taken back: facts that came late say that it never ended; another alert about it tells of all of it",
    )


def never_sure(kind: AlertKind) -> Reason:
    """Facts that came late leave no moment at which staff was surely away."""
    return Reason(
        f"{kind}.retracted",
        {},
        "撤回：迟到的信息表明，始终不能确定无人在岗",
        "Taken back: by facts that came late it was never sure that nobody was on post",
    )


def never_due(kind: AlertKind, told: Reason) -> Reason:
    """Facts that came late say that a limit had not come near when it was found; `told` is how it stands."""
    return Reason(
        f"{kind}.retracted",
        told.values,
        f"撤回：按迟到的信息，当时期限尚未临近。{told.zh}",
        f"Taken back: by facts that came late, the limit had not come near then. {told.en}",
    )


def not_judged_any_more(kind: AlertKind) -> Reason:
    """The rule, or what it was about, is gone from the configuration."""
    return Reason(
        f"{kind}.not_judged",
        {},
        "规则已停用或其对象已从配置中移除",
        "The rule is switched off, or what it was about is gone from the configuration",
    )


def _window(post: Post) -> tuple[str, str]:
    return f"{post.window.number}号窗口", f"window {post.window.number}"


def _window_values(post: Post) -> dict[str, str]:
    name = post.window.name
    return {"window": post.window.id, "number": post.window.number, "name_zh": name.zh, "name_en": name.en}


def _absence_values(post: Post, since: datetime, rule: Rule, **more: str) -> dict[str, str]:
    return _window_values(post) | _limit_values(post.hall, since, rule) | more


def _limit_values(hall: HallSettings, since: datetime, rule: Rule) -> dict[str, str]:
    return {"since": local(hall, since), "limit_seconds": f"{rule.limit_seconds:g}"}

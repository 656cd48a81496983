"""Why, in words: one sentence for each verdict, in Chinese and English, with the hall's local time.

Every reason also carries a stable key and its values, so that a screen or a notifier can write its own
sentence. Times among the values are RFC 3339 with the hall's offset, lengths are seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts import excuse_reasons
from alerts.condition import Condition, Moment
from alerts.facts import Outage, Post, Wait
from alerts.wording import capital, clock, length_en, length_zh, local, seconds
from hall.config import HallSettings
from hall.finding import AlertKind, Reason
from hall.media import Gap, GapReason
from hall.queueing import PauseReason, TicketStatus
from hall.rule import AbsenceRule, CameraFaultRule, OverlongWaitRule, Rule

PAUSES = {
    PauseReason.BREAK: ("休息", "break"),
    PauseReason.BACK_OFFICE: ("后台办理", "back office"),
    PauseReason.LEAVE: ("请假/公出", "leave"),
    PauseReason.FAULT: ("设备故障", "fault"),
}
FAULTS = {
    GapReason.OFFLINE: ("无法连接", "cannot be reached"),
    GapReason.STALLED: ("不再送出画面", "has stopped delivering"),
    GapReason.UNAUTHORIZED: ("拒绝用户名或密码", "refuses the user or password"),
    GapReason.NOT_FOUND: ("没有所配置的码流", "has no stream under the configured path"),
    GapReason.MALFORMED: ("送出的不是可读的码流", "delivers no readable stream"),
    GapReason.DISK_FULL: ("因磁盘已满无法录像", "cannot be recorded, the disk is full"),
    GapReason.WRITE_FAILED: ("因录像无法写入而中断", "cannot be recorded, writing fails"),
    GapReason.PROCESS_RESTART: ("录像进程正在重启", "is waiting for the recorder to restart"),
    GapReason.STARTING: ("正在连接", "is being connected"),
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

NOT_TRIED = frozenset({GapReason.PROCESS_RESTART, GapReason.STARTING})
"""Gaps in which nobody tried the camera."""


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


def wait_found(wait: Wait, at: datetime, rule: OverlongWaitRule) -> Reason:
    """A ticket has waited as long as the limit."""
    number, since = wait.ticket.number, wait.ticket.waiting_since
    start, lasted, limit = clock(wait.hall, since, at), at - since, timedelta(seconds=rule.limit_seconds)
    return Reason(
        "overlong_wait.found",
        _wait_values(wait, since, rule, seconds=seconds(lasted)),
        f"{number} 号自 {start} 起等候叫号，已 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"Ticket {number} has waited for its call since {start}, for {length_en(lasted)} "
        f"(limit {length_en(limit)})",
    )


def wait_goes_on(wait: Wait, at: datetime, rule: OverlongWaitRule) -> Reason:
    """A ticket waits, within the limit."""
    number, since = wait.ticket.number, wait.ticket.waiting_since
    start, limit = clock(wait.hall, since, at), timedelta(seconds=rule.limit_seconds)
    return Reason(
        "overlong_wait.waiting",
        _wait_values(wait, since, rule),
        f"{number} 号自 {start} 起等候叫号（限 {length_zh(limit)}）",
        f"Ticket {number} waits for its call since {start} (limit {length_en(limit)})",
    )


def wait_ended(wait: Wait, since: datetime, end: datetime, rule: OverlongWaitRule) -> Reason:
    """How a wait ended, and after how long; or that late facts take the finding back."""
    ticket, lasted = wait.ticket, end - since
    limit = timedelta(seconds=rule.limit_seconds)
    stop = clock(wait.hall, end, since)
    if ticket.waiting_since > since:
        because, zh, en = "handed_on", "已转至其他窗口", "was handed on"
    elif ticket.called_at is not None:
        because, zh, en = "called", "被叫号", "was called"
    elif ticket.status is TicketStatus.NO_SHOW:
        because, zh, en = "no_show", "过号", "was passed over as a no-show"
    elif ticket.status is TicketStatus.WAITING:
        because, zh, en = "expired", "随当日结束失效", "expired with the day it was taken on"
    else:
        because, zh, en = ticket.status.value, "不再等候", "does not wait any more"
    values = _wait_values(wait, since, rule, seconds=seconds(lasted))
    values |= {"end": local(wait.hall, end), "because": because}
    if lasted < limit:
        return Reason(
            "overlong_wait.retracted",
            values,
            f"未超时：{ticket.number} 号已于 {stop} {zh}，等候 {length_zh(lasted)}（限 {length_zh(limit)}）",
            f"In time: ticket {ticket.number} {en} at {stop}, after {length_en(lasted)} "
            f"(limit {length_en(limit)})",
        )
    return Reason(
        f"overlong_wait.ended.{because}",
        values,
        f"{ticket.number} 号 {stop} {zh}，共等候 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"Ticket {ticket.number} {en} at {stop}, after {length_en(lasted)} (limit {length_en(limit)})",
    )


def outage_found(outage: Outage, gap: Gap, since: datetime, at: datetime, rule: CameraFaultRule) -> Reason:
    """A camera has been silent as long as the limit."""
    zh, en = FAULTS[gap.reason]
    name, lasted, limit = outage.camera.name, at - since, timedelta(seconds=rule.limit_seconds)
    start = clock(outage.hall, since, at)
    return Reason(
        "camera_fault.found",
        _camera_values(outage, since, rule, fault=gap.reason.value, seconds=seconds(lasted)),
        f"摄像机「{name.zh}」{zh}，自 {start} 起没有录像，已 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"Camera '{name.en}' {en}; nothing is recorded since {start}, "
        f"for {length_en(lasted)} (limit {length_en(limit)})",
    )


def outage_begins(outage: Outage, gap: Gap, since: datetime, rule: CameraFaultRule) -> Reason:
    """A camera is silent, but not yet for as long as the limit."""
    zh, en = FAULTS[gap.reason]
    start = clock(outage.hall, since)
    return Reason(
        "camera_fault.begins",
        _camera_values(outage, since, rule, fault=gap.reason.value),
        f"摄像机「{outage.camera.name.zh}」自 {start} 起{zh}",
        f"Camera '{outage.camera.name.en}' {en} since {start}",
    )


def outage_ended(outage: Outage, since: datetime, end: datetime, rule: CameraFaultRule) -> Reason:
    """A camera delivers again; or late facts say that it never stopped for so long."""
    lasted, limit = end - since, timedelta(seconds=rule.limit_seconds)
    start, stop = clock(outage.hall, since, end), clock(outage.hall, end, since)
    values = _camera_values(outage, since, rule, seconds=seconds(lasted)) | {"end": local(outage.hall, end)}
    name = outage.camera.name
    if lasted < limit:
        return Reason(
            "camera_fault.retracted",
            values,
            f"撤回：迟到的信息表明，摄像机「{name.zh}」的缺口止于 {stop}，未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that camera '{name.en}' delivered again at {stop}, "
            f"before {length_en(limit)} had passed",
        )
    if any(gap.interval.start == end and gap.reason in NOT_TRIED for gap in outage.gaps):
        return Reason(
            "camera_fault.not_tried",
            values,
            f"{stop} 起录像程序停止，不再得知摄像机「{name.zh}」的状况；此前自 {start} 起没有录像",
            f"The recorder itself was off from {stop}; how camera '{name.en}' was after that is not known. "
            f"Nothing had been recorded since {start}",
        )
    return Reason(
        "camera_fault.ended",
        values,
        f"摄像机「{name.zh}」{stop} 恢复；自 {start} 起没有录像共 {length_zh(lasted)}",
        f"Camera '{name.en}' delivers again at {stop}; nothing was recorded since {start}, "
        f"for {length_en(lasted)}",
    )


def camera_delivers(outage: Outage) -> Reason:
    """No gap is open."""
    name = outage.camera.name
    return Reason(
        "camera_fault.clear",
        {"camera": outage.camera.id},
        f"摄像机「{name.zh}」正常",
        f"Camera '{name.en}' delivers",
    )


def camera_not_recorded(outage: Outage) -> Reason:
    """The configuration says not to record this camera."""
    name = outage.camera.name
    return Reason(
        "camera_fault.not_recorded",
        {"camera": outage.camera.id},
        f"摄像机「{name.zh}」按配置不录像",
        f"Camera '{name.en}' is not recorded",
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


def _wait_values(wait: Wait, since: datetime, rule: Rule, **more: str) -> dict[str, str]:
    return {"number": wait.ticket.number} | _limit_values(wait.hall, since, rule) | more


def _camera_values(outage: Outage, since: datetime, rule: Rule, **more: str) -> dict[str, str]:
    name = outage.camera.name
    camera = {"camera": outage.camera.id, "name_zh": name.zh, "name_en": name.en}
    return camera | _limit_values(outage.hall, since, rule) | more


def _limit_values(hall: HallSettings, since: datetime, rule: Rule) -> dict[str, str]:
    return {"since": local(hall, since), "limit_seconds": f"{rule.limit_seconds:g}"}

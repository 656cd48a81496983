"""How a case stands against its limit, in words that may be shown to whoever applied."""

from __future__ import annotations

from datetime import datetime

from alerts.matter_facts import CaseFile
from alerts.wording import local
from hall.finding import Reason
from hall.rule import LimitKind, OverdueTransactionRule
from hall.time_limit import TimeLimit

LIMITS = {LimitKind.PROMISED: ("承诺", "promised"), LimitKind.STATUTORY: ("法定", "statutory")}


def runs(file: CaseFile, limit: TimeLimit, days: int, rule: OverdueTransactionRule, at: datetime) -> Reason:
    """How many working days are left at a moment, or by how many the limit is exceeded."""
    today, left = file.days.date_of(at), 0
    if at < limit.ends_at:
        left = file.calendar.working_days_between(today, limit.last_day)
        key = "last_day" if left == 0 else "runs"
        zh = "今天为最后一天" if left == 0 else f"还剩 {left} 个工作日"
        en = "today is the last day" if left == 0 else f"{_days(left)} left"
    else:
        over = file.calendar.working_days_between(limit.last_day, today)
        key, left = "over", -over
        zh = f"已超期 {over} 个工作日" if over else "已超期"
        en = f"overdue by {_days(over)}" if over else "overdue"
    due_zh, due_en = _due(file, limit, days, rule)
    assumed_zh, assumed_en = _assumed(limit)
    return Reason(
        f"overdue_transaction.{key}",
        _values(file, limit, rule) | {"days": str(days), "left": str(left)},
        f"{due_zh}，{zh}{assumed_zh}",
        f"{due_en}: {en}{assumed_en}",
    )


def moved(file: CaseFile, limit: TimeLimit, days: int, rule: OverdueTransactionRule) -> Reason:
    """The limit ends later than was known when something was found."""
    due_zh, due_en = _due(file, limit, days, rule)
    assumed_zh, assumed_en = _assumed(limit)
    return Reason(
        "overdue_transaction.moved",
        _values(file, limit, rule) | {"days": str(days)},
        f"期限已变更：{due_zh}{assumed_zh}",
        f"The limit has moved: {due_en}{assumed_en}",
    )


def decided(file: CaseFile, limit: TimeLimit | None, rule: OverdueTransactionRule) -> Reason:
    """The case is closed: within its limit or not; or there never was such a case."""
    closed_at = file.case.closed_at
    zh, en = _case(file)
    if file.case.withdrawn or closed_at is None:
        return Reason(
            "overdue_transaction.withdrawn",
            {"serial": file.case.serial},
            f"撤回：{zh}的受理已更正，不存在该办件",
            f"Taken back: the acceptance of {en} was corrected, there is no such case",
        )
    when = _moment(file, closed_at)
    values = _values(file, limit, rule) | {"closed": local(file.hall, closed_at)}
    if limit is None:
        return Reason(
            "overdue_transaction.closed", values, f"{zh}已于 {when} 办结", f"Decided at {when}: {en}"
        )
    kind_zh, kind_en = LIMITS[rule.limit]
    until = _moment(file, limit.ends_at)
    if closed_at <= limit.ends_at:
        return Reason(
            "overdue_transaction.closed.in_time",
            values,
            f"{zh}已于 {when} 办结，未超过{kind_zh}期限（{until}）",
            f"Decided at {when}, within the {kind_en} limit ({until}): {en}",
        )
    over = file.calendar.working_days_between(limit.last_day, file.days.date_of(closed_at))
    over_zh = f"超过{kind_zh}期限（{until}）" + (f" {over} 个工作日" if over else "")
    over_en = f"after the {kind_en} limit ({until})" + (f", by {_days(over)}" if over else "")
    return Reason(
        "overdue_transaction.closed.late",
        values | {"over": str(over)},
        f"{zh}已于 {when} 办结，{over_zh}",
        f"Decided at {when}, {over_en}: {en}",
    )


def decided_before(file: CaseFile, rule: OverdueTransactionRule) -> Reason:
    """The close, told late or corrected, lies before anything was to be found of the case."""
    zh, en = _case(file)
    when = _moment(file, file.case.closed_at or file.case.accepted_at)
    return Reason(
        "overdue_transaction.retracted",
        _values(file, None, rule),
        f"撤回：迟到的信息表明，{zh}已于 {when} 办结，当时期限尚未临近",
        f"Taken back: facts that came late say that it was decided at {when}, "
        f"before its limit came near: {en}",
    )


def closed(file: CaseFile) -> Reason:
    """The case is closed, and nothing is to be found of it any more."""
    zh, en = _case(file)
    return Reason("overdue_transaction.closed", {"serial": file.case.serial}, f"{zh}已办结", f"Decided: {en}")


def suspended(file: CaseFile, since: datetime) -> Reason:
    """The limit does not run."""
    zh, en = _case(file)
    start = _moment(file, since)
    return Reason(
        "overdue_transaction.suspended",
        {"serial": file.case.serial, "since": local(file.hall, since)},
        f"{zh}自 {start} 起中止计时（补正、听证、检验等），其间不计入期限",
        f"The limit does not run since {start} (supplements, hearing, tests or the like): {en}",
    )


def no_limit(file: CaseFile, rule: OverdueTransactionRule) -> Reason:
    """The item has no such limit, or is not known."""
    zh, en = _case(file)
    kind_zh, kind_en = LIMITS[rule.limit]
    return Reason(
        "overdue_transaction.no_limit",
        {"serial": file.case.serial, "limit": rule.limit.value},
        f"{zh}没有{kind_zh}期限",
        f"There is no {kind_en} limit: {en}",
    )


def _due(file: CaseFile, limit: TimeLimit, days: int, rule: OverdueTransactionRule) -> tuple[str, str]:
    kind_zh, kind_en = LIMITS[rule.limit]
    zh, en = _case(file)
    accepted, until = file.days.date_of(file.case.accepted_at), _moment(file, limit.ends_at)
    extended = file.case.extended_days
    more_zh = f"，含延期 {extended} 个" if extended else ""
    more_en = f", {extended} of them by extension" if extended else ""
    return (
        f"{zh}于 {accepted} 受理，{kind_zh} {days} 个工作日{more_zh}，应于 {until} 前办结",
        f"{en}, accepted on {accepted}, is due by {until} ({kind_en}: {_days(days)}{more_en})",
    )


def _case(file: CaseFile) -> tuple[str, str]:
    case, item = file.case, file.hall.item(file.case.item)
    if item is None:
        return f"办件 {case.serial}", f"Case {case.serial}"
    return f"办件 {case.serial}（{item.name.zh}）", f"Case {case.serial} ({item.name.en})"


def _assumed(limit: TimeLimit) -> tuple[str, str]:
    if not limit.assumed:
        return "", ""
    years = "、".join(str(year) for year in limit.assumed), ", ".join(str(year) for year in limit.assumed)
    return (
        f"（{years[0]} 年调休安排尚未录入，期限可能变动）",
        f" (the adjusted workdays of {years[1]} are not entered yet, so the limit may move)",
    )


def _days(count: int) -> str:
    return "1 working day" if count == 1 else f"{count} working days"


def _moment(file: CaseFile, at: datetime) -> str:
    there = at.astimezone(file.hall.zone_info)
    return f"{there:%Y-%m-%d %H:%M}"


def _values(file: CaseFile, limit: TimeLimit | None, rule: OverdueTransactionRule) -> dict[str, str]:
    case = file.case
    values = {
        "serial": case.serial,
        "item": case.item or "",
        "window": case.window or "",
        "limit": rule.limit.value,
        "accepted": local(file.hall, case.accepted_at),
    }
    if limit is not None:
        values |= {"last_day": limit.last_day.isoformat(), "due": local(file.hall, limit.ends_at)}
        values |= {"assumed": ",".join(str(year) for year in limit.assumed)}
    return values

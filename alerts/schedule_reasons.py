"""Why a rule finds nothing at this hour, or what it had found has ended with its hours, in words."""

from __future__ import annotations

from datetime import datetime

from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.config import HallSettings
from hall.finding import Reason
from hall.rule import Rule


def outside(hall: HallSettings, rule: Rule, at: datetime, opens: datetime | None) -> Reason:
    """The rule has hours of its own, and this is none of them."""
    zh, en = f"现在不在规则「{rule.id}」的适用时段内", f"This is outside the hours of the rule '{rule.id}'"
    values = {"rule": str(rule.id)}
    if opens is not None:
        begins = clock(hall, opens, at)
        zh, en = f"{zh}，{begins} 起再判断", f"{en}, which begin at {begins}"
        values["opens"] = local(hall, opens)
    return Reason("schedule.outside", values, zh, en)


def ended(hall: HallSettings, rule: Rule, since: datetime, end: datetime) -> Reason:
    """What a rule had found lasted until its hours were over; what came then it does not judge."""
    start, stop, lasted = clock(hall, since, end), clock(hall, end, since), end - since
    return Reason(
        "schedule.ended",
        {
            "rule": str(rule.id),
            "since": local(hall, since),
            "end": local(hall, end),
            "seconds": seconds(lasted),
        },
        f"规则「{rule.id}」的适用时段于 {stop} 结束，此后不再判断；自 {start} 起共 {length_zh(lasted)}",
        f"The hours of the rule '{rule.id}' were over at {stop}, and what came then is not judged; "
        f"it had lasted since {start}, for {length_en(lasted)}",
    )


def not_about(rule: Rule) -> Reason:
    """The scope of the rule does not name the subject, or does not any more."""
    return Reason(
        "scope.outside",
        {"rule": str(rule.id)},
        f"不在规则「{rule.id}」的适用范围内",
        f"The rule '{rule.id}' is not about this",
    )

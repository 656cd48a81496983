"""Why a hall counts as crowded or not, in words: one sentence in both languages for each verdict."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.facts import WaitingArea
from alerts.wording import clock, length_en, length_zh, local, seconds
from hall.finding import Reason
from hall.rule import CrowdingRule


def found(area: WaitingArea, since: datetime, at: datetime, most: int, rule: CrowdingRule) -> Reason:
    """A crowd has lasted as long as the limit; `most` were counted in it."""
    lasted, limit = at - since, timedelta(seconds=rule.limit_seconds)
    start, people = clock(area.hall, since, at), rule.limit_people
    return Reason(
        "crowding.found",
        _values(area, since, rule, seconds=seconds(lasted), most=str(most)),
        f"等候区自 {start} 起拥挤（限 {people} 人，最多 {most} 人），"
        f"已 {length_zh(lasted)}（限 {length_zh(limit)}）",
        f"The waiting area is crowded since {start} (limit {people} people, up to {most} counted), "
        f"for {length_en(lasted)} (limit {length_en(limit)})",
    )


def begins(area: WaitingArea, since: datetime, people: int, rule: CrowdingRule) -> Reason:
    """A crowd, but not yet for as long as the limit."""
    start, limit = clock(area.hall, since), timedelta(seconds=rule.limit_seconds)
    return Reason(
        "crowding.begins",
        _values(area, since, rule, people=str(people)),
        f"等候区自 {start} 起达到 {rule.limit_people} 人，现有 {people} 人（限 {length_zh(limit)}）",
        f"The waiting area has held {rule.limit_people} people since {start}, now {people} "
        f"(limit {length_en(limit)})",
    )


def no_crowd(area: WaitingArea, people: int, rule: CrowdingRule) -> Reason:
    """Fewer people than the limit."""
    return Reason(
        "crowding.clear",
        {"hall": area.hall.id, "people": str(people), "limit_people": str(rule.limit_people)},
        f"等候区 {people} 人（限 {rule.limit_people} 人）",
        f"{people} people in the waiting area (limit {rule.limit_people})",
    )


def not_counted(area: WaitingArea) -> Reason:
    """Too little of the waiting area can be counted to say anything."""
    return Reason(
        "crowding.unseen",
        {"hall": area.hall.id},
        "看不到等候区，无法计数",
        "The waiting area cannot be counted: nothing can be said",
    )


def ended(
    area: WaitingArea, since: datetime, end: datetime, rule: CrowdingRule, *, most: int, lost: bool
) -> Reason:
    """How a crowd ended and how long it lasted; or that late facts take it back."""
    lasted, limit = end - since, timedelta(seconds=rule.limit_seconds)
    start, stop = clock(area.hall, since, end), clock(area.hall, end, since)
    values = _values(area, since, rule, seconds=seconds(lasted), most=str(most))
    values |= {"end": local(area.hall, end)}
    if lasted < limit:
        return Reason(
            "crowding.retracted",
            values,
            f"撤回：迟到的信息表明，等候区拥挤止于 {stop}，未达 {length_zh(limit)}",
            f"Taken back: facts that came late say that the crowd in the waiting area had gone at {stop}, "
            f"before {length_en(limit)} had passed",
        )
    if lost:
        return Reason(
            "crowding.ended.unseen",
            values,
            f"{stop} 起看不到等候区，无法继续计数；自 {start} 起拥挤共 {length_zh(lasted)}，最多 {most} 人",
            f"From {stop} the waiting area cannot be counted any more; it was crowded since {start}, "
            f"for {length_en(lasted)}, with up to {most} people",
        )
    return Reason(
        "crowding.ended.calm",
        values,
        f"{stop} 等候区不再拥挤；自 {start} 起拥挤共 {length_zh(lasted)}，最多 {most} 人",
        f"At {stop} the waiting area is not crowded any more; it was since {start}, "
        f"for {length_en(lasted)}, with up to {most} people",
    )


def _values(area: WaitingArea, since: datetime, rule: CrowdingRule, **more: str) -> dict[str, str]:
    limits = {"limit_people": str(rule.limit_people), "limit_seconds": f"{rule.limit_seconds:g}"}
    return {"hall": area.hall.id, "since": local(area.hall, since)} | limits | more

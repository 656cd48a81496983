"""Why nobody is due at a window, in words that may be shown to whoever asks.

Of leave they say only that it was approved and until when: never whose it is, nor what for.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.wording import capital, clock, local
from hall.announcement import Announcement, AnnouncementKind

ANNOUNCEMENTS = {
    AnnouncementKind.DRILL: ("消防/应急演练", "drill"),
    AnnouncementKind.EVACUATION: ("疏散", "evacuation"),
    AnnouncementKind.SYSTEM_OUTAGE: ("业务系统故障", "system outage"),
    AnnouncementKind.MEETING: ("集中学习/会议", "meeting"),
    AnnouncementKind.OTHER: ("其他事由", "other"),
}
TOLD = frozenset({Condition.ANNOUNCED, Condition.ON_LEAVE, Condition.OFF_DUTY})
"""The conditions that are told here."""


def told(post: Post, moment: Moment, zh: str, en: str) -> tuple[dict[str, str], str, str]:
    """The values and both sentences for a condition of `TOLD`; `zh` and `en` name the window."""
    values: dict[str, str] = {}
    until_zh = until_en = ""
    if moment.until is not None:
        values["until"] = local(post.hall, moment.until)
        until = clock(post.hall, moment.until)
        until_zh, until_en = f"，至 {until}", f" until {until}"
    if moment.announcement is not None:
        named_zh, named_en = announced(moment.announcement)
        values |= {"announcement": moment.announcement.id, "announced": moment.announcement.kind.value}
        return (
            values,
            f"{zh}无需在岗：{named_zh}{until_zh}",
            f"Nobody is due at {en}{until_en}: {named_en}",
        )
    if moment.condition is Condition.ON_LEAVE:
        return (
            values,
            f"{zh}值班人员已获批准请假{until_zh}，无人顶岗，此时无人应在岗",
            f"Nobody is due at {en}{until_en}: leave was approved, and nobody covers",
        )
    return values, f"{zh}此时排班表上无班次{until_zh}", f"{capital(en)} has no shift at this time{until_en}"


def announced(announcement: Announcement) -> tuple[str, str]:
    """An announcement in both languages: its kind, and the reason as it was entered."""
    zh, en = ANNOUNCEMENTS[announcement.kind]
    return f"公告（{zh}：{announcement.reason}）", f"announcement ({en}: {announcement.reason})"


def because(moment: Moment, endings: Mapping[Condition, tuple[str, str]]) -> tuple[str, str]:
    """What ended a finding, out of `endings`; an announcement is named."""
    if moment.announcement is None:
        return endings[moment.condition]
    zh, en = announced(moment.announcement)
    return f"{zh}生效", f"an {en} was in force"

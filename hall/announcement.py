"""Announcements (公告): what excuses a whole hall, or some of its windows, for a while.

A fire drill, an evacuation, a queue system that is down, a meeting of everybody: nobody is due at the windows
meanwhile. An officer enters it with its reason, before or shortly after, and may end it early.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hall.errors import NotPermitted, RequestRefused
from hall.interval import Interval
from hall.names import AnnouncementId, HallId, WindowId
from hall.roles import Role

LONGEST = timedelta(hours=24)
FURTHEST_BACK = timedelta(hours=24)
"""How long after its beginning it may still be entered: a drill is often noted when it is over."""
FURTHEST_AHEAD = timedelta(days=31)
MAY = frozenset({Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR})


class AnnouncementKind(StrEnum):
    """What is announced."""

    DRILL = "drill"
    EVACUATION = "evacuation"
    SYSTEM_OUTAGE = "system_outage"
    MEETING = "meeting"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Announcement:
    """Nobody is due at `windows` (all, where none is named) over `interval` (closed), or until `ended_at`."""

    id: AnnouncementId
    hall: HallId
    kind: AnnouncementKind
    interval: Interval
    author: str
    reason: str
    created_at: datetime
    windows: tuple[WindowId, ...] = ()
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def in_force(self) -> Interval:
        """When it really held or will hold. Empty where it was ended before it began."""
        start, end = self.interval.start, self.interval.end
        if end is None:
            raise ValueError("an announcement needs an end")
        if self.ended_at is not None:
            end = max(start, min(end, self.ended_at))
        return Interval(start, end)

    def concerns(self, window: WindowId) -> bool:
        """Whether it excuses a window."""
        return not self.windows or window in self.windows

    def holds(self, at: datetime) -> bool:
        """True at a moment at which it is in force."""
        return self.in_force.contains(at)


def check(announcement: Announcement, role: Role, now: datetime) -> None:
    """Whether a user of this role may enter it now. Raises NotPermitted or RequestRefused."""
    check_role(role)
    start, end = announcement.interval.start, announcement.interval.end
    if end is None or end <= start:
        raise RequestRefused("to", "must lie after 'from'")
    if end - start > LONGEST:
        raise RequestRefused("to", "must lie within 24 hours of 'from'")
    if now - start > FURTHEST_BACK:
        raise RequestRefused("from", "lies more than 24 hours back")
    if start - now > FURTHEST_AHEAD:
        raise RequestRefused("from", "lies more than 31 days ahead")


def check_role(role: Role) -> None:
    """Whether a user of this role may enter and end announcements. Raises NotPermitted."""
    if role not in MAY:
        raise NotPermitted(f"a user of role {role} may not enter announcements")

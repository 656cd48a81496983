"""Posts with what excuses them: rosters, announcements and pauses, written in seconds after ten."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from alerts.facts import Post, Sight
from hall.announcement import Announcement, AnnouncementKind
from hall.names import AnnouncementId, StaffId, WindowId, ZoneId
from hall.observing import Observation, Presence
from hall.queueing import PauseReason, WindowState, WindowStatus
from hall.roster import Duties, Leave, Roster, Shift
from hall.schedule import Schedule
from tests.unit.alerts.small_hall import C1, HALL, W3, after, over, seen, settings, status

SHANGHAI = ZoneInfo("Asia/Shanghai")
LI, WANG = StaffId("li"), StaffId("wang")
OPEN = status(WindowState.OPEN, -3000)
HERE, ABSENT = Presence.ON_POST, Presence.ABSENT
LEFT = (seen(HERE, -3000, 0), seen(ABSENT, 0))
"""On post until ten, then nobody any more."""


def post(
    *presences: Observation,
    statuses: tuple[WindowStatus, ...] = (OPEN,),
    duties: Duties | None = None,
    announcements: tuple[Announcement, ...] = (),
    schedule: Schedule | None = None,
) -> Post:
    """Window 3; analysis keeps up."""
    hall = settings(schedule=schedule) if schedule else settings()
    window = hall.window(W3)
    assert window is not None
    sights = (Sight(C1, ZoneId("s3"), presences, after(1e6)),) if presences else ()
    return Post(hall, window, statuses, sights, duties=duties or Duties(), announcements=announcements)


def shift(staff: StaffId, start: float, end: float, window: WindowId = W3, *, cover: bool = False) -> Shift:
    """Somebody is due."""
    return Shift(staff, window, over(start, end), cover)


def leave(staff: StaffId, start: float, end: float, reason: str = "") -> Leave:
    """Somebody has approved leave."""
    return Leave(staff, over(start, end), reason)


def duties(*lines: Shift | Leave) -> Duties:
    """What a roster of these lines says of window 3."""
    shifts = tuple(line for line in lines if isinstance(line, Shift))
    leaves = tuple(line for line in lines if isinstance(line, Leave))
    return Roster(SHANGHAI, shifts, leaves).duties(W3)


def announcement(
    start: float,
    end: float,
    *windows: WindowId,
    kind: AnnouncementKind = AnnouncementKind.DRILL,
    reason: str = "消防演练",
    ended: float | None = None,
) -> Announcement:
    """An announcement to the whole hall, unless windows are named."""
    return Announcement(
        AnnouncementId(f"a{start:g}"),
        HALL,
        kind,
        over(start, end),
        "wang",
        reason,
        after(start),
        windows,
        None if ended is None else after(ended),
        None if ended is None else "wang",
    )


def rows(*changes: tuple[float, WindowState, PauseReason | None]) -> tuple[WindowStatus, ...]:
    """States of window 3, each up to the next; open since before."""
    starts = [-3000.0, *(start for start, _, _ in changes)]
    states = [(WindowState.OPEN, None), *((state, reason) for _, state, reason in changes)]
    ends = [*starts[1:], None]
    told = zip(starts, ends, states, strict=True)
    return tuple(status(state, start, end, reason=reason) for start, end, (state, reason) in told)


def paused(
    start: float, end: float | None = None, reason: PauseReason = PauseReason.BREAK
) -> tuple[WindowStatus, ...]:
    """One pause, then open again."""
    resumed = () if end is None else ((end, WindowState.OPEN, None),)
    return rows((start, WindowState.PAUSED, reason), *resumed)

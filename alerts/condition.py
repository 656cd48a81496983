"""How a post stands at one moment, as the rules see it and the reasons tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hall.announcement import Announcement
from hall.queueing import PauseReason


class Condition(StrEnum):
    """How a post stands. Only `empty` can become an absence."""

    HALL_CLOSED = "hall_closed"
    ANNOUNCED = "announced"
    ON_LEAVE = "on_leave"
    OFF_DUTY = "off_duty"
    NOT_OPENED = "not_opened"
    CLOSED = "closed"
    EXCUSED = "excused"
    UNSEEN = "unseen"
    ON_POST = "on_post"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Moment:
    """A post at one moment.

    `surely`: every camera that sees says absent, none only leaving (for `empty`). `until` is the end of
    what excuses: of the allowance whose reason is `pause` (for `excused`), of `announcement` (for
    `announced`), or of what the roster says (for `on_leave` and `off_duty`).
    """

    condition: Condition
    surely: bool = False
    until: datetime | None = None
    pause: PauseReason | None = None
    announcement: Announcement | None = None

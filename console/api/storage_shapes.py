"""How recordings are kept, as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from console.system.going import Takes
from hall.interval import Interval
from hall.names import CameraId, HallId
from hall.place import Keep, Text


class GoingNext(BaseModel):
    """What retention takes of a camera next: the segment of `interval`.

    `rule` is `age` (then `at` says when), `space` (the camera's share), `disk` (when the disk is short), or
    null: everything is locked.
    """

    rule: Literal["age", "space", "disk"] | None
    at: datetime | None
    takes: Takes
    interval: Interval | None


class CameraStorage(BaseModel):
    """What one camera takes and holds on local disks.

    `keep` is what holds for it, `has_own_keep` whether it says so itself. `bytes_per_day` is the rate of the
    last day, null while it is not known. `bytes` is counted, or (`is_counted` false) told by that rate since
    the oldest recording; null where neither is known. `next` is null when nothing is held.
    """

    hall: HallId
    camera: CameraId
    name: Text
    record: bool
    keep: Keep
    has_own_keep: bool
    bytes_per_day: int | None
    oldest: datetime | None
    bytes: int | None
    is_counted: bool
    locks: int
    locked_bytes: int
    next: GoingNext | None


class Storage(BaseModel):
    """How recordings are kept. `keep` is what the site says; `archive_days` null: copies stay for ever."""

    at: datetime
    figures_known: bool
    keep: Keep
    keep_free_percent: float
    warn_hours: float
    has_archive: bool
    archive_days: float | None
    cameras: list[CameraStorage]

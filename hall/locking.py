"""Locks: footage that retention must not touch, for as long as somebody says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hall.interval import Interval
from hall.names import CameraId, HallId, LockId


class LockKind(StrEnum):
    """What a lock is for."""

    EVIDENCE = "evidence"
    CASE = "case"
    ALERT = "alert"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Lock:
    """Every segment of `cameras` that overlaps `interval` (closed) is kept, whole.

    `reference` names what it is for (an alert's id, the number of a case). It holds until `expires_at`, or
    until somebody releases it; without `expires_at` only a release ends it.
    """

    id: LockId
    hall: HallId
    owner: str
    kind: LockKind
    reference: str
    reason: str
    interval: Interval
    cameras: tuple[CameraId, ...]
    created_at: datetime
    expires_at: datetime | None = None
    released_at: datetime | None = None
    released_by: str | None = None
    release_reason: str = ""
    """Why it was released."""

    def holds(self, now: datetime) -> bool:
        """True while neither released nor expired."""
        return self.released_at is None and (self.expires_at is None or now < self.expires_at)

    def covers(self, camera: CameraId, interval: Interval) -> bool:
        """True when footage of the camera over `interval` is meant by this lock, whether it holds or not."""
        return camera in self.cameras and self.interval.overlaps(interval)

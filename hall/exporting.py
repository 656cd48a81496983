"""Exports: evidence packages that were ordered, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hall.interval import Interval
from hall.names import CameraId, ExportId, HallId
from hall.redacting import Redaction


class ExportState(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    MAKING = "making"
    MADE = "made"
    FAILED = "failed"
    REMOVED = "removed"
    """The package was deleted; that it was made, by whom and why, stays known."""


@dataclass(frozen=True, slots=True)
class Export:
    """One package as it was ordered: footage of `cameras` over `interval` (closed), for a case and a reason.

    `files_read` of `files` recorded files were read so far (0 until it is known). `size` is that of the
    package in bytes, `key` the fingerprint of the key that signed it; both once it is made.
    `changed_recordings` are recorded files that were not as they had been recorded. `error` says why
    it failed. With a `redaction` each file counts twice, for it is read and then redacted;
    `covered_whole` pictures are covered from edge to edge, because nothing told where heads are.
    """

    id: ExportId
    hall: HallId
    cameras: tuple[CameraId, ...]
    interval: Interval
    case: str
    reason: str
    ordered_by: str
    ordered_at: datetime
    state: ExportState = ExportState.QUEUED
    files_read: int = 0
    files: int = 0
    finished_at: datetime | None = None
    size: int | None = None
    key: str | None = None
    changed_recordings: tuple[str, ...] = field(default=())
    error: str | None = None
    redaction: Redaction | None = None
    covered_whole: int = 0

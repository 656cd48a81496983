"""How the watching of a camera goes: what analysis tells of itself every few seconds; no fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hall.names import CameraId, ZoneId


@dataclass(frozen=True, slots=True)
class ZoneHealth:
    """A zone, the last picture (UTC) in which it could be judged, and how many gave no answer about it.

    `unanswered` counts since analysis began: pictures with a fault, and those the detector could not judge.
    """

    zone: ZoneId
    last_seen: datetime | None
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """How one camera is watched, told at `at`. Counts are since analysis began.

    `delay` is the age of the last examined picture when its observations were ready, `decode_seconds` and
    `examine_seconds` what decoding and the detector took of late. `key_frame_seconds` is how far apart the
    pictures come; `is_rare` when that is clearly more than the camera's `sample_every`.
    """

    camera: CameraId
    at: datetime
    delay: float
    examined: int
    superseded: int
    damaged: int
    failed: int
    decode_seconds: float
    examine_seconds: float
    key_frame_seconds: float | None
    is_rare: bool
    zones: tuple[ZoneHealth, ...]

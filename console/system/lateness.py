"""Whether recording, analysis and evaluation keep up: pure functions of what was last done and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hall.config import Configuration
from hall.media import Gap
from hall.place import Camera
from store.judged import Judged
from store.leases import Lease

SEGMENT_SPARE: Final = timedelta(seconds=30)
"""A segment is entered once it is whole, and a little later where the database is busy."""
SIGHT_SPARE: Final = timedelta(seconds=5)
"""When a picture was examined is noted in turns of a few seconds."""
JUDGED_SPARE: Final = timedelta(seconds=10)
"""A pass of the evaluator takes a second or less; so late it does not keep up."""


class Pace(StrEnum):
    """Whether something keeps up."""

    OFF = "off"
    """It is not wanted by the configuration."""
    KEEPS_UP = "keeps_up"
    LATE = "late"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something has come: up to `until`, `late_seconds` before now. `gap` says why it stopped."""

    pace: Pace
    until: datetime | None = None
    late_seconds: float | None = None
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How the evaluator is: who leads, until when its lease runs, what it has judged.

    `waiting` counts journal entries that no whole pass has taken in.
    """

    pace: Pace
    leader: str | None = None
    leads_until: datetime | None = None
    judged_until: datetime | None = None
    late_seconds: float | None = None
    waiting: int | None = None


def recorded(
    camera: Camera, configuration: Configuration, gap: Gap | None, last_end: datetime | None, now: datetime
) -> Progress:
    """How far a camera is recorded; up to the last whole segment, so a minute behind is usual."""
    if not camera.record:
        return Progress(Pace.OFF, last_end)
    if gap is not None:
        return Progress(Pace.STOPPED, last_end, _late(last_end, now), gap)
    if last_end is None:
        return Progress(Pace.UNKNOWN)
    usual = 2 * timedelta(seconds=configuration.site.capture.segment_seconds) + SEGMENT_SPARE
    return Progress(_pace(now - last_end, usual), last_end, _late(last_end, now))


def analysed(camera: Camera, configuration: Configuration, seen: datetime | None, now: datetime) -> Progress:
    """Up to which picture a camera was examined."""
    if seen is None:
        return Progress(Pace.UNKNOWN)
    blind_after = configuration.site.analysis.blind_samples * camera.sample_every
    return Progress(_pace(now - seen, timedelta(seconds=blind_after) + SIGHT_SPARE), seen, _late(seen, now))


def evaluated(lease: Lease | None, judged: Judged | None, last_seq: int, now: datetime) -> Evaluation:
    """How far alerts are judged, and whether anybody judges."""
    if lease is None or judged is None:
        return Evaluation(Pace.UNKNOWN)
    leads = lease.expires > now
    pace = _pace(now - judged.at, JUDGED_SPARE) if leads else Pace.STOPPED
    return Evaluation(
        pace,
        lease.holder if leads else None,
        lease.expires,
        judged.at,
        _late(judged.at, now),
        max(0, last_seq - judged.seq),
    )


def _pace(behind: timedelta, usual: timedelta) -> Pace:
    return Pace.KEEPS_UP if behind <= usual else Pace.LATE


def _late(until: datetime | None, now: datetime) -> float | None:
    return None if until is None else max(0.0, (now - until).total_seconds())

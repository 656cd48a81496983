"""What retention will delete of a camera next, and what locks keep of it.

The rules are those of `capture.retention`; nothing is decided here, and nothing is promised: space that runs
out, a lock or another setting changes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from capture.retention.policy import Rule, is_locked
from hall.interval import Interval
from hall.locking import Lock
from hall.names import CameraId
from hall.place import Keep
from store import holdings
from store.database import Read
from store.holdings import Holding

MOST_STEPS: Final = 200
"""So many locked stretches are passed over in search of the oldest footage that may go."""
COUNTED: Final = timedelta(days=2)
"""So much of a camera is counted; more is told by its rate."""


class Takes(StrEnum):
    """What goes."""

    ALL = "all"
    SOUND = "sound"
    PICTURE = "picture"
    LOCAL_FILE = "local_file"
    """The archive has a verified copy, which stays."""


@dataclass(frozen=True, slots=True)
class Going:
    """What goes next: `interval` is that of the oldest segment that no lock holds.

    `at` is when its age is reached; None where only space decides (`space`: the camera's own share, `disk`:
    the disk). `rule` None: nothing of the camera may go, everything is locked.
    """

    rule: Rule | None
    at: datetime | None = None
    takes: Takes = Takes.ALL
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What lies on local disks: the oldest segment, and bytes; `is_counted` false: told by the rate."""

    oldest: datetime | None
    bytes: int | None
    is_counted: bool


def next_of(tx: Read, camera: CameraId, keep: Keep, locks: Sequence[Lock], now: datetime) -> Going | None:
    """What goes next of a camera; None when nothing of it is held."""
    mine = [lock for lock in locks if camera in lock.cameras]
    start: datetime | None = None
    for _ in range(MOST_STEPS):
        found = holdings.oldest(tx, camera, start, 1)
        if not found:
            return None if start is None else Going(None)
        if not is_locked(found[0], mine, now):
            return going_of(found[0], keep)
        start = _behind(found[0], mine, now)
    return Going(None)


def _behind(holding: Holding, locks: Iterable[Lock], now: datetime) -> datetime:
    """The first moment at which a segment may begin that these locks do not hold for this one's sake."""
    just_behind = holding.interval.start + timedelta(microseconds=1)
    ends = [
        lock.interval.end
        for lock in locks
        if lock.holds(now) and lock.covers(holding.camera, holding.interval) and lock.interval.end is not None
    ]
    return max([just_behind, *ends])


def going_of(holding: Holding, keep: Keep) -> Going:
    """What goes of a segment that no lock holds, and when: as `capture.retention.policy.by_age` has it."""
    end = holding.interval.end
    sound_days = keep.sound_days if keep.sound_days is not None else keep.picture_days
    ages: list[tuple[float, Literal["sound", "picture"]]] = []
    if holding.has_audio and sound_days is not None:
        ages.append((sound_days, "sound"))
    if holding.has_picture and keep.picture_days is not None:
        ages.append((keep.picture_days, "picture"))
    if not ages or end is None:
        rule = Rule.SPACE if keep.gigabytes is not None else Rule.DISK
        return Going(rule, None, _whole(holding), holding.interval)
    days = min(age for age, _ in ages)
    parts = {part for age, part in ages if age == days}
    stays = (holding.has_picture and "picture" not in parts) or (holding.has_audio and "sound" not in parts)
    # A picture is not taken out beside a copy in the archive: the local file goes, and the copy stays whole.
    is_whole = not stays or ("picture" in parts and holding.has_copy)
    takes = _whole(holding) if is_whole else Takes.SOUND if "sound" in parts else Takes.PICTURE
    return Going(Rule.AGE, end + timedelta(days=days), takes, holding.interval)


def _whole(holding: Holding) -> Takes:
    return Takes.LOCAL_FILE if holding.has_copy else Takes.ALL


def held(tx: Read, camera: CameraId, rate: float | None, now: datetime) -> Held:
    """What a camera holds. A catalogue of years is not added up for a screen: then its rate tells."""
    first = holdings.oldest(tx, camera, None, 1)
    if not first:
        return Held(None, 0, is_counted=True)
    oldest = first[0].interval.start
    if now - oldest <= COUNTED:
        return Held(oldest, holdings.held_bytes(tx, camera), is_counted=True)
    about = None if rate is None else round(rate * (now - oldest).total_seconds())
    return Held(oldest, about, is_counted=False)


def locked_bytes(tx: Read, camera: CameraId, locks: Iterable[Lock], now: datetime) -> int:
    """The bytes of a camera that locks hold now, each segment once."""
    spans = sorted(
        (lock.interval.start, lock.interval.end)
        for lock in locks
        if camera in lock.cameras and lock.holds(now) and lock.interval.end is not None
    )
    joined: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    # Two stretches that share one segment count it twice: a minute beside hours.
    return sum(holdings.held_bytes(tx, camera, start, end) for start, end in joined)

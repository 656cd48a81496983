"""What has to go, and why: pure functions of what is held, the limits, the locks and the time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hall.locking import Lock
from hall.media import TrackKind
from hall.place import Keep
from store.holdings import Holding


class Rule(StrEnum):
    """Under which rule something goes."""

    AGE = "age"
    SPACE = "space"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Removal:
    """One decision: this goes, under this rule. `takes` is the part that goes; None: the whole file."""

    holding: Holding
    rule: Rule
    takes: TrackKind | None = None


def is_locked(holding: Holding, locks: Iterable[Lock], now: datetime) -> bool:
    """True when a lock holds over any part of the segment."""
    return any(lock.holds(now) and lock.covers(holding.camera, holding.interval) for lock in locks)


def limits(keep: Keep) -> list[timedelta]:
    """The ages at which something of a segment has to go, youngest first."""
    return sorted({timedelta(days=days) for days in (keep.picture_days, keep.sound_days) if days is not None})


def promised(keep: Keep) -> timedelta | None:
    """For how long footage of a camera is meant to stay, in whole or in part; None: nothing is promised."""
    return max(limits(keep), default=None)


def by_age(
    holdings: Iterable[Holding], keep: Keep, locks: Sequence[Lock], now: datetime
) -> Iterator[Removal]:
    """What is older than its part may stay. Sound without a limit of its own goes with its picture.

    Of what the archive has too the local file goes with its picture, and the copy stays whole.
    """
    sound_days = keep.sound_days if keep.sound_days is not None else keep.picture_days
    for holding in holdings:
        over_picture = holding.has_picture and _is_over(holding, keep.picture_days, now)
        over_sound = holding.has_audio and _is_over(holding, sound_days, now)
        if not (over_picture or over_sound) or is_locked(holding, locks, now):
            continue
        if holding.has_picture and not over_picture:
            yield Removal(holding, Rule.AGE, TrackKind.AUDIO)
        elif holding.has_audio and not over_sound and not holding.has_copy:
            yield Removal(holding, Rule.AGE, TrackKind.VIDEO)
        else:
            yield Removal(holding, Rule.AGE)


def to_free(
    holdings: Iterable[Holding], wanted: int, rule: Rule, locks: Sequence[Lock], now: datetime
) -> Iterator[Removal]:
    """Whole segments, in the given order, until `wanted` bytes are freed; locked ones are passed over."""
    for holding in holdings:
        if wanted <= 0:
            return
        if is_locked(holding, locks, now):
            continue
        wanted -= holding.size
        yield Removal(holding, rule)


def missing_bytes(total: int, free: int, keep_free_percent: float) -> int:
    """How many bytes have to be freed on a disk so that the wanted share is free; 0 when it is."""
    return max(0, reserve(total, keep_free_percent) - free)


def reserve(total: int, keep_free_percent: float) -> int:
    """How many bytes of a disk are to stay free."""
    return int(total * keep_free_percent / 100)


def _is_over(holding: Holding, days: float | None, now: datetime) -> bool:
    end = holding.interval.end
    return days is not None and end is not None and end + timedelta(days=days) <= now

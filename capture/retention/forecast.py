"""How long a disk will do, and how it stands: pure functions of what was measured.

Space is taken at the measured rates. From the moment at which a camera's oldest footage reaches the age that
is promised (or the camera its share of space), as much of it goes as comes, and it takes no more. When the
free space is used up before that, footage has to go too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hall.storage import DiskState

EASE = 1.1
"""A warning that stands is taken back only when the moment is this much further away than it has to be."""
AT_HAND = timedelta(hours=1)
"""A shortage that is no further away than this has not ended."""
FAR = timedelta(days=365 * 20)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one camera writes to a disk (bytes a second), and from when on as much of it goes as comes.

    `levels_at` is None for a camera that nothing limits; `is_promised` says whether an age is promised.
    """

    rate: float
    levels_at: datetime | None
    is_promised: bool


def short_at(spare: int, flows: Sequence[Flow], now: datetime) -> datetime | None:
    """When footage has to go before its promised age; None: not to be foreseen. `spare` bytes are left."""
    used_up = _used_up(spare, flows, now)
    if used_up is None:
        return None
    early = any(
        flow.is_promised and flow.rate > 0 and (flow.levels_at is None or flow.levels_at > used_up)
        for flow in flows
    )
    return used_up if early else None


def _used_up(spare: float, flows: Sequence[Flow], now: datetime) -> datetime | None:
    """When nothing is left to spare, if ever."""
    growing = [flow for flow in flows if flow.levels_at is None or flow.levels_at > now]
    growing.sort(key=lambda flow: flow.levels_at or now + FAR)
    at = now
    while growing:
        rate = sum(flow.rate for flow in growing)
        until = growing[0].levels_at or now + FAR
        if rate > 0 and spare <= rate * (until - at).total_seconds():
            return at + timedelta(seconds=max(0.0, spare) / rate)
        spare -= rate * (until - at).total_seconds()
        at = until
        growing = growing[1:]
    return None


def state_of(
    before: DiskState | None,
    short: datetime | None,
    warn: timedelta,
    now: datetime,
    *,
    can_be_written: bool,
    is_full: bool,
) -> DiskState:
    """How a disk stands. What was found stays until it is clearly over: figures sway by the minute."""
    if not can_be_written:
        return DiskState.UNREACHABLE
    if is_full:
        return DiskState.FULL
    if short is None:
        return DiskState.OK
    left = short - now
    if left <= timedelta(0) or (before is DiskState.SHORT and left <= AT_HAND):
        return DiskState.SHORT
    warned = before in (DiskState.SHORT_SOON, DiskState.SHORT)
    return DiskState.SHORT_SOON if left <= (warn * EASE if warned else warn) else DiskState.OK

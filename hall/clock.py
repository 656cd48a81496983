"""Time is a parameter: the only module that reads the machine's clocks.

Wall time is always an aware UTC `datetime`. Monotonic time is seconds as `float` and serves
durations only. Tests use `SimulatedClock`, whose time moves only when the test says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What the rest of the system knows about time."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step back; the zero point means nothing."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Wall time of the machine, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The machine's monotonic clock, in seconds."""
        return time.monotonic()


@dataclass
class SimulatedClock:
    """A clock that moves only by `advance`; both times move together unless the wall is stepped."""

    wall: datetime = field(default=datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    seconds: float = 0.0

    def now(self) -> datetime:
        """Simulated wall time."""
        return self.wall

    def monotonic(self) -> float:
        """Simulated monotonic seconds."""
        return self.seconds

    def advance(self, seconds: float) -> datetime:
        """Let `seconds` pass and return the new wall time."""
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)
        return self.wall

    def step_wall(self, seconds: float) -> None:
        """Step the wall clock alone, as an administrator or a time service would."""
        self.wall += timedelta(seconds=seconds)


def to_microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware time, exact (no float in between).

    Raises ValueError for a naive time: it could be of any zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {at.isoformat()}")
    return (at - EPOCH) // timedelta(microseconds=1)


def from_microseconds(value: int) -> datetime:
    """The aware UTC time of `to_microseconds`."""
    return EPOCH + timedelta(microseconds=value)

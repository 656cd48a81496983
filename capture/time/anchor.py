"""From a stream's own time to wall time, for the length of one run (docs/design/0003-time.md).

The camera's media time gives durations. The machine's monotonic clock says when packets came; the least
delayed of them tie media time to it. The wall clock is read to tie monotonic time to the calendar, once at
the start of a run: a later step of the wall clock moves nothing that is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from hall.clock import Clock

STEEPEST = 500e-6
"""Media seconds are stretched or shortened by at most this share to follow the clock."""
STEP_SECONDS = 0.1
"""A difference of wall and monotonic time beyond this is a step of the clock, not an inexact reading."""
LIMIT_SECONDS = 2.0
"""A run whose time is further from the clock than this is ended; the next one is tied anew."""
LATE_SECONDS = 30.0
"""Packets that come late are no reason for a new run before this: a slow network is not a wrong clock."""
CATCH_UP = 0.5
"""After the clock was set back recorded time runs slower by this share, until the clock has caught up."""
LONGEST_BACK = 86_400.0
"""Seconds. A clock that is set back by more was a wrong date, and recorded time cannot wait for it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a packet of media time `media` (seconds) came, by the monotonic clock (seconds)."""

    media: float
    arrived: float


class _Piece(NamedTuple):
    """From `media` seconds of media time on, which are `wall`, a media second is longer by a share `rate`."""

    wall: datetime
    media: float
    rate: float


class Anchor:
    """The wall time of every moment of one run. Pieces of constant rate follow each other without a step."""

    def __init__(self, clock: Clock, first: list[Arrival]) -> None:
        """Tie a run to the clock by its first arrivals; the least delayed of them is taken as prompt."""
        self._clock = clock
        self._offset = clock.now() - timedelta(seconds=clock.monotonic())
        prompt = min(first, key=lambda arrival: arrival.arrived - arrival.media)
        self._piece = _Piece(self._offset + timedelta(seconds=prompt.arrived), prompt.media, 0.0)
        self._least_delay: float | None = None
        self._step_seen = timedelta(0)
        self.is_ahead = False
        """Recorded time is ahead of the clock, which was set back, and waits for it."""

    @property
    def rate(self) -> float:
        """By which share a media second is longer than a wall second now; at most 500e-6 either way."""
        return self._piece.rate

    def wall_at(self, media: float) -> datetime:
        """The wall time (UTC) of a moment of media time (seconds). May be called by any thread."""
        wall, begin, rate = self._piece
        return wall + timedelta(seconds=(media - begin) * (1 + rate))

    def begin_after(self, media: float, end: datetime, horizon: float) -> None:
        """See to it that `media`, where a run begins, is not before `end`, where the run before it ended.

        Readings differ by milliseconds, and what overlaps by so little did not happen twice. An end further
        ahead was written under a clock that has been set back since: no time is recorded twice, so recorded
        time goes on where it was, and runs slower until the clock has caught up with it. `horizon` is how
        long (seconds) the first piece is to be.
        """
        early = (end - self.wall_at(media)).total_seconds()
        if not 0 < early <= LONGEST_BACK:
            return
        if early <= LIMIT_SECONDS:
            self._piece = self._piece._replace(wall=self._piece.wall + timedelta(seconds=early))
            return
        self.is_ahead = True
        self._piece = _Piece(end, media, -min(CATCH_UP, early / horizon))

    def observe(self, arrival: Arrival) -> float:
        """Note when a packet came. Only the least delayed counts: delay of the network is no drift.

        Returns by how many seconds it came later than the least delayed since the last turn.
        """
        wall, begin, rate = self._piece
        recorded = wall + timedelta(seconds=(arrival.media - begin) * (1 + (0.0 if self.is_ahead else rate)))
        delay = (self._offset + timedelta(seconds=arrival.arrived) - recorded).total_seconds()
        if self._least_delay is None or delay < self._least_delay:
            self._least_delay = delay
        return delay - self._least_delay

    def turn(self, media: float, horizon: float) -> datetime:
        """Begin a new piece at `media` whose rate works off what was found, over `horizon` seconds or longer.

        Returns the wall time of `media`, which the turn does not change.
        """
        error = self._error(media)
        wall = self.wall_at(media)
        self.is_ahead = self.is_ahead and error < -STEEPEST * horizon
        steepest = CATCH_UP if self.is_ahead else STEEPEST
        self._piece = _Piece(wall, media, min(STEEPEST, max(-steepest, error / horizon)))
        self._least_delay = None
        return wall

    def _error(self, media: float) -> float:
        """By how many seconds the run's time at `media` is behind the clock, as found since the last turn."""
        error = (self._least_delay or 0.0) + self._clock_step().total_seconds()
        if self.is_ahead and self._least_delay is not None:
            error -= (media - self._piece.media) * self._piece.rate
        return error

    def new_step(self) -> float | None:
        """By how many seconds the wall clock was stepped since this was last asked; None when it was not."""
        step = self._clock_step()
        changed = (step - self._step_seen).total_seconds()
        if abs(changed) < STEP_SECONDS:
            return None
        self._step_seen = step
        return changed

    @property
    def was_set(self) -> bool:
        """The machine's clock was set by more than a run can work off."""
        return abs(self._clock_step().total_seconds()) > LIMIT_SECONDS

    def broken(self) -> str | None:
        """Why the run can no longer be tied to the clock, or None while it can."""
        if self.was_set:
            return f"the machine's clock was set by {self._clock_step().total_seconds():+.1f} s"
        delay = self._least_delay or 0.0
        if delay > LATE_SECONDS or (delay < -LIMIT_SECONDS and not self.is_ahead):
            return f"the camera's time left the clock by {delay:+.1f} s"
        return None

    def _clock_step(self) -> timedelta:
        step = self._clock.now() - timedelta(seconds=self._clock.monotonic()) - self._offset
        return step if abs(step.total_seconds()) >= STEP_SECONDS else timedelta(0)

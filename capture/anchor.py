"""From a stream's own time to wall time, for the length of one run (docs/design/0003-time.md).

The camera's media time gives durations. The machine's monotonic clock says when packets came; the least
delayed of them tie media time to it. The wall clock is read to tie monotonic time to the calendar, once at
the start of a run: a later step of the wall clock moves nothing that is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hall.clock import Clock

STEEPEST = 500e-6
"""Media seconds are stretched or shortened by at most this share to follow the clock."""
STEP_SECONDS = 0.1
"""A difference of wall and monotonic time beyond this is a step of the clock, not an inexact reading."""
LIMIT_SECONDS = 2.0
"""A run whose time is further from the clock than this is ended; the next one is tied anew."""
LATE_SECONDS = 30.0
"""Packets that come late are no reason for a new run before this: a slow network is not a wrong clock."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a packet of media time `media` (seconds) came, by the monotonic clock (seconds)."""

    media: float
    arrived: float


class Anchor:
    """The wall time of every moment of one run. Pieces of constant rate follow each other without a step."""

    def __init__(self, clock: Clock, first: list[Arrival]) -> None:
        """Tie a run to the clock by its first arrivals; the least delayed of them is taken as prompt."""
        self._clock = clock
        self._offset = clock.now() - timedelta(seconds=clock.monotonic())
        prompt = min(first, key=lambda arrival: arrival.arrived - arrival.media)
        self._wall = self._offset + timedelta(seconds=prompt.arrived)
        self._media = prompt.media
        self._rate = 0.0
        self._least_delay: float | None = None
        self._step_seen = timedelta(0)

    @property
    def rate(self) -> float:
        """By which share a media second is longer than a wall second now; at most 500e-6 either way."""
        return self._rate

    def wall_at(self, media: float) -> datetime:
        """The wall time (UTC) of a moment of media time (seconds)."""
        return self._wall + timedelta(seconds=(media - self._media) * (1 + self._rate))

    def begin_after(self, media: float, end: datetime) -> None:
        """See to it that `media`, where a run begins, is not before `end`, where the run before it ended.

        Readings differ by milliseconds, and what overlaps by so little did not happen twice. An end further
        ahead than the limit was written under a clock that has been set back since: it does not count.
        """
        early = end - self.wall_at(media)
        if timedelta(0) < early <= timedelta(seconds=LIMIT_SECONDS):
            self._wall += early

    def observe(self, arrival: Arrival) -> None:
        """Note when a packet came. Only the least delayed counts: delay of the network is no drift."""
        delay = (
            self._offset + timedelta(seconds=arrival.arrived) - self.wall_at(arrival.media)
        ).total_seconds()
        if self._least_delay is None or delay < self._least_delay:
            self._least_delay = delay

    def turn(self, media: float, horizon: float) -> datetime:
        """Begin a new piece at `media` whose rate works off what was found, over `horizon` seconds or longer.

        Returns the wall time of `media`, which the turn does not change.
        """
        self._wall, self._media = self.wall_at(media), media
        self._rate = min(STEEPEST, max(-STEEPEST, self.error / horizon))
        self._least_delay = None
        return self._wall

    @property
    def error(self) -> float:
        """By how many seconds the run's time is behind the clock, as found since the last turn."""
        return (self._least_delay or 0.0) + self._clock_step().total_seconds()

    def new_step(self) -> float | None:
        """By how many seconds the wall clock was stepped since this was last asked; None when it was not."""
        step = self._clock_step()
        changed = (step - self._step_seen).total_seconds()
        if abs(changed) < STEP_SECONDS:
            return None
        self._step_seen = step
        return changed

    def broken(self) -> str | None:
        """Why the run can no longer be tied to the clock, or None while it can."""
        step = self._clock_step().total_seconds()
        if abs(step) > LIMIT_SECONDS:
            return f"the machine's clock was set by {step:+.1f} s"
        delay = self._least_delay or 0.0
        if delay < -LIMIT_SECONDS or delay > LATE_SECONDS:
            return f"the camera's time left the clock by {delay:+.1f} s"
        return None

    def _clock_step(self) -> timedelta:
        step = self._clock.now() - timedelta(seconds=self._clock.monotonic()) - self._offset
        return step if abs(step.total_seconds()) >= STEP_SECONDS else timedelta(0)

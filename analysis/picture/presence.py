"""Presence in a zone: from single samples, which may err, to a state that a person can rely on.

A pure state machine over a sliding window of samples, a switch with two thresholds:

* `on_post` from `absent` once the share of samples that show somebody reaches `on_ratio`; it begins at the
  first sample of the unbroken run that showed somebody.
* `absent` once that share falls below `off_ratio`; it begins at the sample that decided.
* `leaving` lies between: so many empty samples in a row that they alone would bring a full window below
  `on_ratio`. It begins, in retrospect, at the first of them. Whoever shows up again is on post again.
* `unknown` before the first sample and while blind; it begins where seeing ended.

No state ever begins before the sample that gave cause, and times never run back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from hall.observing import Presence


@dataclass(frozen=True, slots=True)
class PresenceLimits:
    """`window` samples are judged together; the ratios are shares of samples that show somebody."""

    window: int = 5
    on_ratio: float = 0.6
    off_ratio: float = 0.2

    @property
    def empties_to_leave(self) -> int:
        """How many empty samples in a row mean leaving."""
        tolerated = self.window * (1 - self.on_ratio)
        return min(self.window, int(tolerated + 1e-9) + 1)


@dataclass(frozen=True, slots=True)
class Change:
    """A state and the moment it began."""

    state: Presence
    start: datetime
    confidence: float | None = None


@dataclass(slots=True)
class PresenceMachine:
    """One zone. `state` holds since `start`."""

    limits: PresenceLimits
    state: Presence = Presence.UNKNOWN
    start: datetime | None = None
    last: datetime | None = None
    """The last sample: how far this zone has been seen."""
    _window: deque[bool] = field(init=False)
    _run: tuple[bool, datetime, int] | None = None
    """The unbroken run of equal samples at the end: what they show, since when, how many."""

    def __post_init__(self) -> None:
        self._window = deque(maxlen=self.limits.window)

    def resume(self, state: Presence, start: datetime, last: datetime) -> None:
        """Go on where another process stopped: `state` since `start`, last sample at `last`."""
        self.state, self.start, self.last = state, start, max(start, last)
        self._window.clear()
        self._run = None
        if state is Presence.UNKNOWN:
            return
        shows = state is Presence.ON_POST
        length = self.limits.empties_to_leave if state is Presence.LEAVING else self.limits.window
        self._window.extend([shows] * length)
        self._run = (shows, self.last if state is Presence.ON_POST else start, length)

    def sample(self, at: datetime, shows: bool, confidence: float | None = None) -> list[Change]:
        """Take one sample and return what changes, in order of time.

        A sample older than the last one counts as taken at the last one's time.
        """
        at = at if self.last is None else max(at, self.last)
        self.last = at
        self._window.append(shows)
        if self._run is None or self._run[0] is not shows:
            self._run = (shows, at, 1)
        else:
            self._run = (shows, self._run[1], self._run[2] + 1)
        return (
            self._somebody(self._run[1], confidence) if shows else self._nobody(at, self._run[1], confidence)
        )

    def blind(self, since: datetime | None = None) -> list[Change]:
        """Nothing has been seen for too long: unknown since the last sample, or `since` if earlier."""
        self._window.clear()
        self._run = None
        if self.state is Presence.UNKNOWN or self.last is None:
            return []
        start = self.last if since is None else min(since, self.last)
        return [self._become(Presence.UNKNOWN, start, None)]

    def _somebody(self, since: datetime, confidence: float | None) -> list[Change]:
        if self.state is Presence.ON_POST:
            return []
        if self.state is Presence.ABSENT and self._share() < self.limits.on_ratio:
            return []
        return [self._become(Presence.ON_POST, since, confidence)]

    def _nobody(self, at: datetime, since: datetime, confidence: float | None) -> list[Change]:
        changes: list[Change] = []
        if self.state is Presence.ABSENT:
            return changes
        run = self._run[2] if self._run is not None else 0
        full = len(self._window) == self.limits.window
        away = full and (self._share() < self.limits.off_ratio or not any(self._window))
        if self.state is not Presence.LEAVING and run >= self.limits.empties_to_leave:
            changes.append(self._become(Presence.LEAVING, since, confidence))
        if away:
            changes.append(self._become(Presence.ABSENT, at, confidence))
        return [change for change in changes if change.start < at or change is changes[-1]]

    def _share(self) -> float:
        return sum(self._window) / len(self._window)

    def _become(self, state: Presence, start: datetime, confidence: float | None) -> Change:
        self.state = state
        self.start = start if self.start is None else max(start, self.start)
        return Change(state, self.start, confidence)

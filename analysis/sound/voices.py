"""Raised voices: speech well above the room's usual talk, for longer than an announcement lasts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from analysis.sound.background import Background

PAUSE_SECONDS = 3
"""Seconds in a row that may be less loud: whoever quarrels draws breath and lets the other speak."""
LEAST_SHARE = 0.5
"""Of the time since it began that must be loud."""
CALM_SECONDS = 10
SLOWLY = 4
"""While voices are raised every fourth second only is learnt: a quarrel is not the usual talk so soon."""


class Voices(StrEnum):
    """States of an observation of voices; `unknown` comes from hall.observing."""

    CALM = "calm"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Raised:
    """A change: since when, to what, and by how many dB the loud seconds lay above the usual talk."""

    since: datetime
    state: Voices
    over: float | None = None


@dataclass(slots=True)
class VoicesSwitch:
    """Raised once loud speech has gone on for `sustain` seconds; calm after ten without any.

    Loud is a second with speech `over` dB above the background. A drop, a slammed door, a machine: no speech.
    An announcement: shorter than `sustain`. A hall that fills: its background rises with it.
    """

    over: float
    sustain: int
    state: Voices | None = None
    background: Background = field(default_factory=Background)
    _since: datetime | None = None
    """The first of the loud seconds that may become, or are, raised voices."""
    _excess: list[float] = field(default_factory=list)
    _elapsed: int = 0
    _softer: int = 0
    _softer_since: datetime | None = None

    def second(self, start: datetime, level: float, *, spoken: bool) -> Raised | None:
        """Take one second's level in dB and whether somebody spoke; what is stated anew, or None."""
        usual = self.background.usual() if spoken else None
        loud = usual is not None and level >= usual + self.over
        self._learn(level, spoken)
        if spoken and usual is None:
            return None  # nobody knows yet how loud talk is in this room
        if loud and usual is not None:
            return self._loud(start, level - usual)
        return self._soft(start)

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        was_known, self.state = self.state is not None, None
        self._forget()
        return was_known

    def _learn(self, level: float, spoken: bool) -> None:
        slow = self.state is Voices.RAISED and spoken
        if not slow or self._elapsed % SLOWLY == 0:
            self.background.learn(level, spoken=spoken)

    def _loud(self, start: datetime, excess: float) -> Raised | None:
        if self._since is None:
            self._since, self._elapsed = start, 0
        self._elapsed += 1
        self._softer = 0
        if self.state is Voices.RAISED:
            return None
        self._excess.append(excess)
        if self._elapsed < self.sustain or len(self._excess) < LEAST_SHARE * self._elapsed:
            return None
        since, mean = self._since, sum(self._excess) / len(self._excess)
        self.state = Voices.RAISED
        self._excess.clear()
        return Raised(since, Voices.RAISED, mean)

    def _soft(self, start: datetime) -> Raised | None:
        if self.state is None:
            self.state = Voices.CALM
            return Raised(start, Voices.CALM)
        if self._softer == 0:
            self._softer_since = start
        self._softer += 1
        self._elapsed += 1
        if self.state is Voices.CALM:
            if self._softer > PAUSE_SECONDS:
                self._forget()
            return None
        if self._softer < CALM_SECONDS or self._softer_since is None:
            return None
        since = self._softer_since
        self.state = Voices.CALM
        self._forget()
        return Raised(since, Voices.CALM)

    def _forget(self) -> None:
        self._since = None
        self._excess.clear()
        self._elapsed = self._softer = 0

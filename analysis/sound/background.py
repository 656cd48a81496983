"""What a room usually sounds like: the medians of its talk and of its rest, and the lowest it ever gets.

All learnt from what is heard, nothing is set; lost with the process.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

from analysis.sound.loudness import energy_mean

TALK_SECONDS = 300
REST_SECONDS = 60
LEARNT_SECONDS = 30
"""Seconds of talk from which its usual level is known."""
BLOCK_SECONDS = 10
BLOCKS_AN_HOUR = 3600 // BLOCK_SECONDS
HOURS = 7 * 24


@dataclass(slots=True)
class Background:
    """The last five minutes of speech, and the last minute of everything else.

    Apart, because a room in which nobody spoke for an hour is 30 dB below the calmest talk, and because
    someone who talks beside a running machine is not loud: the machine is.
    """

    _talk: deque[float] = field(default_factory=lambda: deque(maxlen=TALK_SECONDS))
    _rest: deque[float] = field(default_factory=lambda: deque(maxlen=REST_SECONDS))

    def usual(self) -> float | None:
        """The level that talk has to rise above to be loud; None while too little talk was heard."""
        if len(self._talk) < LEARNT_SECONDS:
            return None
        talk = median(self._talk)
        return max(talk, median(self._rest)) if self._rest else talk

    def learn(self, level: float, *, spoken: bool) -> None:
        """Take one second's level."""
        (self._talk if spoken else self._rest).append(level)


@dataclass(slots=True)
class Floor:
    """The quietest ten seconds of the last week: what a working microphone in this room never falls below.

    `lowest` may begin with what an earlier process had learnt.
    """

    lowest: float | None = None
    _hours: deque[float] = field(default_factory=lambda: deque(maxlen=HOURS))
    _block: list[float] = field(default_factory=list)
    _blocks: int = 0
    _this_hour: float | None = None

    def learn(self, level: float) -> None:
        """Take one second's level. The floor is known an hour after the first."""
        self._block.append(level)
        if len(self._block) < BLOCK_SECONDS:
            return
        block = energy_mean(self._block)
        self._block.clear()
        self._blocks += 1
        self._this_hour = block if self._this_hour is None else min(self._this_hour, block)
        if self.lowest is not None:
            self.lowest = min(self.lowest, block)
        if self._blocks >= BLOCKS_AN_HOUR:
            self._hours.append(self._this_hour)
            self.lowest = min(self._hours)
            self._blocks, self._this_hour = 0, None

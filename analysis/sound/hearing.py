"""One camera heard: batches of sound in, changed observations of everything that is heard out.

No clock, bus or database in here: wall times belong to the sound, monotonic moments are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from analysis.sound.background import Floor
from analysis.sound.loudness import LevelSwitch, Measured, MinuteSwitch
from analysis.sound.measures import Measures, measure
from analysis.sound.microphone import DEAF, Microphone, MicrophoneSwitch
from analysis.sound.samples import Second, SecondCutter, SoundDecoder
from analysis.sound.silero import Silero
from analysis.sound.speech import Heard, Speech, SpeechJudge, SpeechSwitch
from analysis.sound.voices import Voices, VoicesSwitch
from hall.config.settings import SoundSettings
from hall.errors import DetectorError
from hall.interval import Interval
from hall.media import Packet, Track
from hall.names import CameraId
from hall.observing import UNKNOWN, Observation, ObservationKind
from hall.place import MicrophoneSettings

DEAF_AFTER = 5.0
"""Seconds without sound after which nothing is known; batches last about one second."""
METER = "laeq@2"
VOICES = f"{SpeechJudge.name}+{METER}"
TESTER = "microphone@1"
SOURCES = {
    ObservationKind.SPEECH: SpeechJudge.name,
    ObservationKind.LEVEL: METER,
    ObservationKind.MINUTE_LEVEL: METER,
    ObservationKind.VOICES: VOICES,
    ObservationKind.MICROPHONE: TESTER,
}
"""What is stated of a sound, and who judges it; in the order in which it is told."""
NEED_SPEECH = (ObservationKind.SPEECH, ObservationKind.VOICES)


class Switch(Protocol):
    """What holds a state until it is told of a reason to change it."""

    def deaf(self) -> bool:
        """Nothing has been heard for too long. True when that changes what is stated."""
        ...


@dataclass(frozen=True, slots=True)
class HeardBatch:
    """What a batch of sound changed, and how each of its seconds was judged (None: by no model)."""

    changes: list[Observation]
    seconds: list[Heard | None]


class SoundWatch:
    """The sound of one camera. Calls must come from one thread at a time."""

    def __init__(
        self,
        camera: CameraId,
        model: Silero | None,
        settings: SoundSettings | None = None,
        microphone: MicrophoneSettings | None = None,
    ) -> None:
        """Without a `model` speech and voices are unknown; everything else is judged."""
        self.camera = camera
        self.last: datetime | None = None
        """Up to where sound has been judged."""
        limits = settings or SoundSettings()
        calibration = (microphone or MicrophoneSettings()).calibration_db
        self._unit = Measured.MEASURED if calibration is None else Measured.CALIBRATED
        self._offset = calibration or 0.0
        self._decoder = SoundDecoder()
        self._cutter = SecondCutter()
        self._judge = SpeechJudge(model) if model is not None else None
        self._speech = SpeechSwitch()
        self._level = LevelSwitch()
        self._minute = MinuteSwitch()
        self._voices = VoicesSwitch(limits.voices_over_db, limits.voices_seconds)
        self._microphone = MicrophoneSwitch()
        self._switches: dict[ObservationKind, Switch] = {
            ObservationKind.SPEECH: self._speech,
            ObservationKind.LEVEL: self._level,
            ObservationKind.MINUTE_LEVEL: self._minute,
            ObservationKind.VOICES: self._voices,
            ObservationKind.MICROPHONE: self._microphone,
        }
        self._heard = 0.0

    def begin(self, standing: Iterable[Observation], watermark: datetime | None, now: float) -> None:
        """Go on from what an earlier process left standing; its sound was judged about until `watermark`."""
        self._heard = now
        for observation in standing:
            if observation.state == UNKNOWN or not self._take_over(observation):
                continue
            last = max(observation.interval.start, watermark or observation.interval.start)
            self.last = last if self.last is None else max(self.last, last)

    def hear(self, track: Track, packets: Sequence[Packet], at: datetime, now: float) -> HeardBatch:
        """Judge a batch that began at `at` and return what changed. Raises MediaError for damaged sound."""
        if self._cutter.has_hole(at):
            self._forget()
        try:
            samples = self._decoder.decode(track, packets)
        except Exception:
            self._forget()
            raise
        batch = HeardBatch([], [])
        for second in self._cutter.add(at, samples):
            self._heard = now
            if self.last is not None and (second.start - self.last).total_seconds() > DEAF_AFTER:
                batch.changes.extend(self._deaf(SOURCES, self.last))
            self.last = second.start + timedelta(seconds=1)
            self._second(second, batch)
        return batch

    def tick(self, now: float) -> list[Observation]:
        """Let time pass: what is unknown now because no sound came for too long."""
        if now - self._heard <= DEAF_AFTER or self.last is None:
            return []
        return self._deaf(SOURCES, self.last)

    def _second(self, second: Second, batch: HeardBatch) -> None:
        start, measures = second.start, measure(second.samples)
        level = measures.level + self._offset
        fault = self._microphone.second(start, measures)
        if fault is not None and fault[1] in DEAF:
            batch.changes.extend(self._deaf(NEED_SPEECH, fault[0]))
        if self._microphone.state not in DEAF:
            heard = self._speech_in(second, measures, batch)
            batch.seconds.append(heard)
            if heard is not None and (spoken := self._speech.second(start, heard.share)):
                batch.changes.append(self._observation(ObservationKind.SPEECH, *spoken))
            if heard is not None and (raised := self._voices.second(start, level, spoken=heard.spoken)):
                over = None if raised.over is None else round(raised.over, 1)
                batch.changes.append(
                    self._observation(ObservationKind.VOICES, raised.since, raised.state, over)
                )
        if moved := self._level.second(start, level):
            batch.changes.append(self._level_of(ObservationKind.LEVEL, *moved))
        if minute := self._minute.second(start, level):
            batch.changes.append(self._level_of(ObservationKind.MINUTE_LEVEL, *minute))
        if fault is not None:
            floor = self._microphone.floor.lowest if fault[1] is Microphone.LEVEL_DROP else None
            batch.changes.append(self._observation(ObservationKind.MICROPHONE, *fault, floor))

    def _speech_in(self, second: Second, measures: Measures, batch: HeardBatch) -> Heard | None:
        """The second as the model judges it; None, and what that makes unknown, when it fails."""
        if self._judge is None:
            batch.changes.extend(self._deaf(NEED_SPEECH, second.start))
            return None
        try:
            return self._judge.hear(second.samples, measures.level)
        except DetectorError:
            self._judge.forget()
            batch.changes.extend(self._deaf(NEED_SPEECH, second.start))
            return None

    def _take_over(self, observation: Observation) -> bool:
        """Let a switch go on from an observation that stands; False when it says nothing to this sound."""
        kind, state, measure = observation.kind, observation.state, observation.measure
        if kind is ObservationKind.SPEECH and state in set(Speech):
            self._speech.state = Speech(state)
        elif kind is ObservationKind.VOICES and state in set(Voices):
            self._voices.state = Voices(state)
        elif kind is ObservationKind.MICROPHONE and state in set(Microphone):
            self._microphone.state = Microphone(state)
            self._microphone.floor = Floor(measure)
        elif kind is ObservationKind.LEVEL and state == self._unit:
            self._level.stated = measure
        elif kind is ObservationKind.MINUTE_LEVEL and state == self._unit:
            self._minute.stated = measure
        else:
            return False
        return True

    def _deaf(self, kinds: Iterable[ObservationKind], since: datetime) -> list[Observation]:
        return [self._observation(kind, since, UNKNOWN) for kind in kinds if self._switches[kind].deaf()]

    def _forget(self) -> None:
        self._decoder.forget()
        self._cutter.forget()
        if self._judge is not None:
            self._judge.forget()

    def _level_of(self, kind: ObservationKind, since: datetime, level: float) -> Observation:
        return self._observation(kind, since, self._unit, round(level, 1))

    def _observation(
        self, kind: ObservationKind, start: datetime, state: str, measure: float | None = None
    ) -> Observation:
        return Observation(
            kind=kind,
            camera=self.camera,
            zone=None,
            window=None,
            interval=Interval(start),
            state=str(state),
            measure=measure,
            source=SOURCES[kind],
        )

"""One camera heard: batches of sound in, changed observations of speech and level out.

No clock, bus or database in here: wall times belong to the sound, monotonic moments are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from analysis.sound.loudness import LevelSwitch, a_weighted_level
from analysis.sound.samples import SecondCutter, SoundDecoder
from analysis.sound.speech import Speech, SpeechJudge, SpeechSwitch
from hall.interval import Interval
from hall.media import Packet, Track
from hall.names import CameraId
from hall.observing import UNKNOWN, Observation, ObservationKind

DEAF_AFTER = 5.0
"""Seconds without sound after which nothing is known; batches last about one second."""
MEASURED = "measured"
METER = "laeq@1"


class SoundWatch:
    """The sound of one camera. Calls must come from one thread at a time."""

    def __init__(self, camera: CameraId) -> None:
        self.camera = camera
        self.last: datetime | None = None
        """Up to where sound has been judged."""
        self._decoder = SoundDecoder()
        self._cutter = SecondCutter()
        self._judge = SpeechJudge()
        self._speech = SpeechSwitch()
        self._level = LevelSwitch()
        self._heard = 0.0

    def begin(self, standing: Iterable[Observation], watermark: datetime | None, now: float) -> None:
        """Go on from what an earlier process left standing; its sound was judged about until `watermark`."""
        self._heard = now
        for observation in standing:
            if observation.state == UNKNOWN:
                continue
            if observation.kind is ObservationKind.SPEECH and observation.state in set(Speech):
                self._speech.state = Speech(observation.state)
            elif observation.kind is ObservationKind.LEVEL:
                self._level.stated = observation.measure
            else:
                continue
            last = max(observation.interval.start, watermark or observation.interval.start)
            self.last = last if self.last is None else max(self.last, last)

    def hear(self, track: Track, packets: Sequence[Packet], at: datetime, now: float) -> list[Observation]:
        """Judge a batch that began at `at` and return what changed. Raises MediaError for damaged sound."""
        if self._cutter.has_hole(at):
            self._forget()
        try:
            samples = self._decoder.decode(track, packets)
        except Exception:
            self._forget()
            raise
        changes: list[Observation] = []
        for second in self._cutter.add(at, samples):
            self._heard = now
            if self.last is not None and (second.start - self.last).total_seconds() > DEAF_AFTER:
                changes += self._deaf()
            start = second.start
            self.last = start + timedelta(seconds=1)
            level = a_weighted_level(second.samples)
            spoken = self._speech.second(start, self._judge.share(second.samples, level))
            if spoken is not None:
                changes.append(
                    self._observation(ObservationKind.SPEECH, spoken[0], spoken[1], SpeechJudge.name)
                )
            moved = self._level.second(start, level)
            if moved is not None:
                measure = round(moved[1], 1)
                changes.append(self._observation(ObservationKind.LEVEL, moved[0], MEASURED, METER, measure))
        return changes

    def tick(self, now: float) -> list[Observation]:
        """Let time pass: what is unknown now because no sound came for too long."""
        return self._deaf() if now - self._heard > DEAF_AFTER else []

    def _deaf(self) -> list[Observation]:
        since = self.last
        if since is None:
            return []
        changes = []
        if self._speech.deaf():
            changes.append(self._observation(ObservationKind.SPEECH, since, UNKNOWN, SpeechJudge.name))
        if self._level.deaf():
            changes.append(self._observation(ObservationKind.LEVEL, since, UNKNOWN, METER))
        return changes

    def _forget(self) -> None:
        self._decoder.forget()
        self._cutter.forget()
        self._judge.forget()

    def _observation(
        self, kind: ObservationKind, start: datetime, state: str, source: str, measure: float | None = None
    ) -> Observation:
        return Observation(
            kind=kind,
            camera=self.camera,
            zone=None,
            window=None,
            interval=Interval(start),
            state=str(state),
            measure=measure,
            source=source,
        )

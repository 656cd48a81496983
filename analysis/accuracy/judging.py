"""A folder of labelled clips judged: each clip by itself, and all together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2

from analysis.accuracy.clips import SAMPLE_EVERY, Stated, examine, seconds_of
from analysis.accuracy.labels import (
    ABSENT,
    PICTURES,
    PRESENT,
    SOUNDS,
    ClipLabels,
    SpeechLabels,
    clips_of,
    speech_of,
)
from analysis.accuracy.scoring import (
    CountError,
    Hits,
    PeopleThere,
    count_error,
    fault_hits,
    same_absences,
    spans_of,
    speech_hits,
)
from analysis.detectors import open_detector
from analysis.sound.silero import Silero
from analysis.sound.speech import spoken_seconds
from hall.config.settings import AnalysisSettings
from hall.errors import ConfigurationError, Problem
from hall.observing import Presence

NO_HITS, NO_COUNTS = Hits(), CountError()
FAULT_WITHIN = 10.0
"""Seconds after its begin in which a fault is to be found."""
AS_STATED = {
    PRESENT: frozenset({str(Presence.ON_POST)}),
    ABSENT: frozenset({str(Presence.LEAVING), str(Presence.ABSENT)}),
}
OTHER_NAMES = {
    "overexposed": "washed_out", "overexposure": "washed_out", "washed": "washed_out", "white": "washed_out",
    "defocused": "blurred", "defocus": "blurred", "out_of_focus": "blurred", "blur": "blurred",
    "freeze": "frozen", "occluded": "covered", "blocked": "covered", "dark": "black", "blank": "black",
    "shifted": "moved", "rotated": "moved", "turned": "moved", "displaced": "moved", "redirected": "moved",
}  # fmt: skip
"""How else the faults are called by those who label clips."""


@dataclass(frozen=True, slots=True)
class Score:
    """How right one clip was judged, or several together. `sound` and `processor` are seconds."""

    clip: str
    scored: int = 0
    right: int = 0
    """Of so many seconds and zones that are scored so many are right."""
    absences: Hits = NO_HITS
    counts: CountError = NO_COUNTS
    speech: Hits = NO_HITS
    faults: Hits = NO_HITS
    has_speech: bool = False
    sound: float = 0.0
    processor: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.clip,
            self.scored + other.scored,
            self.right + other.right,
            self.absences + other.absences,
            self.counts + other.counts,
            self.speech + other.speech,
            self.faults + other.faults,
            self.has_speech or other.has_speech,
            self.sound + other.sound,
            self.processor + other.processor,
        )

    @property
    def presence(self) -> float | None:
        """The share of zone-seconds that are right; None where none is labelled."""
        return self.right / self.scored if self.scored else None

    @property
    def speech_share(self) -> float | None:
        """Share of a core that judging the sound of one microphone takes."""
        return self.processor / self.sound if self.sound else None


def judge(
    folder: Path,
    settings: AnalysisSettings,
    processor_time: Callable[[], float],
    sample_every: float = SAMPLE_EVERY,
) -> Iterator[Score]:
    """The score of each clip of a folder, as each is done.

    Raises ConfigurationError for a folder without labels or with labels that cannot be read, MediaError for
    a clip that cannot, DetectorError.
    """
    cv2.setNumThreads(1)  # as in a hall, and so that the processor time is that of one thread
    clips, sounds = clips_of(folder), speech_of(folder)
    if not clips and not sounds:
        raise ConfigurationError(
            [Problem("(folder)", None, "holds no labelled clip (gt/*.json)")], str(folder)
        )
    if clips:
        detector = open_detector(settings)
        for labels in clips:
            path = folder / PICTURES / labels.file
            yield score_of(labels, examine(path, labels, settings, detector, processor_time, sample_every))
    if sounds:
        model = Silero()
        for name, speech in sounds.items():
            yield _heard(folder / SOUNDS / name, name, speech, model, processor_time)


def score_of(labels: ClipLabels, stated: Stated) -> Score:
    """What was stated about a clip, compared with its labels."""
    scored = right = 0
    absences = Hits()
    for zone in (box.name for box in labels.zones):
        known = [(second, second.zones[zone]) for second in labels.per_second if zone in second.zones]
        for second, state in known:
            if state.sure and state.state in AS_STATED:
                scored += 1
                right += stated.state_at(zone, second.t + 0.5) in AS_STATED[state.state]
        away = spans_of((float(second.t), state.state == ABSENT) for second, state in known)
        unsure = spans_of((float(second.t), not state.sure) for second, state in known)
        absences += same_absences(away, stated.absences(zone), unsure)
    kind = labels.tamper and OTHER_NAMES.get(_named(labels.tamper), _named(labels.tamper))
    return Score(
        labels.file,
        scored,
        right,
        absences,
        count_error(_people(labels), stated.counts),
        faults=fault_hits(kind, labels.fault_from, stated.faults, FAULT_WITHIN),
    )


def _people(labels: ClipLabels) -> list[PeopleThere]:
    by_second = [
        PeopleThere(second.t + 0.5, second.persons, second.persons, second.persons)
        for second in labels.per_second
        if second.persons is not None and second.sure
    ]
    by_sample = [PeopleThere(one.t, one.persons_best, one.min, one.max) for one in labels.samples]
    return sorted(by_second + by_sample, key=lambda there: there.at)


def _named(kind: str) -> str:
    return kind.strip().lower().replace("-", "_").replace(" ", "_")


def _heard(
    path: Path, name: str, labels: SpeechLabels, model: Silero, processor_time: Callable[[], float]
) -> Score:
    seconds = list(seconds_of(path))
    spoken = spoken_seconds(seconds, model, processor_time)
    return Score(
        name,
        speech=speech_hits(labels.speech_share_per_second, spoken.decisions),
        has_speech=True,
        sound=float(len(seconds)),
        processor=spoken.processor_seconds,
    )

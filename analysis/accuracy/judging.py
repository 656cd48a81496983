"""A folder of labelled clips judged: each clip by itself, and all together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from analysis.accuracy.clips import SAMPLE_EVERY, Stated, examine
from analysis.accuracy.fault_names import faults_meant
from analysis.accuracy.folder import LABELS, Clip, Sound, clips_of, sounds_of
from analysis.accuracy.labels import ABSENT, PRESENT, ClipLabels
from analysis.accuracy.playing import Played, seconds_of
from analysis.accuracy.scoring import (
    CountError,
    FaultThere,
    Hits,
    PeopleThere,
    SecondKnown,
    absence_hits,
    count_error,
    fault_hits,
    speech_hits,
)
from analysis.detectors import open_detector
from analysis.sound.silero import Silero
from analysis.sound.speech import spoken_seconds
from hall.config.settings import AnalysisSettings
from hall.errors import ConfigurationError, MediaError, Problem
from hall.observing import Presence
from hall.ports import Detector

NO_HITS, NO_COUNTS = Hits(), CountError()
FAULT_WITHIN = 10.0
"""Seconds after its begin in which a fault is to be told."""
AS_STATED = {
    PRESENT: frozenset({str(Presence.ON_POST)}),
    ABSENT: frozenset({str(Presence.LEAVING), str(Presence.ABSENT)}),
}


@dataclass(frozen=True, slots=True)
class Score:
    """How right one clip was judged, or several together. `sound` and `processor` are seconds.

    What is not labelled is not scored: `has_zones`, `has_fault` and `has_speech` tell what is. `notes` say
    what was passed over. A clip that is not `judged` at all, though labelled, has a note that says why.
    """

    clip: str
    scored: int = 0
    right: int = 0
    """Of so many seconds and zones that are scored so many are right."""
    absences: Hits = NO_HITS
    counts: CountError = NO_COUNTS
    speech: Hits = NO_HITS
    faults: Hits = NO_HITS
    has_zones: bool = False
    has_fault: bool = False
    has_speech: bool = False
    sound: float = 0.0
    processor: float = 0.0
    notes: tuple[str, ...] = ()
    judged: bool = True

    def __add__(self, other: Score) -> Score:
        return Score(
            self.clip,
            self.scored + other.scored,
            self.right + other.right,
            self.absences + other.absences,
            self.counts + other.counts,
            self.speech + other.speech,
            self.faults + other.faults,
            self.has_zones or other.has_zones,
            self.has_fault or other.has_fault,
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
    """The score of each labelled clip of a folder, as each is done.

    A clip that cannot be read costs its own score only. Raises ConfigurationError for a folder without
    labels, DetectorError when a model cannot be opened.
    """
    cv2.setNumThreads(1)  # as in a hall, and so that the processor time is that of one thread
    clips, sounds = clips_of(folder), sounds_of(folder)
    if not clips and not sounds:
        raise ConfigurationError(
            [Problem("(folder)", None, f"holds no labelled clip ({LABELS}/*.json)")], str(folder)
        )
    detector: Detector | None = None
    for clip in clips:
        if clip.path is None or clip.labels is None:
            yield Score(clip.name, notes=clip.notes, judged=False)
            continue
        detector = detector or open_detector(settings)
        yield _seen(clip, clip.path, clip.labels, settings, detector, processor_time, sample_every)
    model: Silero | None = None
    for sound in sounds:
        if sound.path is None or sound.labels is None:
            yield Score(sound.name, notes=sound.notes, judged=False)
            continue
        model = model or Silero()
        yield _heard(sound, sound.path, model, processor_time)


def _seen(
    clip: Clip,
    path: Path,
    labels: ClipLabels,
    settings: AnalysisSettings,
    detector: Detector,
    processor_time: Callable[[], float],
    sample_every: float,
) -> Score:
    try:
        stated = examine(path, labels, settings, detector, processor_time, sample_every)
    except MediaError as error:
        return Score(clip.name, notes=(*clip.notes, str(error)), judged=False)
    score = score_of(labels, stated)
    return replace(score, notes=(*clip.notes, *_not_read(stated.played), *score.notes))


def score_of(labels: ClipLabels, stated: Stated) -> Score:
    """What was stated about a clip, compared with its labels as far as the clip lasts."""
    notes: list[str] = []
    lasting = [second for second in labels.per_second if second.t < stated.length]
    if len(lasting) < len(labels.per_second):
        notes.append(f"{len(labels.per_second) - len(lasting)} labelled seconds lie beyond its end")
    scored = right = 0
    absences = Hits()
    for zone in (box.name for box in labels.zones):
        known = [(second.t, second.zones[zone]) for second in lasting if zone in second.zones]
        for t, state in known:
            if state.sure and state.state in AS_STATED:
                scored += 1
                right += stated.state_at(zone, _middle(t, stated.length)) in AS_STATED[state.state]
        seconds = [
            SecondKnown(t, state.state == ABSENT, state.sure)
            for t, state in known
            if state.state in AS_STATED
        ]
        absences += absence_hits(seconds, stated.absences(zone))
    if stated.failed:
        notes.append(f"{len(stated.failed)} pictures could not be judged: {stated.failed[0]}")
    fault = _fault(labels)
    if fault is not None and not fault.kinds:
        notes.append(f"'{labels.tamper}' is no fault that is known here")
    if not (scored or labels.samples or labels.fault or _people(labels, stated)):
        notes.append("nothing that could be scored is labelled")
    return Score(
        labels.file,
        scored,
        right,
        absences,
        count_error(_people(labels, stated), stated.counts),
        faults=fault_hits(fault, stated.faults, FAULT_WITHIN),
        has_zones=scored > 0,
        has_fault=fault is not None,
        notes=tuple(notes),
    )


def _fault(labels: ClipLabels) -> FaultThere | None:
    since, until = labels.fault_from, labels.sound_until
    if labels.fault is None or since is None or until is None:
        return None
    return FaultThere(faults_meant(labels.fault), until, since)


def _middle(t: float, length: float) -> float:
    """The middle of a second, or of what a clip has of it."""
    return (t + min(t + 1, length)) / 2


def _people(labels: ClipLabels, stated: Stated) -> list[PeopleThere]:
    by_second = [
        PeopleThere(_middle(second.t, stated.length), second.persons, second.persons, second.persons)
        for second in labels.per_second
        if second.persons is not None and second.sure and second.t < stated.length
    ]
    by_sample = [
        PeopleThere(one.t, one.persons_best, one.min, one.max)
        for one in labels.samples
        if one.t <= stated.length
    ]
    return sorted(by_second + by_sample, key=lambda there: there.at)


def _not_read(played: Played) -> Iterator[str]:
    if played.broken_off is not None:
        yield f"can be read for {played.length:.1f} s only: {played.broken_off}"
    if played.damaged:
        yield f"{played.damaged} damaged packets or pictures"


def _heard(sound: Sound, path: Path, model: Silero, processor_time: Callable[[], float]) -> Score:
    played = Played()
    try:
        seconds = list(seconds_of(path, played))
    except MediaError as error:
        return Score(sound.name, notes=(*sound.notes, str(error)), judged=False)
    spoken = spoken_seconds(seconds, model, processor_time)
    shares = sound.labels.speech_share_per_second if sound.labels is not None else ()
    beyond = len(shares) - len(spoken.decisions)
    more = [f"{beyond} labelled seconds lie beyond its end"] if beyond > 0 else []
    return Score(
        sound.name,
        speech=speech_hits(shares, spoken.decisions),
        has_speech=True,
        sound=float(len(seconds)),
        processor=spoken.processor_seconds,
        notes=(*sound.notes, *_not_read(played), *more),
    )

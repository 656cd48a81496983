"""One camera over one stretch of recorded time: what would have been observed, however often it is asked.

The judges remember; so each stretch is begun `WARM_UP` early, and what they say of that time is not used.
A stretch does not depend on the one before it, and work that was broken off goes on with the next stretch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO

import cv2
import structlog

from analysis.afterwards.recorded import Batch, SegmentReader
from analysis.afterwards.story import Story
from analysis.detectors import open_detector
from analysis.detectors.asking import Asking
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.looking import answered_together
from analysis.picture.watcher import SLOWEST_PERIOD, CameraWatch
from analysis.sound.hearing import SoundWatch
from analysis.sound.silero import Silero
from analysis.sound.voices import CALM_SECONDS
from hall.config.settings import AnalysisSettings
from hall.errors import ArchiveUnreachable, DetectorError, MediaError, NotFound
from hall.interval import Interval
from hall.media import Segment, TrackKind
from hall.observing import Observation
from hall.place import Camera

WARM_UP = timedelta(minutes=10)
"""What voices are compared with is the talk of the last five minutes; all else remembers less."""

log = structlog.get_logger(__name__)

Open = Callable[[Segment], BinaryIO]
"""Opens the file of a segment. Raises NotFound and ArchiveUnreachable."""


@dataclass(frozen=True, slots=True)
class Judges:
    """What is loaded once a process: a detector and the speech model (None: speech is unknown)."""

    asking: Asking
    speech: Silero | None


def open_judges(settings: AnalysisSettings) -> Judges:
    """What a process needs, with one thread. Raises DetectorError when the detector cannot be opened."""
    cv2.setNumThreads(1)
    try:
        speech: Silero | None = Silero()
    except DetectorError as error:
        log.error("no speech model, speech and voices are unknown", error=str(error))
        speech = None
    return Judges(Asking(open_detector(settings)), speech)


@dataclass(slots=True)
class Done:
    """What a stretch gave."""

    observations: list[Observation] = field(default_factory=list)
    pictures: int = 0
    damaged: int = 0
    """Pictures and batches of sound that could not be judged."""
    unreadable: list[str] = field(default_factory=list)
    """Why segments could not be read."""


def run_out(camera: Camera, settings: AnalysisSettings) -> timedelta:
    """How long after a moment something may still be told of it: `leaving`, blindness, raised voices."""
    samples = settings.window_samples + settings.blind_samples
    pictures = samples * max(camera.sample_every, SLOWEST_PERIOD)
    return timedelta(seconds=max(pictures, settings.sound.voices_seconds + CALM_SECONDS, 60.0))


def with_surroundings(camera: Camera, settings: AnalysisSettings, whole: Interval) -> Interval:
    """The time that must be read to tell of a closed one."""
    return Interval(whole.start - WARM_UP, (whole.end or whole.start) + run_out(camera, settings))


def _watch(camera: Camera, settings: AnalysisSettings) -> CameraWatch:
    """As live. The reference view is learnt from the warm-up: the one kept today may be of another time."""
    return CameraWatch(camera, settings, settings.detector, PictureWatch(camera.id))


class Afterwards:
    """One camera over one closed time. Use once."""

    def __init__(self, camera: Camera, settings: AnalysisSettings, judges: Judges, whole: Interval) -> None:
        self._whole = whole
        self._around = with_surroundings(camera, settings, whole)
        self._judges = judges
        self._story = Story()
        self._done = Done()
        self._reader = SegmentReader(camera.sample_every)
        self._decoder = KeyFrameDecoder(camera.zones, settings.detail)
        self._watch = _watch(camera, settings)
        self._sound = SoundWatch(camera.id, judges.speech, settings.sound, camera.microphone)
        begun = self._around.start
        self._story.tell(self._watch.begin([], None, begun, 0.0))
        self._sound.begin([], None, 0.0)

    def look(self, segments: Sequence[Segment], open_file: Open, seen: Callable[[datetime], None]) -> Done:
        """Judge the segments, in order; `seen` is told how far. What cannot be read stays unknown."""
        for segment in segments:
            try:
                with open_file(segment) as file:
                    for batch in self._reader.read(segment, file):
                        self._take(batch)
            except (NotFound, ArchiveUnreachable, MediaError, OSError) as error:
                self._done.unreadable.append(f"{segment.id}: {error}")
                log.warning("segment not analysed", segment=segment.id, error=str(error))
            if segment.interval.end is not None:
                seen(min(segment.interval.end, self._whole.end or segment.interval.end))
        self._tick(self._around.end or self._whole.start)
        self._done.observations = self._story.within(self._whole)
        return self._done

    def _take(self, batch: Batch) -> None:
        if not self._around.contains(batch.at):
            return
        self._tick(batch.at)
        try:
            if batch.track.kind is TrackKind.AUDIO:
                heard = self._sound.hear(batch.track, batch.packets, batch.at, self._seconds(batch.at))
                self._story.tell(heard.changes)
            else:
                self._story.tell(self._seen(batch))
        except (MediaError, DetectorError) as error:
            self._done.damaged += 1
            log.debug("not judged", at=batch.at.isoformat(), error=str(error))

    def _seen(self, batch: Batch) -> list[Observation]:
        picture = self._decoder.decode(batch.track, batch.packets)
        now, asking = self._seconds(batch.at), self._judges.asking
        outcome = answered_together([self._watch.seeing(picture, batch.at, now, asking)], asking, now)[0]
        if isinstance(outcome, DetectorError):
            raise outcome
        self._done.pictures += 1
        return outcome

    def _tick(self, at: datetime) -> None:
        now = self._seconds(at)
        self._story.tell(self._watch.tick(now))
        self._story.tell(self._sound.tick(now))

    def _seconds(self, at: datetime) -> float:
        """Monotonic time is that of the media, from the beginning of the warm-up."""
        return max(0.0, (at - self._around.start).total_seconds())

"""One clip, examined as a camera is examined live: what was stated about it, second for second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from analysis.accuracy.labels import ClipLabels, ZoneBox
from analysis.accuracy.scoring import Span
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from analysis.sound.samples import RATE
from hall.clock import EPOCH
from hall.config.settings import AnalysisSettings
from hall.errors import MediaError
from hall.names import CameraId, WindowId, ZoneId
from hall.observing import UNKNOWN, Observation, ObservationKind, Presence
from hall.place import Camera, Text, Zone, ZoneRole
from hall.ports import Detector

if TYPE_CHECKING:
    from analysis.sound.samples import Samples

SAMPLE_EVERY = 0.5
"""Seconds between two looks. Clips are short and labelled by seconds; a hall may look less often."""
SHORTEST_SECOND = 0.1
"""What is left of a sound at its end counts as a second from this length on."""
CLEAR = "clear"
WAITING = ZoneId("people")


@dataclass(frozen=True, slots=True)
class Stated:
    """What was stated about a clip that lasts `length` seconds.

    `states` holds for each zone since when it was in which state, `counts` since when so many people were
    counted (None: unknown), `faults` each fault of the picture with its time. `processor` is the seconds of
    processor time for looking, decoding not counted.
    """

    length: float
    states: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    counts: list[tuple[float, int | None]] = field(default_factory=list)
    faults: list[tuple[str, Span]] = field(default_factory=list)
    processor: float = 0.0

    def state_at(self, zone: str, moment: float) -> str:
        """The state of a zone at a moment, after everything that was stated later."""
        return next(
            (state for since, state in reversed(self.states.get(zone, [])) if since <= moment), UNKNOWN
        )

    def absences(self, zone: str) -> list[Span]:
        """The times over which nobody was in a zone, leaving included."""
        spans: list[Span] = []
        for state, (since, end) in _lasting(self.states.get(zone, []), self.length):
            if state not in (Presence.LEAVING, Presence.ABSENT) or end <= since:
                continue
            if spans and spans[-1][1] == since:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((since, end))
        return spans


def examine(
    path: Path,
    labels: ClipLabels,
    settings: AnalysisSettings,
    detector: Detector,
    processor_time: Callable[[], float],
    sample_every: float = SAMPLE_EVERY,
) -> Stated:
    """Look at a clip every `sample_every` seconds. Raises MediaError when it holds no picture."""
    camera = camera_of(labels, sample_every)
    watch = CameraWatch(camera, settings, settings.detector, PictureWatch(camera.id))
    decoder = KeyFrameDecoder(camera.zones, settings.detail)
    told = list(watch.begin([], None, EPOCH, 0.0))
    last = spent = 0.0
    for moment, frame in _frames(path, sample_every):
        picture = decoder.scaled(frame)
        begun = processor_time()
        told += watch.see(picture, EPOCH + timedelta(seconds=moment), moment, detector)
        spent += processor_time() - begun
        last = moment
    return _stated(told, labels, last + sample_every, spent)


def camera_of(labels: ClipLabels, sample_every: float) -> Camera:
    """The camera that a clip stands for: a window for each zone, and the whole picture as waiting area."""
    name = Text(zh="片段", en="clip")
    zones = [
        Zone(id=_zone_id(number), role=ZoneRole.STAFF, window=WindowId(f"w{number}"), polygon=_polygon(box))
        for number, box in enumerate(labels.zones)
    ]
    if labels.samples or any(second.persons is not None for second in labels.per_second):
        zones.append(
            Zone(id=WAITING, role=ZoneRole.WAITING, polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
        )
    return Camera(
        id=CameraId("clip"), name=name, url="file:clip", zones=tuple(zones), sample_every=sample_every
    )


def seconds_of(path: Path) -> Iterator[Samples]:
    """A recording as seconds of mono int16 at 16 kHz. Raises MediaError."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    waiting: Samples = np.zeros(0, np.int16)
    try:
        with av.open(str(path), timeout=10) as container:
            if not container.streams.audio:
                raise MediaError(f"{path.name} holds no sound")
            for frame in container.decode(container.streams.audio[0]):
                for block in resampler.resample(frame):
                    waiting = np.concatenate([waiting, block.to_ndarray().reshape(-1).astype(np.int16)])
                while waiting.size >= RATE:
                    yield waiting[:RATE]
                    waiting = waiting[RATE:]
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path.name} cannot be read: {error}") from error
    if waiting.size >= SHORTEST_SECOND * RATE:
        yield waiting


def _frames(path: Path, every: float) -> Iterator[tuple[float, av.VideoFrame]]:
    """Every so many seconds a picture, with its seconds since the first one."""
    first: float | None = None
    due = 0.0
    try:
        with av.open(str(path), timeout=10) as container:
            if not container.streams.video:
                raise MediaError(f"{path.name} holds no picture")
            for frame in container.decode(container.streams.video[0]):
                if frame.is_corrupt or frame.pts is None:
                    continue
                first = frame.time if first is None else first
                moment = frame.time - first
                if moment >= due:
                    due = max(due + every, moment)
                    yield moment, frame
    except (av.FFmpegError, ValueError) as error:
        raise MediaError(f"{path.name} cannot be read: {error}") from error
    if first is None:
        raise MediaError(f"{path.name} holds no picture that can be decoded")


def _stated(told: list[Observation], labels: ClipLabels, length: float, spent: float) -> Stated:
    names = {_zone_id(number): box.name for number, box in enumerate(labels.zones)}
    stated = Stated(length, processor=spent)
    of_picture: list[tuple[float, str]] = []
    for observation in told:
        since = (observation.interval.start - EPOCH).total_seconds()
        if observation.kind is ObservationKind.PEOPLE:
            number = None if observation.measure is None else round(observation.measure)
            stated.counts.append((since, number))
        elif observation.zone is not None and observation.zone in names:
            stated.states.setdefault(names[observation.zone], []).append((since, observation.state))
        elif observation.kind is ObservationKind.PICTURE:
            of_picture.append((since, observation.state))
    stated.faults.extend(
        (state, span) for state, span in _lasting(of_picture, length) if state not in (CLEAR, UNKNOWN)
    )
    return stated


def _lasting(standing: list[tuple[float, str]], length: float) -> list[tuple[str, Span]]:
    """Each state with its time: until the next one begins, or the clip ends."""
    begins = [since for since, _ in standing]
    return [
        (state, (since, end)) for (since, state), end in zip(standing, [*begins[1:], length], strict=False)
    ]


def _zone_id(number: int) -> ZoneId:
    return ZoneId(f"zone-{number}")


def _polygon(box: ZoneBox) -> tuple[tuple[float, float], ...]:
    right, bottom = min(1.0, box.x + box.w), min(1.0, box.y + box.h)
    return ((box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom))

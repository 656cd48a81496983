"""One clip, examined as a camera is examined live: what was stated about it, second for second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analysis.accuracy.labels import ClipLabels, ZoneBox
from analysis.accuracy.playing import Played, pictures_of
from analysis.accuracy.scoring import FaultStated, Span
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from hall.clock import EPOCH
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError, MediaError
from hall.names import CameraId, WindowId, ZoneId
from hall.observing import UNKNOWN, Observation, ObservationKind, Presence
from hall.place import Camera, Text, Zone, ZoneRole
from hall.ports import Detector

if TYPE_CHECKING:
    import av

    from hall.ports import Picture

SAMPLE_EVERY = 0.5
"""Seconds between two looks. Clips are short and labelled by seconds; a hall may look less often."""
SOON = 1.5
"""Seconds from one picture to the next up to which a clip is looked at only when a picture comes."""
CLEAR = "clear"
WAITING = ZoneId("people")


@dataclass(frozen=True, slots=True)
class Stated:
    """What was stated about a clip that lasts `length` seconds.

    `states` holds for each zone since when it was in which state, `counts` since when so many people were
    counted (None: unknown), `faults` each fault of the picture. `processor` is the seconds of processor time
    for looking, decoding not counted. `played` tells what of the file could not be read, `failed` why
    pictures could not be judged.
    """

    length: float
    states: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    counts: list[tuple[float, int | None]] = field(default_factory=list)
    faults: list[FaultStated] = field(default_factory=list)
    processor: float = 0.0
    played: Played = field(default_factory=Played)
    failed: list[str] = field(default_factory=list)

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
    played = Played()
    told = [(0.0, each) for each in watch.begin([], None, EPOCH, 0.0)]
    spent, failed = 0.0, []
    for moment, frame in _samples_of(path, sample_every, played):
        begun = processor_time()
        try:
            picture = _upright(decoder.scaled(frame), frame.rotation)
            changes = watch.see(picture, EPOCH + timedelta(seconds=moment), moment, detector)
        except (MediaError, DetectorError) as error:
            failed.append(str(error))
            changes = watch.tick(moment)
        told += [(moment, each) for each in changes]
        spent += processor_time() - begun
    return _stated(told, labels, played, spent, failed)


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


def _samples_of(path: Path, every: float, played: Played) -> Iterator[tuple[float, av.VideoFrame]]:
    """Every so many seconds a picture, with its seconds since the first one.

    In a file a picture lasts until the next one: where that is long in coming, the old one is looked at
    again.
    """
    due = looked = 0.0
    held: av.VideoFrame | None = None
    for moment, frame in pictures_of(path, played):
        if held is not None:
            for again in _meanwhile(looked, moment, every):
                yield again, held
                looked, due = again, max(due, again + every)
        if moment >= due:
            due = due + every if moment < due + every else moment + every
            looked = moment
            yield moment, frame
        held = frame
    if held is not None:
        yield from ((again, held) for again in _meanwhile(looked, played.length, every))


def _meanwhile(looked: float, until: float, every: float) -> Iterator[float]:
    """When to look again at a picture until the next one comes, where that is not soon."""
    if until - looked <= max(SOON, 2 * every):
        return
    number = 1
    while looked + number * every < until - every / 2:
        yield looked + number * every
        number += 1


def _upright(picture: Picture, rotation: int) -> Picture:
    """As players show it: whoever labels a clip of a turned camera sees it turned back."""
    quarters = round(rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(picture, quarters)) if quarters else picture


def _stated(
    told: list[tuple[float, Observation]],
    labels: ClipLabels,
    played: Played,
    spent: float,
    failed: list[str],
) -> Stated:
    """`told` holds each observation with the moment at which it was made."""
    names = {_zone_id(number): box.name for number, box in enumerate(labels.zones)}
    stated = Stated(played.length, processor=spent, played=played, failed=failed)
    of_picture: list[tuple[float, str]] = []
    told_at: list[float] = []
    for moment, observation in told:
        since = (observation.interval.start - EPOCH).total_seconds()
        if observation.kind is ObservationKind.PEOPLE:
            number = None if observation.measure is None else round(observation.measure)
            stated.counts.append((_moved_up(since, stated.counts), number))
        elif observation.zone is not None and observation.zone in names:
            states = stated.states.setdefault(names[observation.zone], [])
            states.append((_moved_up(since, states), observation.state))
        elif observation.kind is ObservationKind.PICTURE:
            of_picture.append((_moved_up(since, of_picture), observation.state))
            told_at.append(moment)
    stated.faults.extend(
        FaultStated(state, span, at)
        for (state, span), at in zip(_lasting(of_picture, stated.length), told_at, strict=True)
        if state not in (CLEAR, UNKNOWN)
    )
    return stated


def _moved_up(since: float, before: Sequence[tuple[float, object]]) -> float:
    """As the store enters it: what begins before the one before takes over from that one's begin."""
    return max(since, before[-1][0]) if before else since


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

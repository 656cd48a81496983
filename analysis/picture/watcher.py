"""One camera watched: pictures in, changed observations out.

No clock, bus or database in here: wall times belong to the pictures, monotonic moments are passed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median_low
from typing import TYPE_CHECKING

from analysis.metrics import CROPS
from analysis.picture.counting import TILE_FROM, PeopleCount, merged, strips, tiles
from analysis.picture.gate import Gate
from analysis.picture.presence import PresenceLimits, PresenceMachine
from analysis.picture.zones import MARGIN, Crop, crop_of, people_inside
from hall.config.settings import AnalysisSettings
from hall.interval import Interval
from hall.names import ZoneId
from hall.observing import UNKNOWN, Observation, ObservationKind, Presence
from hall.place import Camera, Zone, ZoneRole
from hall.ports import Detection, Detector

if TYPE_CHECKING:
    from hall.ports import Picture

COUNTED = "counted"
SLOWEST_PERIOD = 10.0
"""Seconds. Key frames that come further apart do not lengthen the time after which a camera is blind."""
SECOND_LOOKS = (MARGIN, 0.4, 0.05)
"""Margins tried in turn while nobody is found where somebody was: one unlucky crop decides nothing."""

KINDS = {
    ZoneRole.STAFF: ObservationKind.PRESENCE,
    ZoneRole.CUSTOMER: ObservationKind.CUSTOMER,
    ZoneRole.WAITING: ObservationKind.PEOPLE,
}


Look = tuple[Crop, list[Detection]]
"""A piece of the picture and the people found in it."""


@dataclass(slots=True)
class ZoneWatch:
    """What is remembered of one zone between two pictures."""

    zone: Zone
    machine: PresenceMachine
    count: PeopleCount
    gate: Gate = field(default_factory=Gate)
    found: list[Detection] = field(default_factory=list)
    """Who was inside when the detector was asked last."""
    looks: int = 0

    @property
    def counts_people(self) -> bool:
        """True for a waiting zone, which knows no presence."""
        return self.zone.role is ZoneRole.WAITING

    @property
    def is_settled(self) -> bool:
        """True when the last look agrees with what is believed: an unchanged picture needs no other."""
        if self.counts_people:
            return self.count.value == len(self.found)
        return self.machine.state is (Presence.ON_POST if self.found else Presence.ABSENT)


class CameraWatch:
    """The zones of one camera. Calls must come from one thread at a time."""

    def __init__(self, camera: Camera, settings: AnalysisSettings, source: str) -> None:
        """`source` stands in observations until the first detector says its own name."""
        limits = PresenceLimits(settings.window_samples, settings.on_ratio, settings.off_ratio)
        self.camera = camera
        self.last: datetime | None = None
        """Wall time of the last picture that was examined."""
        self._source = source
        self._blind_samples = settings.blind_samples
        self._heard = 0.0
        self._spacings: deque[float] = deque(maxlen=5)
        self._zones = {
            zone.id: ZoneWatch(zone, PresenceMachine(limits), PeopleCount(settings.window_samples))
            for zone in camera.zones
        }

    def begin(
        self, standing: Iterable[Observation], watermark: datetime | None, wall: datetime, now: float
    ) -> list[Observation]:
        """Go on from what an earlier process left: `standing` observations, examined until `watermark`.

        Zones of which nothing is known yet begin as unknown at `wall`. Whether what stands still holds is
        decided by the next picture, or by `tick` when none comes.
        """
        self._heard = now
        self.last = watermark
        begun = set()
        for observation in standing:
            watch = self._zones.get(observation.zone) if observation.zone is not None else None
            if watch is None or observation.kind is not KINDS[watch.zone.role]:
                continue
            begun.add(watch.zone.id)
            start = observation.interval.start
            if watch.counts_people:
                if observation.measure is not None:
                    watch.count.resume(int(observation.measure))
            else:
                watch.machine.resume(Presence(observation.state), start, watermark or start)
            self.last = max(self.last or start, start)
        return [
            self._observation(watch, UNKNOWN, wall)
            for identifier, watch in self._zones.items()
            if identifier not in begun
        ]

    @property
    def blind_after(self) -> float:
        """Seconds without a picture after which nothing is known: so many sampling periods.

        A camera that sends key frames less often than it should be sampled is judged by its own period.
        """
        own = min(median_low(self._spacings), SLOWEST_PERIOD) if self._spacings else 0.0
        return self._blind_samples * max(self.camera.sample_every, own)

    def see(self, picture: Picture, at: datetime, now: float, detector: Detector) -> list[Observation]:
        """Examine the picture taken at `at`; what changed. After a DetectorError nothing has changed."""
        watches = list(self._zones.values())
        is_after_gap = self.last is not None and (at - self.last).total_seconds() > self.blind_after
        if is_after_gap:
            self._forget_looks()
        crops = {watch.zone.id: crop_of(watch.zone).cut(picture) for watch in watches}
        asked = [
            watch for watch in watches if not watch.is_settled or watch.gate.opens(crops[watch.zone.id], now)
        ]
        CROPS.labels("unchanged").inc(len(watches) - len(asked))
        self._examine(asked, picture, detector)
        for watch in asked:
            watch.gate.examined(crops[watch.zone.id], now)
        changes = self._blind() if is_after_gap else []
        self._spacings.append(now - self._heard)
        self._heard = now
        self.last = at if self.last is None else max(at, self.last)
        for watch in watches:
            changes += self._judge(watch, self.last)
        return changes

    def tick(self, now: float) -> list[Observation]:
        """Let time pass: what is unknown now because no picture came for too long."""
        if now - self._heard <= self.blind_after:
            return []
        self._forget_looks()
        return self._blind()

    def _forget_looks(self) -> None:
        for watch in self._zones.values():
            watch.gate.forget()
            watch.found = []

    def _blind(self) -> list[Observation]:
        changes: list[Observation] = []
        for watch in self._zones.values():
            if watch.counts_people:
                if watch.count.blind() and self.last is not None:
                    changes.append(self._observation(watch, UNKNOWN, self.last))
            else:
                changes += [
                    self._observation(watch, change.state, change.start) for change in watch.machine.blind()
                ]
        return changes

    def _examine(self, asked: list[ZoneWatch], picture: Picture, detector: Detector) -> None:
        if not asked:
            return
        self._source = detector.name
        crops = [self._crop(watch) for watch in asked]
        people: list[list[Detection]] = []
        looks = self._look([strips(crop, _aspect(crop, picture)) for crop in crops], picture, detector)
        for watch, crop, parts in zip(asked, crops, looks, strict=True):
            seen = parts[0][1] if len(parts) == 1 else merged(crop, parts)
            if watch.counts_people and len(seen) >= TILE_FROM:
                seen = merged(crop, [*parts, *self._look([tiles(crop)], picture, detector)[0]])
            people.append(people_inside(watch.zone, crop, seen))
        for watch, inside in zip(asked, people, strict=True):
            watch.found = inside
            watch.looks += 1

    @staticmethod
    def _look(wanted: list[list[Crop]], picture: Picture, detector: Detector) -> list[list[Look]]:
        """Ask once about all pieces of all crops; the people found in each piece, crop by crop."""
        pieces = [piece for parts in wanted for piece in parts]
        found = iter(detector.detect([piece.cut(picture) for piece in pieces]))
        CROPS.labels("examined").inc(len(pieces))
        return [[(piece, next(found)) for piece in parts] for parts in wanted]

    @staticmethod
    def _crop(watch: ZoneWatch) -> Crop:
        if watch.counts_people or watch.found or watch.is_settled:
            return crop_of(watch.zone)
        return crop_of(watch.zone, SECOND_LOOKS[watch.looks % len(SECOND_LOOKS)])

    def _judge(self, watch: ZoneWatch, at: datetime) -> list[Observation]:
        if watch.counts_people:
            count = watch.count.sample(len(watch.found))
            return [] if count is None else [self._observation(watch, COUNTED, at, measure=float(count))]
        best = max((person.score for person in watch.found), default=None)
        return [
            self._observation(watch, change.state, change.start, confidence=change.confidence)
            for change in watch.machine.sample(at, bool(watch.found), best)
        ]

    def _observation(
        self,
        watch: ZoneWatch,
        state: str,
        start: datetime,
        *,
        measure: float | None = None,
        confidence: float | None = None,
    ) -> Observation:
        return Observation(
            kind=KINDS[watch.zone.role],
            camera=self.camera.id,
            zone=ZoneId(watch.zone.id),
            window=watch.zone.window,
            interval=Interval(start),
            state=str(state),
            measure=measure,
            confidence=confidence,
            source=self._source,
        )


def _aspect(crop: Crop, picture: Picture) -> float:
    height, width = crop.cut(picture).shape[:2]
    return float(width / height)

"""One camera watched: pictures in, changed observations out.

No clock, bus or database in here: wall times belong to the pictures, monotonic moments are passed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from statistics import median_low
from typing import TYPE_CHECKING

from analysis.detectors.asking import Asking
from analysis.metrics import CROPS, PICTURES
from analysis.picture.condition.watch import PictureWatch
from analysis.picture.looking import (
    Looking,
    Wanted,
    answered,
    answered_together,
    lengthwise,
    looked_at,
    whole,
)
from analysis.picture.presence import PresenceLimits
from analysis.picture.zone_watch import ZoneWatch
from analysis.picture.zones import people_inside, rivals_of
from hall.config.settings import AnalysisSettings
from hall.errors import DetectorError
from hall.interval import Interval
from hall.names import ZoneId
from hall.observing import KINDS, UNKNOWN, Observation, ObservationKind, Presence
from hall.place import Camera
from hall.ports import Detector
from hall.sighting import Sighting, ZoneSighting
from hall.watching import ZoneHealth

if TYPE_CHECKING:
    from hall.ports import Picture

COUNTED = "counted"
SLOWEST_PERIOD = 10.0
"""Seconds. Key frames that come further apart do not lengthen the time after which a camera is blind."""

Unanswered = dict[ZoneId, DetectorError | None]
"""Zones about which the detector said nothing: it failed, or (None) cannot tell."""


class CameraWatch:
    """The zones of one camera. Calls must come from one thread at a time."""

    def __init__(
        self,
        camera: Camera,
        settings: AnalysisSettings,
        source: str,
        condition: PictureWatch | None = None,
    ) -> None:
        """`source` stands in observations until the first detector says its own name.

        With a `condition` the picture itself is judged, and no zone by a picture with a fault.
        """
        limits = PresenceLimits(settings.window_samples, settings.on_ratio, settings.off_ratio)
        self.camera = camera
        self.condition = condition
        self.last: datetime | None = None
        """Wall time of the last picture that was examined."""
        self._turned: list[Observation] = []
        """What changed about the picture itself, not yet told."""
        self._pictured = float("-inf")
        self._source = source
        self._finds_people = False
        self._blind_samples = settings.blind_samples
        self._heard = 0.0
        self._spacings: deque[float] = deque(maxlen=5)
        self._zones = {zone.id: ZoneWatch.of(zone, limits) for zone in camera.zones}

    def begin(
        self, standing: Iterable[Observation], watermark: datetime | None, wall: datetime, now: float
    ) -> list[Observation]:
        """Go on from what an earlier process left: `standing` observations, examined until `watermark`.

        Zones of which nothing is known yet begin as unknown at `wall`. Whether what stands still holds is
        decided by the next picture, or by `tick` when none comes.
        """
        self._heard = self._pictured = now
        self.last = watermark
        for zone_watch in self._zones.values():
            zone_watch.judged_at, zone_watch.last = now, watermark
        begun = set()
        for observation in standing:
            if observation.kind is ObservationKind.PICTURE and self.condition is not None:
                self.condition.begin(observation, watermark)
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
            watch.last = max(watermark or start, start)
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

    @property
    def period(self) -> float | None:
        """Seconds between the last pictures that were examined; None while there were too few to tell."""
        return median_low(self._spacings) if len(self._spacings) > 2 else None

    def zones_seen(self) -> tuple[ZoneHealth, ...]:
        """Each zone and when it could be judged last."""
        return tuple(
            ZoneHealth(watch.zone.id, watch.last, watch.unanswered) for watch in self._zones.values()
        )

    def sighting(self) -> Sighting | None:
        """Where people are in the last picture; None when no zone could be judged by it.

        A detector that compares pictures says where something moved: that is no box around somebody.
        """
        if self.last is None or not self._finds_people:
            return None
        boxes = {zone: watch.boxes(self.last) for zone, watch in self._zones.items()}
        told = tuple(ZoneSighting(zone, each) for zone, each in boxes.items() if each is not None)
        return Sighting(self.camera.id, self.last, told) if told else None

    def see(self, picture: Picture, at: datetime, now: float, detector: Detector) -> list[Observation]:
        """Examine the picture taken at `at`; what changed. After a DetectorError nothing has changed."""
        asking = Asking(detector)
        outcome = answered_together([self.seeing(picture, at, now, asking)], asking, now)[0]
        if isinstance(outcome, DetectorError):
            raise outcome
        return outcome

    def seeing(
        self, picture: Picture, at: datetime, now: float, asking: Asking
    ) -> Looking[list[Observation]]:
        """`see`, as a generator that yields its questions. Raises DetectorError when no zone was answered."""
        if 0 in picture.shape:
            raise DetectorError("a picture has no pixels")
        watches = list(self._zones.values())
        is_after_gap = self.last is not None and (at - self.last).total_seconds() > self.blind_after
        if is_after_gap:
            for watch in watches:
                watch.forget()
        if not self._can_be_judged(picture, at, now):
            self._took(at, now)
            return self._told() + self._distrust(now)
        asked = [watch for watch in watches if watch.wants_look(picture, now)]
        unanswered = yield from self._examine(asked, picture, asking, now)
        others = [watch for watch in watches if all(watch is not each for each in asked)]
        if asked and all(unanswered.get(watch.zone.id) is not None for watch in asked):
            # The detector fails: what it said about the other zones is not believed for another ten seconds.
            unanswered |= yield from self._examine(others, picture, asking, now)
            others = []
        CROPS.labels("unchanged").inc(len(others))
        failures = [error for error in unanswered.values() if error is not None]
        if failures and len(unanswered) == len(watches):
            for watch in watches:
                watch.unanswered += 1
            raise failures[0]
        changes = [change for watch in watches for change in self._blind(watch)] if is_after_gap else []
        at = self._took(at, now)
        for watch in watches:
            if watch.zone.id in unanswered:
                watch.unanswered += 1
                watch.ask_again()
                changes += self._blind_if_due(watch, now)
                continue
            if all(watch is not each for each in others):
                watch.remember(picture, now, asking.remembers)
            changes += self._judge(watch, at, now)
        return self._told() + changes

    def tick(self, now: float) -> list[Observation]:
        """Let time pass: what is unknown now because it could not be judged for too long."""
        if self.condition is not None and now - self._pictured > self.blind_after:
            self._turned += self.condition.blind()
        zones = [change for watch in self._zones.values() for change in self._blind_if_due(watch, now)]
        return self._told() + zones

    def _can_be_judged(self, picture: Picture, at: datetime, now: float) -> bool:
        """Judge the picture itself: False when zones cannot be judged by it, or by those before it."""
        if self.condition is None:
            return True
        if now - self._pictured > self.blind_after:
            self._turned += self.condition.blind()
        self._pictured = now
        self._turned += self.condition.see(picture, at)
        return self.condition.faulty_since is None and not self.condition.suspects

    def _distrust(self, now: float) -> list[Observation]:
        """Nothing is believed of any zone: unknown since the fault began, or in time if only suspected."""
        since = self.condition.faulty_since if self.condition is not None else None
        changes: list[Observation] = []
        for watch in self._zones.values():
            watch.unanswered += 1
            watch.forget()
            changes += self._blind_if_due(watch, now) if since is None else self._blind(watch, since)
        return changes

    def _told(self) -> list[Observation]:
        told, self._turned = self._turned, []
        for turned in told:
            PICTURES.labels(self.camera.id, turned.state).inc()
        return told

    def _took(self, at: datetime, now: float) -> datetime:
        """A picture was examined: when it was taken, or the last one if that was taken later."""
        self._spacings.append(now - self._heard)
        self._heard = now
        self.last = at if self.last is None else max(at, self.last)
        return self.last

    def _blind_if_due(self, watch: ZoneWatch, now: float) -> list[Observation]:
        if now - watch.judged_at <= self.blind_after:
            return []
        watch.forget()
        return self._blind(watch)

    def _blind(self, watch: ZoneWatch, since: datetime | None = None) -> list[Observation]:
        if not watch.counts_people:
            changes = watch.machine.blind(since)
            return [self._observation(watch, change.state, change.start) for change in changes]
        if watch.count.blind() and watch.last is not None:
            return [self._observation(watch, UNKNOWN, min(since or watch.last, watch.last))]
        return []

    def _examine(
        self, asked: list[ZoneWatch], picture: Picture, asking: Asking, now: float
    ) -> Looking[Unanswered]:
        """Ask about zones and remember who was found; those that were not answered keep what they had."""
        able = [watch for watch in asked if asking.counts_people or not watch.counts_people]
        unanswered: Unanswered = {watch.zone.id: None for watch in asked}
        wanted = [self._wanted(watch, picture, asking.remembers) for watch in able]
        answers = yield from looked_at(wanted, picture)
        for watch, each, parts in zip(able, wanted, answers, strict=True):
            known = answered(parts)
            if not isinstance(known, list):
                unanswered[watch.zone.id] = known
                continue
            if watch.counts_people:
                watch.took_counted(picture, known, now)
            else:
                people = whole(each.crop, each.pieces, known)
                inside = people_inside(
                    watch.zone, each.crop, people, rivals_of(watch.zone, self.camera.zones)
                )
                if people and not inside and not asking.counts_people:
                    continue  # it found somebody beside the zone, and may have missed somebody smaller in it
                watch.took_people(each.crop, inside, len(inside) < len(people))
            self._source, self._finds_people = asking.name, not asking.remembers
            del unanswered[watch.zone.id]
        return unanswered

    def _wanted(self, watch: ZoneWatch, picture: Picture, is_compared: bool) -> Wanted:
        place = f"{self.camera.id}/{watch.zone.id}"
        crop = watch.crop_to_show(is_compared)
        if not watch.counts_people:
            return Wanted(place, crop, lengthwise(crop, picture))
        watch.due = watch.due or watch.crowd.oldest()
        return Wanted(place, crop, tuple(piece.crop for piece in watch.due))

    def _judge(self, watch: ZoneWatch, at: datetime, now: float) -> list[Observation]:
        watch.judged_at, watch.last = now, at
        if watch.counts_people:
            if not watch.crowd.counts_now:
                return []
            count = watch.count.sample(len(watch.found))
            if count is None:
                return []
            certainty = watch.count.certainty
            return [self._observation(watch, COUNTED, at, measure=float(count), confidence=certainty)]
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

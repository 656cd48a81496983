"""The thread that looks: takes key frames of many cameras from the inbox and examines one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from analysis.detectors.asking import Asking
from analysis.facts import FactWriter
from analysis.inbox import NewestInbox
from analysis.metrics import (
    FRAME_SECONDS,
    FRAMES,
    LAG,
    PARTS,
    SEEN,
    UNREADABLE,
    ZONE_SEEN,
    ZONE_UNANSWERED,
)
from analysis.picture.condition.keeping import ViewKeeper
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.health import Tally
from analysis.picture.looking import answered_together
from analysis.picture.trials import Trials
from analysis.picture.watcher import CameraWatch
from bus.tap import TapMessage
from hall.clock import Clock
from hall.errors import BusError, DetectorError, MediaError
from hall.names import CameraId, HallId
from hall.observing import Observation
from hall.ports import Detector
from hall.pulse import renew
from hall.sighting import Sighting

if TYPE_CHECKING:
    from hall.ports import Picture

TICK_SECONDS = 0.25
RELOAD_SECONDS = 30.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class WatchedCamera:
    """A camera with what is kept for it. `failing`: the last picture could not be examined."""

    hall: HallId
    watch: CameraWatch
    decoder: KeyFrameDecoder
    failing: bool = field(default=False)
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture to be examined, taken at `at`."""

    camera: CameraId
    known: WatchedCamera
    picture: Picture
    at: datetime


class PictureThread:
    """Examines pictures until told to stop. The only thread that touches the detector."""

    def __init__(
        self,
        cameras: Mapping[CameraId, WatchedCamera],
        open_detector: Callable[[], Detector],
        facts: FactWriter,
        clock: Clock,
        views: ViewKeeper | None = None,
        trials: Trials | None = None,
        show: Callable[[Sighting], None] | None = None,
    ) -> None:
        """`views` is where the reference views of the cameras are kept, `trials` what else is asked.

        `show` is given where people were in each picture that was examined; it must return at once.
        """
        self._show = show
        self._trials = trials
        self._views = views
        conditions = {camera: known.watch.condition for camera, known in cameras.items()}
        self._conditions = {camera: each for camera, each in conditions.items() if each is not None}
        self.inbox = NewestInbox(self._superseded)
        self._dropped: dict[str, int] = {}
        self._cameras = cameras
        self._open_detector = open_detector
        self._facts = facts
        self._clock = clock
        self._asking: Asking | None = None
        self._reload_at = float("-inf")
        self._ticked = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, whatever arrives."""
        while not stop.is_set():
            renew()
            self._load()
            messages = self._next(TICK_SECONDS)
            if messages:
                self.examine(messages)
            if self._trials is not None:
                self._trials.serve(self._asking)
            self._tick()

    def _next(self, seconds: float) -> list[tuple[CameraId, bytes]]:
        """The messages to be examined next.

        One, unless the detector gains by several pictures at once: then what waits already of other cameras,
        up to as many zones as it looks at together. Nothing is waited for.
        """
        room = self._asking.most_at_once if self._asking is not None else 1
        messages: list[tuple[CameraId, bytes]] = []
        while room > 0:
            taken = self.inbox.take(0.0 if messages else seconds)
            if taken is None:
                break
            camera = CameraId(taken[0])
            messages.append((camera, taken[1]))
            known = self._cameras.get(camera)
            room -= max(1, len(known.watch.camera.zones)) if known is not None else 0
        return messages

    def examine(self, messages: Sequence[tuple[CameraId, bytes]]) -> None:
        """Examine a message each of some cameras.

        A damaged one is counted, logged once, and leaves its camera unseen.
        """
        if self._asking is None:
            return
        seen = [each for each in (self._decoded(*message) for message in messages) if each is not None]
        if not seen:
            return
        began = self._clock.monotonic()
        outcomes = answered_together(
            [
                each.known.watch.seeing(each.picture, each.at, self._clock.monotonic(), self._asking)
                for each in seen
            ],
            self._asking,
            began,
        )
        share = (self._clock.monotonic() - began) / len(seen)
        for each, outcome in zip(seen, outcomes, strict=True):
            FRAME_SECONDS.labels("examine").observe(share)
            if isinstance(outcome, DetectorError):
                self._failed(each.camera, each.known, "failed", outcome)
            else:
                self._examined(each, outcome, share)

    def _decoded(self, camera: CameraId, payload: bytes) -> Seen | None:
        known = self._cameras.get(camera)
        if known is None:
            return None
        try:
            message = TapMessage.decode(payload)
            began = self._clock.monotonic()
            with FRAME_SECONDS.labels("decode").time():
                picture = known.decoder.decode(message.track, message.packets)
            known.tally.decoded(self._clock.monotonic() - began)
        except (BusError, MediaError) as error:
            if isinstance(error, BusError):
                UNREADABLE.inc()
            self._failed(camera, known, "damaged", error)
            return None
        return Seen(camera, known, picture, message.at)

    def _examined(self, seen: Seen, changes: list[Observation], seconds: float) -> None:
        seen.known.failing = False
        FRAMES.labels(seen.camera, "examined").inc()
        self._facts.add(seen.known.hall, changes)
        self._facts.saw(seen.camera, seen.at)
        if self._views is not None and (condition := self._conditions.get(seen.camera)) is not None:
            self._views.put(condition, self._clock.monotonic())
        if self._show is not None and (sighting := seen.known.watch.sighting()) is not None:
            self._show(sighting)
        now = self._clock.now()
        delay = (now - seen.at).total_seconds()
        LAG.labels(seen.camera).set(delay)
        seen.known.tally.looked(seconds, delay, self._dropped.get(seen.camera, 0))
        self._tell(seen.known, now)

    def _tell(self, known: WatchedCamera, now: datetime) -> None:
        """How a camera and its zones are watched: to the store, and the same as metrics."""
        health = known.tally.told(known.watch, now)
        self._facts.fares(health)
        if known.watch.last is not None:
            SEEN.labels(health.camera).set(known.watch.last.timestamp())
        PARTS.labels(health.camera, "decode").set(health.decode_seconds)
        PARTS.labels(health.camera, "examine").set(health.examine_seconds)
        for zone in health.zones:
            ZONE_UNANSWERED.labels(health.camera, zone.zone).set(zone.unanswered)
            if zone.last_seen is not None:
                ZONE_SEEN.labels(health.camera, zone.zone).set(zone.last_seen.timestamp())

    def _superseded(self, camera: str) -> None:
        """By the bus's thread, which alone counts here."""
        FRAMES.labels(camera, "superseded").inc()
        self._dropped[camera] = self._dropped.get(camera, 0) + 1

    def _load(self) -> None:
        """Open the detector. Without it every zone becomes unknown, and sound is still heard."""
        if self._asking is not None or self._clock.monotonic() < self._reload_at:
            return
        try:
            self._asking = Asking(self._open_detector())
            log.info("detector ready", detector=self._asking.name)
        except DetectorError as error:
            self._reload_at = self._clock.monotonic() + RELOAD_SECONDS
            log.error("no detector, all zones are unknown", error=str(error), retry_seconds=RELOAD_SECONDS)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        if now - self._ticked < TICK_SECONDS:
            return
        self._ticked = now
        if self._views is not None:
            self._views.take_resets(self._conditions)
        for known in self._cameras.values():
            self._facts.add(known.hall, known.watch.tick(now))

    def _failed(self, camera: CameraId, known: WatchedCamera, result: str, error: Exception) -> None:
        FRAMES.labels(camera, result).inc()
        if result == "damaged":
            known.tally.damaged += 1
        else:
            known.tally.failed += 1
        self._tell(known, self._clock.now())
        if not known.failing:
            log.warning("picture not examined", camera=camera, error=str(error))
        known.failing = True

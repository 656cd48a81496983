"""The thread that looks: takes key frames of many cameras from the inbox and examines one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from analysis.facts import FactWriter
from analysis.inbox import NewestInbox
from analysis.metrics import FRAME_SECONDS, FRAMES, LAG, UNREADABLE
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.watcher import CameraWatch
from bus.tap import TapMessage
from hall.clock import Clock
from hall.errors import BusError, DetectorError, MediaError
from hall.names import CameraId, HallId
from hall.ports import Detector
from hall.pulse import renew

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


class PictureThread:
    """Examines pictures until told to stop. The only thread that touches the detector."""

    def __init__(
        self,
        cameras: Mapping[CameraId, WatchedCamera],
        open_detector: Callable[[], Detector],
        facts: FactWriter,
        clock: Clock,
    ) -> None:
        self.inbox = NewestInbox(lambda camera: FRAMES.labels(camera, "superseded").inc())
        self._cameras = cameras
        self._open_detector = open_detector
        self._facts = facts
        self._clock = clock
        self._detector: Detector | None = None
        self._reload_at = float("-inf")
        self._ticked = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, whatever arrives."""
        while not stop.is_set():
            renew()
            self._load()
            message = self.inbox.take(TICK_SECONDS)
            if message is not None:
                self.take(CameraId(message[0]), message[1])
            self._tick()

    def take(self, camera: CameraId, payload: bytes) -> None:
        """Examine one message; a damaged one is counted, logged once, and leaves the camera unseen."""
        known = self._cameras.get(camera)
        if known is None or self._detector is None:
            return
        try:
            message = TapMessage.decode(payload)
            with FRAME_SECONDS.labels("decode").time():
                picture = known.decoder.decode(message.track, message.packets)
            with FRAME_SECONDS.labels("examine").time():
                changes = known.watch.see(picture, message.at, self._clock.monotonic(), self._detector)
        except BusError as error:
            UNREADABLE.inc()
            self._failed(camera, known, "damaged", error)
            return
        except (MediaError, DetectorError) as error:
            self._failed(camera, known, "damaged" if isinstance(error, MediaError) else "failed", error)
            return
        known.failing = False
        FRAMES.labels(camera, "examined").inc()
        self._facts.add(known.hall, changes)
        self._facts.saw(camera, message.at)
        LAG.labels(camera).set((self._clock.now() - message.at).total_seconds())

    def _load(self) -> None:
        """Open the detector. Without it every zone becomes unknown, and sound is still heard."""
        if self._detector is not None or self._clock.monotonic() < self._reload_at:
            return
        try:
            self._detector = self._open_detector()
            log.info("detector ready", detector=self._detector.name)
        except DetectorError as error:
            self._reload_at = self._clock.monotonic() + RELOAD_SECONDS
            log.error("no detector, all zones are unknown", error=str(error), retry_seconds=RELOAD_SECONDS)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        if now - self._ticked < TICK_SECONDS:
            return
        self._ticked = now
        for known in self._cameras.values():
            self._facts.add(known.hall, known.watch.tick(now))

    @staticmethod
    def _failed(camera: CameraId, known: WatchedCamera, result: str, error: Exception) -> None:
        FRAMES.labels(camera, result).inc()
        if not known.failing:
            log.warning("picture not examined", camera=camera, error=str(error))
        known.failing = True

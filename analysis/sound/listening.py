"""The thread that listens: takes batches of sound of many cameras from the inbox, in order."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from analysis.facts import FactWriter
from analysis.inbox import OrderedInbox
from analysis.metrics import SOUND, UNREADABLE
from analysis.sound.hearing import SoundWatch
from bus.tap import TapMessage
from hall.clock import Clock
from hall.errors import BusError, MediaError
from hall.names import CameraId, HallId
from hall.pulse import renew

TICK_SECONDS = 0.5
MOST_BATCHES = 256

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class HeardCamera:
    """A camera with what is kept for its sound. `failing`: the last batch could not be judged."""

    hall: HallId
    watch: SoundWatch
    failing: bool = field(default=False)


class SoundThread:
    """Judges sound until told to stop."""

    def __init__(self, cameras: Mapping[CameraId, HeardCamera], facts: FactWriter, clock: Clock) -> None:
        self.inbox = OrderedInbox(MOST_BATCHES, lambda camera: SOUND.labels(camera, "superseded").inc())
        self._cameras = cameras
        self._facts = facts
        self._clock = clock
        self._ticked = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, whatever arrives."""
        while not stop.is_set():
            renew()
            message = self.inbox.take(TICK_SECONDS)
            if message is not None:
                self.take(CameraId(message[0]), message[1])
            self._tick()

    def take(self, camera: CameraId, payload: bytes) -> None:
        """Judge one batch; a damaged one is counted and logged once."""
        known = self._cameras.get(camera)
        if known is None:
            return
        try:
            message = TapMessage.decode(payload)
            changes = known.watch.hear(message.track, message.packets, message.at, self._clock.monotonic())
        except (BusError, MediaError) as error:
            if isinstance(error, BusError):
                UNREADABLE.inc()
            SOUND.labels(camera, "damaged").inc()
            if not known.failing:
                log.warning("sound not judged", camera=camera, error=str(error))
            known.failing = True
            return
        known.failing = False
        SOUND.labels(camera, "heard").inc()
        self._facts.add(known.hall, changes)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        if now - self._ticked < TICK_SECONDS:
            return
        self._ticked = now
        for known in self._cameras.values():
            self._facts.add(known.hall, known.watch.tick(now))

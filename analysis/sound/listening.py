"""The thread that listens: takes batches of sound of many cameras from the inbox, in order."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from analysis.facts import FactWriter
from analysis.inbox import OrderedInbox
from analysis.metrics import SOUND, SOUND_BATCH_SECONDS, SOUND_SECONDS, SPEECH_CHUNKS, UNREADABLE
from analysis.sound.hearing import HeardBatch, SoundWatch
from bus.tap import TapMessage
from hall.clock import Clock
from hall.errors import BusError, MediaError
from hall.names import CameraId, HallId
from hall.pulse import renew

TICK_SECONDS = 0.5
MOST_BATCHES = 1024
"""A hundred microphones send a hundred batches a second: ten seconds of them."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class HeardCamera:
    """A camera with what is kept for its sound. `failing`: the last batch could not be judged.

    `alone`: no pictures of it are examined, so that its sound says how far it was watched.
    """

    hall: HallId
    watch: SoundWatch
    alone: bool = False
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
            with SOUND_BATCH_SECONDS.time():
                batch = known.watch.hear(message.track, message.packets, message.at, self._clock.monotonic())
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
        _count(batch)
        self._facts.add(known.hall, batch.changes)
        if known.alone and known.watch.last is not None:
            self._facts.saw(camera, known.watch.last)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        if now - self._ticked < TICK_SECONDS:
            return
        self._ticked = now
        for known in self._cameras.values():
            self._facts.add(known.hall, known.watch.tick(now))


def _count(batch: HeardBatch) -> None:
    for heard in batch.seconds:
        SOUND_SECONDS.labels("nobody" if heard is None else heard.judged).inc()
        if heard is not None and heard.chunks:
            SPEECH_CHUNKS.inc(heard.chunks)

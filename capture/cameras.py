"""The cameras of one process: a thread for each and one for its sub-stream, and whom the live view wants."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import Final

import structlog

from bus.connection import Message
from bus.subjects import last_token
from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.camera import Camera
from capture.record.objects import LocalObjects
from capture.record.salvage import salvage
from capture.sources import source_of
from capture.sources.stored import Secrets, WithSecrets
from capture.tapping.substream import SubStream, substream_of
from capture.tapping.tap import Publisher, Tap, TapInput
from capture.tapping.tap_choice import TapChoice
from capture.workers import Worker
from hall.clock import Clock
from hall.config.settings import CaptureSettings
from hall.errors import HallwatchError, SourceError
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, HallId
from hall.place import Camera as CameraSettings
from hall.pulse import may_take
from store.database import Database

SALVAGE_SECONDS: Final = 600.0
"""How long listing a camera's old files may take, and putting each of them in order."""

log = structlog.get_logger(__name__)


class Cameras:
    """Records cameras of several halls, and gives their packets to the tap."""

    def __init__(
        self,
        settings: CaptureSettings,
        database: Database,
        objects: LocalObjects,
        facts: FactWriter,
        logbook: Logbook,
        publisher: Publisher,
        clock: Clock,
        secrets: Secrets,
    ) -> None:
        """`secrets` knows the passwords that addresses name."""
        self._settings = settings
        self._secrets = secrets
        self._database = database
        self._objects = objects
        self._facts = facts
        self._logbook = logbook
        self._publisher = publisher
        self._clock = clock
        self._taps: dict[CameraId, Tap] = {}

    def want(self, message: Message) -> None:
        """Somebody watches one camera (`live.want.{camera}`). May be called by any thread."""
        tap = self._taps.get(CameraId(last_token(message.subject)))
        if tap is not None:
            tap.want()

    def workers(self, hall: HallId, camera: CameraSettings) -> list[Worker]:
        """What works for one camera."""
        tap = self._taps[camera.id] = Tap(self._publisher, camera, self._clock)
        substream = substream_of(camera)
        if substream is None:
            return [Worker(f"camera-{camera.id}", partial(self._record, hall, camera, tap))]
        choice = TapChoice(camera.id, tap, self._clock)
        return [
            Worker(f"camera-{camera.id}", partial(self._record, hall, camera, choice.main)),
            Worker(f"substream-{camera.id}", partial(self._follow, substream, choice.substream)),
        ]

    def _record(self, hall: HallId, camera: CameraSettings, tap: TapInput, stop: Event) -> None:
        books = Books(self._facts, self._logbook, hall)
        recorded_until = None
        if camera.record:
            may_take(SALVAGE_SECONDS)
            try:
                recorded_until = salvage(self._database, self._objects, books, camera.id, self._clock.now())
            except (HallwatchError, OSError) as error:
                log.error("old files could not be put in order", camera=camera.id, because=str(error))

        def is_awaited() -> bool:
            return recorder.is_settling or self._taps[camera.id].is_wanted()

        try:
            source = source_of(camera, self._clock, self._settings.stall_seconds, is_awaited)
        except SourceError as error:
            log.error("a camera cannot be opened", camera=camera.id, because=str(error))
            if camera.record:
                reason = GapReason(error.reason)
                books.gap_began(Gap(camera.id, Interval(self._clock.now()), reason, str(error)))
            return
        source = WithSecrets(source, self._secrets)
        recorder = Camera(hall, camera, self._settings, source, self._objects, books, tap, self._clock)
        recorder.run(stop, recorded_until)

    def _follow(self, camera: CameraSettings, tap: TapInput, stop: Event) -> None:
        def is_awaited() -> bool:
            return substream.is_settling or self._taps[camera.id].is_wanted()

        try:
            source = source_of(camera, self._clock, self._settings.stall_seconds, is_awaited)
        except SourceError as error:
            log.error("a sub-stream cannot be opened", camera=camera.id, because=str(error))
            return
        source = WithSecrets(source, self._secrets)
        substream = SubStream(camera, self._settings, source, tap, self._clock)
        substream.run(stop)

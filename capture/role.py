"""The capture role: one thread a camera of its share, one a queue that is asked, and one for facts.

What else works beside them is one more `Worker` in the list of `run_capture`.
"""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import Final

import structlog

from bus.connection import Message
from bus.subjects import LIVE_WANT, every, last_token
from bus.thread import ThreadBus
from capture.books import Books
from capture.camera import Camera
from capture.facts import FactWriter
from capture.logbook import Logbook
from capture.objects import LocalObjects
from capture.queueing.polling import queue_workers
from capture.salvage import salvage
from capture.sources import source_of
from capture.tap import Tap
from capture.unrecorded import close_unrecorded
from capture.workers import Worker, Workers
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import HallwatchError, SourceError
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, HallId
from hall.place import Camera as CameraSettings
from hall.pulse import Pulses, may_take
from store.database import Database

CAMERAS_SECONDS: Final = 3.0
"""How long cameras may take to end; one that hangs in its connection is salvaged at the next start."""
FACTS_SECONDS: Final = 1.0
SALVAGE_SECONDS: Final = 600.0
"""How long a camera's old files may take to be put in order; each of them is read once."""

log = structlog.get_logger(__name__)


def run_capture(
    configuration: Configuration,
    database: Database,
    bus_url: str,
    clock: Clock,
    stop: Event,
    pulses: Pulses | None = None,
    share: tuple[int, int] = (1, 1),
) -> None:
    """Record the cameras of this process's share, `(number, of)` counting from 1, until `stop` is set.

    The first share also asks the queues that are configured. Every thread has one of the `pulses`.

    Raises BusError when the bus's address cannot be one.
    """
    pulses = pulses or Pulses(clock)
    mine = cameras_of_share(configuration, share)
    log.info("capture starts", cameras=[camera.id for _, camera in mine], share=f"{share[0]}/{share[1]}")
    bus = ThreadBus(bus_url, "capture")
    facts = FactWriter(database, pulses)
    objects = LocalObjects(*configuration.site.disks)
    logbook = Logbook(objects.disks, clock)
    taps = {camera.id: Tap(bus, camera, clock) for _, camera in mine}

    def wanted(message: Message) -> None:
        tap = taps.get(CameraId(last_token(message.subject)))
        if tap is not None:
            tap.want()

    def record(stop: Event, hall: HallId, camera: CameraSettings) -> None:
        books = Books(facts, logbook, hall)
        recorded_until = None
        if camera.record:
            may_take(SALVAGE_SECONDS)
            try:
                recorded_until = salvage(database, objects, books, camera.id, clock.now())
            except (HallwatchError, OSError) as error:
                log.error("old files could not be put in order", camera=camera.id, because=str(error))
        try:
            source = source_of(camera, clock, configuration.site.capture.stall_seconds)
        except SourceError as error:
            _cannot_be_opened(books, camera, error)
            return
        tap = taps[camera.id]
        settings = configuration.site.capture
        recorder = Camera(hall, camera, settings, source, objects, books, tap, clock)
        recorder.run(stop, recorded_until)

    def _cannot_be_opened(books: Books, camera: CameraSettings, error: SourceError) -> None:
        log.error("a camera cannot be opened", camera=camera.id, because=str(error))
        if camera.record:
            books.gap_began(Gap(camera.id, Interval(clock.now()), GapReason(error.reason), str(error)))

    unsubscribe = bus.subscribe(every(LIVE_WANT), wanted)
    workers = [
        Worker(f"camera-{camera.id}", partial(record, hall=hall, camera=camera)) for hall, camera in mine
    ]
    if share[0] == 1:
        close = partial(close_unrecorded, configuration, database, objects, facts, logbook, clock)
        workers.append(Worker("unrecorded", lambda _: close(), SALVAGE_SECONDS))
    workers += queue_workers(configuration, database, clock, share)
    working = Workers(workers, pulses, clock, stop)
    try:
        working.start()
        stop.wait()
    finally:
        _end(working, facts)
        unsubscribe()
        bus.close()


def cameras_of_share(
    configuration: Configuration, share: tuple[int, int]
) -> list[tuple[HallId, CameraSettings]]:
    """Every `of`-th camera of the configuration, with its hall: the same share at every start."""
    number, of = share
    cameras = [(hall.id, camera) for hall in configuration.halls for camera in hall.cameras]
    return cameras[number - 1 :: of]


def _end(working: Workers, facts: FactWriter) -> None:
    if hanging := working.finish(CAMERAS_SECONDS):
        log.warning(
            "some cameras did not end in time; their last file is salvaged at the next start", hanging=hanging
        )
    if not facts.close(FACTS_SECONDS):
        log.warning("some facts did not reach the database; their files are adopted at the next start")

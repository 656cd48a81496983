"""The capture role: one thread a camera of its share, one a queue that is asked, and one for facts."""

from __future__ import annotations

import threading
from threading import Event
from typing import Final

import structlog

from bus.connection import Message
from bus.subjects import LIVE_WANT, every, last_token
from bus.thread import ThreadBus
from capture.camera import Camera
from capture.facts import FactWriter
from capture.objects import LocalObjects
from capture.queueing.polling import queue_threads
from capture.salvage import salvage
from capture.sources import source_of
from capture.tap import Tap
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import HallwatchError, SourceError
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, HallId
from hall.place import Camera as CameraSettings
from store import recording
from store.database import Database

CAMERAS_SECONDS: Final = 3.0
"""How long cameras may take to end; one that hangs in its connection is salvaged at the next start."""
FACTS_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


def run_capture(
    configuration: Configuration,
    database: Database,
    bus_url: str,
    clock: Clock,
    stop: Event,
    share: tuple[int, int] = (1, 1),
) -> None:
    """Record the cameras of this process's share, `(number, of)` counting from 1, until `stop` is set.

    The first share also asks the queues that are configured.

    Raises BusError when the bus's address cannot be one.
    """
    mine = cameras_of_share(configuration, share)
    log.info("capture starts", cameras=[camera.id for _, camera in mine], share=f"{share[0]}/{share[1]}")
    bus = ThreadBus(bus_url, "capture")
    facts = FactWriter(database)
    objects = LocalObjects(*configuration.site.disks)
    taps = {camera.id: Tap(bus, camera, clock) for _, camera in mine}

    def wanted(message: Message) -> None:
        tap = taps.get(CameraId(last_token(message.subject)))
        if tap is not None:
            tap.want()

    def record(hall: HallId, camera: CameraSettings) -> None:
        try:
            source = source_of(camera, clock, configuration.site.capture.stall_seconds)
        except SourceError as error:
            _cannot_be_opened(hall, camera, error)
            return
        if camera.record:
            try:
                salvage(database, objects, facts, hall, camera.id, clock.now())
            except (HallwatchError, OSError) as error:
                log.error("old files could not be put in order", camera=camera.id, because=str(error))
        tap = taps[camera.id]
        Camera(hall, camera, configuration.site.capture, source, objects, facts, tap, clock).run(stop)

    def _cannot_be_opened(hall: HallId, camera: CameraSettings, error: SourceError) -> None:
        log.error("a camera cannot be opened", camera=camera.id, because=str(error))
        gap = Gap(camera.id, Interval(clock.now()), GapReason(error.reason), str(error))
        facts.put(lambda tx: recording.open_gap(tx, hall, gap))

    unsubscribe = bus.subscribe(every(LIVE_WANT), wanted)
    threads = [
        threading.Thread(target=record, args=(hall, camera), name=f"camera-{camera.id}", daemon=True)
        for hall, camera in mine
    ]
    threads += queue_threads(configuration, database, clock, stop, share)
    try:
        for thread in threads:
            thread.start()
        stop.wait()
    finally:
        _end(threads, facts, clock)
        unsubscribe()
        bus.close()


def cameras_of_share(
    configuration: Configuration, share: tuple[int, int]
) -> list[tuple[HallId, CameraSettings]]:
    """Every `of`-th camera of the configuration, with its hall: the same share at every start."""
    number, of = share
    cameras = [(hall.id, camera) for hall in configuration.halls for camera in hall.cameras]
    return cameras[number - 1 :: of]


def _end(threads: list[threading.Thread], facts: FactWriter, clock: Clock) -> None:
    deadline = clock.monotonic() + CAMERAS_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - clock.monotonic()))
    hanging = [thread.name for thread in threads if thread.is_alive()]
    if hanging:
        log.warning(
            "some cameras did not end in time; their last file is salvaged at the next start", hanging=hanging
        )
    if not facts.close(FACTS_SECONDS):
        log.warning("some facts did not reach the database; their files are adopted at the next start")

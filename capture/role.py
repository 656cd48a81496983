"""The capture role: one thread a camera of its share, one a queue that is asked, and one for facts.

What else works beside them is one more `Worker` in the list of `run_capture`.
"""

from __future__ import annotations

import gc
from functools import partial
from threading import Event
from typing import Final

import structlog

from bus.subjects import LIVE_WANT, every
from bus.thread import ThreadBus
from capture.archive.uploader import archive_workers
from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.cameras import SALVAGE_SECONDS, Cameras
from capture.queueing.polling import queue_workers
from capture.record.objects import LocalObjects
from capture.record.unrecorded import close_unrecorded
from capture.retention.keeper import STEP_SECONDS, Keeper
from capture.sources.stored import StoredSecrets
from capture.workers import Worker, Workers
from hall.clock import Clock
from hall.config import Configuration
from hall.names import HallId
from hall.place import Camera
from hall.pulse import Pulses
from store.database import Database

CAMERAS_SECONDS: Final = 3.0
"""How long cameras may take to end; one that hangs in its connection is salvaged at the next start."""
FACTS_SECONDS: Final = 1.0
COLLECT_EVERY: Final = (20_000, 50, 100)
"""Python looks for cycles after every 700 new objects, which packets are: a tenth of what recording costs."""

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

    The first share also asks the queues that are configured and keeps the disks in order. Every thread has
    one of the `pulses`.

    Raises BusError when the bus's address cannot be one.
    """
    pulses = pulses or Pulses(clock)
    mine = cameras_of_share(configuration, share)
    log.info("capture starts", cameras=[camera.id for _, camera in mine], share=f"{share[0]}/{share[1]}")
    bus = ThreadBus(bus_url, "capture")
    facts = FactWriter(database, pulses)
    objects = LocalObjects(*configuration.site.disks)
    logbook = Logbook(objects.disks, clock)
    secrets = StoredSecrets(configuration.site, database)
    cameras = Cameras(configuration.site.capture, database, objects, facts, logbook, bus, clock, secrets)
    unsubscribe = bus.subscribe(every(LIVE_WANT), cameras.want)
    workers = [worker for hall, camera in mine for worker in cameras.workers(hall, camera)]
    if share[0] == 1:
        close = partial(close_unrecorded, configuration, database, objects, facts, logbook, clock)
        workers.append(Worker("unrecorded", lambda _: close(), SALVAGE_SECONDS))
        keeper = Keeper(configuration, database, objects, partial(Books, facts, logbook), clock)
        workers.append(Worker("retention", keeper.run, STEP_SECONDS))
    workers += queue_workers(configuration, database, clock, share)
    workers += archive_workers(configuration, database, objects, clock)
    working = Workers(workers, pulses, clock, stop)
    collected_every = gc.get_threshold()
    gc.set_threshold(*COLLECT_EVERY)
    try:
        working.start()
        stop.wait()
    finally:
        _end(working, facts)
        unsubscribe()
        bus.close()
        gc.set_threshold(*collected_every)


def cameras_of_share(configuration: Configuration, share: tuple[int, int]) -> list[tuple[HallId, Camera]]:
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

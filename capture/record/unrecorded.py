"""Cameras that were recorded once and are not to be any more: their books are closed, and a gap says why.

Somebody took them out of the configuration, or set `record: false`. When such a camera is recorded again, its
first fragment ends the gap as it does any other.
"""

from __future__ import annotations

import structlog

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from capture.record.salvage import salvage
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import HallwatchError
from hall.media import GapReason
from store import catalogue, recording
from store.database import Database

log = structlog.get_logger(__name__)


def close_unrecorded(
    configuration: Configuration,
    database: Database,
    objects: LocalObjects,
    facts: FactWriter,
    logbook: Logbook,
    clock: Clock,
) -> None:
    """Have a gap `not_scheduled` begun for every such camera. Raises StoreBusy."""
    recorded = {camera.id for hall in configuration.halls for camera in hall.cameras if camera.record}
    with database.read() as tx:
        left = {
            camera: catalogue.hall_of(tx, camera)
            for camera in recording.recorded_cameras(tx)
            if camera not in recorded
        }
    for camera, hall in left.items():
        books = Books(facts, logbook, hall)
        try:
            salvage(database, objects, books, camera, clock.now(), GapReason.NOT_SCHEDULED)
        except (HallwatchError, OSError) as error:
            log.error("old files could not be put in order", camera=camera, because=str(error))

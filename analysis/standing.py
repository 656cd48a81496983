"""What an earlier process left standing: open observations, and how far each camera was examined."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from hall.config.settings import Configuration
from hall.errors import StoreBusy
from hall.interval import Interval
from hall.names import CameraId, HallId, ZoneId
from hall.observing import KINDS, UNKNOWN, Observation, ObservationKind
from store import observing, reference_views
from store.database import Database
from store.reference_views import ReferenceView

RETRY_SECONDS = 0.5
OF_ZONES = frozenset(KINDS.values())

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """Open observations with their halls, and per camera the last moment that was examined."""

    observations: tuple[tuple[HallId, Observation], ...]
    watermarks: dict[CameraId, datetime]
    views: dict[CameraId, ReferenceView] = field(default_factory=dict)

    def of(self, camera: CameraId) -> list[Observation]:
        """The open observations of one camera."""
        return [observation for _, observation in self.observations if observation.camera == camera]

    def orphans(self, configuration: Configuration) -> Iterator[tuple[HallId, Observation]]:
        """What the configuration has no camera or zone for any more, as observations of `unknown`."""
        zones: dict[CameraId, dict[ZoneId, ObservationKind]] = {
            camera.id: {zone.id: KINDS[zone.role] for zone in camera.zones}
            for hall in configuration.halls
            for camera in hall.cameras
        }
        for hall_id, observation in self.observations:
            if observation.state == UNKNOWN:
                continue
            known = zones.get(observation.camera)
            stays = known is not None and (
                observation.kind not in OF_ZONES
                or (observation.zone is not None and known.get(observation.zone) is observation.kind)
            )
            if not stays:
                start = observation.interval.start
                end = max(start, self.watermarks.get(observation.camera, start))
                yield hall_id, _unknown(observation, end)


def read_standing(configuration: Configuration, database: Database, stop: threading.Event) -> Standing | None:
    """What stands in the store; waits for a busy database until told to stop (then None)."""
    while not stop.is_set():
        try:
            with database.read() as tx:
                observations = tuple(
                    (hall.id, observation)
                    for hall in configuration.halls
                    for observation in observing.current(tx, hall.id)
                )
                return Standing(observations, observing.watermarks_now(tx), reference_views.all_views(tx))
        except StoreBusy as error:
            log.warning("database busy at start", error=str(error))
            stop.wait(RETRY_SECONDS)
    return None


def _unknown(observation: Observation, since: datetime) -> Observation:
    return Observation(
        kind=observation.kind,
        camera=observation.camera,
        zone=observation.zone,
        window=observation.window,
        interval=Interval(since),
        state=UNKNOWN,
        source=observation.source,
    )

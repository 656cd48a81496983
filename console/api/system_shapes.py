"""How the system is, as the API shows it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from console.system.figures import Dropped
from console.system.lateness import Evaluation, Progress
from console.system.processes import ProcessHealth, ProcessState, Unheard
from hall.names import CameraId, HallId, NotifierId
from hall.place import Text
from hall.storage import DiskState
from store.notifying import Failure


class ProcessStanding(BaseModel):
    """One process. What is not known is null; `why` says why its state is `unknown`.

    `since`: running since. `restarts`: how often it was started again since `counted_since`, when its
    supervisor began.
    """

    name: str
    state: ProcessState
    since: datetime | None
    restarts: int | None
    counted_since: datetime | None
    last_beat: datetime | None
    process: int | None
    machine: str
    why: Unheard | None

    @classmethod
    def of(cls, health: ProcessHealth) -> ProcessStanding:
        """The view of a process."""
        return cls(
            name=health.name,
            state=health.state,
            since=health.since,
            restarts=health.restarts,
            counted_since=health.counted_since,
            last_beat=health.last_beat,
            process=health.process,
            machine=health.machine,
            why=health.why,
        )


class DatabaseStanding(BaseModel):
    """The database: its kind, how long a small question took, and its size where it is a file (SQLite)."""

    kind: str
    answered_seconds: float
    bytes: int | None


class DiskStanding(BaseModel):
    """The newest measurement of a disk of recordings; sizes in bytes.

    `kept_free` is what is to stay free. `fills_in_seconds`: how long the rest lasts at the rate of the last
    day if nothing were deleted, null while no rate is known or nothing is recorded. `short_at` is the
    forecast that takes retention into account: when footage would have to go before its promised age; null:
    not to be foreseen. `is_stale`: nobody has measured it for two minutes.
    """

    path: str
    total: int
    free: int
    kept_free: int
    bytes_per_second: float | None
    fills_in_seconds: float | None
    short_at: datetime | None
    state: DiskState
    since: datetime
    measured_at: datetime
    is_stale: bool


class ArchiveStanding(BaseModel):
    """The archive: whether it takes copies, and what waits; null where no figures are shared."""

    name: str
    days: float | None
    working: bool | None
    waiting: int | None
    oldest_seconds: float | None


class NotifierStanding(BaseModel):
    """A notifier: `waiting` counts the flips that it was not told yet, up to 200; null before it began."""

    id: NotifierId
    kind: str
    waiting: int | None
    told_at: datetime | None
    failing_since: datetime | None
    failure: Failure | None


class DroppedCount(BaseModel):
    """How much of something was lost since `hallwatch run` started."""

    what: Dropped
    count: int


class ConfigurationStanding(BaseModel):
    """What is in force. `other_file_at`: a hall was started then with a file that says otherwise."""

    version: int
    at: datetime
    by: str
    of_file: bool
    other_file_at: datetime | None


class SiteHealth(BaseModel):
    """What belongs to the site as a whole. `dropped` is null where no figures are shared."""

    processes: list[ProcessStanding]
    bus_connected: bool
    database: DatabaseStanding
    evaluation: Evaluation
    disks: list[DiskStanding]
    archive: ArchiveStanding | None
    notifiers: list[NotifierStanding]
    dropped: list[DroppedCount] | None
    configuration: ConfigurationStanding | None


class CameraStanding(BaseModel):
    """Whether a camera is recorded and examined in time.

    `clock_offset_seconds`: by how much its own clock is ahead; null where the camera does not tell it, or
    where no figures are shared.
    """

    hall: HallId
    camera: CameraId
    name: Text
    recording: Progress
    analysis: Progress
    clock_offset_seconds: float | None


class Waiting(BaseModel):
    """What waits for somebody, or was given up; counting ends at 1,000.

    `refused_deliveries`: messages that receivers refused for good since `refused_deliveries_since`.
    """

    refused_events: int
    refused_deliveries: int
    refused_deliveries_since: datetime
    exports: int


class SystemHealth(BaseModel):
    """How everything within reach is, by the server's clock at `at`.

    `site` is null for who does not see all halls. `figures_known`: the roles share their metrics with the
    console; without that, drops, clocks of cameras and the archive's backlog are not known.
    """

    at: datetime
    version: str | None
    python: str
    site: SiteHealth | None
    figures_known: bool
    cameras: list[CameraStanding]
    waiting: Waiting

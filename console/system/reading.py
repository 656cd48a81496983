"""How the system is, put together for one visitor: what belongs to the site for who sees all halls."""

from __future__ import annotations

import importlib.metadata
import platform
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from alerts.leadership import NAME as EVALUATOR
from console.access import scope
from console.access.visitor import Visitor
from console.api.system_shapes import (
    ArchiveStanding,
    CameraStanding,
    ConfigurationStanding,
    DatabaseStanding,
    DiskStanding,
    DroppedCount,
    NotifierStanding,
    ProcessStanding,
    SiteHealth,
    SystemHealth,
    Waiting,
)
from console.dependencies import Dependencies
from console.system import lateness
from console.system.figures import Figures
from console.system.processes import processes
from hall.config import Configuration
from hall.config.notifiers import NotifierSettings
from hall.names import CameraId, HallId
from hall.storage import Disk
from store import (
    backlogs,
    configuration_versions,
    disks,
    journal,
    judged,
    leases,
    notifying,
    observing,
    recording,
)
from store.database import Read

FAILURES_SINCE: Final = timedelta(days=7)
MEASURED: Final = timedelta(minutes=2)
"""Disks are measured every quarter of a minute; an older measurement says nothing of the present."""
MOST_WAITING: Final = 200


def health(visitor: Visitor, given: Dependencies) -> SystemHealth:
    """How everything within reach is. Raises StoreBusy."""
    now, figures = given.clock.now(), given.figures()
    began = given.clock.monotonic()
    with given.database.read() as tx:
        newest = journal.last_seq(tx)
        answered = given.clock.monotonic() - began
        configuration = given.halls.current(tx)
        halls = visitor.rights.halls
        return SystemHealth(
            at=now,
            version=_version(),
            python=platform.python_version(),
            site=None
            if halls is not None
            else _site(given, tx, configuration, figures, now, newest, answered),
            figures_known=figures is not None,
            cameras=_cameras(visitor, given, tx, figures, now),
            waiting=Waiting(
                refused_events=backlogs.refused_events_open(tx, halls),
                refused_deliveries=backlogs.refused_for_good(tx, now - FAILURES_SINCE, halls),
                refused_deliveries_since=now - FAILURES_SINCE,
                exports=backlogs.exports_unmade(tx, halls),
            ),
        )


def _version() -> str | None:
    try:
        return importlib.metadata.version("hallwatch")
    except importlib.metadata.PackageNotFoundError:
        return None  # it runs out of a folder that was never installed


def _site(
    given: Dependencies,
    tx: Read,
    configuration: Configuration,
    figures: Figures | None,
    now: datetime,
    newest: int,
    answered: float,
) -> SiteHealth:
    version = configuration_versions.newest(tx)
    judging = lateness.evaluated(leases.find(tx, EVALUATOR), judged.find(tx, EVALUATOR), newest, now)
    found = processes(given.hearing, now, bus_is_there=given.live.connected)
    return SiteHealth(
        processes=[ProcessStanding.of(one) for one in found],
        bus_connected=given.live.connected,
        database=_database(tx, answered),
        evaluation=judging,
        disks=[_disk(one, configuration, now) for one in disks.all_disks(tx)],
        archive=_archive(configuration, figures),
        notifiers=[_notifier(tx, one) for one in configuration.site.notifiers],
        dropped=None
        if figures is None
        else [DroppedCount(what=what, count=count) for what, count in figures.dropped.items()],
        configuration=None
        if version is None
        else ConfigurationStanding(
            version=version.number,
            at=version.at,
            by=version.who,
            of_file=version.of_file,
            other_file_at=version.other_file_at,
        ),
    )


def _database(tx: Read, answered: float) -> DatabaseStanding:
    kind, file = backlogs.database_kind(tx)
    size = None
    if file is not None:
        parts = [Path(file), Path(f"{file}-wal")]
        size = sum(part.stat().st_size for part in parts if part.is_file())
    return DatabaseStanding(kind=kind, answered_seconds=answered, bytes=size)


def _disk(disk: Disk, configuration: Configuration, now: datetime) -> DiskStanding:
    kept_free = int(disk.total * configuration.site.storage.keep_free_percent / 100)
    rate = disk.bytes_per_second
    spare = max(0, disk.free - kept_free)
    return DiskStanding(
        path=disk.path,
        total=disk.total,
        free=disk.free,
        kept_free=kept_free,
        bytes_per_second=rate,
        fills_in_seconds=spare / rate if rate else None,
        short_at=disk.short_at,
        state=disk.state,
        since=disk.since,
        measured_at=disk.at,
        is_stale=now - disk.at > MEASURED,
    )


def _archive(configuration: Configuration, figures: Figures | None) -> ArchiveStanding | None:
    archive = configuration.site.storage.archive
    if archive is None:
        return None
    known = figures.archive if figures is not None else {}
    working, waiting = known.get("archive_working"), known.get("archive_waiting")
    return ArchiveStanding(
        name=archive.name,
        days=archive.days,
        working=None if working is None else working > 0,
        waiting=None if waiting is None else round(waiting),
        oldest_seconds=known.get("archive_oldest_seconds"),
    )


def _notifier(tx: Read, settings: NotifierSettings) -> NotifierStanding:
    standing = notifying.standing(tx, settings.id)
    if standing is None:
        return NotifierStanding(
            id=settings.id, kind=settings.kind, waiting=None, told_at=None, failing_since=None, failure=None
        )
    return NotifierStanding(
        id=settings.id,
        kind=settings.kind,
        waiting=notifying.waiting(tx, standing.seq, settings.wants, MOST_WAITING),
        told_at=standing.told_at,
        failing_since=standing.failing_since,
        failure=standing.failure,
    )


def _cameras(
    visitor: Visitor, given: Dependencies, tx: Read, figures: Figures | None, now: datetime
) -> list[CameraStanding]:
    configuration = given.halls.current(tx)
    gaps = {gap.camera: gap for gap in recording.open_gaps(tx)}
    seen = observing.watermarks_now(tx)
    offsets = figures.clock_offsets if figures is not None else {}
    found: list[CameraStanding] = []
    for hall in scope.halls(visitor, given, tx):
        for camera in hall.cameras:
            if visitor.rights.sees_camera(camera.id):
                last = recording.last_segment_end(tx, camera.id)
                found.append(
                    CameraStanding(
                        hall=HallId(hall.id),
                        camera=CameraId(camera.id),
                        name=camera.name,
                        recording=lateness.recorded(camera, configuration, gaps.get(camera.id), last, now),
                        analysis=lateness.analysed(camera, configuration, seen.get(camera.id), now),
                        clock_offset_seconds=offsets.get(camera.id),
                    )
                )
    return found

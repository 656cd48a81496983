"""Measuring the disks of this machine: how full, how fast, for how long yet, and whether they can be used."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from capture.record.objects import LocalObjects
from capture.retention.forecast import Flow, short_at, state_of
from capture.retention.marks import FOLDER
from capture.retention.metrics import DISK_FREE, DISK_RATE, DISK_SHORT, DISK_STATE
from capture.retention.policy import promised, reserve
from capture.retention.stock import Stock
from hall.clock import Clock
from hall.config import Configuration
from hall.names import CameraId
from hall.place import Keep
from hall.storage import Disk, DiskState
from store import disks
from store.database import Database, Read

FORGOTTEN: Final = timedelta(minutes=10)
"""A disk that is no longer configured is forgotten when nobody has measured it for so long."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of a file system: in all, and free for whoever is not the administrator."""

    total: int
    free: int


def usage(disk: Path) -> Usage | None:
    """How full a disk is; None when it cannot be asked."""
    try:
        measured = shutil.disk_usage(disk)
    except OSError:
        return None
    return Usage(measured.total, measured.free)


def can_be_written(disk: Path) -> bool:
    """Whether a file can be made on a disk. A full one can still be written to, once there is room."""
    probe = disk / FOLDER / "probe"
    try:
        probe.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return True


class Watch:
    """Enters how the disks stand. Used by one thread."""

    def __init__(
        self,
        configuration: Configuration,
        database: Database,
        objects: LocalObjects,
        stock: Stock,
        clock: Clock,
    ) -> None:
        self._configuration = configuration
        self._storage = configuration.site.storage
        self._database = database
        self._objects = objects
        self._stock = stock
        self._clock = clock
        self._lacking: set[Path] = set()

    def note_room(self, disk: Path, *, is_lacking: bool) -> bool:
        """Note whether a disk lacks room that nobody can make; true when that has changed."""
        changed = is_lacking is not (disk in self._lacking)
        if is_lacking:
            self._lacking.add(disk)
        else:
            self._lacking.discard(disk)
        return changed

    def measure(self, mine: Sequence[Path]) -> None:
        """Enter a measurement of each of these disks. Raises StoreBusy."""
        now = self._clock.now()
        hall = self._configuration.halls[0].id
        with self._database.read() as tx:
            self._stock.follow(tx, now)
            rates = self._stock.rates(now)
            found = [self._measured(tx, disk, rates, now) for disk in mine]
            known = disks.all_disks(tx)
        configured = {str(disk) for disk in self._objects.disks}
        gone = [one for one in known if one.path not in configured and now - one.at > FORGOTTEN]
        with self._database.write() as tx:
            found = [disks.measured(tx, hall, disk) for disk in found]
            for disk in gone:
                disks.forget(tx, hall, disk)
        for disk in found:
            _show(disk, now)

    def _measured(
        self, tx: Read, path: Path, rates: dict[tuple[Path, CameraId], float] | None, now: datetime
    ) -> Disk:
        before = disks.find(tx, str(path))
        measured = usage(path)
        flows: list[Flow] = []
        for (disk, camera), rate in (rates or {}).items():
            if disk == path:
                DISK_RATE.labels(str(path), camera).set(rate)
                flows.append(self._flow(tx, camera, rate, rates or {}, now))
        short = None
        if measured is not None and rates is not None:
            spare = measured.free - reserve(measured.total, self._storage.keep_free_percent)
            short = short_at(spare, flows, now)
        state = state_of(
            before.state if before is not None else None,
            short,
            timedelta(hours=self._storage.warn_hours),
            now,
            can_be_written=measured is not None and can_be_written(path),
            is_full=path in self._lacking,
        )
        return Disk(
            path=str(path),
            total=measured.total if measured is not None else 0,
            free=measured.free if measured is not None else 0,
            bytes_per_second=sum(flow.rate for flow in flows) if rates is not None else None,
            short_at=short,
            state=state,
            since=now,
            at=now,
        )

    def _flow(
        self,
        tx: Read,
        camera: CameraId,
        rate: float,
        rates: dict[tuple[Path, CameraId], float],
        now: datetime,
    ) -> Flow:
        """What a camera takes of a disk until its footage is as old, or as much, as it may get."""
        known = self._configuration.camera(camera)
        site = self._configuration.site
        keep: Keep = site.keep_of(known[1]) if known is not None else site.keep
        promise = promised(keep)
        levels: list[datetime] = []
        if promise is not None:
            oldest = self._stock.oldest(tx, camera)
            levels.append((oldest.interval.start if oldest is not None else now) + promise)
        everywhere = sum(one for (_, of), one in rates.items() if of == camera)
        if keep.gigabytes is not None and everywhere > 0:
            left = keep.gigabytes * 1e9 - self._stock.held(tx, camera)
            levels.append(now + timedelta(seconds=max(0.0, left) / everywhere))
        return Flow(rate, min(levels, default=None), promise is not None)


def _show(disk: Disk, now: datetime) -> None:
    DISK_FREE.labels(disk.path).set(disk.free)
    left = (disk.short_at - now).total_seconds() if disk.short_at is not None else float("inf")
    DISK_SHORT.labels(disk.path).set(max(0.0, left))
    for state in DiskState:
        DISK_STATE.labels(disk.path, state.value).set(1 if disk.state is state else 0)
    if disk.since == disk.at and disk.state is not DiskState.OK:
        log.warning("a disk of recordings stands badly", disk=disk.path, state=disk.state.value)

"""The newest measurement of each disk of recordings. A change of its state is a fact as well."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.journal import FactKind
from hall.names import HallId
from hall.storage import Disk, DiskState
from store import journal
from store.database import Read, Write
from store.rows import optional_microseconds, optional_time
from store.tables import disks


def measured(tx: Write, hall: HallId, disk: Disk) -> Disk:
    """Enter a measurement, and what it means as a fact of `hall` when the state is another than before.

    `since` of what is entered, and given back, is that of the measurement before while the state lasts.
    """
    before = find(tx, disk.path)
    if before is not None and before.state is disk.state:
        disk = replace(disk, since=before.since)
    columns = {
        "total": disk.total,
        "free": disk.free,
        "bytes_per_second": disk.bytes_per_second,
        "short_us": optional_microseconds(disk.short_at),
        "state": disk.state.value,
        "since_us": to_microseconds(disk.since),
        "at_us": to_microseconds(disk.at),
    }
    if before is None:
        tx.connection.execute(insert(disks).values(path=disk.path, **columns))
    else:
        tx.connection.execute(update(disks).where(disks.c.path == disk.path).values(**columns))
    if before is None or before.state is not disk.state:
        journal.append(tx, FactKind.DISK, hall, disk.at, disk)
    return disk


def find(tx: Read, path: str) -> Disk | None:
    """The newest measurement of a disk, or None."""
    row = tx.connection.execute(select(disks).where(disks.c.path == path)).first()
    return None if row is None else _disk(row)


def all_disks(tx: Read) -> list[Disk]:
    """The newest measurement of every disk, by path."""
    return [_disk(row) for row in tx.connection.execute(select(disks).order_by(disks.c.path))]


def forget(tx: Write, hall: HallId, disk: Disk) -> None:
    """A disk is no longer configured: its row goes, and a last fact says that all is well."""
    tx.connection.execute(delete(disks).where(disks.c.path == disk.path))
    if disk.state is not DiskState.OK:
        well = replace(disk, state=DiskState.OK, since=disk.at, short_at=None)
        journal.append(tx, FactKind.DISK, hall, disk.at, well)


def _disk(row: Row[Any]) -> Disk:
    return Disk(
        path=row.path,
        total=row.total,
        free=row.free,
        bytes_per_second=row.bytes_per_second,
        short_at=optional_time(row.short_us),
        state=DiskState(row.state),
        since=from_microseconds(row.since_us),
        at=from_microseconds(row.at_us),
    )

"""The catalogue of recordings read as a whole and put right: for salvage, `hallwatch check` and `reindex`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from hall.clock import to_microseconds
from hall.errors import NotFound
from hall.media import Gap, Run
from hall.names import CameraId, HallId
from store import recording
from store.database import Read, Write
from store.rows import optional_time
from store.tables import gaps, runs, segments


def end_of_run(tx: Read, run: Run) -> datetime | None:
    """Where the last segment of a run ends, or None when it has none."""
    query = (
        select(segments.c.end_us)
        .where(
            segments.c.camera == run.camera,
            segments.c.run == run.id,
            segments.c.start_us >= to_microseconds(run.interval.start),
        )
        .order_by(segments.c.start_us.desc())
        .limit(1)
    )
    return optional_time(tx.connection.execute(query).scalar_one_or_none())


def lasting_gap(tx: Read, camera: CameraId) -> Gap | None:
    """The gap of a camera that has not ended, if any."""
    return next((gap for gap in recording.open_gaps(tx) if gap.camera == camera), None)


def restore_gaps(tx: Write, found: Iterable[tuple[HallId, Gap]]) -> int:
    """Enter gaps that the catalogue should have, each as it was in the end; says how many were missing.

    A gap that lasts here but is known to have ended is ended. Gaps that stand here already stay as they are.
    """
    changed = 0
    for hall, gap in found:
        row = tx.connection.execute(
            select(gaps.c.id, gaps.c.end_us).where(
                gaps.c.camera == gap.camera,
                gaps.c.start_us == to_microseconds(gap.interval.start),
                gaps.c.reason == gap.reason.value,
            )
        ).first()
        if gap.interval.end is None:
            if row is None and lasting_gap(tx, gap.camera) is None:
                recording.open_gap(tx, hall, gap)
                changed += 1
        elif row is None:
            changed += recording.add_gap(tx, hall, gap)
        elif row.end_us is None:
            recording.close_gap(tx, gap.camera, gap.interval.end)
            changed += 1
    return changed


def hall_of(tx: Read, camera: CameraId) -> HallId:
    """The hall for which a camera was recorded or missed last. Raises NotFound for one that never was."""
    for table in (runs, gaps):
        query = (
            select(table.c.hall).where(table.c.camera == camera).order_by(table.c.start_us.desc()).limit(1)
        )
        hall = tx.connection.execute(query).scalar_one_or_none()
        if hall is not None:
            return HallId(hall)
    raise NotFound(f"camera {camera} was never recorded")

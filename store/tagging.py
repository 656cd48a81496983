"""The tag join the other way round: which windows and transactions a time of a camera shows.

A tag is never stored. It is the join of the periods with the segments of their windows' cameras, made when
somebody asks, so that late and corrected queue events re-tag the record by themselves. From a transaction to
its recordings go `store.queueing.periods_of` and `store.recording.segments_between`; from a recording to its
transactions goes this module. Neither way may depend on how much was recorded before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, union

from hall.clock import to_microseconds
from hall.names import CameraId, TransactionId, WindowId
from store.database import Read
from store.long_rows import LONG, LONG_US
from store.rows import overlapping
from store.tables import camera_windows, periods


def shown(
    tx: Read, camera: CameraId, start: datetime, end: datetime
) -> tuple[list[WindowId], list[TransactionId]]:
    """The windows that a camera shows, and the transactions handled there during `[start, end)`.

    Periods of ordinary length are looked for no further back than such a period can last; the few longer
    ones, and those that have no end yet, have an index of their own.
    """
    query = select(camera_windows.c.window).where(camera_windows.c.camera == camera)
    windows = list(tx.connection.execute(query.order_by(camera_windows.c.window)).scalars())
    if not windows:
        return [], []
    handled = select(periods.c.transaction).where(
        periods.c.window.in_(windows), periods.c.superseded_us.is_(None), overlapping(periods, start, end)
    )
    earliest = to_microseconds(start - timedelta(microseconds=LONG_US))
    found = union(handled.where(periods.c.start_us >= earliest), handled.where(LONG)).order_by("transaction")
    return windows, list(tx.connection.execute(found).scalars())

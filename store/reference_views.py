"""Reference views: what each camera is used to showing, and when an officer had it learnt anew.

What a view holds is for analysis alone to know; here it is bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from hall.clock import to_microseconds
from hall.names import CameraId
from store.database import Read, Write
from store.rows import optional_time
from store.watch_tables import reference_views


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """A camera's view (None: to be learnt), the first picture of which was taken at `begun`."""

    camera: CameraId
    view: bytes | None
    begun: datetime | None
    reset_at: datetime | None


def learnt(tx: Write, camera: CameraId, view: bytes, begun: datetime) -> None:
    """Keep what was learnt since `begun`; nothing if the view was reset after that. No journal entry."""
    insert = _insert(tx)
    statement = insert(reference_views).values(camera=camera, view=view, begun_us=to_microseconds(begun))
    tx.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[reference_views.c.camera],
            set_={"view": statement.excluded.view, "begun_us": statement.excluded.begun_us},
            where=reference_views.c.reset_us.is_(None)
            | (reference_views.c.reset_us <= statement.excluded.begun_us),
        )
    )


def reset(tx: Write, camera: CameraId, at: datetime) -> None:
    """Forget the view: what the camera shows after `at` is right."""
    values = {"view": None, "begun_us": None, "reset_us": to_microseconds(at)}
    statement = _insert(tx)(reference_views).values(camera=camera, **values)
    tx.connection.execute(
        statement.on_conflict_do_update(index_elements=[reference_views.c.camera], set_=values)
    )


def all_views(tx: Read) -> dict[CameraId, ReferenceView]:
    """Every view that is kept or was reset."""
    return {
        CameraId(row.camera): ReferenceView(
            CameraId(row.camera), row.view, optional_time(row.begun_us), optional_time(row.reset_us)
        )
        for row in tx.connection.execute(select(reference_views))
    }


def resets(tx: Read) -> dict[CameraId, datetime]:
    """When the views of cameras were reset last."""
    query = select(reference_views.c.camera, reference_views.c.reset_us)
    found = tx.connection.execute(query.where(reference_views.c.reset_us.is_not(None)))
    times = ((CameraId(row.camera), optional_time(row.reset_us)) for row in found)
    return {camera: at for camera, at in times if at is not None}


def _insert(tx: Write) -> type[sqlite.Insert | postgresql.Insert]:
    return postgresql.Insert if tx.connection.dialect.name == "postgresql" else sqlite.Insert

"""Layouts of the live wall, officer by officer. Nobody else's business: they are no facts of a hall."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotFound
from hall.live_layout import LiveLayout
from hall.names import CameraId, HallId, UserId
from store.database import Read, Write
from store.live_tables import live_layouts

MOST = 50
"""So many saved layouts an officer may have of one hall."""


def keep(tx: Write, user: UserId, layout: LiveLayout) -> None:
    """Enter a layout, or put it in the place of the one of its name. Raises Conflict beyond `MOST`."""
    values = {
        "panes": layout.panes,
        "cameras": json.dumps(layout.cameras),
        "shown_as": layout.shown_as,
        "changed_us": to_microseconds(layout.changed_at),
    }
    if layout.name:
        others = [name for name in _saved(tx, user, layout.hall) if name != layout.name]
        if len(others) >= MOST:
            raise Conflict(f"layout: there are {MOST} layouts already; remove one first")
    key = {"user": user, "hall": layout.hall, "name": layout.name}
    kind = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(live_layouts).values(**key, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def remove(tx: Write, user: UserId, hall: HallId, name: str) -> None:
    """Remove a saved layout. Raises NotFound."""
    query = delete(live_layouts).where(
        live_layouts.c.user == user, live_layouts.c.hall == hall, live_layouts.c.name == name
    )
    if not name or tx.connection.execute(query).rowcount == 0:
        raise NotFound(f"layout: there is no layout '{name}'")


def layouts_of(tx: Read, user: UserId, hall: HallId) -> list[LiveLayout]:
    """An officer's layouts of a hall by name; what is on the wall comes first, with an empty name."""
    query = (
        select(live_layouts)
        .where(live_layouts.c.user == user, live_layouts.c.hall == hall)
        .order_by(live_layouts.c.name)
    )
    return [_layout(row) for row in tx.connection.execute(query)]


def _saved(tx: Read, user: UserId, hall: HallId) -> list[str]:
    query = select(live_layouts.c.name).where(
        live_layouts.c.user == user, live_layouts.c.hall == hall, live_layouts.c.name != ""
    )
    return list(tx.connection.execute(query).scalars())


def _layout(row: Row[Any]) -> LiveLayout:
    return LiveLayout(
        hall=HallId(row.hall),
        panes=row.panes,
        cameras=tuple(None if camera is None else CameraId(camera) for camera in json.loads(row.cameras)),
        changed_at=from_microseconds(row.changed_us),
        name=row.name,
        shown_as=row.shown_as,
    )

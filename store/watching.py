"""How each camera is watched: the newest word of analysis, overwritten."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from hall.names import CameraId
from hall.watching import WatchHealth
from hall.wire import from_wire, to_wire
from store.database import Read, Write
from store.watch_tables import watch_health


def tell(tx: Write, health: WatchHealth) -> None:
    """Take the place of what was told of the camera before. No journal entry."""
    values = {"camera": health.camera, "health": json.dumps(to_wire(health))}
    kind = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(watch_health).values(values)
    tx.connection.execute(
        statement.on_conflict_do_update(
            index_elements=[watch_health.c.camera], set_={"health": statement.excluded.health}
        )
    )


def told(tx: Read) -> dict[CameraId, WatchHealth]:
    """What was told last of each camera."""
    return {
        CameraId(row.camera): from_wire(WatchHealth, json.loads(row.health))
        for row in tx.connection.execute(select(watch_health))
    }

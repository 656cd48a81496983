"""Exports: evidence packages that were ordered. Each change of state is a fact; how far one is, is none."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, insert, select, update

from hall.clock import to_microseconds
from hall.errors import Conflict, NotFound
from hall.exporting import Export, ExportState
from hall.journal import FactKind, Json
from hall.names import ExportId, HallId
from hall.wire import from_wire, to_wire
from store import journal
from store.database import Read, Write
from store.tables import exports


def order(tx: Write, export: Export) -> None:
    """Enter a new export. Raises Conflict when its id is taken."""
    if find(tx, export.id) is not None:
        raise Conflict(f"there is an export {export.id} already")
    tx.connection.execute(insert(exports).values(id=export.id, hall=export.hall, **_columns(export)))
    journal.append(tx, FactKind.EXPORT, export.hall, export.ordered_at, export)


def change(tx: Write, export: Export, before: Collection[ExportState], at: datetime) -> None:
    """Put an export into another state. Raises NotFound, or Conflict when it stands in none of `before`."""
    known = get(tx, export.id)
    if known.state not in before:
        raise Conflict(f"export {export.id} is {known.state}")
    tx.connection.execute(update(exports).where(exports.c.id == export.id).values(**_columns(export)))
    journal.append(tx, FactKind.EXPORT, export.hall, at, export)


def advance(tx: Write, export: Export) -> bool:
    """Note how far the making of an export is, for whoever asks. False when it is not to be made any more."""
    found = tx.connection.execute(
        update(exports)
        .where(exports.c.id == export.id, exports.c.state == ExportState.MAKING.value)
        .values(**_columns(export))
    )
    return found.rowcount > 0


def get(tx: Read, identifier: ExportId) -> Export:
    """One export. Raises NotFound."""
    found = find(tx, identifier)
    if found is None:
        raise NotFound(f"there is no export {identifier}")
    return found


def find(tx: Read, identifier: ExportId) -> Export | None:
    """One export, or None."""
    row = tx.connection.execute(select(exports.c.body).where(exports.c.id == identifier)).first()
    return None if row is None else _export(row)


def waiting(tx: Read) -> list[Export]:
    """The exports that are to be made, the oldest first; one that is being made counts."""
    states = [ExportState.QUEUED.value, ExportState.MAKING.value]
    query = select(exports.c.body).where(exports.c.state.in_(states)).order_by(exports.c.ordered_us)
    return [_export(row) for row in tx.connection.execute(query)]


def exports_of(
    tx: Read,
    *,
    halls: Collection[HallId] | None = None,
    before: tuple[datetime, ExportId] | None = None,
    limit: int = 50,
) -> list[Export]:
    """Exports, the newest first, of some halls or of all; `before` is the cursor of the next page."""
    query = select(exports.c.body).order_by(exports.c.ordered_us.desc(), exports.c.id.desc()).limit(limit)
    if halls is not None:
        query = query.where(exports.c.hall.in_(halls))
    if before is not None:
        ordered_us = to_microseconds(before[0])
        query = query.where(
            (exports.c.ordered_us < ordered_us)
            | ((exports.c.ordered_us == ordered_us) & (exports.c.id < before[1]))
        )
    return [_export(row) for row in tx.connection.execute(query)]


def _columns(export: Export) -> dict[str, Any]:
    return {
        "state": export.state.value,
        "ordered_us": to_microseconds(export.ordered_at),
        "body": json.dumps(to_wire(export), ensure_ascii=False),
    }


def _export(row: Row[Any]) -> Export:
    return from_wire(Export, cast(dict[str, Json], json.loads(row.body)))

"""Keys of machines. Only the hash of a key is stored: it is shown once, when it is made."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict
from hall.names import HallId
from store.access_tables import api_keys
from store.accounts import digest
from store.database import Read, Write


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a machine's key opens: `scopes`, in `halls` (empty: in all)."""

    name: str
    scopes: tuple[str, ...]
    halls: tuple[HallId, ...]
    created_at: datetime


def add(
    tx: Write, name: str, scopes: Collection[str], key: str, now: datetime, halls: Collection[HallId] = ()
) -> ApiKey:
    """Enter the key of a machine. Raises Conflict when the name is taken."""
    try:
        tx.connection.execute(
            insert(api_keys).values(
                key_sha256=digest(key),
                name=name,
                scopes=json.dumps(sorted(scopes)),
                halls=json.dumps(sorted(halls)),
                created_us=to_microseconds(now),
            )
        )
    except IntegrityError as error:
        raise Conflict(f"name: there is an API key '{name}' already") from error
    return ApiKey(name, tuple(sorted(scopes)), tuple(sorted(halls)), now)


def remove(tx: Write, name: str) -> bool:
    """Withdraw a key. False when there is none of this name."""
    return tx.connection.execute(delete(api_keys).where(api_keys.c.name == name)).rowcount > 0


def find(tx: Read, key: str) -> ApiKey | None:
    """What a key opens, or None for one that is not known."""
    row = tx.connection.execute(select(api_keys).where(api_keys.c.key_sha256 == digest(key))).first()
    return None if row is None else _key(row)


def all_keys(tx: Read) -> list[ApiKey]:
    """Every key, by name."""
    return [_key(row) for row in tx.connection.execute(select(api_keys).order_by(api_keys.c.name))]


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        row.name,
        tuple(json.loads(row.scopes)),
        tuple(HallId(hall) for hall in json.loads(row.halls)),
        from_microseconds(row.created_us),
    )

"""Every configuration that was in force: who put it there, what it changed, and whether a file says it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, select

from hall.clock import from_microseconds
from hall.config import Configuration
from hall.config.difference import Kind
from hall.config.parts import Part
from hall.errors import Conflict, NotFound
from store.configuration import Origin
from store.database import Read
from store.rows import optional_time
from store.tables import configurations

_TOLD = [column for column in configurations.c if column.name != "body"]


@dataclass(frozen=True, slots=True)
class Version:
    """One configuration. `number` grows by one or more from version to version.

    `changed` names the parts that differ from the version before.
    """

    number: int
    at: datetime
    sha256: str
    origin: Origin
    who: str
    note: str
    changed: tuple[tuple[Part, Kind], ...]
    of_file: bool
    """Whether it says what a file said."""
    other_file_at: datetime | None
    """When a hall was started with a file that says otherwise, and this was kept."""


def newest(tx: Read) -> Version | None:
    """The version in force."""
    return next(iter(versions(tx, limit=1)), None)


def versions(tx: Read, before: int | None = None, limit: int = 50) -> list[Version]:
    """The versions, the newest first; those before the version `before`."""
    query = select(*_TOLD).order_by(configurations.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(configurations.c.id < before)
    return [_version(row) for row in tx.connection.execute(query)]


def version(tx: Read, number: int) -> Version:
    """One version. Raises NotFound."""
    row = tx.connection.execute(select(*_TOLD).where(configurations.c.id == number)).first()
    if row is None:
        raise NotFound(f"there is no version {number} of the configuration")
    return _version(row)


def preceding(tx: Read, number: int) -> Version | None:
    """The version before this one."""
    return next(iter(versions(tx, before=number, limit=1)), None)


def configuration_of(tx: Read, number: int) -> Configuration:
    """What a version said. Raises NotFound, and Conflict when this program no longer reads it."""
    body = tx.connection.execute(
        select(configurations.c.body).where(configurations.c.id == number)
    ).scalar_one_or_none()
    if body is None:
        raise NotFound(f"there is no version {number} of the configuration")
    try:
        return Configuration.model_validate_json(body)
    except ValidationError as error:
        raise Conflict(f"version {number} was kept by another release, which alone can read it") from error


def of_digest(tx: Read, sha256: str) -> Version | None:
    """The newest version with this digest."""
    query = (
        select(*_TOLD).where(configurations.c.sha256 == sha256).order_by(configurations.c.id.desc()).limit(1)
    )
    row = tx.connection.execute(query).first()
    return None if row is None else _version(row)


def after(tx: Read, number: int, limit: int = 1000) -> list[Version]:
    """The versions that followed one, the oldest first."""
    query = select(*_TOLD).where(configurations.c.id > number).order_by(configurations.c.id).limit(limit)
    return [_version(row) for row in tx.connection.execute(query)]


def last_file(tx: Read) -> tuple[Version, str] | None:
    """The newest version that says what a file said, with that file's digest."""
    query = (
        select(*_TOLD)
        .where(configurations.c.file_sha256.is_not(None))
        .order_by(configurations.c.id.desc())
        .limit(1)
    )
    row = tx.connection.execute(query).first()
    return None if row is None else (_version(row), str(row.file_sha256))


def _version(row: Row[Any]) -> Version:
    changed = json.loads(row.changed) if row.changed else []
    return Version(
        number=row.id,
        at=from_microseconds(row.applied_us),
        sha256=row.sha256,
        origin=Origin(row.origin),
        who=row.who,
        note=row.note,
        changed=tuple((Part.named(part), kind) for part, kind in changed),
        of_file=row.file_sha256 is not None,
        other_file_at=optional_time(row.other_file_us),
    )

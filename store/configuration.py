"""The configuration in force: put there from a file or on the console, and read by everybody."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy import Column, delete, insert, select, update

from hall.clock import to_microseconds
from hall.config import Configuration
from hall.config.difference import changes
from hall.config.parts import AT_START
from hall.journal import FactKind
from store import journal, notifying, putting_away, rule_versions
from store.database import Read, Write
from store.rows import optional_time
from store.tables import camera_windows, configurations

Told = TypeVar("Told")


class Origin(StrEnum):
    """From where a configuration was put in force."""

    FILE = "file"
    """hall.yaml: `hallwatch apply`, or the start of a hall."""
    START = "start"
    """The start of a hall whose file was passed over, but for what is read once, at the start."""
    CONSOLE = "console"
    RESTORE = "restore"
    """An earlier version, again."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who puts a configuration in force, and from where; `note` says more (which version was restored)."""

    name: str = ""
    origin: Origin = Origin.FILE
    note: str = ""


FROM_FILE = Author()


def apply(tx: Write, configuration: Configuration, now: datetime, author: Author = FROM_FILE) -> bool:
    """Make a configuration the one in force. False when it is in force already.

    It is kept with the versions of its rules (store.rule_versions), whatever lower ones the file says, and
    without the passwords of cameras, which are kept encrypted (store.putting_away).

    Raises SecretError when there are such and no key can be had.
    """
    of_file = file_digest(configuration) if author.origin is Origin.FILE else None
    configuration = putting_away.put_away(tx, configuration, now).configuration
    configuration = rule_versions.numbered(tx, configuration)
    body = configuration.model_dump_json(by_alias=True)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    if digest(tx) == sha256:
        if of_file is not None:
            _change_newest(tx, file_sha256=of_file, other_file_us=None)
        return False
    if of_file is None:
        of_file = _file_of(tx, sha256)
    changed = [[str(change.part), change.kind] for change in changes(_readable(tx), configuration)]
    tx.connection.execute(
        insert(configurations).values(
            applied_us=to_microseconds(now),
            sha256=sha256,
            body=body,
            origin=author.origin.value,
            who=author.name,
            note=author.note,
            changed=json.dumps(changed),
            file_sha256=of_file,
            other_file_us=None if of_file is not None else _newest(tx, configurations.c.other_file_us),
        )
    )
    tx.connection.execute(delete(camera_windows))
    shown = [
        {"window": window, "camera": camera.id, "hall": hall.id}
        for hall in configuration.halls
        for camera in hall.cameras
        for window in camera.windows
    ]
    if shown:
        tx.connection.execute(insert(camera_windows), shown)
    notifying.keep(tx, [notifier.id for notifier in configuration.site.notifiers])
    journal.append(tx, FactKind.CONFIGURATION, None, now, {"sha256": sha256})
    return True


def file_digest(configuration: Configuration) -> str:
    """SHA-256 of what a file says, by which two files are told apart.

    Defaults count as not said, and what is read at the start is left out: it is always the file's. So are the
    passwords of cameras: no digest is kept from which one could be guessed.
    """
    said = putting_away.without_passwords(configuration).model_dump_json(
        by_alias=True, exclude_defaults=True, exclude={"site": set(AT_START)}
    )
    return hashlib.sha256(said.encode()).hexdigest()


def pass_over(tx: Write, now: datetime) -> None:
    """Note that a hall was started with a file that says otherwise, and what is in force was kept."""
    _change_newest(tx, other_file_us=to_microseconds(now))


def current(tx: Read) -> Configuration | None:
    """The configuration in force, or None before the first `apply`."""
    body = _newest(tx, configurations.c.body)
    return Configuration.model_validate_json(body) if body is not None else None


def applied_at(tx: Read) -> datetime | None:
    """Since when the configuration is in force, or None before the first `apply`."""
    return optional_time(_newest(tx, configurations.c.applied_us))


def digest(tx: Read) -> str | None:
    """SHA-256 of the configuration in force, or None: tells cheaply whether `current` would give another."""
    return _newest(tx, configurations.c.sha256)


def _newest(tx: Read, column: Column[Told]) -> Told | None:
    newest = select(column).order_by(configurations.c.id.desc()).limit(1)
    return tx.connection.execute(newest).scalar_one_or_none()


def _change_newest(tx: Write, **values: object) -> None:
    newest = select(configurations.c.id).order_by(configurations.c.id.desc()).limit(1).scalar_subquery()
    tx.connection.execute(update(configurations).where(configurations.c.id == newest).values(**values))


def _readable(tx: Read) -> Configuration | None:
    """The configuration before, if this program can still read it: else everything counts as new."""
    try:
        return current(tx)
    except ValidationError:
        return None


def _file_of(tx: Read, sha256: str) -> str | None:
    """The file that said exactly this when it was applied, if any did."""
    query = (
        select(configurations.c.file_sha256)
        .where(configurations.c.sha256 == sha256, configurations.c.file_sha256.is_not(None))
        .order_by(configurations.c.id.desc())
        .limit(1)
    )
    return tx.connection.execute(query).scalar_one_or_none()

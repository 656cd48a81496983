"""The configuration in force, and every earlier one."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, insert, select

from hall.clock import to_microseconds
from hall.config import Configuration
from hall.journal import FactKind
from store import journal, notifying, putting_away, rule_versions
from store.database import Read, Write
from store.rows import optional_time
from store.tables import camera_windows, configurations


def apply(tx: Write, configuration: Configuration, now: datetime) -> bool:
    """Make a configuration the one in force. False when it is in force already.

    It is kept with the versions of its rules (store.rule_versions), whatever lower ones the file says, and
    without the passwords of cameras, which are kept encrypted (store.putting_away).

    Raises SecretError when there are such and no key can be had.
    """
    configuration = putting_away.put_away(tx, configuration, now).configuration
    configuration = rule_versions.numbered(tx, configuration)
    body = configuration.model_dump_json(by_alias=True)
    digest = hashlib.sha256(body.encode()).hexdigest()
    newest = select(configurations.c.sha256).order_by(configurations.c.id.desc()).limit(1)
    if tx.connection.execute(newest).scalar_one_or_none() == digest:
        return False
    tx.connection.execute(
        insert(configurations).values(applied_us=to_microseconds(now), sha256=digest, body=body)
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
    journal.append(tx, FactKind.CONFIGURATION, None, now, {"sha256": digest})
    return True


def current(tx: Read) -> Configuration | None:
    """The configuration in force, or None before the first `apply`."""
    newest = select(configurations.c.body).order_by(configurations.c.id.desc()).limit(1)
    body = tx.connection.execute(newest).scalar_one_or_none()
    return Configuration.model_validate_json(body) if body is not None else None


def applied_at(tx: Read) -> datetime | None:
    """Since when the configuration is in force, or None before the first `apply`."""
    newest = select(configurations.c.applied_us).order_by(configurations.c.id.desc()).limit(1)
    return optional_time(tx.connection.execute(newest).scalar_one_or_none())


def digest(tx: Read) -> str | None:
    """SHA-256 of the configuration in force, or None: tells cheaply whether `current` would give another."""
    newest = select(configurations.c.sha256).order_by(configurations.c.id.desc()).limit(1)
    return tx.connection.execute(newest).scalar_one_or_none()

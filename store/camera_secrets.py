"""Passwords of cameras, encrypted: kept when one is given, opened when a camera is connected to.

A secret belongs to a camera, a name and a host: it is sealed together with all three, so that neither a row
that was moved nor an address that was changed sends a password where it does not belong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from hall.clock import from_microseconds, to_microseconds
from hall.errors import NotFound, SecretError
from hall.names import CameraId
from store.database import Read, Write
from store.keyring import Keyring, Sealed
from store.secret_tables import camera_secrets


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """One encrypted password and since when it is kept."""

    camera: CameraId
    name: str
    host: str
    sealed: Sealed
    changed: datetime

    @property
    def bound_to(self) -> str:
        """What it was sealed together with."""
        return _bound(self.camera, self.name, self.host)


def keep(
    tx: Write, keyring: Keyring, camera: CameraId, name: str, host: str, text: str, now: datetime
) -> bool:
    """Keep a password, in place of the one that was. False when it is the same one."""
    known = find(tx, camera, name)
    if known is not None and _is_same(known, keyring, host, text):
        return False
    _enter(tx, StoredSecret(camera, name, host, keyring.seal(text, _bound(camera, name, host)), now))
    return True


def open_secret(tx: Read, keyring: Keyring | None, camera: CameraId, name: str, host: str) -> str:
    """A password, to be sent to `host`.

    Raises NotFound when none is kept, SecretError when it cannot be opened or belongs to another host.
    """
    known = find(tx, camera, name)
    if known is None:
        raise NotFound(f"no password is stored for camera '{camera}'")
    if known.host != host:
        raise SecretError(
            f"it was stored for {known.host or 'no host'}, and is not sent to {host or 'another'}"
        )
    if keyring is None:
        raise SecretError(f"it was encrypted with the key {known.sealed.key_id}, and there is no key file")
    return keyring.open(known.sealed, known.bound_to)


def find(tx: Read, camera: CameraId, name: str) -> StoredSecret | None:
    """What is kept under this name, or None."""
    query = select(camera_secrets).where(camera_secrets.c.camera == camera, camera_secrets.c.name == name)
    row = tx.connection.execute(query).first()
    return None if row is None else _stored(row)


def all_secrets(tx: Read) -> list[StoredSecret]:
    """Everything that is kept, by camera and name."""
    query = select(camera_secrets).order_by(camera_secrets.c.camera, camera_secrets.c.name)
    return [_stored(row) for row in tx.connection.execute(query)]


def remove(tx: Write, camera: CameraId) -> int:
    """Forget the passwords of a camera; how many there were."""
    return tx.connection.execute(delete(camera_secrets).where(camera_secrets.c.camera == camera)).rowcount


def seal_anew(tx: Write, keyring: Keyring) -> tuple[int, list[StoredSecret]]:
    """Seal everything with the newest key. How many were sealed, and those that no key here opens."""
    sealed, lost = 0, []
    for known in all_secrets(tx):
        if known.sealed.key_id == keyring.newest:
            continue
        try:
            text = keyring.open(known.sealed, known.bound_to)
        except SecretError:
            lost.append(known)
            continue
        _enter(
            tx,
            StoredSecret(
                known.camera, known.name, known.host, keyring.seal(text, known.bound_to), known.changed
            ),
        )
        sealed += 1
    return sealed, lost


def _bound(camera: CameraId, name: str, host: str) -> str:
    return f"{camera}\n{name}\n{host}"


def _is_same(known: StoredSecret, keyring: Keyring, host: str, text: str) -> bool:
    try:
        return known.host == host and keyring.open(known.sealed, known.bound_to) == text
    except SecretError:
        return False  # what cannot be opened is replaced


def _enter(tx: Write, secret: StoredSecret) -> None:
    values = {
        "host": secret.host,
        "key_id": secret.sealed.key_id,
        "sealed": secret.sealed.content,
        "changed_us": to_microseconds(secret.changed),
    }
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(camera_secrets).values(camera=secret.camera, name=secret.name, **values)
    tx.connection.execute(statement.on_conflict_do_update(index_elements=["camera", "name"], set_=values))


def _stored(row: Row[Any]) -> StoredSecret:
    return StoredSecret(
        camera=CameraId(row.camera),
        name=row.name,
        host=row.host,
        sealed=Sealed(row.key_id, bytes(row.sealed)),
        changed=from_microseconds(row.changed_us),
    )

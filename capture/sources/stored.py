"""Addresses with stored passwords: filled in when a camera is connected to, and never before."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from threading import Event
from typing import Protocol

from hall.address_secrets import host_of, places_in, with_stored
from hall.config.settings import SiteSettings
from hall.errors import NotFound, SecretError, SourceUnauthorized
from hall.names import CameraId
from hall.place import Camera
from hall.ports import OpenStream, StreamSource
from store import camera_secrets, keyring
from store.database import Database


class Secrets(Protocol):
    """Whoever knows the passwords of cameras."""

    def secret(self, camera: CameraId, name: str, host: str) -> str:
        """A password that may be sent to `host`. Raises SourceUnauthorized that says why there is none."""
        ...


class StoredSecrets:
    """Reads passwords from the store, each time anew: one that was just given holds at the next attempt."""

    def __init__(self, site: SiteSettings, database: Database) -> None:
        self._site = site
        self._database = database

    def secret(self, camera: CameraId, name: str, host: str) -> str:
        """A password that may be sent to `host`. Raises SourceUnauthorized, StoreBusy."""
        try:
            keys = keyring.read(self._site, os.environ)
            with self._database.read() as tx:
                return camera_secrets.open_secret(tx, keys, camera, name, host)
        except (NotFound, SecretError) as error:
            raise SourceUnauthorized(f"the stored password cannot be used: {error}") from None


class WithSecrets:
    """A source that is given addresses with their stored passwords filled in."""

    def __init__(self, source: StreamSource, secrets: Secrets) -> None:
        self._source = source
        self._secrets = secrets

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[OpenStream]:
        """Connect. Raises a SourceError that says what is wrong, SourceUnauthorized without the password."""
        if not places_in(camera.url):
            return self._source.open(camera, stop)
        host = host_of(camera.url)
        url = with_stored(camera.url, lambda name: self._secrets.secret(camera.id, name, host))
        return self._source.open(camera.model_copy(update={"url": url}), stop)

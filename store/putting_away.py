"""Takes passwords out of configurations, so that none ever lies readable in the database."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from hall.address_secrets import OF_SUBSTREAM, host_of, literal_passwords, places_in, with_places
from hall.config import Configuration, HallSettings
from hall.names import CameraId
from hall.place import Camera
from store import camera_secrets, keyring
from store.database import Read, Write
from store.keyring import Keyring
from store.tables import configurations

ADDRESSES: Final = (("url", ""), ("substream", OF_SUBSTREAM))
"""The addresses of a camera, and how the names of their secrets begin."""


@dataclass(frozen=True, slots=True)
class PutAway:
    """A configuration without passwords, and the cameras that got another password than they had."""

    configuration: Configuration
    changed: tuple[CameraId, ...]


def put_away(tx: Write, configuration: Configuration, now: datetime) -> PutAway:
    """Keep every password that stands in a camera's address encrypted, and leave a place for it.

    Raises SecretError when there are such and no key can be had.
    """
    if not any(has_passwords(camera) for hall in configuration.halls for camera in hall.cameras):
        return PutAway(configuration, ())
    keys = keyring.read_or_make(configuration.site, os.environ)
    changed: list[CameraId] = []
    halls = tuple(_hall_without(tx, hall, keys, now, changed) for hall in configuration.halls)
    return PutAway(configuration.model_copy(update={"halls": halls}), tuple(changed))


def without_passwords(configuration: Configuration) -> Configuration:
    """The configuration with places for its passwords, which are kept nowhere."""
    halls = tuple(
        hall.model_copy(update={"cameras": tuple(_with_places(camera) for camera in hall.cameras)})
        for hall in configuration.halls
    )
    return configuration.model_copy(update={"halls": halls})


def has_passwords(camera: Camera) -> bool:
    """Whether a password stands readable in one of a camera's addresses."""
    return any(literal_passwords(url) for url in (camera.url, camera.substream) if url)


def clean_versions(tx: Write, now: datetime) -> int:
    """Put away the passwords of configurations that an earlier release kept; in how many there were any.

    Those of the configuration in force are kept encrypted, those of earlier ones are gone.
    """
    query = select(configurations.c.id, configurations.c.body).where(configurations.c.body.like("%://%@%"))
    newest = tx.connection.execute(
        select(configurations.c.id).order_by(configurations.c.id.desc()).limit(1)
    ).scalar_one_or_none()
    cleaned = 0
    for number, body in tx.connection.execute(query).all():
        if number == newest:
            after = put_away(tx, Configuration.model_validate_json(body), now).configuration
            text = after.model_dump_json(by_alias=True)
        else:
            text = _without_passwords(body)
        if text == body:
            continue
        digest = hashlib.sha256(text.encode()).hexdigest()
        tx.connection.execute(
            update(configurations).where(configurations.c.id == number).values(body=text, sha256=digest)
        )
        cleaned += 1
    return cleaned


def missing(tx: Read, camera: Camera) -> dict[str, str]:
    """What is wrong with the stored passwords that a camera's addresses name: words by field.

    A password is kept for one host: an address that leads elsewhere needs it given again.
    """
    wrong: dict[str, str] = {}
    for field, _ in ADDRESSES:
        url = getattr(camera, field)
        for name in places_in(url or ""):
            known = camera_secrets.find(tx, camera.id, name)
            if known is None:
                wrong[field] = "no password is stored for this camera: give it"
            elif known.host != host_of(url):
                wrong[field] = f"the stored password is for {known.host}: give it again for another host"
    return wrong


def _hall_without(
    tx: Write, hall: HallSettings, keys: Keyring, now: datetime, changed: list[CameraId]
) -> HallSettings:
    cameras = []
    for camera in hall.cameras:
        addresses = {field: getattr(camera, field) for field, _ in ADDRESSES}
        new = [
            camera_secrets.keep(tx, keys, camera.id, literal.name, host_of(url), literal.text, now)
            for field, prefix in ADDRESSES
            for url in (addresses[field] or "",)
            for literal in literal_passwords(url, prefix)
        ]
        if any(new):
            changed.append(camera.id)
        cameras.append(_with_places(camera))
    return hall.model_copy(update={"cameras": tuple(cameras)})


def _with_places(camera: Camera) -> Camera:
    addresses = {field: getattr(camera, field) for field, _ in ADDRESSES}
    without = {
        field: with_places(addresses[field], prefix) for field, prefix in ADDRESSES if addresses[field]
    }
    return camera.model_copy(update=without)


def _without_passwords(body: str) -> str:
    """The text of a configuration, of whatever release, with places for the passwords of cameras."""
    content: dict[str, Any] = json.loads(body)
    is_changed = False
    for hall in content.get("halls", ()):
        for camera in hall.get("cameras", ()):
            for field, prefix in ADDRESSES:
                url = camera.get(field)
                if isinstance(url, str) and literal_passwords(url):
                    camera[field] = with_places(url, prefix)
                    is_changed = True
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) if is_changed else body

"""Places, people and devices of a hall, as they stand in hall.yaml and in the store.

These are frozen pydantic models because the same objects are read from a file, stored, served by the
API and edited on the console; unknown keys are refused everywhere.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hall.names import SLUG, CameraId, HallId, StaffId, UnitId, WindowId, ZoneId


def _slug(value: str) -> str:
    if not SLUG.match(value):
        raise ValueError("use lower-case letters, digits, '-' and '_' only (at most 63), for example 'w01'")
    return value


Slug = AfterValidator(_slug)
"""Annotates an identifier of hall.yaml."""


class Strict(BaseModel):
    """A frozen model that refuses unknown keys and explains itself by field."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, populate_by_name=True)


class Text(Strict):
    """A name in both languages of the screens."""

    zh: Annotated[str, Field(min_length=1, max_length=80)]
    en: Annotated[str, Field(min_length=1, max_length=120)]


class Level(StrEnum):
    """To which government a hall belongs."""

    CITY = "city"
    DISTRICT = "district"


class Unit(Strict):
    """A department that staffs windows (进驻单位)."""

    id: Annotated[UnitId, AfterValidator(_slug)]
    name: Text


class Staff(Strict):
    """A person who serves; known from window log-in and roster, never from a face."""

    id: Annotated[StaffId, AfterValidator(_slug)]
    name: Text
    unit: UnitId


class Window(Strict):
    """A staffed counter with its number on the sign and the unit that staffs it."""

    id: Annotated[WindowId, AfterValidator(_slug)]
    number: Annotated[str, Field(min_length=1, max_length=8)]
    name: Text
    unit: UnitId


class ZoneRole(StrEnum):
    """What a zone of a picture shows."""

    STAFF = "staff"
    CUSTOMER = "customer"
    WAITING = "waiting"


Point = tuple[float, float]


class Zone(Strict):
    """A polygon in a camera's picture, normalised 0..1 from the top left; needs three points or more.

    `window` is required for the roles staff and customer and forbidden for waiting, which belongs
    to the hall.
    """

    id: Annotated[ZoneId, AfterValidator(_slug)]
    role: ZoneRole
    window: WindowId | None = None
    polygon: Annotated[tuple[Point, ...], Field(min_length=3, max_length=32)]


class Keep(Strict):
    """How long recordings are kept; what a camera leaves unsaid the site says.

    Days are counted from the end of a segment. `sound_days` and `picture_days` may differ: what is older
    is taken out of the file, and the rest stays; sound without a limit of its own goes with its picture.
    `gigabytes` (10^9 bytes) bounds what one camera may hold beside what is locked.
    None means: no limit of this kind. Locked segments outlast all of it.
    """

    picture_days: Annotated[float | None, Field(gt=0, le=36_500)] = None
    sound_days: Annotated[float | None, Field(gt=0, le=36_500)] = None
    gigabytes: Annotated[float | None, Field(gt=0, le=1e9)] = None


ANY_CERTIFICATE, VERIFIED_CERTIFICATE = "any", "verified"
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def _certificate(value: str) -> str:
    if value in (ANY_CERTIFICATE, VERIFIED_CERTIFICATE):
        return value
    fingerprint = value.replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError("use 'any', 'verified', or the SHA-256 of the certificate as 64 hexadecimal digits")
    return fingerprint


class MicrophoneSettings(Strict):
    """What is known of a camera's microphone. `calibration_db` added to dBFS gives dB(A), if measured."""

    calibration_db: Annotated[float | None, Field(ge=0, le=200)] = None


class Camera(Strict):
    """One RTSP or file source that may carry sound.

    `url` may hold `${NAME}`, replaced from the environment when the stream is opened, so that a
    password stands neither in a file nor in the store. `substream` is a second, smaller stream of the same
    view: analysis and live view take it, recording never does. `sample_every` is the sampling period of
    analysis in seconds. `certificate` says which one an rtsps camera may show: any, one that the machine's
    authorities vouch for, or the one with this SHA-256. `keep` says how long its recordings stay, where
    that differs from the site's.
    """

    id: Annotated[CameraId, AfterValidator(_slug)]
    name: Text
    url: Annotated[str, Field(min_length=1, max_length=2048)]
    substream: Annotated[str | None, Field(min_length=1, max_length=2048)] = None
    transport: Annotated[str, Field(pattern="^(tcp|udp)$")] = "tcp"
    certificate: Annotated[str, AfterValidator(_certificate)] = ANY_CERTIFICATE
    record: bool = True
    keep: Keep | None = None
    sample_every: Annotated[float, Field(ge=0.2, le=60)] = 2.0
    microphone: MicrophoneSettings = MicrophoneSettings()
    zones: tuple[Zone, ...] = ()

    @property
    def windows(self) -> tuple[WindowId, ...]:
        """The windows that this camera shows, in the order of its zones, each once."""
        return tuple(dict.fromkeys(zone.window for zone in self.zones if zone.window is not None))


class Hall(Strict):
    """Who and where the hall is; its parts stand beside it in the configuration."""

    id: Annotated[HallId, AfterValidator(_slug)]
    name: Text
    level: Level = Level.DISTRICT
    timezone: str = "Asia/Shanghai"

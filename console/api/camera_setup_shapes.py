"""What is said about cameras that are being set up. Passwords come in and never go out."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hall.examining import ZoneVerdict
from hall.place import ANY_CERTIFICATE, Zone

_PLACE = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\Z")
_SERVICE = re.compile(r"https?://[^\s/?#@]{1,260}(?:/[\x21-\x7e]{0,500})?\Z")
_STREAM = re.compile(r"rtsps?://[^\x00-\x20\x7f]{1,2040}\Z")


def _device(value: str) -> str:
    if not (_PLACE.match(value) or _SERVICE.match(value)):
        raise ValueError("write a host, host:port, or the http address of its ONVIF service")
    return value


def _stream(value: str) -> str:
    if not _STREAM.match(value):
        raise ValueError("only rtsp:// and rtsps:// addresses can be tried")
    return value


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DiscoveryOrder(_Asked):
    """Ask the networks of the server for cameras, for so long."""

    seconds: Annotated[float, Field(ge=0.5, le=8)]


class DiscoveredDevice(BaseModel):
    """A device that answered; `address` is what reads its streams."""

    host: str
    address: str
    name: str
    model: str


class DiscoveredDevices(BaseModel):
    """Everything that answered."""

    items: list[DiscoveredDevice]


class DeviceOrder(_Asked):
    """Read the streams of one device as this user."""

    address: Annotated[str, Field(max_length=800), AfterValidator(_device)]
    user: Annotated[str, Field(max_length=64)] = ""
    password: Annotated[str, Field(max_length=128, repr=False)] = ""


class SetupFault(BaseModel):
    """Why nothing came: a word for the screen, and words of ours."""

    reason: Literal["offline", "unauthorized", "not_found", "malformed", "stalled"]
    message: str


class OfferedStream(BaseModel):
    """One profile: a stream as it can be opened, without user and password. What is not known is 0."""

    profile: str
    codec: str
    width: int
    height: int
    frame_rate: float
    kilobits: int
    url: str


class OfferedLens(BaseModel):
    """One camera of a device: what to call it, which stream to record and which to watch, and all of them."""

    id: str
    name: str
    url: str
    substream: str | None
    streams: list[OfferedStream]


class DeviceAnswer(BaseModel):
    """What a device says of itself, or why it says nothing."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    lenses: list[OfferedLens] = []
    fault: SetupFault | None = None


class TrialOrder(_Asked):
    """Try a stream. A password stands in the address, or in the places of those kept for `camera`."""

    url: Annotated[str, Field(max_length=2048, repr=False), AfterValidator(_stream)]
    camera: Annotated[str | None, Field(max_length=63)] = None
    transport: Literal["tcp", "udp"] = "tcp"
    certificate: Annotated[str, Field(max_length=100)] = ANY_CERTIFICATE


class TriedSound(BaseModel):
    """The sound of a stream."""

    codec: str
    sample_rate: int
    channels: int


class SetupStill(BaseModel):
    """A picture that is kept for half an hour, for who asked for it."""

    id: str
    width: int
    height: int
    at: datetime
    source: Literal["trial", "live", "recorded"]


class TrialFindings(BaseModel):
    """What a camera sends; null: it could not be told in the time of the trial.

    `key_frame_seconds` is the longest distance of two key frames, `clock_offset_seconds` by how much the
    camera's clock is ahead of the server's. `browser` says whether the live view can show it.
    """

    codec: str
    width: int
    height: int
    frame_rate: float | None
    key_frame_seconds: float | None
    kilobits: float | None
    sound: TriedSound | None
    clock_offset_seconds: float | None
    seconds: float
    browser: bool


class TrialAnswer(BaseModel):
    """What was found, with a picture where the visitor may see one; or why nothing came."""

    findings: TrialFindings | None = None
    still: SetupStill | None = None
    fault: SetupFault | None = None


class ExaminationOrder(_Asked):
    """Try zones on a picture that was taken before."""

    still: Annotated[str, Field(max_length=64)]
    zones: Annotated[tuple[Zone, ...], Field(max_length=32)]


class ExaminedPoint(BaseModel):
    """A joint of a person, in shares of the picture."""

    x: float
    y: float
    score: float


class ExaminedPerson(BaseModel):
    """Somebody; box (left, top, right, bottom) in shares of the picture. `counts`: for this zone."""

    box: tuple[float, float, float, float]
    score: float
    key_points: list[ExaminedPoint]
    counts: bool


class ExaminedZone(BaseModel):
    """What one picture shows of a zone."""

    zone: str
    verdict: ZoneVerdict
    people: list[ExaminedPerson]
    why: str


class ExaminationAnswer(BaseModel):
    """What the running detector finds; `refusal` says why nothing was examined, empty when it was."""

    detector: str
    zones: list[ExaminedZone]
    refusal: str

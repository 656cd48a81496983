"""What a camera says it sends: SDP (RFC 8866), as far as RTSP uses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from hall.errors import SourceMalformed

MOST_LINES = 4096
MOST_MEDIA = 32
_STATIC = {0: ("PCMU", 8000, 1), 8: ("PCMA", 8000, 1), 14: ("MPA", 90_000, 1), 26: ("JPEG", 90_000, 1)}
"""Payload types that mean something without being described (RFC 3551), as far as cameras use them."""
_RATE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(slots=True)
class Media:
    """One track as the camera describes it. `encoding` is upper-case; names of parameters are lower-case."""

    kind: str
    payload_type: int
    encoding: str = ""
    rate: int = 0
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    control: str = ""
    frame_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Description:
    """`control` is the address of the whole, relative to that of the description."""

    control: str
    media: tuple[Media, ...]

    def first(self, kind: str) -> Media | None:
        """The first track of a kind (`video`, `audio`)."""
        return next((media for media in self.media if media.kind == kind), None)


def parse(content: bytes) -> Description:
    """Read SDP. Raises SourceMalformed when it is none, or describes more than a camera can have."""
    lines = content.decode("utf-8", "replace").splitlines()
    if len(lines) > MOST_LINES:
        raise SourceMalformed("the camera's description is too long")
    control = ""
    media: list[Media] = []
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if not equals or len(kind) != 1:
            continue
        if kind == "m":
            if len(media) == MOST_MEDIA:
                raise SourceMalformed("the camera describes too many tracks")
            media.append(_media(value))
        elif kind == "a" and media:
            _attribute(media[-1], value)
        elif kind == "a" and value.startswith("control:"):
            control = value[len("control:") :].strip()
    return Description(control, tuple(media))


def _media(value: str) -> Media:
    """`video 0 RTP/AVP 96`: of several payload types the first one counts."""
    words = value.split()
    if len(words) < 4 or not words[3].isascii() or not words[3].isdigit() or len(words[3]) > 3:
        return Media(kind="", payload_type=-1)
    payload_type = int(words[3])
    encoding, rate, channels = _STATIC.get(payload_type, ("", 0, 1))
    return Media(words[0].lower(), payload_type, encoding, rate, channels)


def _attribute(media: Media, value: str) -> None:
    name, _, text = value.partition(":")
    text = text.strip()
    match name:
        case "control":
            media.control = text
        case "rtpmap" if _is_about(media, text):
            _map(media, text.partition(" ")[2])
        case "fmtp" if _is_about(media, text):
            media.parameters = _parameters(text.partition(" ")[2])
        case "framerate" if _RATE.fullmatch(text) and 0 < float(text) <= 1000:
            media.frame_rate = float(text)


def _is_about(media: Media, text: str) -> bool:
    return text.partition(" ")[0] == str(media.payload_type)


def _map(media: Media, text: str) -> None:
    """`H264/90000` or `MPEG4-GENERIC/48000/2`."""
    encoding, _, rest = text.strip().partition("/")
    rate, _, channels = rest.partition("/")
    media.encoding = encoding.upper()
    media.rate = _number(rate, 1, 1_000_000, 0)
    media.channels = _number(channels, 1, 255, 1)


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.strip().partition("=")
        if name:
            found[name.strip().lower()] = value.strip()
    return found


def _number(text: str, least: int, most: int, otherwise: int) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        return otherwise
    return int(text) if least <= int(text) <= most else otherwise


def number(media: Media, name: str, otherwise: int) -> int:
    """A parameter that should be a number from 0 on."""
    return _number(media.parameters.get(name, ""), 0, 1 << 24, otherwise)

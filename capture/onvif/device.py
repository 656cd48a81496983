"""What devices say about themselves, as far as Hallwatch wants to know. Everything here is checked text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LONGEST_TEXT: Final = 80
LONGEST_ADDRESS: Final = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered. `service` is the address of its ONVIF service as it can be reached."""

    host: str
    service: str
    name: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """One profile of a device: a stream as it can be opened, without credentials.

    `source` tells the lenses of a device apart. `codec` is FFmpeg's name, empty when it is none that can be
    recorded. What is not known is 0.
    """

    profile: str
    source: str
    codec: str
    width: int
    height: int
    frame_rate: float
    kilobits: int
    url: str

    @property
    def pixels(self) -> int:
        """Of one picture."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Device:
    """A device with its streams."""

    found: Found
    manufacturer: str
    model: str
    serial: str
    streams: tuple[Stream, ...]


def plain(text: object, longest: int = LONGEST_TEXT) -> str:
    """One line of printable characters, whatever a device sent."""
    kept = "".join(
        character if character.isprintable() else " " for character in str(text or "")[: 4 * longest]
    )
    return " ".join(kept.split())[:longest]

"""Trying zones on one picture: what is asked of analysis, and what it answers. No fact: nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hall.names import ZoneId
from hall.place import Zone
from hall.ports import Detection


class ZoneVerdict(StrEnum):
    """What one picture shows of a zone. `unclear`: the detector cannot tell by one picture, or failed."""

    SOMEBODY = "somebody"
    NOBODY = "nobody"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Examine:
    """Look at one picture (JPEG, base64) with the detector that runs, for these zones."""

    picture: str
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """Somebody who was found; box and key points are shares of the whole picture. `counts`: for this zone."""

    person: Detection
    counts: bool


@dataclass(frozen=True, slots=True)
class ZoneTried:
    """What was found in and beside one zone; `why` says in words why it is unclear."""

    zone: ZoneId
    verdict: ZoneVerdict
    people: tuple[PersonSeen, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Examined:
    """The answer: what the detector calls itself, and each zone in the order of the question."""

    detector: str
    zones: tuple[ZoneTried, ...]
    refusal: str = ""
    """Why nothing could be examined; empty when it was."""

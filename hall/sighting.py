"""Where people were in one picture that analysis examined: where somebody is, never who.

No fact: it passes by on the bus, and nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hall.names import CameraId, ZoneId

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the whole picture."""


@dataclass(frozen=True, slots=True)
class ZoneSighting:
    """Those who count for one zone; nobody's box when it was judged to be empty."""

    zone: ZoneId
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """The zones that could be judged by the picture taken at `at`; of others it says nothing."""

    camera: CameraId
    at: datetime
    zones: tuple[ZoneSighting, ...]

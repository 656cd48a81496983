"""What the redacting process is asked, and what it answers: one clip, all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hall.config.settings import AnalysisSettings
from hall.names import ZoneId
from hall.place import Zone
from hall.redacting import Redaction

METHOD = "heads-filled"
"""Everything within the circle that holds a head is one even grey: nothing of it is left in the picture."""
METHOD_VERSION = 1

Share = Callable[[float], None]
"""Is told which share (0..1) of a clip is done, at least once a second. What it raises ends the work."""


@dataclass(frozen=True, slots=True)
class Task:
    """Redact the clip `clip` into `output` (MP4). `visible` are the zones whose people stay visible."""

    clip: Path
    output: Path
    redaction: Redaction
    analysis: AnalysisSettings
    visible: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was done to a clip.

    Of `frames` pictures heads were covered in `frames_with_heads`; `frames_covered_whole` are covered edge
    to edge, because the detector did not tell where heads are; `frames_lost` could not be decoded. So many
    `heads` were followed. `parameters` are those of the method; lengths in radii of a head, times in seconds.
    `zones` are those whose people stay visible, in shares of the picture. `picture_is_original`: the coded
    pictures are byte for byte those that were recorded.
    """

    picture_is_original: bool
    sound_is_muted: bool
    method: str | None = None
    method_version: int | None = None
    detector: str | None = None
    encoder: str | None = None
    parameters: dict[str, float] = field(default_factory=dict)
    zones: tuple[VisibleZone, ...] = ()
    frames: int = 0
    frames_with_heads: int = 0
    frames_covered_whole: int = 0
    frames_lost: int = 0
    heads: int = 0


@dataclass(frozen=True, slots=True)
class VisibleZone:
    """A zone as it was drawn when the package was made."""

    id: ZoneId
    polygon: tuple[tuple[float, float], ...]

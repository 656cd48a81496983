"""Rules about what records, watches and listens: cameras, microphones, disks, analysis itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from hall.finding import Severity
from hall.media import GapReason
from hall.rule.base import RuleBase, Seconds

FEWEST_TOGETHER = 3
"""Two cameras that fail at once are two faults; from three on it may be what they share."""


class EquipmentRule(RuleBase):
    """What rules about each camera of a hall have.

    When at least `together` of them are out at once, the finding is one of the hall. Without it: half of the
    cameras that the rule is about, and at least three.
    """

    fewest: ClassVar[int] = FEWEST_TOGETHER
    together: Annotated[int | None, Field(ge=2, le=10_000)] = None
    limit_seconds: Seconds

    def threshold(self, cameras: int) -> int:
        """How many of so many cameras are the whole hall."""
        return self.together or max(self.fewest, (cameras + 1) // 2)

    def limit_of(self, _fault: str) -> timedelta:
        """How long one fault may last."""
        return timedelta(seconds=self.limit_seconds)


class SourceRule(RuleBase):
    """What rules have that are judged by a camera's whole picture or sound.

    What is stated of it counts no longer once analysis has not seen the camera for `stale_seconds`.
    """

    stale_seconds: Annotated[float, Field(gt=0, le=3600)] = 30


class CameraFaultRule(EquipmentRule, SourceRule):
    """A camera that has delivered nothing for `limit_seconds`, or a faulty picture for `picture_seconds`.

    The fault of a picture is counted as long as analysis sees it.
    """

    kind: Literal["camera_fault"] = "camera_fault"
    limit_seconds: Seconds = 30
    picture_seconds: Seconds = 60

    def limit_of(self, _fault: str) -> timedelta:
        """How long a gap in the recording, or a fault of the picture, may last."""
        return timedelta(seconds=self.limit_seconds if _fault in set(GapReason) else self.picture_seconds)


class AudioFaultRule(EquipmentRule, SourceRule):
    """A microphone that has been silent, clipping, humming or too low for `limit_seconds`."""

    kind: Literal["audio_fault"] = "audio_fault"
    severity: Severity = Severity.ATTENTION
    limit_seconds: Seconds = 120


class RecordingGapRule(EquipmentRule):
    """A recording that was interrupted for `limit_seconds` by what is no fault of its camera.

    Where `camera_fault` is judged it tells of the camera; this tells of the record that is missing.
    """

    kind: Literal["recording_gap"] = "recording_gap"
    limit_seconds: Seconds = 60


class DetectorStaleRule(EquipmentRule):
    """A camera that is recorded, and of which analysis has examined no picture for `limit_seconds`."""

    fewest: ClassVar[int] = 2
    kind: Literal["detector_stale"] = "detector_stale"
    limit_seconds: Seconds = 60


class DisputeRule(SourceRule):
    """Voices that have been raised for `limit_seconds`. Only how loud people speak is known, never what.

    They may be calm for less than `gap_seconds` in between.
    """

    kind: Literal["dispute"] = "dispute"
    severity: Severity = Severity.ATTENTION
    limit_seconds: Seconds = 60
    gap_seconds: Annotated[float, Field(ge=0, le=300)] = 15


class DiskRule(RuleBase):
    """A disk of recordings that is running short, full or out of reach for longer than `limit_seconds`.

    Disks belong to no hall: the alert is one of the first hall of the configuration, under its rules.
    """

    kind: Literal["disk"] = "disk"
    limit_seconds: Annotated[float, Field(ge=0, le=86400)] = 0

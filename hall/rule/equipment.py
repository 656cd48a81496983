"""Rules about what records and watches: cameras and disks."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from hall.rule.base import GradedRule, RuleBase
from hall.rule.scope import ScopeKey


class CameraFaultRule(GradedRule):
    """A camera that has delivered nothing for longer than `limit_seconds`."""

    scoped_by: ClassVar[tuple[ScopeKey, ...]] = ("cameras",)

    kind: Literal["camera_fault"] = "camera_fault"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 30


class DiskRule(RuleBase):
    """A disk of recordings that is running short, full or out of reach for longer than `limit_seconds`.

    Disks belong to no hall: the alert is one of the first hall of the configuration, under its rules. Each
    state of a disk is a cause of its own, so there is no ladder beside them.
    """

    kind: Literal["disk"] = "disk"
    limit_seconds: Annotated[float, Field(ge=0, le=86400)] = 0

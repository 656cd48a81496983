"""What every rule has, and what kinds of rules share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hall.finding import Severity
from hall.names import RuleId
from hall.place import Strict, Text
from hall.queueing import PauseReason

Seconds = Annotated[float, Field(gt=0, le=86400)]
"""A limit: above nothing, at most a day."""


class RuleBase(Strict):
    """What every rule has. `version` grows with each change; `basis` says where the number comes from."""

    id: RuleId
    version: Annotated[int, Field(ge=1)] = 1
    severity: Severity = Severity.WARNING
    enabled: bool = True
    basis: Text | None = None


class WatchedRule(RuleBase):
    """What rules have that are judged by cameras: one without a sample for `stale_seconds` cannot see."""

    stale_seconds: Annotated[float, Field(gt=0, le=3600)] = 30


AllowedPauses = dict[PauseReason, Annotated[float, Field(gt=0, le=86400)]]
"""Per permitted reason, how many seconds a pause may last."""


def usual_pauses() -> dict[PauseReason, float]:
    """The allowances of a rule that names none."""
    return {PauseReason.BREAK: 600.0, PauseReason.BACK_OFFICE: 1800.0}


class StaffedRule(WatchedRule):
    """What rules about windows that are due to be staffed have.

    `allowed_pauses` gives, per permitted reason, how many seconds a pause excuses an empty post.
    """

    allowed_pauses: AllowedPauses = Field(default_factory=usual_pauses)

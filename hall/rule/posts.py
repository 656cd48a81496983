"""Rules about windows that are due to be staffed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from hall.rule.base import AllowedPauses, GradedRule, StaffedRule, usual_pauses
from hall.rule.scope import ScopeKey


class AbsenceRule(StaffedRule):
    """An attended window without staff for longer than `limit_seconds`, unless excused."""

    kind: Literal["absence"] = "absence"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 300


class UnattendedCustomerRule(StaffedRule):
    """A customer who has stood at an attended window without staff for `limit_seconds`, unless excused.

    The place in front of the window may be seen empty for less than `gap_seconds` in between: whether it is
    the same person is not known, and people turn away, step aside or change places.
    """

    kind: Literal["unattended_customer"] = "unattended_customer"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 180
    gap_seconds: Annotated[float, Field(ge=0, le=300)] = 15


class OverlongPauseRule(GradedRule):
    """A window that is paused with a permitted reason for longer than that reason's allowance.

    `grace_seconds` is how far over the allowance it may go. Only states of the window are asked, no camera. A
    pause whose reason does not stand in `allowed_pauses` is left to the rules about absence.
    """

    scoped_by: ClassVar[tuple[ScopeKey, ...]] = ("units", "windows")

    kind: Literal["overlong_pause"] = "overlong_pause"
    allowed_pauses: AllowedPauses = Field(default_factory=usual_pauses)
    grace_seconds: Annotated[float, Field(ge=0, le=3600)] = 0

    @property
    def limit_seconds(self) -> float:
        """The shortest allowance with the grace: which one counts hangs on the pause's reason."""
        return min(self.allowed_pauses.values(), default=0.0) + self.grace_seconds

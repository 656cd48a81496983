"""Rules about windows that are due to be staffed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from hall.rule.base import StaffedRule


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

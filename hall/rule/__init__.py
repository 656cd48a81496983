"""Rules are data: what is judged, under which limits, how serious it is, and what the number rests on."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from hall.rule.base import RuleBase, Seconds, StaffedRule, WatchedRule
from hall.rule.equipment import CameraFaultRule, DiskRule
from hall.rule.matters import LimitKind, OverdueStepRule, OverdueTransactionRule
from hall.rule.posts import AbsenceRule, OverlongPauseRule, UnattendedCustomerRule
from hall.rule.waits import CalledNotServedRule, CrowdingRule, OverlongWaitRule

__all__ = [
    "AbsenceRule",
    "CalledNotServedRule",
    "CameraFaultRule",
    "CrowdingRule",
    "DiskRule",
    "LimitKind",
    "OverdueRule",
    "OverdueStepRule",
    "OverdueTransactionRule",
    "OverlongPauseRule",
    "OverlongWaitRule",
    "Rule",
    "RuleBase",
    "Seconds",
    "StaffedRule",
    "UnattendedCustomerRule",
    "WatchedRule",
]

OverdueRule: TypeAlias = CalledNotServedRule | OverdueStepRule | OverdueTransactionRule

Rule = Annotated[
    AbsenceRule
    | UnattendedCustomerRule
    | OverlongPauseRule
    | OverlongWaitRule
    | CrowdingRule
    | CameraFaultRule
    | DiskRule
    | OverdueRule,
    Field(discriminator="kind"),
]

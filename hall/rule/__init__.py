"""Rules are data: what is judged, under which limits, how serious it is, and what the number rests on."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from hall.rule.base import GradedRule, Raise, RuleBase, Seconds, StaffedRule, WatchedRule
from hall.rule.equipment import CameraFaultRule, DiskRule
from hall.rule.matters import LimitKind, OverdueStepRule, OverdueTransactionRule
from hall.rule.posts import AbsenceRule, UnattendedCustomerRule
from hall.rule.scope import Names, Scope, ScopeKey
from hall.rule.waits import CalledNotServedRule, CrowdingRule, OverlongWaitRule

__all__ = [
    "AbsenceRule",
    "CalledNotServedRule",
    "CameraFaultRule",
    "CrowdingRule",
    "DiskRule",
    "GradedRule",
    "LimitKind",
    "Names",
    "OverdueRule",
    "OverdueStepRule",
    "OverdueTransactionRule",
    "OverlongWaitRule",
    "Raise",
    "Rule",
    "RuleBase",
    "Scope",
    "ScopeKey",
    "Seconds",
    "StaffedRule",
    "UnattendedCustomerRule",
    "WatchedRule",
]

OverdueRule: TypeAlias = CalledNotServedRule | OverdueStepRule | OverdueTransactionRule

Rule = Annotated[
    AbsenceRule
    | UnattendedCustomerRule
    | OverlongWaitRule
    | CrowdingRule
    | CameraFaultRule
    | DiskRule
    | OverdueRule,
    Field(discriminator="kind"),
]

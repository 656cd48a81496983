"""Rules are data: what is judged, under which limits, how serious it is, and what the number rests on."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from hall.rule.base import GradedRule, Raise, RuleBase, Seconds, StaffedRule, WatchedRule
from hall.rule.equipment import (
    AudioFaultRule,
    CameraFaultRule,
    DetectorStaleRule,
    DiskRule,
    DisputeRule,
    EquipmentRule,
    RecordingGapRule,
    SourceRule,
)
from hall.rule.matters import LimitKind, OverdueStepRule, OverdueTransactionRule
from hall.rule.posts import AbsenceRule, OverlongPauseRule, UnattendedCustomerRule
from hall.rule.scope import Names, Scope, ScopeKey
from hall.rule.waits import CalledNotServedRule, CrowdingRule, LongQueueRule, OverlongWaitRule

__all__ = [
    "AbsenceRule",
    "AudioFaultRule",
    "CalledNotServedRule",
    "CameraFaultRule",
    "CrowdingRule",
    "DetectorStaleRule",
    "DiskRule",
    "DisputeRule",
    "EquipmentRule",
    "GradedRule",
    "LimitKind",
    "LongQueueRule",
    "Names",
    "OverdueRule",
    "OverdueStepRule",
    "OverdueTransactionRule",
    "OverlongPauseRule",
    "OverlongWaitRule",
    "Raise",
    "RecordingGapRule",
    "Rule",
    "RuleBase",
    "Scope",
    "ScopeKey",
    "Seconds",
    "SourceRule",
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
    | LongQueueRule
    | CrowdingRule
    | CameraFaultRule
    | AudioFaultRule
    | RecordingGapRule
    | DetectorStaleRule
    | DisputeRule
    | DiskRule
    | OverdueRule,
    Field(discriminator="kind"),
]

"""Rules are data: what is judged, under which limits, how serious it is, and what the number rests on."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from hall.rule.base import RuleBase, Seconds, StaffedRule, WatchedRule
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
from hall.rule.posts import AbsenceRule, UnattendedCustomerRule
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
    "LimitKind",
    "LongQueueRule",
    "OverdueRule",
    "OverdueStepRule",
    "OverdueTransactionRule",
    "OverlongWaitRule",
    "RecordingGapRule",
    "Rule",
    "RuleBase",
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

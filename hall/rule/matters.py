"""Rules about the limits of steps and of whole matters."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from hall.finding import Severity
from hall.queueing import Step
from hall.rule.base import GradedRule, RuleBase, Seconds
from hall.rule.scope import ScopeKey


class OverdueStepRule(GradedRule):
    """A step of a transaction at a window that lasts longer than its limit.

    `items` has the limits for the steps of single items, `steps` for those of all others; where neither names
    the step it is `limit_seconds`.
    """

    scoped_by: ClassVar[tuple[ScopeKey, ...]] = ("units", "windows", "items", "steps")

    kind: Literal["overdue_step"] = "overdue_step"
    limit_seconds: Seconds = 1800
    steps: dict[Step, Seconds] = Field(default_factory=dict)
    items: dict[str, dict[Step, Seconds]] = Field(default_factory=dict)

    def limit_of(self, step: Step, item: str | None) -> timedelta:
        """How long a step of an item may last."""
        of_item = self.items.get(item, {}) if item is not None else {}
        return timedelta(seconds=of_item.get(step, self.steps.get(step, self.limit_seconds)))


class LimitKind(StrEnum):
    """Which of an item's two limits."""

    PROMISED = "promised"
    STATUTORY = "statutory"


class OverdueTransactionRule(RuleBase):
    """A case whose `limit`, in working days as its item says, comes to its end or is over.

    It is found as `attention` from `attention_days` working days before the last one on, but in the second
    half of the limit only (0: not then), as `warning` on the last day (unless `last_day` is false), and with
    the rule's `severity` once the limit is over.
    """

    scoped_by: ClassVar[tuple[ScopeKey, ...]] = ("units", "windows", "items")

    kind: Literal["overdue_transaction"] = "overdue_transaction"
    limit: LimitKind = LimitKind.PROMISED
    severity: Severity = Severity.SERIOUS
    attention_days: Annotated[int, Field(ge=0, le=100)] = 2
    last_day: bool = True

    @property
    def limit_seconds(self) -> float:
        """None of its own: each verdict says itself when what it found began."""
        return 0.0

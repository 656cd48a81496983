"""The rules: pure functions from facts and a moment to a verdict. No clock, no database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts.facts import DiskSpace, Facts, Post, Voices
from alerts.rules import (
    absence,
    disk,
    dispute,
    equipment,
    overdue,
    overlong_pause,
    unattended_customer,
    waiting,
)
from alerts.rules.past import Finished
from hall.finding import Verdict
from hall.rule import (
    AbsenceRule,
    DiskRule,
    DisputeRule,
    OverlongPauseRule,
    Rule,
    UnattendedCustomerRule,
)

__all__ = ["Finished", "applies", "ending", "finished", "judge"]


def applies(rule: Rule, facts: Facts) -> bool:
    """True when the rule is about such a subject."""
    if isinstance(rule, overdue.RULES):
        return overdue.applies(rule, facts)
    if isinstance(rule, equipment.RULES):
        return equipment.applies(facts)
    if isinstance(rule, waiting.RULES):
        return waiting.applies(rule, facts)
    match rule, facts:
        case UnattendedCustomerRule(), Post():
            return bool(facts.customers)  # no zone, nothing to judge
        case (
            (AbsenceRule() | OverlongPauseRule(), Post())
            | (DisputeRule(), Voices())
            | (DiskRule(), DiskSpace())
        ):
            return True
    return False


def judge(facts: Facts, at: datetime, rule: Rule) -> Verdict:
    """What the rule says of the subject at one moment. Raises TypeError when it does not apply."""
    if isinstance(rule, overdue.RULES):
        return overdue.judge(facts, at, rule)
    if isinstance(rule, equipment.RULES):
        return equipment.judge(facts, at, rule)
    if isinstance(rule, waiting.RULES):
        return waiting.judge(facts, at, rule)
    match rule, facts:
        case AbsenceRule(), Post():
            return absence.judge(facts, at, rule)
        case UnattendedCustomerRule(), Post():
            return unattended_customer.judge(facts, at, rule)
        case DisputeRule(), Voices():
            return dispute.judge(facts, at, rule)
        case OverlongPauseRule(), Post():
            return overlong_pause.judge(facts, at, rule)
        case DiskRule(), DiskSpace():
            return disk.judge(facts, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def ending(facts: Facts, since: datetime, at: datetime, rule: Rule) -> Verdict | None:
    """How the cause that began at `since` ended, or None while it lasts. Raises TypeError as `judge` does."""
    if isinstance(rule, overdue.RULES):
        return overdue.ending(facts, since, at, rule)
    if isinstance(rule, equipment.RULES):
        return equipment.ending(facts, since, at, rule)
    if isinstance(rule, waiting.RULES):
        return waiting.ending(facts, since, at, rule)
    match rule, facts:
        case AbsenceRule(), Post():
            return absence.ending(facts, since, at, rule)
        case UnattendedCustomerRule(), Post():
            return unattended_customer.ending(facts, since, at, rule)
        case DisputeRule(), Voices():
            return dispute.ending(facts, since, at, rule)
        case OverlongPauseRule(), Post():
            return overlong_pause.ending(facts, since, at, rule)
        case DiskRule(), DiskSpace():
            return disk.ending(facts, since)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def finished(facts: Facts, after: datetime, at: datetime, rule: Rule) -> Iterator[Finished]:
    """The causes that had reached the limit and ended after `after`. Raises TypeError as `judge` does."""
    if isinstance(rule, overdue.RULES):
        return overdue.finished(facts, after, at, rule)
    if isinstance(rule, equipment.RULES):
        return equipment.finished(facts, after, at, rule)
    if isinstance(rule, waiting.RULES):
        return waiting.finished(facts, after, at, rule)
    match rule, facts:
        case AbsenceRule(), Post():
            return absence.finished(facts, after, at, rule)
        case UnattendedCustomerRule(), Post():
            return unattended_customer.finished(facts, after, at, rule)
        case DisputeRule(), Voices():
            return dispute.finished(facts, after, at, rule)
        case OverlongPauseRule(), Post():
            return overlong_pause.finished(facts, after, at, rule)
        case DiskRule(), DiskSpace():
            return iter(())  # what a disk was before it was measured last is not kept
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")

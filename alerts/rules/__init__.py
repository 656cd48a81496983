"""The rules: pure functions from facts and a moment to a verdict. No clock, no database.

What a kind of rule finds its own module says. What all rules have is laid around it here: whom the rule is
about (scoped), at which hours it finds (in_force), and how serious that is (grading).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts import schedule_reasons
from alerts.facts import DiskSpace, Facts, Outage, Post, Wait, WaitingArea
from alerts.rules import (
    absence,
    camera_fault,
    crowding,
    disk,
    in_force,
    overdue,
    overlong_wait,
    unattended_customer,
)
from alerts.rules.grading import graded, graded_whole
from alerts.rules.past import Finished
from alerts.rules.scoped import scoped
from hall.finding import Alert, Standing, Verdict
from hall.rule import (
    AbsenceRule,
    CameraFaultRule,
    CrowdingRule,
    DiskRule,
    OverlongWaitRule,
    Rule,
    UnattendedCustomerRule,
)

__all__ = ["Finished", "applies", "ending", "finished", "judge"]


def applies(rule: Rule, facts: Facts) -> bool:
    """True when the rule is of a kind that judges such a subject. Its scope may leave this one out."""
    if isinstance(rule, overdue.RULES):
        return overdue.applies(rule, facts)
    match rule, facts:
        case UnattendedCustomerRule(), Post():
            return bool(facts.customers)  # no zone, nothing to judge
        case (AbsenceRule(), Post()) | (OverlongWaitRule(), Wait()):
            return True
        case (CrowdingRule(), WaitingArea()) | (CameraFaultRule(), Outage()) | (DiskRule(), DiskSpace()):
            return True
    return False


def judge(facts: Facts, at: datetime, rule: Rule, alert: Alert | None = None) -> Verdict:
    """What the rule says of the subject at one moment. Raises TypeError when it does not apply.

    `alert` is the one whose cause lasts, if there is one: how serious it is counts from its beginning.
    """
    about = scoped(rule, facts)
    if about is None:
        return Verdict(Standing.CLEAR, schedule_reasons.not_about(rule))
    return graded(in_force.judge(about, at, rule, _judge), at, rule, alert)


def ending(facts: Facts, since: datetime, at: datetime, rule: Rule) -> Verdict | None:
    """How the cause that began at `since` ended, or None while it lasts. Raises TypeError as `judge` does."""
    about = scoped(rule, facts)
    ended = in_force.ending(facts if about is None else about, since, at, rule, _ending)
    if ended is None and about is None:
        return Verdict(Standing.CLEAR, schedule_reasons.not_about(rule), ended_at=at)
    return ended


def finished(facts: Facts, after: datetime, at: datetime, rule: Rule) -> Iterator[Finished]:
    """The causes that had reached the limit and ended after `after`. Raises TypeError as `judge` does."""
    about = scoped(rule, facts)
    if about is not None:
        for past in in_force.finished(about, after, at, rule, _finished, _judge):
            yield graded_whole(past, rule)


def _judge(facts: Facts, at: datetime, rule: Rule) -> Verdict:
    if isinstance(rule, overdue.RULES):
        return overdue.judge(facts, at, rule)
    match rule, facts:
        case AbsenceRule(), Post():
            return absence.judge(facts, at, rule)
        case UnattendedCustomerRule(), Post():
            return unattended_customer.judge(facts, at, rule)
        case CrowdingRule(), WaitingArea():
            return crowding.judge(facts, at, rule)
        case OverlongWaitRule(), Wait():
            return overlong_wait.judge(facts, at, rule)
        case CameraFaultRule(), Outage():
            return camera_fault.judge(facts, at, rule)
        case DiskRule(), DiskSpace():
            return disk.judge(facts, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def _ending(facts: Facts, since: datetime, at: datetime, rule: Rule) -> Verdict | None:
    if isinstance(rule, overdue.RULES):
        return overdue.ending(facts, since, at, rule)
    match rule, facts:
        case AbsenceRule(), Post():
            return absence.ending(facts, since, at, rule)
        case UnattendedCustomerRule(), Post():
            return unattended_customer.ending(facts, since, at, rule)
        case CrowdingRule(), WaitingArea():
            return crowding.ending(facts, since, at, rule)
        case OverlongWaitRule(), Wait():
            return overlong_wait.ending(facts, since, at, rule)
        case CameraFaultRule(), Outage():
            return camera_fault.ending(facts, since, at, rule)
        case DiskRule(), DiskSpace():
            return disk.ending(facts, since)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def _finished(facts: Facts, after: datetime, at: datetime, rule: Rule) -> Iterator[Finished]:
    if isinstance(rule, overdue.RULES):
        return overdue.finished(facts, after, at, rule)
    match rule, facts:
        case AbsenceRule(), Post():
            return absence.finished(facts, after, at, rule)
        case UnattendedCustomerRule(), Post():
            return unattended_customer.finished(facts, after, at, rule)
        case CrowdingRule(), WaitingArea():
            return crowding.finished(facts, after, at, rule)
        case OverlongWaitRule(), Wait():
            return overlong_wait.finished(facts, after, at, rule)
        case CameraFaultRule(), Outage():
            return camera_fault.finished(facts, after, at, rule)
        case DiskRule(), DiskSpace():
            return iter(())  # what a disk was before it was measured last is not kept
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")

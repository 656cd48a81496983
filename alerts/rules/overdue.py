"""The rules about calls, steps and cases: which is about what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts.facts import Facts, Wait
from alerts.matter_facts import CaseFile, Service
from alerts.rules import called_not_served, overdue_step, overdue_transaction
from alerts.rules.past import Finished
from hall.finding import Verdict
from hall.rule import CalledNotServedRule, OverdueRule, OverdueStepRule, OverdueTransactionRule

RULES = (CalledNotServedRule, OverdueStepRule, OverdueTransactionRule)


def applies(rule: OverdueRule, facts: Facts) -> bool:
    """True when the rule is about such a subject."""
    match rule, facts:
        case (CalledNotServedRule(), Wait()) | (OverdueStepRule(), Service()):
            return True
        case OverdueTransactionRule(), CaseFile():
            return True
    return False


def judge(facts: Facts, at: datetime, rule: OverdueRule) -> Verdict:
    """What the rule says of the subject at one moment. Raises TypeError when it does not apply."""
    match rule, facts:
        case CalledNotServedRule(), Wait():
            return called_not_served.judge(facts, at, rule)
        case OverdueStepRule(), Service():
            return overdue_step.judge(facts, at, rule)
        case OverdueTransactionRule(), CaseFile():
            return overdue_transaction.judge(facts, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def ending(facts: Facts, since: datetime, at: datetime, rule: OverdueRule) -> Verdict | None:
    """How the cause that began at `since` ended, or None while it lasts. Raises TypeError as `judge` does."""
    match rule, facts:
        case CalledNotServedRule(), Wait():
            return called_not_served.ending(facts, since, at, rule)
        case OverdueStepRule(), Service():
            return overdue_step.ending(facts, since, at, rule)
        case OverdueTransactionRule(), CaseFile():
            return overdue_transaction.ending(facts, since, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def finished(facts: Facts, after: datetime, at: datetime, rule: OverdueRule) -> Iterator[Finished]:
    """The causes that had reached the limit and ended after `after`. Raises TypeError as `judge` does."""
    match rule, facts:
        case CalledNotServedRule(), Wait():
            return called_not_served.finished(facts, after, at, rule)
        case OverdueStepRule(), Service():
            return overdue_step.finished(facts, after, at, rule)
        case OverdueTransactionRule(), CaseFile():
            return overdue_transaction.finished(facts, after, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")

"""The rules about those who wait, behind one door: tickets, queues and crowds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts.facts import Facts, HallQueue, Wait, WaitingArea
from alerts.rules import crowding, long_queue, overlong_wait
from alerts.rules.past import Finished
from hall.finding import Verdict
from hall.rule import CrowdingRule, LongQueueRule, OverlongWaitRule

RULES = (CrowdingRule, LongQueueRule, OverlongWaitRule)
WaitingRule = CrowdingRule | LongQueueRule | OverlongWaitRule


def applies(rule: WaitingRule, facts: Facts) -> bool:
    """True when the rule is about such a subject."""
    match rule, facts:
        case (OverlongWaitRule(), Wait()) | (CrowdingRule(), WaitingArea()) | (LongQueueRule(), HallQueue()):
            return True
    return False


def judge(facts: Facts, at: datetime, rule: WaitingRule) -> Verdict:
    """What the rule says of the subject at one moment. Raises TypeError when it does not apply."""
    match rule, facts:
        case OverlongWaitRule(), Wait():
            return overlong_wait.judge(facts, at, rule)
        case CrowdingRule(), WaitingArea():
            return crowding.judge(facts, at, rule)
        case LongQueueRule(), HallQueue():
            return long_queue.judge(facts, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def ending(facts: Facts, since: datetime, at: datetime, rule: WaitingRule) -> Verdict | None:
    """How the cause that began at `since` ended, or None while it lasts. Raises TypeError as `judge` does."""
    match rule, facts:
        case OverlongWaitRule(), Wait():
            return overlong_wait.ending(facts, since, at, rule)
        case CrowdingRule(), WaitingArea():
            return crowding.ending(facts, since, at, rule)
        case LongQueueRule(), HallQueue():
            return long_queue.ending(facts, since, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")


def finished(facts: Facts, after: datetime, at: datetime, rule: WaitingRule) -> Iterator[Finished]:
    """The causes that had reached the limit and ended after `after`. Raises TypeError as `judge` does."""
    match rule, facts:
        case OverlongWaitRule(), Wait():
            return overlong_wait.finished(facts, after, at, rule)
        case CrowdingRule(), WaitingArea():
            return crowding.finished(facts, after, at, rule)
        case LongQueueRule(), HallQueue():
            return long_queue.finished(facts, after, at, rule)
    raise TypeError(f"{rule.kind} is no rule about a {type(facts).__name__}")

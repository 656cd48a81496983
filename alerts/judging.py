"""Rules as they stand in force: what their kind finds, of whom, at which hours, and how serious it is.

What a kind of rule finds alerts.rules says. What all rules have is laid around it here: whom the rule is
about (scoped), when it finds (in_force), and how serious that is (grading). Pure, as the rules are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alerts import rules, schedule_reasons
from alerts.facts import Facts
from alerts.rules import in_force
from alerts.rules.grading import graded, graded_whole
from alerts.rules.past import Finished
from alerts.rules.scoped import scoped
from hall.finding import Alert, Standing, Verdict
from hall.rule import Rule


def judge(facts: Facts, at: datetime, rule: Rule, alert: Alert | None = None) -> Verdict:
    """What the rule says of the subject at one moment. Raises TypeError when it does not apply.

    `alert` is the one whose cause lasts, if there is one: how serious it is counts from its beginning.
    """
    about = scoped(rule, facts)
    if about is None:
        return Verdict(Standing.CLEAR, schedule_reasons.not_about(rule))
    return graded(in_force.judge(about, at, rule, rules.judge), at, rule, alert)


def ending(facts: Facts, since: datetime, at: datetime, rule: Rule) -> Verdict | None:
    """How the cause that began at `since` ended, or None while it lasts. Raises TypeError as `judge` does."""
    about = scoped(rule, facts)
    ended = in_force.ending(facts if about is None else about, since, at, rule, rules.ending)
    if ended is None and about is None:
        return Verdict(Standing.CLEAR, schedule_reasons.not_about(rule), ended_at=at)
    return ended


def finished(facts: Facts, after: datetime, at: datetime, rule: Rule) -> Iterator[Finished]:
    """The causes that had reached the limit and ended after `after`. Raises TypeError as `judge` does."""
    about = scoped(rule, facts)
    if about is not None:
        for past in in_force.finished(about, after, at, rule, rules.finished, rules.judge):
            yield graded_whole(past, rule)

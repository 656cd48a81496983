"""How serious a finding is: the ladder of its rule, by how long its cause has lasted and how many it counts.

A cause that lasts only gets longer, and the most that were ever counted in it never get fewer: severity rises
and does not fall, also when the ladder has changed since. It follows from facts, the alert and the moment, so
that a restart raises nothing twice.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.rules.attendance import earliest
from alerts.rules.past import Finished
from hall.alert_life import SEVERITIES
from hall.finding import Alert, Standing, Verdict
from hall.rule import GradedRule, Rule

INSTANT = timedelta(microseconds=1)


def graded(verdict: Verdict, at: datetime, rule: Rule, alert: Alert | None = None) -> Verdict:
    """The verdict at `at` with its severity; due at the latest when time alone makes it more serious.

    What `alert` tells of already counts from its beginning and is never less serious than it is.
    """
    if not isinstance(rule, GradedRule) or not rule.raises or verdict.severity is not None:
        return verdict
    since = alert.interval.start if alert is not None else verdict.since
    if verdict.standing is not Standing.FOUND or since is None:
        return verdict
    following = rule.next_raise(at - since)
    due = verdict.due if following is None else earliest(verdict.due, since + following)
    severity = rule.severity_of(at - since, verdict.people)
    if alert is not None and SEVERITIES.index(alert.severity) > SEVERITIES.index(severity):
        severity = alert.severity
    return replace(verdict, severity=severity, due=due)


def graded_whole(past: Finished, rule: Rule) -> Finished:
    """What was found late with the severity of its whole length.

    What would have been reached only with the end itself is not: nothing lasted then.
    """
    ended_at = past.ended.ended_at
    if ended_at is None:
        return past
    return Finished(replace(graded(past.found, ended_at - INSTANT, rule), due=past.found.due), past.ended)

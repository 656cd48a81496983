"""Alerts that are over, judged again: what facts that came late make of them. Pure.

A call that is told late, staff that had been seen all along, a pause whose sign came with the next batch: the
alert was right by what was known, and stands in a clerk's record all the same. So its cause is sought again
in the facts as they are known now, and the alert gets the interval that the cause truly had, or is taken
back, or lasts again. Told in any order, facts end in the same alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts import judging, reasons
from alerts.facts import Facts, Post, WaitingArea
from alerts.matter_facts import CaseFile
from alerts.rules.past import Finished
from hall import alert_life
from hall.finding import Alert, AlertStatus, Flip, Severity, Standing, Verdict
from hall.interval import Interval
from hall.rule import DetectorStaleRule, DiskRule, OverdueTransactionRule, Rule, StaffedRule

OVERWRITTEN = (DetectorStaleRule, DiskRule)
"""What is judged by how it stands now: how far analysis has come, what is left on a disk. Nothing is told of
it later."""


TAKEN_BACK = (".retracted", ".withdrawn")
"""How the key of a reason ends that says that there never was such a cause, or such a case."""

LOST_BY, WATERMARK = "lost_by", "watermark"
"""In the values of a reason: a watermark that stood still said alone that nobody could see. It is
overwritten, so this word is all that is left of it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An alert that is over, with the flip that said so."""

    alert: Alert
    by: Flip

    @property
    def is_taken_back(self) -> bool:
        """True when there never was such a cause, as far as was known then."""
        return self.by.reason.key.endswith(TAKEN_BACK)

    @property
    def is_lost(self) -> bool:
        """True when its cause could not be seen any more, and nothing but a watermark told so."""
        return self.by.reason.values.get(LOST_BY) == WATERMARK


def is_revised(rule: Rule) -> bool:
    """Whether alerts under a rule are judged again once they are over."""
    return not isinstance(rule, OVERWRITTEN)


def revisions(
    ended: Sequence[Ended],
    lasting: Alert | None,
    facts: Facts,
    at: datetime,
    rule: Rule,
    known_from: datetime,
) -> Iterator[tuple[Alert, tuple[Alert, Flip]]]:
    """What becomes of the alerts about one subject under one rule: each with its new state and flip.

    `ended` are those that are over, `lasting` the one whose cause lasts. Left as they are: what an officer
    has settled, what was found under other limits, and what began before the facts do, at `known_from`.
    """
    if not _is_known_in_time(facts):
        return
    told = [one.alert.interval for one in ended if not one.is_taken_back]
    if lasting is not None:
        told.append(lasting.interval)
        since = judging.judge(facts, at, rule, lasting).since
        lasting = None if since is None else replace(lasting, interval=Interval(since))
    for one in sorted(ended, key=lambda one: (one.is_taken_back, one.alert.interval.start)):
        alert = one.alert
        others = [interval for interval in told if interval != alert.interval]
        if alert.status is not AlertStatus.RESOLVED or alert.rule_version != rule.version:
            continue
        is_told = _is_within(alert.interval.start, others)
        if alert.interval.start < known_from or (is_told and one.is_taken_back):
            continue
        goes_on = lasting is not None and lasting.interval.start <= alert.interval.start
        if is_told or (goes_on and not one.is_taken_back):
            told = others
            yield alert, _told_by_another(alert, facts, at, rule)
            continue
        revised = _revised(one, others, facts, at, rule)
        if revised is not None:
            told = [*others, revised[0].interval]
            yield alert, revised


def _told_by_another(alert: Alert, facts: Facts, at: datetime, rule: Rule) -> tuple[Alert, Flip]:
    """An alert within the time of another about its subject, which tells of all of the cause, if one was."""
    start = alert.interval.start
    ended = judging.ending(facts, start, at, rule)
    never_was = ended is not None and ended.ended_at == start and ended.reason.key.endswith(TAKEN_BACK)
    reason = ended.reason if ended is not None and never_was else reasons.goes_on(alert.kind)
    return alert_life.revised(alert, Interval(start, start), reason, at)


def earlier(
    alert: Alert, ended: Sequence[Ended], facts: Facts, at: datetime, rule: Rule
) -> tuple[Alert, Flip] | None:
    """The alert that lasts with the beginning that its cause truly had, where that is earlier."""
    verdict = judging.judge(facts, at, rule, alert)
    if verdict.standing is not Standing.FOUND or verdict.since is None:
        return None
    if verdict.since >= alert.interval.start or _overlaps(
        ended, Interval(verdict.since, alert.interval.start)
    ):
        return None
    return alert_life.begun_earlier(alert, verdict.since, verdict.reason, at)


def unfounded(alert: Alert, facts: Facts, at: datetime, rule: Rule) -> tuple[Alert, Flip] | None:
    """The alert that lasts, taken back where facts that came late leave no moment that was sure."""
    if not isinstance(rule, StaffedRule) or alert.rule_version != rule.version or not alert.stands:
        return None
    if judging.ending(facts, alert.interval.start, at, rule) is not None:
        return None
    if judging.judge(facts, at, rule, alert).standing is Standing.FOUND:
        return None
    return alert_life.ended(alert, reasons.never_sure(alert.kind), alert.interval.start, at)


def with_what_it_was_lost_by(
    ended: Verdict, since: datetime, facts: Facts, at: datetime, rule: Rule
) -> Verdict:
    """How a cause ended; where nobody could see it, and only a watermark says so, with that in its values."""
    if not ended.reason.key.endswith("unseen") or not isinstance(facts, Post | WaitingArea):
        return ended
    told = judging.ending(_as_observed(facts, at), since, at, rule)
    if told is not None and told.ended_at == ended.ended_at:
        return ended
    values = {**ended.reason.values, LOST_BY: WATERMARK}
    return replace(ended, reason=replace(ended.reason, values=values))


def _as_observed(facts: Post | WaitingArea, at: datetime) -> Post | WaitingArea:
    """The facts as if all cameras had been watched all the time."""
    sights = tuple(replace(sight, watched=at, unseen=()) for sight in facts.sights)
    if isinstance(facts, WaitingArea):
        return replace(facts, sights=sights)
    customers = tuple(replace(sight, watched=at, unseen=()) for sight in facts.customers)
    return replace(facts, sights=sights, customers=customers)


def confirmed(alert: Alert, ended: Verdict, facts: Facts, at: datetime, rule: Rule) -> Verdict:
    """How an alert ended; taken back where there never was such a cause, as facts that came late say.

    A post may have been left for longer than the limit without a camera ever being sure: that is no finding.
    Nor is a case whose limit had not come near when it was found: it was suspended or extended before.
    """
    since, end = alert.interval.start, ended.ended_at
    if end is None or ended.reason.key.endswith(TAKEN_BACK) or alert.rule_version != rule.version:
        return ended  # under another version it was found under other limits
    if not isinstance(rule, StaffedRule | OverdueTransactionRule) or not _is_known_in_time(facts):
        return ended
    causes = judging.finished(facts, since, at, rule)
    if any(past.ended.ended_at == end and _begins_by(past, since, rule) for past in causes):
        return ended
    if isinstance(rule, StaffedRule):
        return replace(ended, reason=reasons.never_sure(alert.kind), ended_at=since)
    return replace(ended, reason=reasons.never_due(alert.kind, ended.reason), ended_at=since)


def _begins_by(past: Finished, since: datetime, rule: Rule) -> bool:
    """Whether a cause is the one that was found to begin at `since`. A post's may have begun otherwise."""
    return isinstance(rule, StaffedRule) or (past.found.since is not None and past.found.since <= since)


def _is_known_in_time(facts: Facts) -> bool:
    """Whether it is known when everything was decided that the facts tell."""
    return not isinstance(facts, CaseFile) or facts.case.is_known_in_time


def _revised(
    one: Ended, others: Sequence[Interval], facts: Facts, at: datetime, rule: Rule
) -> tuple[Alert, Flip] | None:
    alert, end = one.alert, one.alert.interval.end
    assert end is not None
    verdict = judging.ending(facts, alert.interval.start, at, rule)
    if verdict is None:
        if one.is_lost or any(part.is_open for part in others):
            return None
        now = judging.judge(facts, at, rule, alert)
        if isinstance(rule, StaffedRule) and now.standing is not Standing.FOUND:
            return None if one.is_taken_back else _never_sure(alert, at)
        since = alert.interval.start if now.since is None else min(now.since, alert.interval.start)
        is_told = since < alert.interval.start and _is_told(Interval(since, alert.interval.start), others)
        return alert_life.found_again(alert, now, at, None if is_told else since)
    verdict = confirmed(alert, verdict, facts, at, rule)
    found = max(verdict.ended_at or at, alert.interval.start)
    if one.is_lost and found > end:
        return None
    causes = list(judging.finished(facts, alert.interval.start, at, rule))
    start = _beginning(alert, found, causes, others)
    severity = severity_of(replace(alert, interval=Interval(start)), found, causes, rule)
    if (start, found, severity) == (alert.interval.start, end, alert.severity):
        return None
    return alert_life.revised(replace(alert, severity=severity), Interval(start, found), verdict.reason, at)


def _never_sure(alert: Alert, at: datetime) -> tuple[Alert, Flip]:
    """What was found of a post lasts, and no camera was ever sure of it."""
    start = alert.interval.start
    return alert_life.revised(alert, Interval(start, start), reasons.never_sure(alert.kind), at)


def severity_of(alert: Alert, end: datetime, causes: Iterable[Finished], rule: Rule) -> Severity:
    """How serious an alert was whose cause ended at `end`, of the `causes` that are over.

    It may have become more serious only because its end was told late.
    """
    if alert.rule_version != rule.version:
        return alert.severity
    for cause in causes:
        if (cause.found.since, cause.ended.ended_at) == (alert.interval.start, end):
            return cause.found.severity or rule.severity
    return alert.severity


def _beginning(
    alert: Alert, end: datetime, causes: Iterable[Finished], others: Sequence[Interval]
) -> datetime:
    """When the cause of an alert truly began: earlier than it was known to, at most."""
    for past in causes:
        since = past.found.since
        if since is None or past.ended.ended_at != end or since >= alert.interval.start:
            continue
        if not _is_told(Interval(since, alert.interval.start), others):
            return since
    return alert.interval.start


def _overlaps(ended: Sequence[Ended], interval: Interval) -> bool:
    return any(one.alert.interval.overlaps(interval) for one in ended if not one.is_taken_back)


def _is_told(part: Interval, others: Sequence[Interval]) -> bool:
    """Whether other alerts tell of some of this time."""
    return any(interval.overlaps(part) for interval in others)


def _is_within(at: datetime, intervals: Sequence[Interval]) -> bool:
    return any(interval.contains(at) for interval in intervals)

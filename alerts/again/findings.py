"""What rules find in the facts of a stretch of time. Pure: the same facts give the same findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import judging, rules
from alerts.facts import Facts
from hall.finding import AlertKind, Reason, Severity, Standing, Subject
from hall.interval import Interval
from hall.rule import Rule


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause that a rule finds. The interval is open when it lasted beyond what was judged."""

    rule: Rule
    subject: Subject
    interval: Interval
    reason: Reason
    graded: Severity | None = None
    """How serious the rule found it, where that is not the rule's own severity."""

    @property
    def kind(self) -> AlertKind:
        """What is found."""
        return AlertKind(self.rule.kind)

    @property
    def severity(self) -> Severity:
        """How serious it is."""
        return self.graded or self.rule.severity


def findings(facts: Iterable[Facts], under: Sequence[Rule], stretch: Interval) -> Iterator[Finding]:
    """What enabled rules find that ended in the stretch after its beginning, or stands at its end.

    So stretches that follow one another find what ended once, and what lasts at the end of each.
    """
    for each in facts:
        for rule in under:
            if rule.enabled and rules.applies(rule, each):
                yield from _ended(each, rule, stretch)
                yield from _standing(each, rule, stretch)


def _ended(facts: Facts, rule: Rule, stretch: Interval) -> Iterator[Finding]:
    start, end = stretch.start, _end(stretch)
    for past in judging.finished(facts, start, end, rule):
        since, ended_at = past.found.since, past.ended.ended_at
        if since is not None and ended_at is not None and start < ended_at <= end:
            found = past.found
            yield Finding(rule, facts.subject, Interval(since, ended_at), found.reason, found.severity)


def _standing(facts: Facts, rule: Rule, stretch: Interval) -> Iterator[Finding]:
    end = _end(stretch)
    verdict = judging.judge(facts, end, rule)
    if verdict.standing is Standing.FOUND and verdict.since is not None:
        yield Finding(rule, facts.subject, Interval(verdict.since), verdict.reason, verdict.severity)
        return
    # A ticket knows of calls that came after the stretch: at its end it waited nevertheless.
    for past in judging.finished(facts, end, end, rule):
        since, ended_at = past.found.since, past.ended.ended_at
        if since is None or ended_at is None:
            continue
        reached = past.found.reached_at or since + timedelta(seconds=rule.limit_seconds)
        if reached <= end < ended_at:
            yield Finding(rule, facts.subject, Interval(since), past.found.reason, past.found.severity)


def continued(found: Iterable[Finding]) -> list[Finding]:
    """Findings of stretches in order, each cause once: what lasted at the end of one goes on in the next."""
    kept: list[Finding] = []
    lasting: dict[tuple[str, str, datetime], int] = {}
    for finding in found:
        key = (finding.rule.id, finding.subject.name, finding.interval.start)
        if key in lasting:
            kept[lasting[key]] = finding
        else:
            lasting[key] = len(kept)
            kept.append(finding)
    return kept


def _end(stretch: Interval) -> datetime:
    assert stretch.end is not None
    return stretch.end

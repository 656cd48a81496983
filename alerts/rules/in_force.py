"""Rules with hours of their own: outside them they find nothing, and what stands ends when they are over.

What is counted from seeing it (emptiness, a crowd) is counted from the opening: nobody looked for it before.
What began by itself (a wait, a step, an outage, the limit of a case) has its true length, and goes on as the
same cause when the hours begin again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from alerts import schedule_reasons
from alerts.facts import Facts, Post, WaitingArea
from alerts.rules.attendance import earliest
from alerts.rules.hours import FORESEEN, INSTANT, RuleHours
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.rule import Rule
from hall.schedule import Schedule, SharedHours

Judge: TypeAlias = Callable[[Facts, datetime, Rule], Verdict]
Ending: TypeAlias = Callable[[Facts, datetime, datetime, Rule], Verdict | None]
Finish: TypeAlias = Callable[[Facts, datetime, datetime, Rule], Iterator[Finished]]


def judge(facts: Facts, at: datetime, rule: Rule, of_kind: Judge) -> Verdict:
    """What `of_kind` says of the subject within the rule's hours; CLEAR outside them."""
    hours = _hours(facts, rule)
    if hours is None:
        return of_kind(facts, at, rule)
    opening = hours.at(at)
    if opening is None:
        opens = hours.next_opening(at)
        reason = schedule_reasons.outside(facts.hall, rule, at, opens)
        return Verdict(Standing.CLEAR, reason, due=opens or at + FORESEEN)
    if isinstance(facts, Post):
        facts = _within(facts, hours.schedule)
    elif isinstance(facts, WaitingArea):
        facts = _counted_from(facts, opening.start)
    verdict = of_kind(facts, at, rule)
    return replace(verdict, due=earliest(verdict.due, opening.end))


def ending(facts: Facts, since: datetime, at: datetime, rule: Rule, of_kind: Ending) -> Verdict | None:
    """How what began at `since` ended: by itself, or with the rule's hours; None while it lasts."""
    hours = _hours(facts, rule)
    if hours is None:
        return of_kind(facts, since, at, rule)
    began_in = hours.at(since)
    if isinstance(facts, Post) and began_in is not None:
        verdict = of_kind(_within(facts, hours.schedule), since, at, rule)
        return None if verdict is None else _told(facts, since, verdict, rule, hours)
    verdict = of_kind(facts, since, at, rule)
    over = verdict.ended_at or at if verdict is not None else at
    if isinstance(facts, WaitingArea) and began_in is not None:
        closing = began_in.end
    else:
        closing = hours.closing_before(over)
    if closing is not None and closing <= since:
        # None of it lies within hours: the rule was another when it was found.
        outside = schedule_reasons.outside(facts.hall, rule, at, hours.next_opening(at))
        return verdict or Verdict(Standing.CLEAR, outside, ended_at=at)
    if closing is None or closing > over or (verdict is not None and over <= closing):
        return verdict
    return Verdict(Standing.CLEAR, schedule_reasons.ended(facts.hall, rule, since, closing), ended_at=closing)


def finished(
    facts: Facts, after: datetime, at: datetime, rule: Rule, of_kind: Finish, judged: Judge
) -> Iterator[Finished]:
    """The causes that had been found within the rule's hours and ended after `after`, by themselves or so."""
    hours = _hours(facts, rule)
    if hours is None:
        yield from of_kind(facts, after, at, rule)
    elif isinstance(facts, Post):
        for past in of_kind(_within(facts, hours.schedule), after, at, rule):
            since = past.found.since
            if since is not None:
                yield Finished(past.found, _told(facts, since, past.ended, rule, hours))
    elif isinstance(facts, WaitingArea):
        yield from _crowds(facts, after, at, rule, hours, of_kind, judged)
    else:
        for past in of_kind(facts, after, at, rule):
            if (cut := _cut(facts, past, after, rule, hours)) is not None:
                yield cut
        standing = replace(judged(facts, at, rule), due=None)
        if standing.standing is Standing.FOUND and hours.at(at) is None:
            lasting = Finished(standing, Verdict(Standing.CLEAR, standing.reason, ended_at=at + INSTANT))
            if (cut := _cut(facts, lasting, after, rule, hours)) is not None:
                yield cut


def _cut(facts: Facts, past: Finished, after: datetime, rule: Rule, hours: RuleHours) -> Finished | None:
    """A cause of its own length as far as it was found, or None when the rule had no hours for it."""
    since, end = past.found.since, past.ended.ended_at
    if since is None or end is None:
        return None
    reached = past.found.reached_at or since + timedelta(seconds=rule.limit_seconds)
    closing = hours.closing_before(end)
    over = end if closing is None else closing
    if over <= after or not hours.any_between(reached, over):
        return None
    if over == end:
        return past
    reason = schedule_reasons.ended(facts.hall, rule, since, over)
    return Finished(past.found, Verdict(Standing.CLEAR, reason, ended_at=over))


def _crowds(
    area: WaitingArea,
    after: datetime,
    at: datetime,
    rule: Rule,
    hours: RuleHours,
    of_kind: Finish,
    judged: Judge,
) -> Iterator[Finished]:
    """The crowds of each opening, counted from it; one that stood at its closing ended then."""
    begun = [seen.interval.start for sight in area.sights for seen in sight.observations]
    for opening in hours.openings(max(after, min(begun, default=at)), at):
        counted = _counted_from(area, opening.start)
        closing = opening.end
        until = at if closing is None else min(at, closing)
        for past in of_kind(counted, after, until, rule):
            if past.ended.ended_at is not None and past.ended.ended_at > opening.start:
                yield past
        if closing is None or closing > at or closing <= after:
            continue
        stood = judged(counted, closing, rule)
        if stood.standing is Standing.FOUND and stood.since is not None:
            reason = schedule_reasons.ended(area.hall, rule, stood.since, closing)
            yield Finished(replace(stood, due=None), Verdict(Standing.CLEAR, reason, ended_at=closing))


def _told(post: Post, since: datetime, ended: Verdict, rule: Rule, hours: RuleHours) -> Verdict:
    """How it ended, in the words of the rule's hours where they and not the hall's were over."""
    end = ended.ended_at
    if end is None or hours.at(end) is not None or post.hall.schedule.open_at(end, hours.zone) is None:
        return ended
    return replace(ended, reason=schedule_reasons.ended(post.hall, rule, since, end))


def _hours(facts: Facts, rule: Rule) -> RuleHours | None:
    if rule.schedule is None or rule.schedule.always:
        return None
    return RuleHours(rule.schedule, facts.hall.zone_info)


def _within(post: Post, schedule: Schedule) -> Post:
    """The post in a hall that is open while both it and the rule are."""
    shared = SharedHours.of(post.hall.schedule, schedule)
    return replace(post, hall=post.hall.model_copy(update={"schedule": shared}))


def _counted_from(area: WaitingArea, opening: datetime) -> WaitingArea:
    return replace(area, counted_from=max(opening, area.counted_from or opening))

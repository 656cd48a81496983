"""Overdue step (环节超时): a step of a transaction at a window that lasts longer than allowed.

Periods are cut where staff change; a step goes on over such a cut, and over one in which nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import overdue_reasons
from alerts.matter_facts import Service
from alerts.rules.past import Finished
from hall.finding import Standing, Verdict
from hall.interval import Interval
from hall.queueing import Step
from hall.rule import OverdueStepRule


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step over the time that it lasted; open while it lasts."""

    step: Step
    interval: Interval


def judge(service: Service, at: datetime, rule: OverdueStepRule) -> Verdict:
    """Judge one transaction at one moment: FOUND while its step lasts and has lasted for its limit."""
    steps = steps_of(service)
    if not steps or steps[-1].interval.end is not None or at >= service.expires:
        return Verdict(Standing.CLEAR, overdue_reasons.no_step(service))
    step = steps[-1]
    since, limit = step.interval.start, _limit(service, step, rule)
    reached = since + limit
    if at < reached:
        reason = overdue_reasons.step_lasts(service, step.step, since, limit)
        return Verdict(Standing.CLEAR, reason, due=min(reached, service.expires))
    reason = overdue_reasons.step_found(service, step.step, since, at, limit)
    return Verdict(Standing.FOUND, reason, since=since, due=service.expires, reached_at=reached)


def ending(service: Service, since: datetime, at: datetime, rule: OverdueStepRule) -> Verdict | None:
    """How the step that began at `since` ended, or None while it lasts.

    One that late facts do not know any more is taken back.
    """
    for step in steps_of(service):
        if step.interval.start != since or step.interval.end == since:
            continue  # one that took no time is not the one that began then
        end = step.interval.end
        if end is None:
            if at < service.expires:
                return None
            end = max(since, service.expires)
        reason = overdue_reasons.step_ended(service, step.step, since, end, _limit(service, step, rule))
        return Verdict(Standing.CLEAR, reason, ended_at=end)
    return Verdict(Standing.CLEAR, overdue_reasons.step_unknown(service, since), ended_at=since)


def finished(service: Service, after: datetime, at: datetime, rule: OverdueStepRule) -> Iterator[Finished]:
    """The steps that had reached their limit and ended after `after`, in order."""
    for step in steps_of(service):
        since, limit = step.interval.start, _limit(service, step, rule)
        ended = ending(service, since, at, rule)
        if ended is None or ended.ended_at is None or max(after, since + limit) >= ended.ended_at:
            continue
        reason = overdue_reasons.step_found(service, step.step, since, since + limit, limit)
        yield Finished(Verdict(Standing.FOUND, reason, since=since, reached_at=since + limit), ended)


def steps_of(service: Service) -> list[StepTaken]:
    """The steps of a transaction in order: periods of one step that follow one another are one."""
    steps: list[StepTaken] = []
    for period in sorted(service.periods, key=lambda period: period.interval.start):
        last = steps[-1] if steps else None
        if last is not None and last.step is period.step and last.interval.end == period.interval.start:
            steps[-1] = StepTaken(last.step, Interval(last.interval.start, period.interval.end))
        else:
            steps.append(StepTaken(period.step, period.interval))
    return steps


def _limit(service: Service, step: StepTaken, rule: OverdueStepRule) -> timedelta:
    return rule.limit_of(step.step, service.transaction.item)

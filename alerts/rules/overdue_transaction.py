"""Overdue transaction (办件超时): a case whose limit in working days comes to its end, or is over.

The limit ends when hall.time_limit says. Days on which it was suspended are not counted, and while it is
suspended nothing is found that was not over before: nobody can keep a limit that does not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts import case_reasons
from alerts.matter_facts import CaseFile
from alerts.rules.past import Finished
from hall.finding import Severity, Standing, Verdict
from hall.item import Item
from hall.rule import LimitKind, OverdueTransactionRule
from hall.time_limit import TimeLimit


@dataclass(frozen=True, slots=True)
class Stage:
    """From when on a case is found with which severity."""

    begins: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class Course:
    """The limit of a case, of `days` working days, and its stages in order; the last begins with its end."""

    days: int
    limit: TimeLimit
    stages: tuple[Stage, ...]

    def stage_at(self, at: datetime) -> Stage | None:
        """The stage that holds at a moment, or None before the first."""
        begun = [stage for stage in self.stages if stage.begins <= at]
        return begun[-1] if begun else None

    def next_after(self, at: datetime) -> datetime | None:
        """When the next stage begins."""
        return next((stage.begins for stage in self.stages if stage.begins > at), None)


def judge(file: CaseFile, at: datetime, rule: OverdueTransactionRule) -> Verdict:
    """Judge one case at one moment: FOUND while one of its stages has come."""
    case = file.case
    if case.closed_at is not None and case.closed_at <= at:
        return Verdict(Standing.CLEAR, case_reasons.closed(file))
    course = course_of(file, rule)
    if course is None:
        return Verdict(Standing.CLEAR, case_reasons.no_limit(file, rule))
    stopped = _stopped_at(file, course)
    if stopped is not None:
        return Verdict(Standing.CLEAR, case_reasons.suspended(file, stopped))
    stage = course.stage_at(at)
    # A case may be told as closed by a clock that runs a little ahead of ours.
    due = min((moment for moment in (course.next_after(at), case.closed_at) if moment), default=None)
    reason = case_reasons.runs(file, course.limit, course.days, rule, at)
    if stage is None:
        return Verdict(Standing.CLEAR, reason, due=due)
    since = course.stages[0].begins
    return Verdict(Standing.FOUND, reason, since=since, due=due, severity=stage.severity, reached_at=since)


def ending(file: CaseFile, since: datetime, at: datetime, rule: OverdueTransactionRule) -> Verdict | None:
    """How what was found to begin at `since` ended: decided, suspended, extended; or None while it lasts.

    A limit that is longer now, under another rule or calendar too, ends it when its first stage is to come.
    """
    case = file.case
    course = course_of(file, rule)
    if case.closed_at is not None and case.closed_at <= at:
        limit = course.limit if course is not None else None
        if case.closed_at < since and not case.withdrawn:
            return Verdict(Standing.CLEAR, case_reasons.decided_before(file, rule), ended_at=since)
        return Verdict(
            Standing.CLEAR, case_reasons.decided(file, limit, rule), ended_at=max(since, case.closed_at)
        )
    if course is None:
        return Verdict(Standing.CLEAR, case_reasons.no_limit(file, rule), ended_at=at)
    stopped = _stopped_at(file, course)
    if stopped is not None:
        return Verdict(Standing.CLEAR, case_reasons.suspended(file, stopped), ended_at=max(since, stopped))
    if course.stage_at(at) is None:
        return Verdict(Standing.CLEAR, case_reasons.moved(file, course.limit, course.days, rule), ended_at=at)
    return None


def finished(
    file: CaseFile, after: datetime, at: datetime, rule: OverdueTransactionRule
) -> Iterator[Finished]:
    """The case, if it was closed after `after` and after one of its stages had come."""
    closed_at, course = file.case.closed_at, course_of(file, rule)
    if closed_at is None or course is None or file.case.withdrawn or not after < closed_at <= at:
        return
    begun = [stage for stage in course.stages if stage.begins < closed_at]
    if not begun:
        return
    since, last = begun[0].begins, begun[-1]
    ended = ending(file, since, at, rule)
    if ended is not None:
        reason = case_reasons.runs(file, course.limit, course.days, rule, last.begins)
        found = Verdict(Standing.FOUND, reason, since=since, severity=last.severity, reached_at=since)
        yield Finished(found, ended)


def course_of(file: CaseFile, rule: OverdueTransactionRule) -> Course | None:
    """The limit of a case and its stages, or None when its item has no such limit."""
    case, days = file.case, file.days
    allowed = days_of(file.hall.item(case.item), rule.limit)
    if allowed is None:
        return None
    allowed += case.extended_days
    limit = days.limit(case.accepted_at, allowed, case.suspended)
    stages = []
    ahead = min(rule.attention_days, allowed // 2)  # a limit of a day is not short of time from its begin on
    if ahead:
        first = file.calendar.add_working_days(limit.last_day, -ahead)
        stages.append(Stage(days.begins(first), Severity.ATTENTION))
    if rule.last_day:
        stages.append(Stage(days.begins(limit.last_day), Severity.WARNING))
    return Course(allowed, limit, (*stages, Stage(limit.ends_at, rule.severity)))


def days_of(item: Item | None, limit: LimitKind) -> int | None:
    """How many working days an item has, or None."""
    if item is None:
        return None
    return item.promised_days if limit is LimitKind.PROMISED else item.statutory_days


def _stopped_at(file: CaseFile, course: Course) -> datetime | None:
    """Since when the limit does not run, if it is suspended now and was not over before."""
    suspension = file.case.suspension
    if suspension is None or suspension.start >= course.limit.ends_at:
        return None
    return suspension.start

"""Overdue transaction (办件超时): a case whose limit in working days comes to its end, or is over.

The limit ends when hall.time_limit says. Days on which it was suspended are not counted, and while it is
suspended nothing is found that was not over before: nobody can keep a limit that does not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from alerts import case_reasons
from alerts.matter_facts import CaseFile
from alerts.rules.past import Finished
from hall.case import Case
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


@dataclass(frozen=True, slots=True)
class Stand:
    """A time in which a case stood in one of its stages; `until` None while it does.

    `course` is the one that it stood in last, `then` the case as it was when that began to hold.
    """

    since: datetime
    until: datetime | None
    course: Course
    then: CaseFile


def judge(file: CaseFile, at: datetime, rule: OverdueTransactionRule) -> Verdict:
    """Judge one case at one moment: FOUND while it stands in one of its stages."""
    case = file.case
    if case.closed_at is not None and case.closed_at <= at:
        return Verdict(Standing.CLEAR, case_reasons.closed(file))
    then = replace(file, case=case.then(at))
    course = course_of(then, rule)
    # What is told may lie ahead by a little: another system's clock told it.
    ahead = [moment for moment in _turns(case) if moment > at]
    if course is None:
        return Verdict(Standing.CLEAR, case_reasons.no_limit(then, rule), due=min(ahead, default=None))
    stopped = _stopped_at(then, course)
    if stopped is not None:
        return Verdict(Standing.CLEAR, case_reasons.suspended(then, stopped), due=min(ahead, default=None))
    if (following := course.next_after(at)) is not None:
        ahead.append(following)
    due = min(ahead, default=None)
    reason = case_reasons.runs(then, course.limit, course.days, rule, at)
    stage = course.stage_at(at)
    stands = stands_of(file, at, rule)
    if stage is None or not stands:
        return Verdict(Standing.CLEAR, reason, due=due)
    since = stands[-1].since
    return Verdict(Standing.FOUND, reason, since=since, due=due, severity=stage.severity, reached_at=since)


def ending(file: CaseFile, since: datetime, at: datetime, rule: OverdueTransactionRule) -> Verdict | None:
    """How what was found to begin at `since` ended: decided, suspended, extended; or None while it lasts.

    Where the case did not stand in any stage then, as far as is known now, it is said why, and the end is
    `since` for a case that was decided before, or never was; else `at`: under another rule or calendar a
    limit may have moved.
    """
    case = file.case
    stand = next((one for one in stands_of(file, at, rule) if _holds(one, since)), None)
    if stand is not None:
        return None if stand.until is None else _ended(file, stand, rule)
    if case.withdrawn:
        return Verdict(Standing.CLEAR, case_reasons.decided(file, None, rule), ended_at=since)
    if case.closed_at is not None and case.closed_at <= since:
        return Verdict(Standing.CLEAR, case_reasons.decided_before(file, rule), ended_at=since)
    then = replace(file, case=case.then(at))
    course = course_of(then, rule)
    if course is None:
        return Verdict(Standing.CLEAR, case_reasons.no_limit(then, rule), ended_at=at)
    return Verdict(Standing.CLEAR, case_reasons.moved(then, course.limit, course.days, rule), ended_at=at)


def finished(
    file: CaseFile, after: datetime, at: datetime, rule: OverdueTransactionRule
) -> Iterator[Finished]:
    """The times in which the case stood in a stage, that ended after `after`, in order."""
    for stand in stands_of(file, at, rule):
        if stand.until is None or stand.until <= after:
            continue
        last = next(one for one in reversed(stand.course.stages) if one.begins < stand.until)
        seen_at = max(last.begins, stand.since)
        reason = case_reasons.runs(stand.then, stand.course.limit, stand.course.days, rule, seen_at)
        since, severity = stand.since, last.severity
        found = Verdict(Standing.FOUND, reason, since=since, severity=severity, reached_at=since)
        yield Finished(found, _ended(file, stand, rule))


def stands_of(file: CaseFile, at: datetime, rule: OverdueTransactionRule) -> list[Stand]:
    """When the case stood in a stage up to `at`, in order; the last one may last.

    Each suspension, extension and close changes the course from then on, in whatever order they were told.
    """
    if file.case.withdrawn:
        return []
    moments = [moment for moment in _turns(file.case) if moment <= at]
    found: list[Stand] = []
    for begins, ends in pairwise([*moments, None]):
        if begins is None:
            break
        then = replace(file, case=file.case.then(begins))
        course = course_of(then, rule)
        if course is None or then.case.closed_at is not None or _stopped_at(then, course) is not None:
            continue
        since = max(begins, course.stages[0].begins)
        if since > at or (ends is not None and since >= ends):
            continue
        if found and found[-1].until == since:
            since = found.pop().since
        found.append(Stand(since, ends, course, then))
    return found


def _turns(case: Case) -> list[datetime]:
    """When something was decided about a case, from its acceptance on, in order."""
    edges = [edge for one in case.suspended for edge in (one.start, one.end)]
    edges += [*(one.at for one in case.extensions), case.closed_at]
    return sorted(
        {case.accepted_at, *(edge for edge in edges if edge is not None and edge > case.accepted_at)}
    )


def _holds(stand: Stand, since: datetime) -> bool:
    return stand.since <= since and (stand.until is None or since < stand.until)


def _ended(file: CaseFile, stand: Stand, rule: OverdueTransactionRule) -> Verdict:
    """By what a stand ended: the close of the case, a suspension, or a longer limit."""
    end = stand.until
    assert end is not None
    if end == file.case.closed_at:
        reason = case_reasons.decided(file, stand.course.limit, rule)
        return Verdict(Standing.CLEAR, reason, ended_at=end)
    then = replace(file, case=file.case.then(end))
    course = course_of(then, rule)
    assert course is not None  # it had one before, and what an item allows does not depend on the moment
    stopped = _stopped_at(then, course)
    if stopped is not None:
        return Verdict(Standing.CLEAR, case_reasons.suspended(then, stopped), ended_at=end)
    return Verdict(Standing.CLEAR, case_reasons.moved(then, course.limit, course.days, rule), ended_at=end)


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

"""Overdue transactions: limits in working days, over a holiday, suspended, extended, and never doubled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.again.findings import Finding, continued, findings
from alerts.again.history import days, facts_of
from alerts.matter_facts import CaseFile
from alerts.rules import finished, judge
from alerts.rules.overdue_transaction import ending
from capture.queueing import accept
from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind, WorkCalendar
from hall.case import Case, Extension
from hall.finding import AlertKind, AlertStatus, Severity, Standing
from hall.interval import Interval
from hall.item import Item
from hall.names import RuleId, WindowId
from hall.place import Text
from hall.rule import LimitKind, OverdueTransactionRule
from store import calendar, cases
from store.database import Database
from tests import postgresql
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import HALL, configuration, settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
BASE = settings()
YEAR = CalendarYear(
    2026,
    Completeness.COMPLETE,
    (
        CalendarDay(date(2026, 9, 20), DayKind.WORKDAY, "国庆节调休"),
        *(CalendarDay(date(2026, 10, day), DayKind.HOLIDAY, "国庆节") for day in range(1, 8)),
        CalendarDay(date(2026, 10, 10), DayKind.WORKDAY, "国庆节调休"),
    ),
    "notice",
    "wang",
)
CALENDAR = WorkCalendar((YEAR,))
ITEM = Item(id="id-card", name=Text(zh="居民身份证", en="Identity card"), promised_days=5, statutory_days=20)
RULE = OverdueTransactionRule(id=RuleId("promised"))
STATUTORY = OverdueTransactionRule(id=RuleId("statutory"), limit=LimitKind.STATUTORY)


def local(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


ACCEPTED = local(9, 29, 10)
"""Tuesday. Five working days: 30 September, 8, 9, 10 and 12 October."""
CASE = Case(HALL, "2026-123", "id-card", ACCEPTED, WindowId("w03"))
ATTENTION, WARNING, OVER = local(10, 9, 9), local(10, 12, 9), local(10, 12, 17)


def file(case: Case = CASE, known: WorkCalendar = CALENDAR, items: tuple[Item, ...] = (ITEM,)) -> CaseFile:
    return CaseFile(BASE.model_copy(update={"items": items}).with_calendar(known), case, known)


@pytest.mark.parametrize(
    ("at", "severity", "due"),
    [
        (ACCEPTED, None, ATTENTION),
        (local(10, 9, 8, 59), None, ATTENTION),
        (ATTENTION, Severity.ATTENTION, WARNING),
        (local(10, 12, 8, 59), Severity.ATTENTION, WARNING),
        (WARNING, Severity.WARNING, OVER),
        (local(10, 12, 16, 59), Severity.WARNING, OVER),
        (OVER, Severity.SERIOUS, None),
        (local(11, 12), Severity.SERIOUS, None),
    ],
)
def test_a_case_is_found_more_and_more_seriously(
    at: datetime, severity: Severity | None, due: datetime | None
) -> None:
    verdict = judge(file(), at, RULE)
    assert (verdict.severity, verdict.due) == (severity, due)
    assert (verdict.standing is Standing.FOUND) == (severity is not None)
    assert verdict.since == (ATTENTION if severity is not None else None)


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (ATTENTION, "还剩 2 个工作日", "2 working days left"),
        (local(10, 11, 12), "还剩 1 个工作日", "1 working day left"),
        (WARNING, "今天为最后一天", "today is the last day"),
        (OVER, "已超期", "overdue"),
        (local(10, 14, 9), "已超期 2 个工作日", "overdue by 2 working days"),
    ],
)
def test_the_sentence_says_what_was_promised_until_when_and_what_is_left(
    at: datetime, zh: str, en: str
) -> None:
    reason = judge(file(), at, RULE).reason
    promise = "办件 2026-123（居民身份证）于 2026-09-29 受理，承诺 5 个工作日，应于 2026-10-12 17:00 前办结"
    assert reason.zh == f"{promise}，{zh}"
    assert reason.en == (
        "Case 2026-123 (Identity card), accepted on 2026-09-29, is due by 2026-10-12 17:00 "
        f"(promised: 5 working days): {en}"
    )
    assert reason.values["due"] == "2026-10-12T17:00:00+08:00"


def test_each_limit_has_a_rule_of_its_own() -> None:
    verdict = judge(file(), OVER, STATUTORY)
    assert (verdict.standing, verdict.due) == (Standing.CLEAR, local(10, 29, 9))
    assert "法定 20 个工作日" in verdict.reason.zh


def test_stages_are_limits_of_the_rule() -> None:
    bare = RULE.model_copy(update={"attention_days": 0, "last_day": False})
    assert judge(file(), ACCEPTED, bare).due == OVER
    assert judge(file(), OVER, bare).since == OVER


def test_a_short_limit_is_not_short_of_time_from_its_beginning_on() -> None:
    short = file(items=(ITEM.model_copy(update={"promised_days": 1}),))
    assert judge(short, ACCEPTED, RULE).due == local(9, 30, 9)
    assert judge(short, local(9, 30, 9), RULE).severity is Severity.WARNING


@pytest.mark.parametrize(
    "case", [replace(CASE, item=None), replace(CASE, item="passport"), replace(CASE, item="free")]
)
def test_a_case_without_a_limit_is_never_found(case: Case) -> None:
    known = file(case, items=(ITEM, Item(id="free", name=ITEM.name)))
    assert judge(known, local(12, 1), RULE).reason.key == "overdue_transaction.no_limit"


def test_what_rests_on_an_unknown_year_says_so_and_does_not_fail() -> None:
    late = replace(CASE, accepted_at=local(12, 29, 10))
    reason = judge(file(late), local(12, 29, 11), RULE).reason
    assert reason.zh.endswith(
        "应于 2027-01-05 17:00 前办结，还剩 5 个工作日（2027 年调休安排尚未录入，期限可能变动）"
    )
    assert reason.values["assumed"] == "2027"
    assert judge(file(late, WorkCalendar()), local(12, 29, 11), RULE).reason.values["assumed"] == "2026,2027"


def test_a_case_that_is_decided_in_time_is_not_found() -> None:
    decided = file(replace(CASE, closed_at=local(10, 12, 16)))
    assert judge(decided, local(10, 12, 17), RULE).standing is Standing.CLEAR
    ended = ending(decided, ATTENTION, OVER, RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (
        local(10, 12, 16),
        "overdue_transaction.closed.in_time",
    )


def test_a_case_that_is_decided_late_says_by_how_much() -> None:
    ended = ending(file(replace(CASE, closed_at=local(10, 14, 9))), ATTENTION, local(10, 14, 9), RULE)
    assert ended is not None
    assert ended.reason.zh == (
        "办件 2026-123（居民身份证）已于 2026-10-14 09:00 办结，超过承诺期限（2026-10-12 17:00） 2 个工作日"
    )


def test_a_suspended_limit_does_not_run_and_its_days_do_not_count() -> None:
    stopped = replace(CASE, suspended=(Interval(local(10, 9, 15)),))
    assert judge(file(stopped), local(12, 1), RULE).reason.key == "overdue_transaction.suspended"
    ended = ending(file(stopped), ATTENTION, local(10, 9, 15), RULE)
    assert ended is not None
    assert ended.ended_at == local(10, 9, 15)
    resumed = replace(CASE, suspended=(Interval(local(10, 9, 15), local(10, 20, 9)),))
    assert judge(file(resumed), local(10, 20, 9), RULE).reason.values["last_day"] == "2026-10-23"


def test_a_suspension_that_comes_after_the_end_excuses_nothing() -> None:
    late = replace(CASE, suspended=(Interval(local(10, 13, 9)),))
    assert judge(file(late), local(10, 14), RULE).severity is Severity.SERIOUS
    assert ending(file(late), ATTENTION, local(10, 14), RULE) is None


def test_an_extension_ends_a_finding_until_its_own_stages_come() -> None:
    decided = Extension(WARNING, 10)
    longer = file(replace(CASE, extended_days=10, extensions=(decided,)))
    ended = ending(longer, ATTENTION, OVER, RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (WARNING, "overdue_transaction.moved")
    assert "承诺 15 个工作日，含延期 10 个，应于 2026-10-26 17:00 前办结" in ended.reason.zh


def test_a_case_that_never_was_is_taken_back() -> None:
    gone = file(replace(CASE, closed_at=ACCEPTED, withdrawn=True))
    ended = ending(gone, ATTENTION, OVER, RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (ATTENTION, "overdue_transaction.withdrawn")
    assert list(finished(gone, local(9, 1), OVER, RULE)) == []


@given(st.integers(0, 90 * 24), st.none() | st.integers(0, 90 * 24))
def test_a_case_is_found_exactly_between_its_first_stage_and_its_close(
    hours: int, closed: int | None
) -> None:
    at = ACCEPTED.replace(minute=30) + hours * (local(9, 2) - local(9, 1)) / 24
    closed_at = None if closed is None else ACCEPTED + closed * (local(9, 2) - local(9, 1)) / 24
    known = file(replace(CASE, closed_at=closed_at if closed_at is not None and closed_at <= at else None))
    is_found = judge(known, at, RULE).standing is Standing.FOUND
    assert is_found == (at >= ATTENTION and known.case.closed_at is None)
    assert (ending(known, ATTENTION, at, RULE) is None) == is_found
    past = list(finished(known, ACCEPTED - (local(9, 2) - local(9, 1)), at, RULE))
    assert len(past) == (known.case.closed_at is not None and known.case.closed_at > ATTENTION)


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    with postgresql.running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """A hall with both rules, and the calendar of this year."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'hall.db'}"
    else:
        url = postgresql.new_database(request.getfixturevalue("server"))
    made = Scene(Database(url), analysis_runs=False)
    made.database.migrate()
    made.clock.wall = ACCEPTED
    made.apply(configuration(rules=(RULE, STATUTORY), items=(ITEM,)))
    with made.database.write() as tx:
        calendar.save_year(tx, YEAR, ACCEPTED)
    begin_anew(made)
    yield made
    made.database.close()


def begin_anew(scene: Scene) -> None:
    """Another evaluator, which knows nothing, under the same lease."""
    if scene.instance:
        scene.evaluator.forget()
        return
    scene.evaluator, scene.leadership = scene.another()
    assert scene.leadership.hold()


def tell(scene: Scene, case: Case) -> None:
    with scene.database.write() as tx:
        cases.save_case(tx, case)


def at(scene: Scene, moment: datetime) -> None:
    """Let time pass to a moment, judging whenever something is due."""
    while True:
        assert scene.leadership.hold()
        due = scene.evaluator.step()
        if due is None or due > moment:
            break
        scene.clock.wall = max(due, scene.clock.wall)
    scene.clock.wall = moment
    assert scene.leadership.hold()
    scene.evaluator.step()


def history(scene: Scene) -> list[tuple[AlertStatus, Severity, datetime]]:
    return [(flip.after, flip.severity, flip.at) for flip in scene.flips(scene.only())]


def test_one_alert_becomes_more_serious_with_a_flip_each_time(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 9, 8, 59))
    assert scene.alerts() == []
    at(scene, local(10, 13))
    alert = scene.only()
    assert (alert.kind, alert.subject.serial, alert.interval) == (
        AlertKind.OVERDUE_TRANSACTION,
        "2026-123",
        Interval(ATTENTION),
    )
    assert alert.severity is Severity.SERIOUS
    assert alert.reason.key == "overdue_transaction.over"
    assert history(scene) == [
        (AlertStatus.OPEN, Severity.ATTENTION, ATTENTION),
        (AlertStatus.OPEN, Severity.WARNING, WARNING),
        (AlertStatus.OPEN, Severity.SERIOUS, OVER),
    ]
    tell(scene, replace(CASE, closed_at=local(10, 14, 9)))
    at(scene, local(10, 14, 10))
    assert (scene.only().status, scene.only().interval.end) == (AlertStatus.RESOLVED, local(10, 14, 9))


def test_a_restart_at_any_stage_changes_nothing(scene: Scene) -> None:
    tell(scene, CASE)
    for moment in (local(10, 8), local(10, 10), local(10, 12, 12), local(10, 13)):
        at(scene, moment)
        begin_anew(scene)
    at(scene, local(10, 13, 1))
    assert [severity for _, severity, _ in history(scene)] == list(Severity)


def test_stages_that_passed_while_nobody_judged_are_one_alert(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(9, 30))
    begin_anew(scene)
    scene.clock.wall = local(10, 13)
    at(scene, local(10, 13))
    assert scene.only().interval.start == ATTENTION
    assert [severity for _, severity, _ in history(scene)] == [Severity.SERIOUS]


def test_who_has_acknowledged_the_attention_hears_of_the_warning(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 10))
    scene.officer(scene.only().id, AlertStatus.ACKNOWLEDGED)
    at(scene, local(10, 10, 1))
    assert scene.only().status is AlertStatus.ACKNOWLEDGED
    at(scene, local(10, 12, 9, 1))
    assert (scene.only().status, scene.only().severity) == (AlertStatus.OPEN, Severity.WARNING)


def test_a_dismissed_alert_stays_dismissed(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 10))
    scene.officer(scene.only().id, AlertStatus.DISMISSED)
    at(scene, local(10, 13))
    assert (scene.only().status, scene.only().severity) == (AlertStatus.DISMISSED, Severity.ATTENTION)


def test_an_extension_ends_the_alert_and_the_longer_limit_has_its_own(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 12, 10))
    tell(scene, extended(local(10, 12, 10)))
    at(scene, local(10, 13))
    assert scene.only().status is AlertStatus.RESOLVED
    at(scene, local(10, 27))
    assert [(alert.status, alert.interval.start) for alert in scene.alerts()] == [
        (AlertStatus.RESOLVED, ATTENTION),
        (AlertStatus.OPEN, local(10, 22, 9)),
    ]


def test_a_holiday_that_is_entered_late_moves_the_limit(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 9, 10))
    assert scene.only().interval.is_open
    rest = replace(YEAR, days=(*YEAR.days, CalendarDay(date(2026, 10, 9), DayKind.HOLIDAY, "假日")))
    with scene.database.write() as tx:
        calendar.save_year(tx, rest, scene.clock.now())
    at(scene, local(10, 9, 11))
    assert (scene.only().status, scene.only().interval) == (
        AlertStatus.RESOLVED,
        Interval(ATTENTION, ATTENTION),
    )
    reason = scene.flips(scene.only())[-1].reason
    assert reason.key == "overdue_transaction.retracted"
    assert reason.en.startswith(
        "Taken back: by facts that came late, the limit had not come near then. "
        "The limit has moved: Case 2026-123"
    )


def extended(decided_at: datetime, days: int = 10) -> Case:
    return replace(CASE, extended_days=days, extensions=(Extension(decided_at, days),))


def test_an_extension_ends_the_alert_when_it_was_decided_however_late_that_is_told(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 14))
    tell(scene, extended(local(10, 12, 10)))
    at(scene, local(10, 14, 1))
    alert = scene.only()
    assert (alert.status, alert.severity, alert.interval) == (
        AlertStatus.RESOLVED,
        Severity.WARNING,
        Interval(ATTENTION, local(10, 12, 10)),
    )
    tell(scene, extended(local(10, 8, 10)))
    at(scene, local(10, 14, 2))
    assert scene.only().interval == Interval(ATTENTION, ATTENTION)
    assert scene.flips(scene.only())[-1].reason.key == "overdue_transaction.retracted"


def test_a_suspension_of_which_only_its_end_was_told_in_time_leaves_two_alerts(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 22))
    tell(scene, replace(CASE, suspended=(Interval(local(10, 9, 15), local(10, 20, 15)),)))
    at(scene, local(10, 22, 1))
    assert [(alert.status, alert.severity, alert.interval) for alert in scene.alerts()] == [
        (AlertStatus.RESOLVED, Severity.ATTENTION, Interval(ATTENTION, local(10, 9, 15))),
        (AlertStatus.OPEN, Severity.ATTENTION, Interval(local(10, 21, 9))),
    ]


def test_an_extension_of_which_nobody_knows_when_it_was_decided_ends_the_alert_when_it_is_told(
    scene: Scene,
) -> None:
    tell(scene, CASE)
    at(scene, local(10, 12, 10))
    tell(scene, replace(CASE, extended_days=10))
    at(scene, local(10, 13))
    assert (scene.only().status, scene.only().interval.end) == (AlertStatus.RESOLVED, local(10, 12, 10))


def test_a_case_that_was_overdue_and_closed_while_nobody_judged_is_found_with_its_interval(
    scene: Scene,
) -> None:
    at(scene, local(9, 30))
    scene.clock.wall = local(10, 20)
    tell(scene, replace(CASE, closed_at=local(10, 15, 9)))
    at(scene, local(10, 20))
    assert (scene.only().status, scene.only().severity, scene.only().interval) == (
        AlertStatus.RESOLVED,
        Severity.SERIOUS,
        Interval(ATTENTION, local(10, 15, 9)),
    )


def test_a_close_that_is_corrected_weeks_later_puts_the_alert_right(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 13))
    tell(scene, replace(CASE, closed_at=local(10, 15, 9)))
    at(scene, local(10, 16))
    begin_anew(scene)
    at(scene, local(11, 2))
    tell(scene, replace(CASE, closed_at=local(10, 14, 9)))
    at(scene, local(11, 2, 1))
    assert scene.only().interval == Interval(ATTENTION, local(10, 14, 9))
    tell(scene, replace(CASE, closed_at=local(10, 8, 17)))
    at(scene, local(11, 2, 2))
    assert (scene.only().status, scene.only().interval) == (
        AlertStatus.RESOLVED,
        Interval(ATTENTION, ATTENTION),
    )
    assert scene.flips(scene.only())[-1].reason.key == "overdue_transaction.retracted"


def test_what_queue_events_tell_over_weeks_becomes_an_alert_and_ends_it(scene: Scene) -> None:
    known = configuration(rules=(RULE, STATUTORY), items=(ITEM,))

    def post(kind: str, moment: datetime, **members: object) -> None:
        event = {"id": kind, "hall": HALL, "at": moment.isoformat(), "type": kind, "serial": "2026-123"}
        accept(scene.database, known, json.dumps(event | members).encode(), scene.clock.now())

    post("case_accepted", ACCEPTED, item="id-card", window="w03")
    at(scene, local(10, 13))
    assert (scene.only().severity, scene.only().rule) == (Severity.SERIOUS, "promised")
    post("case_closed", local(10, 12, 16), corrects=None)  # a clerk enters it the day after
    at(scene, local(10, 13, 1))
    assert (scene.only().status, scene.only().interval) == (
        AlertStatus.RESOLVED,
        Interval(ATTENTION, local(10, 12, 16)),
    )
    assert scene.flips(scene.only())[-1].reason.key == "overdue_transaction.closed.in_time"


def test_a_past_case_is_judged_again_as_it_was_live(scene: Scene) -> None:
    tell(scene, CASE)
    at(scene, local(10, 13))
    tell(scene, replace(CASE, closed_at=local(10, 14, 9)))
    at(scene, local(10, 14, 10))
    known = configuration(items=(ITEM,)).halls[0]
    found: list[Finding] = []
    for day in days(known, Interval(local(10, 8), local(10, 16))):
        facts = facts_of(scene.database, known, day)
        found += findings(facts, [RULE, STATUTORY], day)
    (again,) = continued(found)
    assert (again.subject, again.interval, again.severity) == (
        scene.only().subject,
        scene.only().interval,
        scene.only().severity,
    )

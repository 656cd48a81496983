"""When a queue is too long, what its finding says, and that it is one for the hall."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.desks import Desk
from alerts.facts import HallQueue
from alerts.queue_forecast import expected, lines
from alerts.rules.long_queue import ending, finished, judge
from alerts.rules.openable import Opening, openable
from hall.finding import Standing
from hall.interval import Interval
from hall.names import RuleId, TicketId
from hall.queueing import PauseReason, Ticket, TicketStatus, WindowState
from hall.rule import LongQueueRule
from tests.unit.alerts.small_hall import TEN, W1, after, over, settings, status, ticket

HALL = settings()
RULE = LongQueueRule(id=RuleId("long-queue"), people_per_window=3, limit_wait_seconds=None, limit_seconds=60)
FIRST, THIRD = HALL.windows


def waiting(number: int, taken: float = 0, called: float | None = None) -> Ticket:
    """The ticket with this number; nobody calls it unless said otherwise."""
    known = ticket(f"A{number:03}", taken=taken, called=called)
    return replace(known, id=TicketId(f"gulou-20260302-A{number:03}"))


def served(number: int, started: float, finished_at: float) -> Ticket:
    """A ticket whose service is over."""
    known = replace(waiting(number, started, started), status=TicketStatus.SERVED)
    return replace(known, started_at=after(started), finished_at=after(finished_at))


def queue(*tickets: Ticket, desks: tuple[Desk, ...] | None = None) -> HallQueue:
    """Those tickets; window 1 works, window 3 is closed unless said otherwise."""
    usual = (Desk(FIRST, (status(WindowState.OPEN, -600, window=W1),)), Desk(THIRD))
    return HallQueue(HALL, tickets, usual if desks is None else desks)


def test_three_who_wait_for_one_window_are_found_once_that_has_lasted_as_long_as_the_limit() -> None:
    hall = queue(waiting(1), waiting(2, 5), waiting(3, 10))
    early = judge(hall, after(69), RULE)
    assert (early.standing, early.due) == (Standing.CLEAR, after(70))
    found = judge(hall, after(70), RULE)
    assert (found.standing, found.since) == (Standing.FOUND, after(10))


def test_the_finding_names_windows_the_longest_wait_and_what_could_be_opened() -> None:
    paused = Desk(THIRD, (status(WindowState.PAUSED, -900, reason=PauseReason.BREAK),))
    open_first = Desk(FIRST, (status(WindowState.OPEN, -600, window=W1),))
    services = [served(number, 60 * number - 400, 60 * number - 280) for number in range(1, 4)]
    hall = queue(waiting(11), waiting(12, 5), waiting(13, 10), *services, desks=(open_first, paused))
    reason = judge(hall, after(130), RULE).reason
    assert reason.en == (
        "The queue is too long since 10:00:10, for 2 min (limit 1 min): "
        "3 wait, window 1 is at work (of 2); ticket A011 waits longest, for 2 min 10 s; "
        "at the pace of the last hour the last of them waits about 6 min; "
        "could be opened: window 3 (its pause is over what is permitted)"
    )
    assert reason.zh == (
        "自 10:00:10 起排队过长，已 2 分（限 1 分）：3 人等候，1号窗口在办（共 2 个）；"
        "A011 号等候最久，已 2 分 10 秒；按最近一小时的办理速度，最后一人预计等候约 6 分；"
        "可考虑开放：3号窗口（暂停已超过许可时间）"
    )


def test_a_call_that_leaves_it_just_under_the_limit_does_not_end_it_and_an_opened_window_does() -> None:
    rule = RULE.model_copy(update={"people_per_window": 10})
    tickets = [waiting(number) for number in range(10)]
    tickets[0] = waiting(0, called=100)
    assert ending(queue(*tickets), TEN, after(200), rule) is None
    opened = Desk(THIRD, (status(WindowState.OPEN, 150),))
    desks = (Desk(FIRST, (status(WindowState.OPEN, -600, window=W1),)), opened)
    ended = ending(queue(*tickets, desks=desks), TEN, after(200), rule)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(150), "long_queue.ended")


def test_calls_that_were_told_late_take_it_back() -> None:
    hall = queue(waiting(1, called=20), waiting(2, 5, called=30), waiting(3, 10))
    ended = ending(hall, after(10), after(300), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(20), "long_queue.retracted")


def test_one_that_was_over_before_anybody_judged_it_is_found_with_its_length() -> None:
    hall = queue(waiting(1, called=400), waiting(2, 5, called=500), waiting(3, 10))
    (past,) = finished(hall, after(0), after(900), RULE)
    assert (past.found.since, past.ended.ended_at) == (after(10), after(400))
    assert list(finished(hall, after(400), after(900), RULE)) == []


def test_a_long_expected_wait_is_enough_and_nothing_is_expected_from_two_services() -> None:
    rule = LongQueueRule(id=RuleId("q"), people_per_window=None, limit_wait_seconds=1200, limit_seconds=60)
    services = [served(number, -700 - number, -100 - number) for number in range(1, 4)]
    assert judge(queue(waiting(11), waiting(12), *services), after(60), rule).standing is Standing.FOUND
    assert judge(queue(waiting(11), waiting(12), *services[:2]), after(60), rule).standing is Standing.CLEAR


def test_services_of_more_than_an_hour_ago_say_nothing_any_more() -> None:
    services = [served(number, -700, -100) for number in range(1, 4)]
    course = lines(queue(waiting(11), *services))
    assert next(line for line in course if line.since >= after(-100)).service == timedelta(seconds=600)
    assert next(line for line in course if line.since == after(3500)).service is None


def test_nobody_is_due_to_call_while_the_hall_is_closed_for_lunch() -> None:
    noon = timedelta(hours=2)
    hall = queue(*(waiting(number) for number in range(4)))
    ended = ending(hall, TEN, TEN + noon + timedelta(minutes=5), RULE)
    assert ended is not None
    assert ended.ended_at == TEN + noon
    assert judge(hall, TEN + noon + timedelta(minutes=5), RULE).standing is Standing.CLEAR


def test_a_window_is_not_named_for_opening_while_leave_a_fault_or_a_permitted_break_excuses_it() -> None:
    def named(desk: Desk) -> list[Opening]:
        return [one.why for one in openable(queue(desks=(desk,)), after(0))]

    leave = Desk(THIRD, leave=(Interval(after(-600), after(600)),))
    assert named(leave) == []
    assert named(Desk(THIRD, (status(WindowState.PAUSED, -30, reason=PauseReason.BREAK),))) == []
    assert named(Desk(THIRD, (status(WindowState.PAUSED, -9000, reason=PauseReason.FAULT),))) == []
    assert named(Desk(THIRD, (status(WindowState.OPEN, -30),))) == []
    assert named(Desk(THIRD)) == [Opening.CLOSED]
    rules = settings().rules
    assert rules[0].kind == "absence"
    assert named(Desk(THIRD, (status(WindowState.PAUSED, -60, reason=PauseReason.BREAK),))) == [
        Opening.PAUSE_OVER
    ]


def test_a_rule_that_asks_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="one of people_per_window"):
        LongQueueRule(id=RuleId("q"), people_per_window=None, limit_wait_seconds=None)


@given(st.integers(0, 500), st.integers(0, 50), st.integers(0, 50), st.integers(1, 5000))
def test_more_windows_never_make_the_expected_wait_longer_and_more_people_never_shorter(
    people: int, windows: int, more: int, seconds: int
) -> None:
    service = timedelta(seconds=seconds)
    some, many = expected(people, windows, service), expected(people, windows + more, service)
    if some is not None:
        assert many is not None
        assert timedelta(0) <= many <= some
        crowd = expected(people + more, windows, service)
        assert crowd is not None or windows == 0
        assert crowd is None or crowd >= some
    assert windows > 0 or people == 0 or some is None


TICKETS = st.lists(st.tuples(st.integers(0, 300), st.none() | st.integers(0, 300)), max_size=8)


@given(TICKETS, st.randoms(use_true_random=False), st.integers(0, 700))
def test_tickets_in_any_order_give_the_same_verdict(
    told: list[tuple[int, int | None]], random: object, at: int
) -> None:
    tickets = [
        waiting(number, taken, None if wait is None else taken + wait)
        for number, (taken, wait) in enumerate(told)
    ]
    shuffled = list(tickets)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = judge(queue(*tickets), after(at), RULE), judge(queue(*shuffled), after(at), RULE)
    assert (first.standing, first.since, first.due) == (second.standing, second.since, second.due)
    if first.standing is Standing.FOUND and first.since is not None:
        assert ending(queue(*tickets), first.since, after(at), RULE) is None


def test_a_day_is_over_with_the_tickets_that_nobody_called() -> None:
    hall = queue(*(waiting(number) for number in range(4)))
    assert lines(hall)[-1].waiting == 0
    assert over(0, 1).end == after(1)

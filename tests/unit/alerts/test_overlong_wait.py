"""When a wait is overlong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.facts import Wait
from alerts.rules.overlong_wait import ending, judge
from hall.finding import Standing
from hall.names import RuleId
from hall.queueing import TicketStatus
from hall.rule import OverlongWaitRule
from hall.schedule import Schedule
from tests.unit.alerts.small_hall import TEN, after, over, settings, ticket

RULE = OverlongWaitRule(id=RuleId("overlong-wait"), limit_seconds=600)


def test_a_wait_is_found_exactly_when_the_limit_is_reached() -> None:
    wait = Wait(settings(), ticket())
    assert judge(wait, after(599), RULE).standing is Standing.CLEAR
    assert judge(wait, after(599), RULE).due == after(600)
    found = judge(wait, after(600), RULE)
    assert (found.standing, found.since) == (Standing.FOUND, TEN)


def test_the_reason_says_how_long_in_both_languages() -> None:
    reason = judge(Wait(settings(), ticket()), after(725), RULE).reason
    assert reason.zh == "A012 号自 10:00:00 起等候叫号，已 12 分 5 秒（限 10 分）"
    assert reason.en == ("Ticket A012 has waited for its call since 10:00:00, for 12 min 5 s (limit 10 min)")


def test_the_call_ends_the_wait() -> None:
    ended = ending(Wait(settings(), ticket(called=700)), TEN, after(800), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(700), "overlong_wait.ended.called")


def test_a_call_in_time_that_was_told_late_takes_the_finding_back() -> None:
    ended = ending(Wait(settings(), ticket(called=300)), TEN, after(800), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(300), "overlong_wait.retracted")


def test_a_ticket_passed_over_or_put_on_hold_does_not_wait() -> None:
    for state in (TicketStatus.NO_SHOW, TicketStatus.ON_HOLD):
        wait = Wait(settings(), ticket(state=state))
        assert judge(wait, after(700), RULE).standing is Standing.CLEAR
        ended = ending(wait, TEN, after(700), RULE)
        assert ended is not None
        assert ended.ended_at == after(700)


def test_a_ticket_that_nobody_called_expires_with_its_day() -> None:
    wait = Wait(settings(), ticket())
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert judge(wait, midnight - timedelta(seconds=1), RULE).due == midnight
    ended = ending(wait, TEN, midnight + timedelta(hours=3), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (midnight, "overlong_wait.ended.expired")


def test_a_hall_that_never_closes_lets_tickets_wait_past_midnight() -> None:
    wait = Wait(settings(schedule=Schedule(always=True)), ticket())
    assert judge(wait, TEN + timedelta(hours=23), RULE).standing is Standing.FOUND
    assert judge(wait, TEN + timedelta(hours=24), RULE).standing is Standing.CLEAR


def test_a_ticket_that_was_handed_on_waits_anew() -> None:
    handed_on = Wait(settings(), replace(ticket(), waiting_since=after(900), past_waits=(over(0, 800),)))
    assert judge(handed_on, after(1000), RULE).due == after(1500)
    ended = ending(handed_on, TEN, after(1000), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(800), "overlong_wait.ended.called")


def test_a_wait_that_began_later_than_was_told_at_first_is_taken_back_however_much_later() -> None:
    corrected = ending(Wait(settings(), replace(ticket(), waiting_since=after(900))), TEN, after(1000), RULE)
    assert corrected is not None
    assert (corrected.ended_at, corrected.reason.key) == (TEN, "overlong_wait.retracted")
    assert corrected.reason.en == (
        "Taken back: as the queue system tells it now, ticket A012 did not wait at 10:00:00"
    )


@given(st.integers(0, 2000), st.none() | st.integers(0, 2000))
def test_a_wait_is_found_only_between_the_limit_and_the_call(seconds: int, called: int | None) -> None:
    known = called if called is not None and called <= seconds else None
    verdict = judge(Wait(settings(), ticket(called=known)), after(seconds), RULE)
    assert (verdict.standing is Standing.FOUND) == (seconds >= 600 and known is None)

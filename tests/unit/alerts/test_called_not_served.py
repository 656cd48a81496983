"""Called but not served: a call that stands too long is found, a repeated one is the same call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.facts import Wait
from alerts.rules import applies, finished, judge
from alerts.rules.called_not_served import ending
from hall.finding import AlertKind, AlertStatus, Standing
from hall.interval import Interval
from hall.names import RuleId
from hall.queueing import Ticket, TicketStatus
from hall.rule import CalledNotServedRule, OverlongWaitRule
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import TEN, after, configuration, over, settings, ticket

BASE = settings()
RULE = CalledNotServedRule(id=RuleId("called"), limit_seconds=180)


def called(start: float = 0, end: float | None = None, state: TicketStatus | None = None) -> Ticket:
    return replace(ticket(taken=-300, called=start, state=state), calling=over(start, end))


def wait(known: Ticket) -> Wait:
    return Wait(BASE, known)


def test_a_call_is_found_when_its_limit_is_reached() -> None:
    early = judge(wait(called()), after(179), RULE)
    assert (early.standing, early.due) == (Standing.CLEAR, after(180))
    found = judge(wait(called()), after(180), RULE)
    assert (found.standing, found.since) == (Standing.FOUND, TEN)
    assert found.reason.zh == ("3号窗口自 10:00:00 呼叫 A012 号后，3 分内既未开始办理，也未过号（限 3 分）")
    assert "Window 3 called ticket A012 at 10:00:00; for 3 min neither" in found.reason.en


@pytest.mark.parametrize(
    ("state", "because"),
    [
        (TicketStatus.SERVING, "served"),
        (TicketStatus.SERVED, "served"),
        (TicketStatus.NO_SHOW, "no_show"),
        (TicketStatus.ON_HOLD, "not_called"),
        (TicketStatus.WAITING, "not_called"),
    ],
)
def test_it_ends_with_whatever_ends_the_call(state: TicketStatus, because: str) -> None:
    ended = ending(wait(called(0, 400, state)), TEN, after(500), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(400), f"called_not_served.ended.{because}")
    assert judge(wait(called(0, 400, state)), after(500), RULE).standing is Standing.CLEAR


def test_a_service_that_began_in_time_but_was_told_late_takes_the_finding_back() -> None:
    ended = ending(wait(called(0, 60, TicketStatus.SERVING)), TEN, after(500), RULE)
    assert ended is not None
    assert ended.reason.key == "called_not_served.retracted"
    assert ended.reason.en.startswith("In time: ticket A012 began to be served at 10:01:00")


def test_a_later_call_ends_the_earlier_one_and_counts_anew() -> None:
    again = wait(replace(called(600), past_calls=(over(0, 600),)))
    ended = ending(again, TEN, after(700), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(600), "called_not_served.ended.called_anew")
    assert judge(again, after(700), RULE).due == after(780)


def test_a_call_that_was_corrected_away_is_taken_back_however_late_the_true_one_was() -> None:
    corrected = ending(wait(called(600)), TEN, after(700), RULE)
    assert corrected is not None
    assert (corrected.ended_at, corrected.reason.key) == (TEN, "called_not_served.retracted")
    assert corrected.reason.en == (
        "Taken back: as the queue system tells it now, ticket A012 was not called at 10:00:00"
    )


def test_a_ticket_whose_call_is_not_known_is_never_found() -> None:
    known = wait(replace(called(), calling=None))
    assert judge(known, after(9000), RULE).standing is Standing.CLEAR
    assert judge(wait(ticket()), after(9000), RULE).reason.key == "called_not_served.not_called"
    taken_back = ending(known, TEN, after(9000), RULE)
    assert taken_back is not None
    assert taken_back.ended_at == TEN


def test_a_call_that_nobody_ended_expires_with_its_day() -> None:
    ended = ending(wait(called()), TEN, after(86_400), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(14 * 3600), "called_not_served.ended.expired")


def test_the_rule_is_about_tickets_and_lives_beside_the_overlong_wait() -> None:
    assert applies(RULE, wait(called()))
    assert applies(OverlongWaitRule(id=RuleId("wait")), wait(called()))


@given(st.integers(0, 1000), st.none() | st.integers(0, 1000))
def test_a_call_is_found_only_between_its_limit_and_its_end(seconds: int, end: int | None) -> None:
    known = end if end is not None and end <= seconds else None
    told = called(0, known, TicketStatus.SERVING if known is not None else None)
    assert (judge(wait(told), after(seconds), RULE).standing is Standing.FOUND) == (
        seconds >= 180 and known is None
    )
    past = list(finished(wait(told), TEN, after(seconds), RULE))
    assert len(past) == (known is not None and known > 180)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.at(tmp_path, configuration(rules=(RULE,)))
    yield made
    made.database.close()


def test_a_call_opens_an_alert_that_ends_with_the_service(scene: Scene) -> None:
    scene.queue(called())
    scene.to(179)
    assert scene.alerts() == []
    scene.to(200)
    alert = scene.only()
    assert (alert.kind, alert.opened_at) == (AlertKind.CALLED_NOT_SERVED, after(180))
    scene.restart()
    scene.queue(called(0, 210, TicketStatus.SERVING))
    scene.to(220)
    assert (scene.only().status, scene.only().interval) == (
        AlertStatus.RESOLVED,
        Interval(TEN, after(210)),
    )


def test_a_call_that_stood_too_long_while_nobody_judged_is_found_with_its_interval(scene: Scene) -> None:
    scene.to(10)
    scene.clock.wall = after(1000)
    scene.queue(called(20, 900, TicketStatus.SERVED))
    scene.step()
    assert (scene.only().status, scene.only().interval) == (AlertStatus.RESOLVED, over(20, 900))


def test_a_call_at_another_window_in_the_same_moment_is_the_one_that_stands(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path, configuration(rules=(RULE,)))
    scene.queue(replace(called(), past_calls=(over(0, 0),)))
    scene.to(600)
    assert [flip.reason.key for flip in scene.flips(scene.only())] == ["called_not_served.found"]
    scene.queue(replace(called(end=400, state=TicketStatus.SERVING), past_calls=(over(0, 0),)))
    scene.to(700)
    assert scene.only().interval == over(0, 400)

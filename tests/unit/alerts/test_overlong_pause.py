"""When a pause with a permitted reason is longer than that reason allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.facts import Post
from alerts.rules.overlong_pause import ending, finished, judge
from hall.finding import Standing, Verdict
from hall.names import RuleId
from hall.queueing import PauseReason, WindowState
from hall.rule import OverlongPauseRule
from hall.schedule import Hours, Schedule
from tests.unit.alerts.excused_posts import LI, announcement, duties, leave, paused, post, rows, shift
from tests.unit.alerts.small_hall import TEN, after, status

RULE = OverlongPauseRule(id=RuleId("overlong-pause"))
BREAK, BACK_OFFICE, LEAVE, FAULT = PauseReason
PAUSED, OPEN = WindowState.PAUSED, WindowState.OPEN


def at(facts: Post, seconds: float, rule: OverlongPauseRule = RULE) -> Verdict:
    return judge(facts, after(seconds), rule)


def over_at(facts: Post, since: float, seconds: float) -> Verdict | None:
    return ending(facts, after(since), after(seconds), RULE)


def test_a_pause_is_found_when_its_allowance_is_over_though_no_camera_sees_the_window() -> None:
    facts = post(statuses=paused(0))
    assert at(facts, 599.9).standing is Standing.CLEAR
    assert at(facts, 599.9).due == after(600)
    found = at(facts, 600)
    assert (found.standing, found.since, found.reached_at) == (Standing.FOUND, TEN, after(600))
    assert "its allowance is used up" in found.reason.en


def test_the_reason_tells_allowed_and_actual_minutes_and_by_how_much_it_is_over() -> None:
    reason = at(post(statuses=paused(0)), 660).reason
    assert reason.key == "overlong_pause.found"
    assert reason.zh == "3号窗口自 10:00:00 起暂停（休息），已 11 分（许可 10 分），超出 1 分"
    assert reason.en == (
        "Window 3 has been paused (break) since 10:00:00, for 11 min (10 min allowed): "
        "over its allowance by 1 min"
    )
    assert (reason.values["allowed_seconds"], reason.values["over_seconds"]) == ("600", "60")


def test_each_reason_has_its_own_allowance() -> None:
    facts = post(statuses=paused(0, reason=BACK_OFFICE))
    assert at(facts, 1799).standing is Standing.CLEAR
    assert at(facts, 1800).since == TEN


def test_grace_is_given_on_top_and_the_reason_counts_from_the_allowance() -> None:
    rule = RULE.model_copy(update={"grace_seconds": 60.0})
    facts = post(statuses=paused(0))
    assert at(facts, 659, rule).standing is Standing.CLEAR
    found = at(facts, 660, rule)
    assert (found.since, found.reached_at) == (TEN, after(660))
    assert "over its allowance by 1 min" in found.reason.en


def test_a_reason_that_is_not_permitted_is_left_to_the_rules_about_absence() -> None:
    verdict = at(post(statuses=paused(0, reason=LEAVE)), 5000)
    assert (verdict.standing, verdict.reason.key) == (Standing.CLEAR, "overlong_pause.not_permitted")


def test_a_window_that_is_not_paused_is_clear() -> None:
    assert at(post(), 0).reason.key == "overlong_pause.clear"


def test_it_ends_when_service_is_resumed_and_tells_how_long_it_was() -> None:
    facts = post(statuses=paused(0, 660))
    assert over_at(facts, 0, 659) is None
    ended = over_at(facts, 0, 700)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.CLEAR, after(660))
    assert ended.reason.key == "overlong_pause.ended.resumed"
    assert ended.reason.zh == (
        "3号窗口 10:11:00 恢复办理；自 10:00:00 起暂停（休息）共 11 分（许可 10 分），超出 1 分"
    )


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (post(statuses=rows((0, PAUSED, BREAK), (700, WindowState.CLOSED, None))), "closed"),
        (post(statuses=rows((0, PAUSED, BREAK), (700, PAUSED, BACK_OFFICE))), "other_reason"),
        (post(statuses=paused(0), announcements=(announcement(700, 900),)), "announced"),
        (post(statuses=paused(0), duties=duties(shift(LI, -3600, 7200), leave(LI, 700, 7200))), "on_leave"),
        (post(statuses=paused(0), duties=duties(shift(LI, -3600, 700))), "off_duty"),
        (
            post(statuses=paused(0), schedule=Schedule(hours=(Hours(open=time(9), close=time(10, 11, 40)),))),
            "hall_closed",
        ),
    ],
)
def test_it_ends_when_nobody_is_due_any_more_or_the_reason_changes(facts: Post, because: str) -> None:
    assert at(facts, 699).standing is Standing.FOUND
    assert at(facts, 699).due == after(700)
    ended = over_at(facts, 0, 700)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(700), f"overlong_pause.ended.{because}")
    assert at(facts, 701).standing is Standing.CLEAR


def test_several_rows_of_one_pause_are_one_pause() -> None:
    facts = post(statuses=rows((0, PAUSED, BREAK), (200, PAUSED, BREAK), (650, PAUSED, BREAK)))
    assert at(facts, 600).since == TEN
    assert at(facts, 800).since == TEN
    assert over_at(facts, 0, 800) is None


def test_a_pause_that_was_resumed_in_between_begins_anew() -> None:
    facts = post(statuses=rows((0, PAUSED, BREAK), (400, OPEN, None), (500, PAUSED, BREAK)))
    assert at(facts, 1099).standing is Standing.CLEAR
    assert at(facts, 1100).since == after(500)


def test_who_changes_the_reason_back_goes_on_with_what_is_left() -> None:
    facts = post(statuses=rows((0, PAUSED, BREAK), (500, PAUSED, BACK_OFFICE), (520, PAUSED, BREAK)))
    assert at(facts, 619).standing is Standing.CLEAR
    found = at(facts, 640)
    assert (found.since, found.reached_at) == (after(520), after(620))
    assert found.reason.en == (
        "Window 3 has been paused (break) since 10:08:40, for 10 min 20 s together with 8 min 20 s before "
        "in the same pause (10 min allowed): over its allowance by 20 s"
    )


def test_a_lunch_break_of_the_hall_counts_as_no_pause() -> None:
    noon = Schedule(hours=(Hours(open=time(9), close=time(10, 5)), Hours(open=time(11), close=time(17))))
    facts = post(statuses=paused(0), schedule=noon)
    assert at(facts, 3599).reason.key == "overlong_pause.hall_closed"
    assert at(facts, 3899).standing is Standing.CLEAR
    found = at(facts, 3960)
    assert (found.since, found.reached_at) == (after(3600), after(3900))


def test_while_the_hall_is_closed_the_next_look_is_at_its_opening() -> None:
    tomorrow = Schedule(hours=(Hours(open=time(9), close=time(10)),))
    assert at(post(statuses=paused(-100), schedule=tomorrow), 10).due == after(23 * 3600)


def test_a_pause_left_from_yesterday_is_none_today() -> None:
    facts = post(statuses=(status(PAUSED, -86400, reason=BREAK),))
    assert at(facts, 0).reason.key == "overlong_pause.not_opened"


def test_a_resumption_that_becomes_known_late_takes_the_finding_back() -> None:
    facts = post(statuses=paused(0, 540))
    ended = over_at(facts, 0, 700)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(540), "overlong_pause.retracted")


def test_another_reason_that_becomes_known_late_takes_the_finding_back() -> None:
    for reason in (BACK_OFFICE, LEAVE):
        ended = over_at(post(statuses=paused(0, reason=reason)), 0, 700)
        assert ended is not None
        assert ended.reason.key == "overlong_pause.retracted"


def test_leave_or_an_announcement_that_becomes_known_late_takes_the_finding_back() -> None:
    for facts in (
        post(statuses=paused(0), announcements=(announcement(-60, 900),)),
        post(statuses=paused(0), duties=duties(shift(LI, -3600, 7200), leave(LI, -60, 900))),
        post(),
    ):
        ended = over_at(facts, 0, 700)
        assert ended is not None
        assert (ended.ended_at, ended.reason.key) == (TEN, "overlong_pause.retracted")


def test_one_that_was_over_before_anybody_judged_is_found_with_its_true_interval() -> None:
    facts = post(statuses=paused(0, 660))
    [past] = finished(facts, after(650), after(700), RULE)
    assert (past.found.since, past.found.reached_at, past.ended.ended_at) == (TEN, after(600), after(660))
    assert list(finished(facts, after(660), after(700), RULE)) == []


def test_a_pause_as_long_as_is_allowed_is_never_found() -> None:
    assert list(finished(post(statuses=paused(0, 600)), after(-10), after(700), RULE)) == []


CHANGES = st.lists(
    st.tuples(
        st.integers(1, 900),
        st.sampled_from(
            [(OPEN, None), (PAUSED, BREAK), (PAUSED, BACK_OFFICE), (PAUSED, LEAVE), (PAUSED, FAULT)]
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(CHANGES, st.integers(0, 4000), st.randoms(use_true_random=False))
def test_states_in_any_order_give_the_same_and_what_is_found_lasts(
    changes: list[tuple[int, tuple[WindowState, PauseReason | None]]], seconds: int, random: Random
) -> None:
    starts = [sum(length for length, _ in changes[: place + 1]) for place in range(len(changes))]
    told = rows(*((start, *state) for start, (_, state) in zip(starts, changes, strict=True)))
    facts = post(statuses=told)
    mixed = list(told)
    random.shuffle(mixed)
    verdict = at(facts, seconds)
    assert at(replace(facts, statuses=tuple(mixed)), seconds) == verdict
    if verdict.standing is Standing.FOUND:
        assert verdict.since is not None
        assert ending(facts, verdict.since, after(seconds), RULE) is None
        [now] = [one for one in told if one.interval.contains(after(seconds))]
        assert (now.state, now.reason in RULE.allowed_pauses) == (PAUSED, True)

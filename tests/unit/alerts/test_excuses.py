"""Who is due at a window by roster, leave and announcements, and what an empty post is then."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.facts import Post, Sight
from alerts.rules import absence, unattended_customer
from hall.announcement import AnnouncementKind
from hall.finding import Standing, Verdict
from hall.names import RuleId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import PauseReason, WindowState
from hall.roster import Leave, Shift
from hall.rule import UnattendedCustomerRule
from hall.schedule import Hours, Schedule
from tests.unit.alerts.excused_posts import (
    ABSENT,
    HERE,
    LEFT,
    LI,
    OPEN,
    WANG,
    announcement,
    duties,
    leave,
    paused,
    post,
    rows,
    shift,
)
from tests.unit.alerts.small_hall import ABSENCE, C1, TEN, W1, W3, after, over, seen, status

MORNING, LONG = (-3600, 7200), 1e4
CUSTOMER = UnattendedCustomerRule(id=RuleId("unattended-customer"), limit_seconds=60, stale_seconds=10)


def at(facts: Post, seconds: float) -> Verdict:
    return absence.judge(facts, after(seconds), ABSENCE)


def test_an_empty_post_whose_clerk_has_approved_leave_is_no_absence_and_the_reason_says_until_when() -> None:
    facts = post(*LEFT, duties=duties(shift(LI, *MORNING), leave(LI, 0, 1800, "病假")))
    verdict = at(facts, 500)
    assert (verdict.standing, verdict.due) == (Standing.CLEAR, after(1800))
    assert verdict.reason.key == "absence.on_leave"
    assert verdict.reason.zh == "3号窗口值班人员已获批准请假，至 10:30:00，无人顶岗，此时无人应在岗"
    assert (
        verdict.reason.en == "Nobody is due at window 3 until 10:30:00: leave was approved, and nobody covers"
    )
    assert verdict.reason.values["until"] == "2026-03-02T10:30:00+08:00"


def test_no_reason_tells_whose_leave_it_is_or_what_for() -> None:
    facts = post(*LEFT, duties=duties(shift(LI, *MORNING), leave(LI, 0, 1800, "病假")))
    customers = replace(facts, customers=(customer(standing(HERE, 0)),))
    ended = absence.ending(facts, after(-20), after(10), ABSENCE)
    assert ended is not None
    told = [
        at(facts, 500).reason,
        ended.reason,
        unattended_customer.judge(customers, after(500), CUSTOMER).reason,
    ]
    for reason in told:
        everything = f"{reason.zh} {reason.en} {dict(reason.values)}"
        assert "病" not in everything
        assert "'li'" not in everything


def test_emptiness_counts_from_the_end_of_the_leave() -> None:
    facts = post(*LEFT, duties=duties(shift(LI, *MORNING), leave(LI, 0, 600)))
    assert at(facts, 614).standing is Standing.CLEAR
    assert at(facts, 615).since == after(600)


def test_leave_that_begins_ends_an_absence() -> None:
    facts = post(*LEFT, duties=duties(shift(LI, *MORNING), leave(LI, 100, 600)))
    assert at(facts, 99).since == TEN
    assert at(facts, 99).due == after(100)
    ended = absence.ending(facts, TEN, after(101), ABSENCE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(100), "absence.ended.on_leave")


def test_a_person_on_leave_whose_window_somebody_covers_excuses_nothing() -> None:
    covered = duties(shift(LI, *MORNING), leave(LI, -60, 1800), shift(WANG, -60, 1800, cover=True))
    assert at(post(*LEFT, duties=covered), 15).since == TEN


def test_whoever_is_on_post_is_on_post_though_the_roster_has_nobody() -> None:
    facts = post(seen(HERE, -3000), duties=duties(shift(LI, *MORNING), leave(LI, -60, 1800)))
    assert at(facts, 100).reason.key == "absence.on_post"


def test_nobody_is_due_outside_the_shifts_of_a_day_that_has_some() -> None:
    facts = post(*LEFT, duties=duties(shift(LI, -3600, 100), shift(LI, 700, 7200)))
    assert at(facts, 99).since == TEN
    reason = at(facts, 500).reason
    assert reason.key == "absence.off_duty"
    assert reason.en == "Window 3 has no shift at this time until 10:11:40"
    assert at(facts, 714).standing is Standing.CLEAR
    assert at(facts, 715).since == after(700)


def test_a_roster_without_a_shift_on_that_day_changes_nothing() -> None:
    yesterday = duties(shift(LI, -86400, -80000), leave(LI, -86400, 86400))
    assert at(post(*LEFT, duties=yesterday), 15) == at(post(*LEFT), 15)


def test_leave_alone_without_a_shift_changes_nothing() -> None:
    assert at(post(*LEFT, duties=duties(leave(LI, -100, 1000))), 15).since == TEN


def test_a_closed_window_whose_clerk_is_on_leave_is_explained_by_the_leave() -> None:
    closed = (status(WindowState.CLOSED, -3000),)
    away = duties(shift(LI, *MORNING), leave(LI, -600, 7200))
    for statuses in ((), closed):
        facts = post(seen(ABSENT, -3000), statuses=statuses, duties=away)
        assert at(facts, 500).reason.key == "absence.on_leave"


def test_leave_that_changes_hands_between_two_people_is_told_until_somebody_is_due() -> None:
    away = duties(shift(LI, -3600, 600), leave(LI, -60, 600), shift(WANG, 600, 1200), leave(WANG, 600, 900))
    assert "10:15:00" in at(post(*LEFT, duties=away), 100).reason.zh


def test_an_announcement_excuses_and_is_named_with_its_reason() -> None:
    facts = post(*LEFT, announcements=(announcement(0, 900),))
    verdict = at(facts, 500)
    assert (verdict.standing, verdict.due) == (Standing.CLEAR, after(900))
    assert verdict.reason.key == "absence.announced"
    assert verdict.reason.zh == "3号窗口无需在岗：公告（消防/应急演练：消防演练），至 10:15:00"
    assert verdict.reason.en == "Nobody is due at window 3 until 10:15:00: announcement (drill: 消防演练)"
    assert at(facts, 914).standing is Standing.CLEAR
    assert at(facts, 915).since == after(900)


def test_an_announcement_ends_an_absence_and_names_itself() -> None:
    facts = post(*LEFT, announcements=(announcement(100, 900),))
    ended = absence.ending(facts, TEN, after(120), ABSENCE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(100), "absence.ended.announced")
    assert "消防演练" in ended.reason.zh
    assert "announcement (drill: 消防演练) was in force" in ended.reason.en


def test_an_announcement_that_was_entered_for_the_past_takes_the_finding_back() -> None:
    facts = post(*LEFT, announcements=(announcement(-300, 900),))
    ended = absence.ending(facts, TEN, after(60), ABSENCE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (TEN, "absence.retracted")


def test_an_announcement_that_was_ended_early_excuses_up_to_then() -> None:
    facts = post(*LEFT, announcements=(announcement(0, 900, ended=200),))
    assert at(facts, 215).since == after(200)


def test_one_that_was_ended_before_it_began_excuses_nothing() -> None:
    assert at(post(*LEFT, announcements=(announcement(0, 900, ended=-10),)), 15).since == TEN


@pytest.mark.parametrize(("window", "standing"), [(W3, Standing.CLEAR), (W1, Standing.FOUND)])
def test_an_announcement_to_some_windows_excuses_those_alone(window: WindowId, standing: Standing) -> None:
    facts = post(*LEFT, announcements=(announcement(0, 900, window, kind=AnnouncementKind.MEETING),))
    assert at(facts, 100).standing is standing


def test_two_announcements_excuse_until_the_later_ends() -> None:
    facts = post(*LEFT, announcements=(announcement(300, 900), announcement(0, 400)))
    assert at(facts, 500).standing is Standing.CLEAR
    assert at(facts, 915).since == after(900)


def standing(presence: Presence, start: float, end: float | None = None) -> Observation:
    return Observation(
        ObservationKind.CUSTOMER, C1, ZoneId("k3"), W3, over(start, end), presence.value, source="test@1"
    )


def customer(*observations: Observation) -> Sight:
    return Sight(C1, ZoneId("k3"), observations, after(1e6))


@pytest.mark.parametrize(
    ("facts", "because"),
    [
        (post(*LEFT, duties=duties(shift(LI, *MORNING), leave(LI, 30, 600))), "on_leave"),
        (post(*LEFT, duties=duties(shift(LI, -3600, 30), shift(LI, 600, 7200))), "off_duty"),
        (post(*LEFT, announcements=(announcement(30, 600),)), "announced"),
    ],
)
def test_customers_are_not_unattended_where_nobody_is_due(facts: Post, because: str) -> None:
    facts = replace(facts, customers=(customer(standing(HERE, -60)),))
    verdict = unattended_customer.judge(facts, after(500), CUSTOMER)
    assert (verdict.standing, verdict.reason.key) == (Standing.CLEAR, f"unattended_customer.{because}")
    assert unattended_customer.judge(facts, after(660), CUSTOMER).since == after(600)


def test_changing_the_reason_of_a_pause_gives_the_allowance_of_the_new_one() -> None:
    changed = rows(
        (0, WindowState.PAUSED, PauseReason.BREAK), (50, WindowState.PAUSED, PauseReason.BACK_OFFICE)
    )
    rule = ABSENCE.model_copy(
        update={"allowed_pauses": {PauseReason.BREAK: 60.0, PauseReason.BACK_OFFICE: 300.0}}
    )
    facts = post(*LEFT, statuses=changed)
    assert absence.judge(facts, after(349), rule).reason.values["until"] == "2026-03-02T10:05:50+08:00"
    assert absence.judge(facts, after(365), rule).since == after(350)


def test_changing_the_reason_back_and_forth_gives_no_allowance_twice() -> None:
    chained = rows(
        (0, WindowState.PAUSED, PauseReason.BREAK),
        (40, WindowState.PAUSED, PauseReason.LEAVE),
        (41, WindowState.PAUSED, PauseReason.BREAK),
    )
    facts = post(*LEFT, statuses=chained)
    assert at(facts, 60).standing is Standing.CLEAR
    assert at(facts, 76).since == after(61)


def test_time_in_which_nobody_was_due_anyway_uses_up_no_allowance() -> None:
    facts = post(*LEFT, statuses=paused(0), announcements=(announcement(20, 500),))
    assert at(facts, 539).reason.key == "absence.excused"
    assert at(facts, 555).since == after(540)
    noon = Schedule(
        hours=(Hours(open=time(9), close=time(10, 0, 30)), Hours(open=time(10, 30), close=time(17)))
    )
    lunch = post(*LEFT, statuses=paused(0), schedule=noon)
    assert at(lunch, 1829).reason.key == "absence.excused"
    assert at(lunch, 1845).since == after(1830)


LINES = st.one_of(
    st.builds(
        lambda start, length, cover: shift(WANG if cover else LI, start, start + length, cover=cover),
        st.integers(-50, 150),
        st.integers(1, 200),
        st.booleans(),
    ),
    st.builds(
        lambda start, length: leave(LI, start, start + length), st.integers(-50, 150), st.integers(1, 90)
    ),
)


@given(
    st.lists(LINES, max_size=5),
    st.lists(st.tuples(st.integers(-50, 150), st.integers(1, 80)), max_size=3),
    st.integers(0, 250),
    st.randoms(use_true_random=False),
)
def test_rosters_and_announcements_in_any_order_give_the_same_and_never_an_absence_where_they_excuse(
    lines: list[Shift | Leave], told: list[tuple[int, int]], seconds: int, random: Random
) -> None:
    announced = [announcement(start, start + length) for start, length in told]
    facts = post(*LEFT, statuses=(OPEN,), duties=duties(*lines), announcements=tuple(announced))
    verdict = at(facts, seconds)
    random.shuffle(lines)
    random.shuffle(announced)
    assert at(replace(facts, duties=duties(*lines), announcements=tuple(announced)), seconds) == verdict
    if verdict.standing is Standing.FOUND:
        assert verdict.since is not None
        begun = int((verdict.since - TEN).total_seconds())
        for moment in range(begun, seconds + 1):
            assert not facts.duties.at(after(moment)).excuses
            assert not any(one.holds(after(moment)) for one in announced)

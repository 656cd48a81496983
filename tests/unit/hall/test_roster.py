"""Rosters: who is due at a window when, and whom approved leave excuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.interval import Interval
from hall.names import StaffId, WindowId
from hall.roster import DutyStanding, Leave, Roster, Shift

SHANGHAI = ZoneInfo("Asia/Shanghai")
W1, W2 = WindowId("w1"), WindowId("w2")
LI, WANG = StaffId("li"), StaffId("wang")


def local(hour: float, day: int = 2) -> datetime:
    midnight = datetime(2026, 3, day, tzinfo=SHANGHAI)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


def over(start: float, end: float) -> Interval:
    return Interval(local(start), local(end))


MORNING = Shift(LI, W1, over(9, 12))
AFTERNOON = Shift(LI, W1, over(13, 17))


def roster(*shifts: Shift, leaves: tuple[Leave, ...] = ()) -> Roster:
    return Roster(SHANGHAI, shifts, leaves)


def test_who_has_a_shift_is_due_until_it_ends() -> None:
    duty = roster(MORNING, AFTERNOON).duty(W1, local(10))
    assert (duty.standing, duty.staff, duty.until) == (DutyStanding.DUE, (LI,), local(12))
    assert not duty.excuses


def test_between_shifts_nobody_is_due() -> None:
    duty = roster(MORNING, AFTERNOON).duty(W1, local(12.5))
    assert (duty.standing, duty.until) == (DutyStanding.OFF, local(13))
    assert duty.excuses


@pytest.mark.parametrize(("window", "at"), [(W2, local(10)), (W1, local(10, day=3)), (W1, local(23, day=1))])
def test_of_a_day_without_shifts_the_roster_says_nothing_and_excuses_nothing(
    window: WindowId, at: datetime
) -> None:
    duty = roster(MORNING).duty(window, at)
    assert (duty.standing, duty.excuses) == (DutyStanding.UNKNOWN, False)


def test_approved_leave_of_the_only_one_excuses_while_it_lasts() -> None:
    known = roster(MORNING, AFTERNOON, leaves=(Leave(LI, over(10, 15), "病假"),))
    assert known.duty(W1, local(9.5)).standing is DutyStanding.DUE
    assert known.duty(W1, local(9.5)).until == local(10)
    away = known.duty(W1, local(14))
    assert (away.standing, away.on_leave, away.until) == (DutyStanding.ON_LEAVE, (LI,), local(15))
    assert away.excuses
    assert known.duty(W1, local(15)).standing is DutyStanding.DUE


def test_a_cover_is_due_in_the_place_of_who_is_on_leave() -> None:
    cover = Shift(WANG, W1, over(9, 12), cover=True)
    duty = roster(MORNING, cover, leaves=(Leave(LI, over(0, 24)),)).duty(W1, local(10))
    assert (duty.standing, duty.staff, duty.on_leave) == (DutyStanding.DUE, (WANG,), (LI,))


def test_leave_of_somebody_else_excuses_nobody() -> None:
    duty = roster(MORNING, leaves=(Leave(WANG, over(0, 24)),)).duty(W1, local(10))
    assert duty.standing is DutyStanding.DUE


@pytest.mark.parametrize(
    "interval",
    [Interval(local(9)), Interval(local(9), local(9)), Interval(local(9), local(9) + timedelta(days=400))],
)
def test_a_shift_or_leave_without_an_end_or_without_length_is_refused(interval: Interval) -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Shift(LI, W1, interval)
    with pytest.raises(ValueError, match="ends after it starts"):
        Leave(LI, interval)


def test_nobody_is_due_at_two_windows_at_once() -> None:
    early, late = Shift(LI, W1, over(9, 10)), Shift(LI, W2, over(16, 18))
    with pytest.raises(ValueError, match="li is due at w1 and at w2"):
        roster(Shift(LI, W1, over(9, 17)), early, late)
    assert list(roster(early, Shift(LI, W2, over(10, 11)), late).collisions()) == []


hours = st.integers(0, 23)
spans = st.tuples(hours, st.integers(1, 8)).map(lambda span: over(span[0], span[0] + span[1]))


@given(
    st.lists(st.tuples(st.sampled_from([LI, WANG]), spans), max_size=4),
    st.lists(st.tuples(st.sampled_from([LI, WANG]), spans), max_size=4),
    st.integers(-60, 48 * 60),
)
def test_a_duty_holds_until_it_says(
    shifts: list[tuple[StaffId, Interval]], leaves: list[tuple[StaffId, Interval]], minute: int
) -> None:
    known = roster(
        *(Shift(staff, W1, span) for staff, span in shifts),
        leaves=tuple(Leave(staff, span) for staff, span in leaves),
    )
    at = local(0) + timedelta(minutes=minute)
    duty = known.duty(W1, at)
    until = duty.until or at + timedelta(days=3)
    for share in (0.25, 0.5, 0.999):
        later = known.duty(W1, at + (until - at) * share)
        assert (later.standing, later.staff, later.on_leave) == (duty.standing, duty.staff, duty.on_leave)


def test_leave_excuses_a_window_where_somebody_would_be_due_and_nobody_covers() -> None:
    cover = Shift(WANG, W1, over(10, 11), cover=True)
    known = roster(MORNING, AFTERNOON, cover, leaves=(Leave(LI, over(8, 14)),))
    assert known.duties(W1).on_leave() == (over(9, 10), over(11, 12), over(13, 14))
    assert known.duties(W2).on_leave() == ()

"""When an empty post is an absence, and what excuses it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.facts import Post, Sight
from alerts.rules.absence import ending, judge
from hall.finding import Standing, Verdict
from hall.interval import Interval
from hall.names import ZoneId
from hall.observing import Observation, Presence
from hall.queueing import PauseReason, WindowState, WindowStatus
from hall.schedule import DayException, Hours, Schedule
from tests.unit.alerts.small_hall import ABSENCE, C1, C2, TEN, W3, after, over, seen, settings, status

OPEN = status(WindowState.OPEN, -3000)
CLOSED = status(WindowState.CLOSED, -3000)
HERE, LEAVING, ABSENT, BLIND = Presence.ON_POST, Presence.LEAVING, Presence.ABSENT, Presence.UNKNOWN


def sight(*presences: Observation, watched: float = 1e6, camera: str = "c01") -> Sight:
    """What one camera shows of window 3; analysis keeps up unless `watched` says up to when it did."""
    return Sight(C1 if camera == "c01" else C2, ZoneId("s3"), presences, after(watched))


def post(
    *sights: Sight, statuses: tuple[WindowStatus, ...] = (OPEN,), schedule: Schedule | None = None
) -> Post:
    hall = settings(schedule=schedule) if schedule else settings()
    window = hall.window(W3)
    assert window is not None
    return Post(hall, window, statuses, sights)


def left_at(seconds: float, sure_after: float = 6) -> tuple[Observation, ...]:
    """On post since nine, then nobody any more."""
    return (
        seen(HERE, -3000, seconds),
        seen(LEAVING, seconds, seconds + sure_after),
        seen(ABSENT, seconds + sure_after),
    )


def at(facts: Post, seconds: float) -> Verdict:
    return judge(facts, after(seconds), ABSENCE)


def test_emptiness_is_found_exactly_when_the_limit_is_reached() -> None:
    facts = post(sight(*left_at(0)))
    assert at(facts, 14.999).standing is Standing.CLEAR
    assert at(facts, 14.999).due == after(15)
    found = at(facts, 15)
    assert found.standing is Standing.FOUND
    assert found.since == TEN


def test_the_reason_names_window_since_length_and_limit_in_both_languages() -> None:
    reason = at(post(sight(*left_at(125))), 200).reason
    assert reason.key == "absence.found"
    assert reason.zh == "3号窗口自 10:02:05 起无人在岗，已 1 分 15 秒（限 15 秒）"
    assert reason.en == "Window 3 has been unattended since 10:02:05, for 1 min 15 s (limit 15 s)"
    assert reason.values["since"] == "2026-03-02T10:02:05+08:00"
    assert reason.values["number"] == "3"


def test_leaving_alone_is_never_an_absence() -> None:
    facts = post(sight(seen(HERE, -3000, 0), seen(LEAVING, 0)))
    assert at(facts, 300).standing is Standing.CLEAR


def test_the_verdict_waits_until_absence_is_sure_and_then_counts_from_the_leaving() -> None:
    facts = post(sight(*left_at(0, sure_after=40)))
    assert at(facts, 39).standing is Standing.CLEAR
    assert at(facts, 40).since == TEN


def test_a_flicker_back_to_leaving_does_not_end_a_sure_absence() -> None:
    facts = post(sight(seen(HERE, -3000, 0), seen(LEAVING, 0, 4), seen(ABSENT, 4, 20), seen(LEAVING, 20)))
    assert at(facts, 25).standing is Standing.FOUND


def test_somebody_on_post_ends_the_absence() -> None:
    presences = (seen(HERE, -3000, 0), seen(ABSENT, 0, 95), seen(HERE, 95))
    facts = post(sight(*presences))
    assert at(facts, 96).standing is Standing.CLEAR
    ended = ending(facts, TEN, after(96), ABSENCE)
    assert ended is not None
    assert ended.ended_at == after(95)
    assert ended.reason.key == "absence.ended.on_post"
    assert "1 分 35 秒" in ended.reason.zh


def test_an_absence_that_lasts_has_no_ending() -> None:
    assert ending(post(sight(*left_at(0))), TEN, after(500), ABSENCE) is None


def test_somebody_seen_by_one_camera_outweighs_an_empty_zone_of_another() -> None:
    facts = post(sight(*left_at(0)), sight(seen(HERE, -3000, camera=C2), camera="c02"))
    assert at(facts, 100).standing is Standing.CLEAR


def test_one_camera_that_sees_is_enough() -> None:
    facts = post(sight(*left_at(0)), sight(seen(BLIND, -3000, camera=C2), camera="c02"))
    assert at(facts, 15).since == TEN


def test_a_blind_camera_gives_unknown_never_absence() -> None:
    facts = post(sight(seen(HERE, -3000, 0), seen(BLIND, 0)))
    assert at(facts, 500).standing is Standing.UNKNOWN


def test_a_window_without_a_camera_is_unknown() -> None:
    assert at(post(), 0).standing is Standing.UNKNOWN


def test_a_camera_whose_samples_stopped_is_blind_from_its_last_sample() -> None:
    facts = post(sight(*left_at(0), watched=20))
    assert at(facts, 29).standing is Standing.FOUND
    assert at(facts, 29).due == after(30)
    assert at(facts, 30).standing is Standing.UNKNOWN
    ended = ending(facts, TEN, after(30), ABSENCE)
    assert ended is not None
    assert ended.standing is Standing.UNKNOWN
    assert ended.ended_at == after(20)
    assert ended.reason.key == "absence.ended.unseen"


def test_a_rarely_sampled_camera_is_not_blind_between_two_samples() -> None:
    rarely = replace(sight(*left_at(0), watched=20), sample_every=20)
    assert at(post(rarely), 45).standing is Standing.FOUND
    assert at(post(rarely), 60).standing is Standing.UNKNOWN


def test_an_absence_that_cannot_be_seen_any_more_ends_when_it_was_last_seen() -> None:
    facts = post(sight(seen(HERE, -3000, 0), seen(ABSENT, 0, 50), seen(BLIND, 50)))
    ended = ending(facts, TEN, after(58), ABSENCE)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.UNKNOWN, after(50))


def test_emptiness_counts_anew_after_nobody_could_see() -> None:
    facts = post(sight(seen(HERE, -3000, 0), seen(ABSENT, 0, 10), seen(BLIND, 10, 14), seen(ABSENT, 14)))
    assert at(facts, 28).standing is Standing.CLEAR
    assert at(facts, 29).since == after(14)


def test_emptiness_counts_anew_after_a_stretch_that_no_watermark_covered() -> None:
    away = replace(sight(*left_at(0)), unseen=(over(20, 60),))
    assert at(post(away), 74).standing is Standing.CLEAR
    assert at(post(away), 75).since == after(60)


def test_a_camera_that_goes_blind_with_the_clerk_in_sight_leaves_it_unknown_whatever_the_other_misses() -> (
    None
):
    facts = post(sight(*left_at(0)), sight(seen(HERE, -3000, camera=C2), watched=40, camera="c02"))
    assert at(facts, 45).due == after(50)
    assert at(facts, 49).reason.key == "absence.on_post"
    assert at(facts, 50).standing is Standing.UNKNOWN
    assert at(facts, 5000).standing is Standing.UNKNOWN


def test_once_the_other_camera_has_seen_the_clerk_itself_it_is_believed_alone() -> None:
    returned = (*left_at(0)[:2], seen(ABSENT, 6, 60), seen(HERE, 60, 90), seen(ABSENT, 90))
    facts = post(sight(*returned), sight(seen(HERE, -3000, 40, camera=C2), seen(BLIND, 40), camera="c02"))
    assert at(facts, 104).standing is Standing.CLEAR
    assert at(facts, 105).since == after(90)


def test_an_emptiness_that_both_saw_begin_goes_on_when_one_goes_blind() -> None:
    second = (seen(HERE, -3000, 3, camera=C2), seen(ABSENT, 3, 8, camera=C2), seen(BLIND, 8, camera=C2))
    facts = post(sight(*left_at(0)), sight(*second, camera="c02"))
    assert at(facts, 18).since == after(3)
    assert ending(facts, after(3), after(500), ABSENCE) is None


def test_what_the_other_camera_never_saw_staffed_it_does_not_see_empty() -> None:
    facts = post(sight(seen(ABSENT, -3000)), sight(seen(BLIND, -3000, camera=C2), camera="c02"))
    assert at(facts, 500).standing is Standing.UNKNOWN


@pytest.mark.parametrize("statuses", [(), (CLOSED,)])
def test_a_window_that_nobody_opened_is_not_due(statuses: tuple[WindowStatus, ...]) -> None:
    assert at(post(sight(seen(ABSENT, -3000)), statuses=statuses), 500).standing is Standing.CLEAR


def test_a_serving_window_is_due() -> None:
    facts = post(sight(*left_at(0)), statuses=(status(WindowState.SERVING, -100),))
    assert at(facts, 15).standing is Standing.FOUND


def test_a_window_left_open_yesterday_is_not_due_today() -> None:
    yesterday = status(WindowState.OPEN, -86400)
    assert at(post(sight(seen(ABSENT, -3000)), statuses=(yesterday,)), 0).standing is Standing.CLEAR


def test_a_hall_that_never_closes_is_due_across_midnight() -> None:
    yesterday = status(WindowState.OPEN, -86400)
    facts = post(sight(seen(ABSENT, -80000)), statuses=(yesterday,), schedule=Schedule(always=True))
    assert at(facts, 0).since == after(-80000)


def test_emptiness_counts_from_the_opening_of_the_window() -> None:
    facts = post(sight(seen(ABSENT, -3000)), statuses=(status(WindowState.OPEN, 0),))
    assert at(facts, 14).standing is Standing.CLEAR
    assert at(facts, 15).since == TEN


def test_closing_the_window_ends_the_absence() -> None:
    facts = post(sight(*left_at(0)), statuses=(OPEN, status(WindowState.CLOSED, 100)))
    assert at(facts, 101).standing is Standing.CLEAR
    ended = ending(
        post(
            sight(*left_at(0)),
            statuses=(status(WindowState.OPEN, -3000, 100), status(WindowState.CLOSED, 100)),
        ),
        TEN,
        after(101),
        ABSENCE,
    )
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(100), "absence.ended.closed")


def test_emptiness_counts_only_from_the_opening_of_the_hall_and_ends_with_its_closing() -> None:
    schedule = Schedule(
        hours=(Hours(open=time(10), close=time(10, 10)), Hours(open=time(11), close=time(12)))
    )
    facts = post(sight(seen(ABSENT, -3600)), statuses=(status(WindowState.OPEN, -3600),), schedule=schedule)
    assert at(facts, -1).standing is Standing.CLEAR
    assert at(facts, -1).due == TEN
    assert at(facts, 15).since == TEN
    assert at(facts, 15).due == after(600)
    assert at(facts, 600).standing is Standing.CLEAR
    ended = ending(facts, TEN, after(700), ABSENCE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(600), "absence.ended.hall_closed")
    assert at(facts, 3615).since == after(3600)


def test_nobody_is_due_on_a_holiday() -> None:
    holiday = Schedule(exceptions=(DayException(date=date(2026, 3, 2)),))
    assert at(post(sight(*left_at(0)), schedule=holiday), 500).standing is Standing.CLEAR


def paused(reason: PauseReason, start: float, end: float | None = None) -> tuple[WindowStatus, ...]:
    before = status(WindowState.OPEN, -3000, start)
    rest = () if end is None else (status(WindowState.OPEN, end),)
    return (before, status(WindowState.PAUSED, start, end, reason=reason), *rest)


def test_a_permitted_pause_excuses_for_its_allowed_time_and_emptiness_counts_from_its_end() -> None:
    facts = post(sight(*left_at(0)), statuses=paused(PauseReason.BREAK, 0))
    assert at(facts, 59).standing is Standing.CLEAR
    assert at(facts, 59).due == after(60)
    assert "休息" in at(facts, 59).reason.zh
    assert at(facts, 74).standing is Standing.CLEAR
    assert at(facts, 75).since == after(60)


def test_a_pause_with_a_reason_that_the_rule_does_not_permit_excuses_nothing() -> None:
    facts = post(sight(*left_at(0)), statuses=paused(PauseReason.LEAVE, 0))
    assert at(facts, 15).since == TEN


def test_emptiness_counts_from_the_resumption_when_the_pause_was_shorter_than_allowed() -> None:
    facts = post(sight(*left_at(0)), statuses=paused(PauseReason.BREAK, 0, 30))
    assert at(facts, 44).standing is Standing.CLEAR
    assert at(facts, 45).since == after(30)


def test_a_pause_told_in_several_rows_is_one_pause() -> None:
    rows = (
        status(WindowState.OPEN, -3000, 0),
        status(WindowState.PAUSED, 0, 40, reason=PauseReason.BREAK),
        status(WindowState.PAUSED, 40, reason=PauseReason.BREAK),
    )
    assert at(post(sight(*left_at(0)), statuses=rows), 75).since == after(60)


def test_a_permitted_pause_that_becomes_known_late_takes_the_finding_back() -> None:
    facts = post(sight(*left_at(0)), statuses=paused(PauseReason.BREAK, -5))
    ended = ending(facts, TEN, after(20), ABSENCE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (TEN, "absence.retracted")


def test_emptiness_never_counts_from_before_a_given_moment() -> None:
    facts = replace(post(sight(*left_at(0))), counted_from=after(100))
    assert at(facts, 114).standing is Standing.CLEAR
    assert at(facts, 115).since == after(100)


STATES = st.sampled_from([HERE, LEAVING, ABSENT, BLIND])


@st.composite
def histories(draw: st.DrawFn) -> Post:
    """Any day at window 3: two cameras, any chain of presences, any chain of states."""
    sights = []
    for camera in ("c01", "c02"):
        lengths = draw(st.lists(st.tuples(STATES, st.integers(1, 40)), min_size=1, max_size=6))
        start, presences = -20.0, []
        for state, length in lengths:
            presences.append(seen(state, start, start + length, camera=C1 if camera == "c01" else C2))
            start += length
        watched = draw(st.sampled_from([30.0, 1e6]))
        sights.append(sight(*presences, watched=watched, camera=camera))
    kinds = st.sampled_from(
        [
            (WindowState.OPEN, None),
            (WindowState.SERVING, None),
            (WindowState.CLOSED, None),
            (WindowState.PAUSED, PauseReason.BREAK),
            (WindowState.PAUSED, PauseReason.LEAVE),
        ]
    )
    start, rows = -20.0, []
    for (window_state, reason), length in draw(st.lists(st.tuples(kinds, st.integers(1, 80)), max_size=5)):
        rows.append(status(window_state, start, start + length, reason=reason))
        start += length
    return post(*sights, statuses=tuple(rows))


@given(histories(), st.integers(-25, 200), st.randoms(use_true_random=False))
def test_facts_in_any_order_give_the_same_verdict(facts: Post, seconds: int, random: Random) -> None:
    shuffle = random.shuffle
    statuses, sights = list(facts.statuses), list(facts.sights)
    for index, one in enumerate(sights):
        presences = list(one.observations)
        shuffle(presences)
        sights[index] = replace(one, observations=tuple(presences))
    shuffle(statuses)
    shuffle(sights)
    mixed = replace(facts, statuses=tuple(statuses), sights=tuple(sights))
    assert at(mixed, seconds) == at(facts, seconds)


@given(histories(), st.integers(-25, 200))
def test_a_finding_lasts_and_was_seen_empty_and_due_for_the_whole_limit(facts: Post, seconds: int) -> None:
    verdict = at(facts, seconds)
    if verdict.standing is not Standing.FOUND:
        return
    assert verdict.since is not None
    assert after(seconds) - verdict.since >= timedelta(seconds=15)
    assert ending(facts, verdict.since, after(seconds), ABSENCE) is None
    stretch = Interval(verdict.since, after(seconds))
    for one in facts.sights:
        for presence in one.observations:
            assert not (
                presence.state == HERE and presence.interval.overlaps(stretch) and one.watched == after(1e6)
            )
    for row in facts.statuses:
        assert not (row.state is WindowState.CLOSED and row.interval.overlaps(stretch))


@given(histories(), st.integers(-25, 200), st.integers(0, 3000))
def test_a_camera_more_that_has_gone_blind_never_makes_an_absence(
    facts: Post, seconds: int, blind_since: int
) -> None:
    """Whether or not it had shown the clerk before."""
    start = -20.0 - blind_since
    gone = sight(seen(HERE, start - 60, start), seen(BLIND, start))
    verdict = at(replace(facts, sights=(*facts.sights, gone)), seconds)
    if verdict.standing is Standing.FOUND:
        assert at(facts, seconds).standing is Standing.FOUND


@given(histories(), st.integers(-25, 200))
def test_blind_cameras_alone_make_no_absence(facts: Post, seconds: int) -> None:
    blind = tuple(replace(one, observations=(seen(BLIND, -3000),)) for one in facts.sights)
    assert at(replace(facts, sights=blind), seconds).standing is not Standing.FOUND


@given(histories(), st.integers(-25, 150))
def test_nothing_changes_before_the_due_moment(facts: Post, seconds: int) -> None:
    verdict = at(facts, seconds)
    later = seconds
    while later < 220 and (verdict.due is None or after(later) < verdict.due):
        assert at(facts, later).standing is verdict.standing
        later += 1

"""When a picture with something wrong is a fault of its camera, and which one."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.facts import Outage
from alerts.rules.camera_fault import PICTURE_FAULTS
from alerts.rules.equipment import ending, finished, judge
from hall.finding import Standing
from hall.media import Gap, GapReason
from hall.names import RuleId
from hall.observing import Observation
from hall.rule import CameraFaultRule
from tests.unit.alerts.many_cameras import K1, hall_outage, outage_of, picture
from tests.unit.alerts.small_hall import TEN, after, gap

RULE = CameraFaultRule(id=RuleId("camera-fault"), limit_seconds=30, picture_seconds=60)
OFFLINE, RESTART = GapReason.OFFLINE, GapReason.PROCESS_RESTART


def facts(*known: Gap | Observation, watched: float = 10_000) -> Outage:
    return outage_of(hall_outage(*known, watched=watched))


@pytest.mark.parametrize("state", sorted(PICTURE_FAULTS))
def test_a_picture_with_a_fault_is_found_exactly_when_its_limit_is_reached(state: str) -> None:
    known = facts(picture("clear", -100, 0), picture(state, 0))
    assert judge(known, after(59), RULE).standing is Standing.CLEAR
    assert judge(known, after(59), RULE).due == after(60)
    found = judge(known, after(60), RULE)
    assert (found.standing, found.since, found.reached_at) == (Standing.FOUND, TEN, after(60))
    assert found.reason.values["fault"] == state


def test_every_fault_has_words_of_its_own_in_both_languages() -> None:
    reasons = [judge(facts(picture(state, 0)), after(90), RULE).reason for state in sorted(PICTURE_FAULTS)]
    assert len({reason.zh for reason in reasons}) == len({reason.en for reason in reasons}) == len(reasons)
    assert reasons[2].zh == "摄像机「k1机」自 10:00:00 起被遮挡，已 1 分 30 秒（限 1 分）"
    assert reasons[2].en == "Camera 'K1' is covered since 10:00:00, for 1 min 30 s (limit 1 min)"


def test_a_clear_picture_ends_it() -> None:
    ended = ending(facts(picture("covered", 0, 80), picture("clear", 80)), TEN, after(90), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(80), "camera_fault.ended")


def test_what_is_not_known_is_no_fault_and_ends_none() -> None:
    assert judge(facts(picture("unknown", 0)), after(500), RULE).standing is Standing.CLEAR
    hidden = facts(picture("covered", 0, 80), picture("unknown", 80))
    assert ending(hidden, TEN, after(5000), RULE) is None
    assert judge(hidden, after(5000), RULE).since == TEN
    back = facts(picture("covered", 0, 80), picture("unknown", 80, 300), picture("clear", 300))
    ended = ending(back, TEN, after(400), RULE)
    assert ended is not None
    assert ended.ended_at == after(300)


def test_time_in_which_the_picture_was_not_seen_is_not_counted() -> None:
    known = facts(picture("covered", 0, 20), picture("unknown", 20, 50), picture("covered", 50))
    assert judge(known, after(89), RULE).standing is Standing.CLEAR
    assert judge(known, after(90), RULE).since == TEN


def test_a_fault_that_was_not_found_is_forgotten_when_nobody_sees_it_any_more() -> None:
    known = facts(picture("covered", 0, 20), picture("unknown", 20, 200), picture("covered", 200))
    assert judge(known, after(259), RULE).standing is Standing.CLEAR
    assert judge(known, after(260), RULE).since == after(200)


def test_a_fault_is_not_counted_while_analysis_is_away() -> None:
    known = facts(picture("covered", 0), watched=20)
    assert judge(known, after(500), RULE).standing is Standing.CLEAR


def test_a_moved_camera_is_found_until_its_view_is_right_again() -> None:
    known = facts(picture("moved", 0, 4000), picture("unknown", 4000, 5000), picture("moved", 5000))
    assert judge(known, after(90_000), RULE).since == TEN
    assert ending(known, TEN, after(90_000), RULE) is None


def test_one_fault_after_another_is_one_finding_that_names_what_is_wrong_now() -> None:
    known = facts(
        picture("covered", 0, 100),
        picture("unknown", 100, 205),
        gap(OFFLINE, 100, 200, K1),
        picture("covered", 205, 1000),
        picture("clear", 1000),
    )
    assert judge(known, after(90), RULE).reason.values["told"] == "covered"
    assert judge(known, after(129), RULE).reason.values["told"] == "covered"
    assert judge(known, after(129), RULE).due == after(130)
    offline = judge(known, after(130), RULE)
    assert (offline.since, offline.reason.values["told"]) == (TEN, "offline")
    assert offline.reason.zh.endswith("自 10:01:40 起没有录像，已 30 秒（限 30 秒）；自 10:00:00 起异常")
    # What was told before is told again once it has shown for five minutes: some causes alternate.
    assert judge(known, after(499), RULE).reason.values["told"] == "offline"
    assert judge(known, after(500), RULE).reason.values["told"] == "covered"
    ended = ending(known, TEN, after(1000), RULE)
    assert ended is not None
    assert ended.ended_at == after(1000)


def test_a_picture_that_is_not_seen_after_an_outage_does_not_prolong_it() -> None:
    known = facts(
        picture("clear", -100, 0), picture("unknown", 0, 105), gap(OFFLINE, 0, 100, K1), picture("clear", 105)
    )
    ended = ending(known, TEN, after(101), RULE)
    assert ended is not None
    assert ended.ended_at == after(100)


def test_what_was_over_before_anybody_judged_is_found_with_its_interval() -> None:
    known = facts(picture("black", 0, 80), picture("clear", 80))
    (past,) = finished(known, TEN, after(300), RULE)
    assert (past.found.since, past.found.reached_at, past.ended.ended_at) == (TEN, after(60), after(80))
    assert list(finished(facts(picture("black", 0, 59), picture("clear", 59)), TEN, after(300), RULE)) == []


STATES = st.sampled_from([*sorted(PICTURE_FAULTS), "clear", "unknown", "clear", "unknown"])


@hypothesis_settings(deadline=None)
@given(
    st.lists(st.tuples(STATES, st.integers(1, 90)), min_size=1, max_size=8),
    st.lists(
        st.tuples(st.sampled_from([OFFLINE, RESTART]), st.integers(1, 60), st.integers(0, 90)), max_size=3
    ),
    st.integers(0, 700),
    st.randoms(use_true_random=False),
)
def test_facts_in_any_order_give_the_same_verdict_and_agree_with_its_end(
    states: list[tuple[str, int]], gaps: list[tuple[GapReason, int, int]], seconds: int, random: Random
) -> None:
    known: list[Gap | Observation] = []
    start = 0
    for state, length in states:
        known.append(picture(state, start, start + length))
        start += length
    start = 0
    for reason, length, pause in gaps:
        known.append(gap(reason, start + pause, start + pause + length, K1))
        start += pause + length
    whole = facts(*known)
    verdict = judge(whole, after(seconds), RULE)
    random.shuffle(known)
    assert judge(facts(*known), after(seconds), RULE) == verdict
    if verdict.since is not None:
        assert ending(whole, verdict.since, after(seconds), RULE) is None

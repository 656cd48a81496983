"""When a silent camera is a fault."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.facts import Outage
from alerts.rules.camera_fault import FAULTS
from alerts.rules.equipment import ending, judge
from hall.finding import Standing
from hall.media import Gap, GapReason
from hall.names import RuleId
from hall.rule import CameraFaultRule
from tests.unit.alerts.small_hall import TEN, after, gap, settings

RULE = CameraFaultRule(id=RuleId("camera-fault"), limit_seconds=30)
OFFLINE = GapReason.OFFLINE


def outage(*gaps: Gap, record: bool = True) -> Outage:
    hall = settings()
    return Outage(hall, hall.cameras[0].model_copy(update={"record": record}), gaps)


@pytest.mark.parametrize("reason", sorted(FAULTS))
def test_an_open_gap_is_found_exactly_when_the_limit_is_reached(reason: GapReason) -> None:
    facts = outage(gap(reason, 0))
    assert judge(facts, after(29), RULE).standing is Standing.CLEAR
    assert judge(facts, after(29), RULE).due == after(30)
    found = judge(facts, after(30), RULE)
    assert (found.standing, found.since) == (Standing.FOUND, TEN)


@pytest.mark.parametrize("reason", sorted(set(GapReason) - FAULTS))
def test_a_gap_that_is_nobodys_fault_is_never_found(reason: GapReason) -> None:
    assert judge(outage(gap(reason, 0)), after(500), RULE).standing is Standing.CLEAR


def test_a_camera_that_is_not_recorded_has_no_fault() -> None:
    assert judge(outage(gap(OFFLINE, 0), record=False), after(500), RULE).standing is Standing.CLEAR


def test_the_reason_says_what_is_wrong_in_both_languages() -> None:
    reason = judge(outage(gap(GapReason.UNAUTHORIZED, 0)), after(90), RULE).reason
    assert reason.zh == "摄像机「东侧」拒绝用户名或密码，自 10:00:00 起没有录像，已 1 分 30 秒（限 30 秒）"
    assert reason.en.startswith("Camera 'East side' refuses the user or password; nothing is recorded since")


@pytest.mark.parametrize("reason", sorted(FAULTS))
def test_every_fault_has_words_of_its_own(reason: GapReason) -> None:
    others = [judge(outage(gap(other, 0)), after(90), RULE).reason for other in FAULTS - {reason}]
    own = judge(outage(gap(reason, 0)), after(90), RULE).reason
    assert own.zh not in [other.zh for other in others]
    assert own.en not in [other.en for other in others]


def test_the_end_of_the_gap_ends_the_fault() -> None:
    ended = ending(outage(gap(OFFLINE, 0, 80)), TEN, after(80), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(80), "camera_fault.ended")


def test_another_reason_in_the_same_outage_goes_on_with_it() -> None:
    facts = outage(gap(OFFLINE, 0, 20), gap(GapReason.UNAUTHORIZED, 20))
    assert judge(facts, after(30), RULE).since == TEN
    assert ending(facts, TEN, after(30), RULE) is None


def test_a_restart_of_the_recorder_does_not_end_an_outage() -> None:
    facts = outage(gap(OFFLINE, 0, 40), gap(GapReason.PROCESS_RESTART, 40, 42), gap(OFFLINE, 42))
    assert judge(facts, after(50), RULE).since == TEN
    assert ending(facts, TEN, after(50), RULE) is None


def test_time_in_which_nobody_tried_the_camera_is_not_held_against_it() -> None:
    facts = outage(gap(OFFLINE, 0, 1), gap(GapReason.PROCESS_RESTART, 1))
    assert judge(facts, after(8), RULE).standing is Standing.CLEAR
    assert judge(facts, after(4000), RULE).standing is Standing.CLEAR
    again = outage(gap(OFFLINE, 0, 1), gap(GapReason.PROCESS_RESTART, 1, 3600), gap(OFFLINE, 3600))
    assert judge(again, after(3605), RULE).standing is Standing.CLEAR
    assert judge(again, after(3630), RULE).since == after(3600)


def test_an_outage_ends_when_the_recorder_is_off_for_longer_than_the_limit() -> None:
    facts = outage(gap(OFFLINE, 0, 100), gap(GapReason.PROCESS_RESTART, 100))
    assert ending(facts, TEN, after(100), RULE) is None
    ended = ending(facts, TEN, after(130), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(100), "camera_fault.not_tried")


def test_two_outages_with_a_recording_between_them_are_two() -> None:
    facts = outage(gap(OFFLINE, 0, 40), gap(OFFLINE, 50))
    assert judge(facts, after(90), RULE).since == after(50)
    ended = ending(facts, TEN, after(90), RULE)
    assert ended is not None
    assert ended.ended_at == after(40)


def test_an_outage_that_turns_out_to_be_shorter_than_the_limit_is_taken_back() -> None:
    ended = ending(outage(gap(OFFLINE, 0, 10)), TEN, after(60), RULE)
    assert ended is not None
    assert ended.reason.key == "camera_fault.retracted"


REASONS = st.sampled_from(sorted(FAULTS | {GapReason.PROCESS_RESTART, GapReason.STARTING}))


@given(
    st.lists(st.tuples(REASONS, st.integers(1, 50), st.integers(0, 5)), max_size=6),
    st.integers(0, 300),
    st.randoms(use_true_random=False),
)
def test_gaps_in_any_order_give_the_same_verdict(
    rows: list[tuple[GapReason, int, int]], seconds: int, random: Random
) -> None:
    start, gaps = 0, []
    for reason, length, pause in rows:
        gaps.append(gap(reason, start, start + length))
        start += length + pause
    facts = outage(*gaps)
    random.shuffle(gaps)
    assert judge(replace(facts, gaps=tuple(gaps)), after(seconds), RULE) == judge(facts, after(seconds), RULE)

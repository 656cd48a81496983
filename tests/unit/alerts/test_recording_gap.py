"""When a part of the record is missing, and who tells of it."""

from __future__ import annotations

import pytest

from alerts.facts import Outage
from alerts.rules.equipment import ending, finished, judge
from alerts.rules.recording_gap import EXPECTED
from hall.finding import Standing
from hall.media import Gap, GapReason
from hall.names import RuleId
from hall.observing import Observation
from hall.rule import CameraFaultRule, RecordingGapRule
from tests.unit.alerts.many_cameras import K1, SIX, hall_outage, outage_of, picture, six_cameras
from tests.unit.alerts.small_hall import TEN, after, gap

RULE = RecordingGapRule(id=RuleId("recording-gap"), limit_seconds=60)
FAULT = CameraFaultRule(id=RuleId("camera-fault"), limit_seconds=30)
OFFLINE, RESTART, LOST = GapReason.OFFLINE, GapReason.PROCESS_RESTART, GapReason.LOST


def facts(*known: Gap | Observation, beside: CameraFaultRule | None = FAULT) -> Outage:
    """Camera k1; the hall also has the rule `beside`."""
    rules = (beside, RULE) if beside is not None else (RULE,)
    return outage_of(hall_outage(*known, watched=10_000, hall=six_cameras(*rules).halls[0]))


@pytest.mark.parametrize("reason", [RESTART, LOST, GapReason.STARTING])
def test_what_is_no_fault_of_the_camera_is_found_exactly_when_the_limit_is_reached(reason: GapReason) -> None:
    known = facts(gap(reason, 0, None, K1))
    assert judge(known, after(59), RULE).standing is Standing.CLEAR
    assert judge(known, after(59), RULE).due == after(60)
    assert judge(known, after(60), RULE).since == TEN


@pytest.mark.parametrize("reason", sorted(EXPECTED))
def test_a_gap_that_is_meant_to_be_is_never_found(reason: GapReason) -> None:
    assert judge(facts(gap(reason, 0, None, K1)), after(5000), RULE).standing is Standing.CLEAR


def test_what_a_camera_fault_tells_of_is_not_told_again() -> None:
    known = facts(gap(OFFLINE, 0, 500, K1))
    assert all(judge(known, after(seconds), RULE).since is None for seconds in range(0, 600, 10))
    assert list(finished(known, TEN, after(600), RULE)) == []


def test_without_a_rule_about_cameras_every_interruption_is_told_here() -> None:
    known = facts(gap(OFFLINE, 0, None, K1), beside=None)
    assert judge(known, after(60), RULE).since == TEN
    switched_off = FAULT.model_copy(update={"enabled": False})
    assert judge(facts(gap(OFFLINE, 0, None, K1), beside=switched_off), after(60), RULE).since == TEN


def test_a_recorder_that_was_off_and_then_a_camera_that_does_not_answer_have_a_part_each() -> None:
    known = facts(gap(RESTART, 0, 100, K1), gap(OFFLINE, 100, 300, K1))
    assert judge(known, after(90), RULE).since == TEN
    # As long as nothing says that the camera is at fault the gap goes on.
    assert ending(known, TEN, after(129), RULE) is None
    ended = ending(known, TEN, after(130), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(100), "recording_gap.ended")
    assert judge(known, after(250), RULE).standing is Standing.CLEAR


def test_a_stumble_of_the_camera_belongs_to_the_gap_around_it() -> None:
    known = facts(gap(OFFLINE, 0, 10, K1), gap(RESTART, 10, 200, K1), gap(OFFLINE, 200, 210, K1))
    (past,) = finished(known, TEN, after(300), RULE)
    assert (past.found.since, past.ended.ended_at) == (TEN, after(210))


def test_a_picture_with_a_fault_does_not_explain_a_gap_in_the_record() -> None:
    known = facts(picture("covered", -500), gap(RESTART, 0, 200, K1))
    assert judge(known, after(100), RULE).since == TEN


def test_a_gap_that_is_over_is_found_with_its_interval_and_its_cause_in_words() -> None:
    (past,) = finished(facts(gap(RESTART, 0, 200, K1)), TEN, after(300), RULE)
    assert (past.found.since, past.ended.ended_at) == (TEN, after(200))
    assert (
        past.found.reason.zh == "摄像机「k1机」自 10:00:00 起没有录像：录像程序未在运行，已 1 分（限 1 分）"
    )
    assert past.ended.reason.en == (
        "The gap in the recording of camera 'K1' ended at 10:03:20; nothing was recorded since 10:00:00, "
        "for 3 min 20 s"
    )


def test_a_recorder_that_was_off_is_one_gap_of_the_hall() -> None:
    hall = six_cameras(FAULT, RULE).halls[0]
    known = hall_outage(*(gap(RESTART, 0, 200, camera) for camera in SIX), hall=hall)
    (past,) = finished(known, TEN, after(300), RULE)
    assert (past.found.since, past.ended.ended_at, past.found.cameras) == (TEN, after(200), SIX)
    assert list(finished(outage_of(known), TEN, after(300), RULE)) == []

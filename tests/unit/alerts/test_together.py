"""Many cameras that are out at once are told of once, and each that is out by exactly one alert."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from random import Random

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.facts import HallOutage, Outage
from alerts.rules.equipment import ending, finished, judge
from hall.finding import Standing
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, RuleId
from hall.observing import Observation
from hall.rule import CameraFaultRule
from tests.unit.alerts.many_cameras import K1, K2, K3, K4, K5, K6, SIX, hall_outage, outage_of, picture
from tests.unit.alerts.small_hall import TEN, after, gap, over

RULE = CameraFaultRule(id=RuleId("camera-fault"), limit_seconds=30)
OFFLINE, RESTART = GapReason.OFFLINE, GapReason.PROCESS_RESTART


def out(start: float, end: float | None, *cameras: CameraId) -> list[Gap]:
    return [gap(OFFLINE, start, end, camera) for camera in cameras]


def told(facts: HallOutage, seconds: float) -> list[str]:
    """What the rule finds at a moment: the hall, or cameras."""
    at = after(seconds)
    each = [camera for camera in SIX if judge(outage_of(facts, camera), at, RULE).since is not None]
    return [*(["hall"] if judge(facts, at, RULE).since is not None else []), *each]


def test_cameras_that_fail_at_once_are_told_of_once_when_the_first_reaches_its_limit() -> None:
    facts = hall_outage(*out(0, None, K1), *out(4, None, K2), *out(9, None, K3))
    assert told(facts, 29.9) == []
    assert told(facts, 30) == told(facts, 500) == ["hall"]
    found = judge(facts, after(30), RULE)
    assert (found.since, found.reached_at, found.cameras) == (after(9), after(30), (K1, K2, K3))
    assert found.reason.zh == (
        "6 台摄像机中有 3 台自 10:00:09 起同时没有画面或画面异常，已 21 秒（每台限 30 秒）：k1机、k2机、k3机"
    )
    assert found.reason.en == (
        "3 of 6 cameras are without a picture, or have a fault in it, at once since 10:00:09, for 21 s "
        "(limit 30 s each): K1, K2, K3"
    )


def test_two_cameras_of_six_are_two_faults() -> None:
    assert told(hall_outage(*out(0, None, K1, K2)), 500) == [K1, K2]


def test_how_many_are_the_hall_is_a_setting() -> None:
    strict = RULE.model_copy(update={"together": 2})
    assert judge(hall_outage(*out(0, None, K1, K2)), after(30), strict).standing is Standing.FOUND
    loose = RULE.model_copy(update={"together": 5})
    assert judge(hall_outage(*out(0, None, *SIX[:4])), after(500), loose).standing is Standing.CLEAR
    assert [RULE.threshold(cameras) for cameras in (1, 2, 3, 6, 7, 40)] == [3, 3, 3, 3, 4, 20]


def test_a_stumble_of_the_others_beside_a_camera_that_is_out_for_long_is_no_outage_of_the_hall() -> None:
    facts = hall_outage(*out(-5000, None, K1), *out(0, 20, K2, K3, K4))
    assert told(facts, 10) == told(facts, 60) == [K1]


def test_those_that_stood_go_on_with_the_hall_and_their_reason_says_so() -> None:
    facts = hall_outage(*out(0, None, K1), *out(40, None, K2, K3))
    assert told(facts, 69) == [K1]
    assert told(facts, 70) == ["hall"]
    assert judge(facts, after(70), RULE).since == after(40)
    ended = ending(outage_of(facts, K1), TEN, after(70), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(70), "camera_fault.goes_on_with_hall")
    assert judge(outage_of(facts, K1), after(80), RULE).reason.key == "camera_fault.with_hall"


def test_a_camera_that_fails_later_is_named_once_it_has_reached_its_limit() -> None:
    facts = hall_outage(*out(0, None, K1, K2, K3), *out(100, None, K4))
    assert judge(facts, after(129), RULE).cameras == (K1, K2, K3)
    assert judge(facts, after(130), RULE).cameras == (K1, K2, K3, K4)
    assert told(facts, 130) == ["hall"]


def test_who_is_still_out_when_the_hall_is_back_is_told_of_with_its_true_beginning() -> None:
    facts = hall_outage(*out(0, 100, K1, K2, K3, K4), *out(0, None, K5))
    assert told(facts, 129) == ["hall"]
    assert told(facts, 130) == [K5]
    single = judge(outage_of(facts, K5), after(130), RULE)
    assert (single.since, single.reached_at) == (TEN, after(130))
    ended = ending(facts, TEN, after(130), RULE)
    assert ended is not None
    assert (ended.ended_at, ended.reason.values["left"]) == (after(130), K5)


def test_those_that_come_back_a_little_later_are_not_told_of_one_by_one() -> None:
    facts = hall_outage(*out(0, 100, K1, K2, K3, K4), *out(0, 128, K5))
    assert told(facts, 127) == ["hall"]
    assert told(facts, 128) == []
    ended = ending(facts, TEN, after(128), RULE)
    assert ended is not None
    assert ended.ended_at == after(128)


def test_one_that_comes_and_goes_at_the_threshold_neither_ends_nor_begins_anything() -> None:
    flapping = [each for start in range(40, 400, 20) for each in out(start, start + 10, K3)]
    facts = hall_outage(*out(0, None, K1, K2), *out(0, 35, K3), *flapping)
    assert all(told(facts, seconds) == ["hall"] for seconds in range(30, 400, 5))


def test_a_recorder_that_is_off_for_long_ends_the_outage_of_the_hall_where_it_began() -> None:
    restart = [gap(RESTART, 100, None, camera) for camera in SIX]
    facts = hall_outage(*out(0, 100, *SIX), *restart)
    assert ending(facts, TEN, after(129), RULE) is None
    ended = ending(facts, TEN, after(130), RULE)
    assert ended is not None
    assert ended.ended_at == after(100)
    assert told(facts, 130) == []


def test_covered_and_silent_cameras_count_together() -> None:
    facts = hall_outage(*out(0, None, K1, K2), picture("covered", 0, camera=K6), watched=10_000)
    assert told(facts, 30) == ["hall"]


def test_an_outage_of_the_hall_that_came_and_went_is_found_once_and_nothing_beside_it() -> None:
    facts = hall_outage(*out(0, 100, *SIX))
    (past,) = finished(facts, after(-10), after(500), RULE)
    assert (past.found.since, past.found.reached_at, past.ended.ended_at) == (TEN, after(30), after(100))
    assert past.found.cameras == SIX
    assert not any(list(finished(outage_of(facts, camera), TEN, after(500), RULE)) for camera in SIX)


OUTAGES = st.lists(
    st.tuples(
        st.sampled_from(SIX),
        st.integers(0, 300),
        st.integers(1, 200),
        st.sampled_from([OFFLINE, OFFLINE, OFFLINE, RESTART, "covered"]),
    ),
    max_size=16,
)


def cause(camera: CameraId, start: int, length: int, kind: GapReason | str) -> Gap | Observation:
    if isinstance(kind, GapReason):
        return gap(kind, start, start + length, camera)
    return picture(kind, start, start + length, camera)


def not_overlapping(rows: Iterable[tuple[CameraId, int, int, GapReason | str]]) -> list[Gap | Observation]:
    """The rows of each camera and kind of fact, those left out that overlap an earlier one."""
    kept: list[Gap | Observation] = []
    for row in rows:
        made = cause(*row)
        if not any(
            type(other) is type(made)
            and other.camera == made.camera
            and other.interval.overlaps(made.interval)
            for other in kept
        ):
            kept.append(made)
    clear = [picture("clear", 600, camera=camera) for camera in SIX]
    return [*kept, *clear]


def over_the_limit(facts: HallOutage, seconds: float) -> list[CameraId]:
    """The cameras that would be found if each stood alone."""
    alone = RULE.model_copy(update={"together": 100})
    return [c for c in SIX if judge(outage_of(facts, c), after(seconds), alone).since is not None]


@hypothesis_settings(max_examples=60, deadline=None)
@given(OUTAGES, st.randoms(use_true_random=False))
def test_at_any_moment_a_camera_over_its_limit_is_told_of_by_exactly_one(
    rows: list[tuple[CameraId, int, int, GapReason | str]], random: Random
) -> None:
    known = not_overlapping(rows)
    facts = hall_outage(*known, watched=10_000)
    random.shuffle(known)
    shuffled = hall_outage(*known, watched=10_000)
    for seconds in range(0, 700, 13):
        found = told(facts, seconds)
        assert found == told(shuffled, seconds)
        for camera in over_the_limit(facts, seconds):
            assert ("hall" in found) + (camera in found) == 1
        assert "hall" not in found or found == ["hall"]


@hypothesis_settings(max_examples=60, deadline=None)
@given(OUTAGES)
def test_what_is_found_lasts_until_its_end_and_time_alone_changes_nothing_before_its_due(
    rows: list[tuple[CameraId, int, int, GapReason | str]],
) -> None:
    facts = hall_outage(*not_overlapping(rows), watched=10_000)
    subjects: list[HallOutage | Outage] = [facts, *(outage_of(facts, camera) for camera in SIX)]
    for subject in subjects:
        for seconds in range(0, 700, 29):
            verdict = judge(subject, after(seconds), RULE)
            if verdict.since is not None:
                assert ending(subject, verdict.since, after(seconds), RULE) is None
            until = verdict.due or after(2000)
            between = after(seconds) + (until - after(seconds)) / 2
            later = judge(subject, between, RULE)
            known_by_then = any(
                edge is not None and after(seconds) < edge <= between for edge in edges_of(facts)
            )
            assert known_by_then or (later.standing, later.since) == (verdict.standing, verdict.since)


def edges_of(facts: HallOutage) -> list[datetime | None]:
    """Every moment at which a fact begins or ends, which a live instance would be told of."""
    intervals: list[Interval] = [over(600)]
    for outage in facts.all_cameras:
        intervals += [each.interval for each in outage.gaps]
        intervals += [each.interval for each in (outage.picture.observations if outage.picture else ())]
    return [edge for interval in intervals for edge in (interval.start, interval.end)]

"""When a waiting area is crowded: how long, which counts are believed, and when nothing can be said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.again.findings import findings
from alerts.again.history import facts_of
from alerts.facts import Sight, WaitingArea
from alerts.rules.crowding import ending, finished, judge
from hall.config import HallSettings
from hall.finding import AlertStatus, Standing, Verdict
from hall.interval import Interval
from hall.names import CameraId, RuleId, ZoneId
from hall.observing import UNKNOWN, Observation, ObservationKind
from hall.place import Zone, ZoneRole
from hall.rule import CrowdingRule
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, C2, HALL, TEN, after, configuration, over, settings

RULE = CrowdingRule(
    id=RuleId("crowding"), limit_people=20, calm_people=17, limit_seconds=60, stale_seconds=10
)
WAIT = ZoneId("wait")
SMALL = settings()


def people(
    count: int | None, start: float, end: float | None = None, sure: float | None = 1.0, camera: CameraId = C1
) -> Observation:
    """So many people counted, or (None) nobody knows how many; `sure` is the share of looks that agree."""
    state = UNKNOWN if count is None else "counted"
    measure = None if count is None else float(count)
    confidence = None if count is None else sure
    return Observation(
        ObservationKind.PEOPLE, camera, WAIT, None, over(start, end), state, measure, confidence, "test@1"
    )


def area(*counts: Observation, second: tuple[Observation, ...] = (), watched: float = 1e6) -> WaitingArea:
    sights = [Sight(C1, WAIT, counts, after(watched))]
    if second:
        sights.append(Sight(C2, WAIT, second, after(1e6)))
    return WaitingArea(SMALL, tuple(sights))


def at(facts: WaitingArea, seconds: float, rule: CrowdingRule = RULE) -> Verdict:
    return judge(facts, after(seconds), rule)


def over_at(facts: WaitingArea, since: float, seconds: float) -> Verdict | None:
    return ending(facts, after(since), after(seconds), RULE)


def test_a_crowd_is_found_exactly_when_it_has_lasted_as_long_as_the_limit() -> None:
    facts = area(people(5, -600, 0), people(20, 0))
    assert at(facts, 59.9).standing is Standing.CLEAR
    assert at(facts, 59.9).due == after(60)
    assert at(facts, 60).standing is Standing.FOUND
    assert at(facts, 60).since == TEN


def test_the_reason_names_people_and_times_in_both_languages() -> None:
    reason = at(area(people(22, 0, 30), people(25, 30, 40), people(21, 40)), 75).reason
    assert reason.key == "crowding.found"
    assert reason.zh == "等候区自 10:00:00 起拥挤（限 20 人，最多 25 人），已 1 分 15 秒（限 1 分）"
    assert reason.en == (
        "The waiting area is crowded since 10:00:00 (limit 20 people, up to 25 counted), "
        "for 1 min 15 s (limit 1 min)"
    )


def test_a_count_that_moves_about_the_limit_is_one_crowd() -> None:
    facts = area(people(20, 0, 20), people(18, 20, 40), people(21, 40, 50), people(17, 50))
    assert at(facts, 60).since == TEN


def test_fewer_than_the_calm_count_end_a_crowd_and_the_next_counts_anew() -> None:
    facts = area(people(24, 0, 90), people(16, 90, 100), people(24, 100))
    ended = over_at(facts, 0, 95)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.CLEAR, after(90))
    assert ended.reason.key == "crowding.ended.calm"
    assert "最多 24 人" in ended.reason.zh
    assert at(facts, 159).standing is Standing.CLEAR
    assert at(facts, 160).since == after(100)


def test_without_a_calm_count_nine_tenths_of_the_limit_keep_a_crowd_up() -> None:
    rule = RULE.model_copy(update={"calm_people": None})
    assert at(area(people(20, 0, 30), people(18, 30)), 60, rule).since == TEN
    assert at(area(people(20, 0, 30), people(17, 30)), 60, rule).standing is Standing.CLEAR


def test_a_count_that_is_not_sure_begins_nothing() -> None:
    restless = [people(25 + step % 2, 5 * step, 5 * step + 5, sure=0.3) for step in range(40)]
    assert at(area(*restless), 190).standing is Standing.CLEAR


def test_a_count_that_was_not_sure_at_first_and_stays_is_sure_since_it_began() -> None:
    facts = area(people(3, -600, 0), people(25, 0, sure=0.3))
    assert at(facts, 9).due == after(10)
    assert at(facts, 9).reason.key == "crowding.clear"
    assert at(facts, 10).reason.key == "crowding.begins"
    assert at(facts, 60).since == TEN


def test_a_count_of_which_it_is_not_said_how_sure_it_is_has_to_stay_first() -> None:
    assert at(area(people(25, 0, sure=None)), 9).reason.key == "crowding.clear"
    assert at(area(people(25, 0, sure=None)), 60).since == TEN


def test_a_doubtful_low_count_does_not_end_a_crowd() -> None:
    facts = area(people(24, 0, 70), people(3, 70, 75, sure=0.3), people(24, 75))
    assert over_at(facts, 0, 72) is None
    assert at(facts, 80).since == TEN


def test_the_zones_of_a_hall_are_added_up() -> None:
    facts = area(people(12, 0), second=(people(7, 0, 30, camera=C2), people(8, 30, camera=C2)))
    assert at(facts, 89).standing is Standing.CLEAR
    assert at(facts, 90).since == after(30)


def test_a_rule_may_be_about_some_cameras_alone() -> None:
    facts = area(people(12, 0), second=(people(12, 0, camera=C2),))
    assert at(facts, 60).standing is Standing.FOUND
    assert at(facts, 60, RULE.model_copy(update={"cameras": (C2,)})).standing is Standing.CLEAR


def test_zones_that_are_seen_are_enough_where_they_alone_are_crowded() -> None:
    facts = area(people(25, 0), second=(people(None, 0, camera=C2),))
    assert at(facts, 60).since == TEN


def test_what_cannot_be_counted_is_unknown_and_no_crowd() -> None:
    assert at(area(people(None, -600)), 500).standing is Standing.UNKNOWN
    assert at(area(people(5, 0), second=(people(None, 0, camera=C2),)), 500).standing is Standing.UNKNOWN
    assert at(WaitingArea(SMALL), 0).standing is Standing.UNKNOWN


def test_a_crowd_that_cannot_be_counted_any_more_ends_when_it_was_last_counted() -> None:
    facts = area(people(25, 0, 80), people(None, 80))
    ended = over_at(facts, 0, 81)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.UNKNOWN, after(80))
    assert ended.reason.key == "crowding.ended.unseen"
    assert "25" in ended.reason.en


def test_a_camera_whose_samples_stopped_counts_nobody_any_more() -> None:
    facts = area(people(25, 0), watched=62)
    assert at(facts, 70).due == after(72)
    assert at(facts, 72).standing is Standing.UNKNOWN


def test_counts_that_came_late_take_it_back() -> None:
    ended = over_at(area(people(25, 0, 30), people(4, 30)), 0, 100)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(30), "crowding.retracted")


def test_a_crowd_that_came_and_went_while_nobody_judged_is_found_afterwards() -> None:
    facts = area(people(25, 0, 40), people(4, 40, 100), people(30, 100, 200), people(4, 200))
    past = list(finished(facts, TEN, after(300), RULE))
    assert [(each.found.since, each.ended.ended_at) for each in past] == [(after(100), after(200))]
    assert list(finished(facts, after(200), after(300), RULE)) == []


COUNTS = st.one_of(st.none(), st.integers(0, 40))
CHAINS = st.lists(st.tuples(COUNTS, st.integers(1, 70), st.sampled_from([0.4, 1.0])), min_size=1, max_size=8)


@st.composite
def histories(draw: st.DrawFn) -> WaitingArea:
    """Any day of two waiting zones."""
    sights = []
    for camera in (C1, C2):
        start, counts = -20.0, list[Observation]()
        for count, length, sure in draw(CHAINS):
            counts.append(people(count, start, start + length, sure, camera))
            start += length
        watched = draw(st.sampled_from([90.0, 1e6]))
        sights.append(Sight(camera, WAIT, tuple(counts), after(watched)))
    return WaitingArea(SMALL, tuple(sights))


@given(histories(), st.integers(-25, 250), st.randoms(use_true_random=False))
def test_facts_in_any_order_give_the_same_verdict(facts: WaitingArea, seconds: int, random: Random) -> None:
    sights = [
        replace(one, observations=tuple(random.sample(one.observations, len(one.observations))))
        for one in facts.sights
    ]
    assert at(WaitingArea(facts.hall, tuple(reversed(sights))), seconds) == at(facts, seconds)


@given(histories(), st.integers(-25, 250))
def test_a_crowd_that_is_found_lasts_and_was_at_the_limit_when_it_began(
    facts: WaitingArea, seconds: int
) -> None:
    verdict = at(facts, seconds)
    if verdict.standing is not Standing.FOUND or verdict.since is None:
        return
    assert after(seconds) - verdict.since >= timedelta(seconds=60)
    assert ending(facts, verdict.since, after(seconds), RULE) is None
    begun = Interval(verdict.since, verdict.since + timedelta(microseconds=1))
    counted = [
        each.measure or 0.0
        for one in facts.sights
        for each in one.observations
        if each.interval.overlaps(begun)
    ]
    assert sum(counted) >= 20


@hypothesis_settings(deadline=None, max_examples=30)
@given(histories())
def test_judged_only_when_due_or_changed_the_same_is_found_as_afterwards(facts: WaitingArea) -> None:
    """What the evaluator opens and closes live, against what it finds after an absence of its own.

    Samples never stop: that they did is known only later, and takes back what was found meanwhile.
    """
    facts = replace(facts, sights=tuple(replace(one, watched=after(1e6)) for one in facts.sights))
    live, open_since = list[tuple[object, object]](), None
    seen = [each.interval for one in facts.sights for each in one.observations]
    changes = [moment for each in seen for moment in (each.start, each.end) if moment is not None]
    now, end = after(-25), after(800)
    while now <= end:
        if open_since is not None and (ended := ending(facts, open_since, now, RULE)) is not None:
            live.append((open_since, ended.ended_at))
            open_since = None
        verdict = judge(facts, now, RULE)
        if open_since is None and verdict.standing is Standing.FOUND:
            open_since = verdict.since
        dues = [moment for moment in (verdict.due, *changes, end) if moment is not None and moment > now]
        now = min(dues, default=after(801))
    past = [(each.found.since, each.ended.ended_at) for each in finished(facts, after(-3000), end, RULE)]
    assert past == live


def crowded_hall() -> HallSettings:
    """The small hall with a waiting zone before each of its two cameras."""
    zone = Zone(id=WAIT, role=ZoneRole.WAITING, polygon=((0, 0.5), (1, 0.5), (1, 1), (0, 1)))
    cameras = tuple(
        camera.model_copy(update={"zones": (*camera.zones, zone)}) for camera in settings().cameras
    )
    return settings(rules=(RULE,), cameras=cameras)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.at(tmp_path, configuration().model_copy(update={"halls": (crowded_hall(),)}))
    yield made
    made.database.close()


def test_an_alert_opens_for_the_hall_and_ends_when_it_is_calm(scene: Scene) -> None:
    scene.see(people(9, -60), people(4, -60, camera=C2))
    scene.to(10)
    scene.see(people(16, 10))
    scene.to(69)
    assert scene.alerts() == []
    scene.to(70)
    alert = scene.only()
    assert (alert.kind, alert.status, alert.cameras) == ("crowding", AlertStatus.OPEN, (C1, C2))
    assert (alert.subject.name, alert.interval, alert.opened_at) == (f"hall:{HALL}", over(10), after(70))
    scene.restart()
    scene.to(80)
    scene.see(people(3, 81))
    scene.to(82)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, over(10, 81))
    assert scene.flips(alert)[-1].reason.key == "crowding.ended.calm"


def test_when_analysis_stops_a_crowd_ends_at_the_last_sample_and_counts_anew(scene: Scene) -> None:
    scene.see(people(25, 0), people(0, 0, camera=C2))
    scene.to(65)
    scene.analysis_runs = False
    scene.to(80)
    assert scene.only().interval.end is not None
    scene.analysis_runs = True
    scene.to(100)
    assert len(scene.alerts()) == 1
    scene.to(200)
    first, second = scene.alerts()
    assert (first.interval.start, second.interval.is_open) == (TEN, True)
    assert second.interval.start > after(65)


def test_recorded_counts_judged_again_give_the_same_crowd(scene: Scene) -> None:
    scene.see(people(25, 0), people(3, 0, camera=C2))
    scene.to(100)
    scene.see(people(2, 100))
    scene.to(110)
    hall, whole = crowded_hall(), over(-60, 120)
    for rule, found in ((RULE, [over(0, 100)]), (RULE.model_copy(update={"limit_people": 40}), [])):
        again = findings(facts_of(scene.database, hall, whole), [rule], whole)
        assert [each.interval for each in again] == found
    assert scene.only().interval == over(0, 100)

"""When customers at a window count as unattended: how long, what bridges, what excuses, what is not seen."""

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
from alerts.facts import Post, Sight
from alerts.rules.unattended_customer import ending, finished, judge
from hall.config import Configuration
from hall.finding import AlertStatus, Standing, Verdict
from hall.interval import Interval
from hall.names import RuleId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.place import Zone, ZoneRole
from hall.queueing import PauseReason, WindowState, WindowStatus
from hall.rule import UnattendedCustomerRule
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, TEN, W3, after, configuration, over, seen, settings, status

OPEN = status(WindowState.OPEN, -3000)
SMALL = settings()
HERE, LEAVING, ABSENT, BLIND = Presence.ON_POST, Presence.LEAVING, Presence.ABSENT, Presence.UNKNOWN
RULE = UnattendedCustomerRule(
    id=RuleId("unattended"),
    limit_seconds=60,
    gap_seconds=15,
    stale_seconds=10,
    allowed_pauses={PauseReason.BREAK: 600.0},
)
AWAY = (seen(HERE, -3000, -100), seen(LEAVING, -100, -95), seen(ABSENT, -95))
"""Staff that left before ten."""


def standing(state: Presence, start: float, end: float | None = None) -> Observation:
    """Somebody, or nobody, in front of window 3."""
    return replace(seen(state, start, end, zone="k3"), kind=ObservationKind.CUSTOMER)


def customers(*observations: Observation, watched: float = 1e6) -> Sight:
    return Sight(C1, ZoneId("k3"), observations, after(watched))


def post(
    staff: tuple[Observation, ...],
    *in_front: Observation,
    statuses: tuple[WindowStatus, ...] = (OPEN,),
    watched: float = 1e6,
) -> Post:
    window = SMALL.window(W3)
    assert window is not None
    sights = (Sight(C1, ZoneId("s3"), staff, after(watched)),)
    places = (customers(*in_front, watched=watched),) if in_front else ()
    return Post(SMALL, window, statuses, sights, customers=places)


def at(facts: Post, seconds: float, rule: UnattendedCustomerRule = RULE) -> Verdict:
    return judge(facts, after(seconds), rule)


def over_at(facts: Post, since: float, seconds: float) -> Verdict | None:
    return ending(facts, after(since), after(seconds), RULE)


def test_customers_without_staff_are_found_exactly_when_the_limit_is_reached() -> None:
    facts = post(AWAY, standing(ABSENT, -3000, 0), standing(HERE, 0))
    assert at(facts, 59.9).standing is Standing.CLEAR
    assert at(facts, 59.9).due == after(60)
    assert at(facts, 60).standing is Standing.FOUND
    assert at(facts, 60).since == TEN


def test_the_reason_names_window_since_length_and_limit_in_both_languages() -> None:
    reason = at(post(AWAY, standing(HERE, 5)), 80).reason
    assert reason.key == "unattended_customer.found"
    assert reason.zh == "3号窗口自 10:00:05 起有人等候办事而无人在岗，已 1 分 15 秒（限 1 分）"
    assert reason.en == (
        "Customers have stood at window 3 without staff since 10:00:05, for 1 min 15 s (limit 1 min)"
    )
    assert (reason.values["since"], reason.values["number"]) == ("2026-03-02T10:00:05+08:00", "3")


def test_time_counts_from_when_staff_left_if_the_customer_stood_there_before() -> None:
    staff = (seen(HERE, -3000, 30), seen(LEAVING, 30, 36), seen(ABSENT, 36))
    facts = post(staff, standing(HERE, -600))
    assert at(facts, 89).standing is Standing.CLEAR
    assert at(facts, 90).since == after(30)


def test_staff_that_is_only_leaving_is_not_found_until_it_is_surely_away() -> None:
    facts = post((seen(HERE, -3000, 0), seen(LEAVING, 0, 100), seen(ABSENT, 100)), standing(HERE, -60))
    assert at(facts, 99).standing is Standing.CLEAR
    assert at(facts, 100).since == TEN


def test_somebody_who_steps_aside_or_gives_way_to_another_does_not_start_the_time_anew() -> None:
    facts = post(AWAY, standing(HERE, 0, 20), standing(ABSENT, 20, 34), standing(HERE, 34))
    assert at(facts, 60).since == TEN


def test_an_empty_place_for_as_long_as_the_gap_starts_the_time_anew() -> None:
    facts = post(AWAY, standing(HERE, 0, 20), standing(ABSENT, 20, 35), standing(HERE, 35))
    assert at(facts, 60).standing is Standing.CLEAR
    assert at(facts, 95).since == after(35)


def test_whoever_is_away_when_the_limit_passes_is_found_when_somebody_stands_there_again() -> None:
    facts = post(AWAY, standing(HERE, 0, 55), standing(ABSENT, 55, 65), standing(HERE, 65))
    assert at(facts, 64).standing is Standing.CLEAR
    assert at(facts, 65).since == TEN


def test_a_finding_outlasts_a_gap_and_ends_when_the_customer_had_gone() -> None:
    facts = post(AWAY, standing(HERE, 0, 70), standing(ABSENT, 70))
    assert at(facts, 80).standing is Standing.FOUND
    assert at(facts, 80).due == after(85)
    assert over_at(facts, 0, 84) is None
    ended = over_at(facts, 0, 85)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.CLEAR, after(70))
    assert ended.reason.key == "unattended_customer.ended.left"
    assert "1 分 10 秒" in ended.reason.zh


def test_staff_on_post_ends_it() -> None:
    facts = post((*AWAY[:2], seen(ABSENT, -95, 100), seen(HERE, 100)), standing(HERE, 0))
    ended = over_at(facts, 0, 101)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.CLEAR, after(100))
    assert ended.reason.key == "unattended_customer.ended.on_post"
    assert at(facts, 101).reason.key == "unattended_customer.on_post"


def test_nobody_in_front_of_an_empty_post_is_no_finding() -> None:
    verdict = at(post(AWAY, standing(ABSENT, -3000)), 500)
    assert (verdict.standing, verdict.reason.key) == (Standing.CLEAR, "unattended_customer.nobody")


@pytest.mark.parametrize(
    "statuses",
    [
        (),
        (status(WindowState.CLOSED, -3000),),
        (status(WindowState.PAUSED, -3000, -60), status(WindowState.PAUSED, -60, reason=PauseReason.BREAK)),
    ],
    ids=["not opened", "closed", "paused with a permitted reason"],
)
def test_customers_at_a_window_that_is_not_due_are_no_finding(statuses: tuple[WindowStatus, ...]) -> None:
    assert at(post(AWAY, standing(HERE, 0), statuses=statuses), 400).standing is Standing.CLEAR


def test_when_the_pause_runs_out_the_time_counts_from_then() -> None:
    paused = (
        status(WindowState.OPEN, -3000, -500),
        status(WindowState.PAUSED, -500, reason=PauseReason.BREAK),
    )
    facts = post(AWAY, standing(HERE, 0), statuses=paused)
    assert at(facts, 159).standing is Standing.CLEAR
    assert at(facts, 160).since == after(100)


@pytest.mark.parametrize(
    ("staff", "in_front"),
    [
        ((seen(HERE, -3000, 0), seen(BLIND, 0)), (standing(HERE, -60),)),
        (AWAY, (standing(HERE, -60, 0), standing(BLIND, 0))),
        (AWAY, ()),
    ],
    ids=["the post", "the place in front of it", "no zone for customers"],
)
def test_what_is_not_seen_is_unknown(
    staff: tuple[Observation, ...], in_front: tuple[Observation, ...]
) -> None:
    assert at(post(staff, *in_front), 500).standing is Standing.UNKNOWN


def test_a_place_that_cannot_be_seen_any_more_ends_it_when_it_was_last_seen() -> None:
    facts = post(AWAY, standing(HERE, 0, 90), standing(BLIND, 90))
    ended = over_at(facts, 0, 91)
    assert ended is not None
    assert (ended.standing, ended.ended_at) == (Standing.UNKNOWN, after(90))
    assert ended.reason.key == "unattended_customer.ended.place_unseen"


def test_a_camera_whose_samples_stopped_sees_no_customer_any_more() -> None:
    facts = post(AWAY, standing(HERE, 0), watched=62)
    assert at(facts, 70).due == after(72)
    assert at(facts, 72).standing is Standing.UNKNOWN
    ended = over_at(facts, 0, 72)
    assert ended is not None
    assert ended.ended_at == after(62)


def test_facts_that_came_late_take_it_back() -> None:
    facts = post((*AWAY[:2], seen(ABSENT, -95, 20), seen(HERE, 20)), standing(HERE, 0))
    ended = over_at(facts, 0, 100)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(20), "unattended_customer.retracted")


def test_what_came_and_went_while_nobody_judged_is_found_afterwards() -> None:
    facts = post(
        AWAY,
        standing(HERE, 0, 30),
        standing(ABSENT, 30, 100),
        standing(HERE, 100, 200),
        standing(ABSENT, 200),
    )
    past = list(finished(facts, TEN, after(300), RULE))
    assert [(each.found.since, each.ended.ended_at) for each in past] == [(after(100), after(200))]
    assert past[0].found.reason.values["seconds"] == "60"
    assert list(finished(facts, after(200), after(300), RULE)) == []


def test_no_time_counts_from_before_a_given_moment() -> None:
    facts = replace(post(AWAY, standing(HERE, 0)), counted_from=after(50))
    assert at(facts, 109).standing is Standing.CLEAR
    assert at(facts, 110).since == after(50)


STATES = st.sampled_from([HERE, LEAVING, ABSENT, BLIND])
CHAINS = st.lists(st.tuples(STATES, st.integers(1, 60)), min_size=1, max_size=8)


@st.composite
def histories(draw: st.DrawFn) -> Post:
    """Any day at window 3: any chain behind the counter and in front of it, opened or closed."""
    chains: list[list[Observation]] = []
    for make in (seen, standing):
        start, chain = -20.0, list[Observation]()
        for state, length in draw(CHAINS):
            chain.append(make(state, start, start + length))
            start += length
        chains.append(chain)
    closed = draw(st.one_of(st.none(), st.integers(0, 150)))
    rows = (status(WindowState.OPEN, -3000, closed),) if closed is not None else (OPEN,)
    return post(tuple(chains[0]), *chains[1], statuses=rows, watched=draw(st.sampled_from([90.0, 1e6])))


@given(histories(), st.integers(-25, 250), st.randoms(use_true_random=False))
def test_facts_in_any_order_give_the_same_verdict(facts: Post, seconds: int, random: Random) -> None:
    def mixed(sights: tuple[Sight, ...]) -> tuple[Sight, ...]:
        return tuple(
            replace(one, observations=tuple(random.sample(one.observations, len(one.observations))))
            for one in sights
        )

    other = replace(facts, sights=mixed(facts.sights), customers=mixed(facts.customers))
    assert at(other, seconds) == at(facts, seconds)


@given(histories(), st.integers(-25, 250))
def test_a_finding_lasts_and_holds_no_staff_no_long_gap_and_nothing_unseen(facts: Post, seconds: int) -> None:
    verdict = at(facts, seconds)
    if verdict.standing is not Standing.FOUND or verdict.since is None:
        return
    assert after(seconds) - verdict.since >= timedelta(seconds=60)
    assert ending(facts, verdict.since, after(seconds), RULE) is None
    stretch = Interval(verdict.since, after(seconds))
    behind, in_front = facts.sights[0], facts.customers[0]
    for each in behind.observations:
        if each.interval.overlaps(stretch):
            assert each.state in (LEAVING, ABSENT)
    empty = timedelta(0)
    for each in in_front.observations:
        part = each.interval.intersection(stretch)
        if part is None:
            continue
        assert each.state != BLIND
        empty = timedelta(0) if each.state == HERE else empty + part.duration(after(seconds))
        assert empty < timedelta(seconds=15)


@hypothesis_settings(deadline=None, max_examples=50)
@given(histories(), st.integers(-25, 250))
def test_nothing_changes_before_the_due_moment(facts: Post, seconds: int) -> None:
    verdict = at(facts, seconds)
    later = seconds
    while later < 300 and (verdict.due is None or after(later) < verdict.due):
        assert at(facts, later).standing is verdict.standing
        later += 3


@hypothesis_settings(deadline=None, max_examples=30)
@given(histories())
def test_judged_only_when_due_or_changed_the_same_is_found_as_afterwards(facts: Post) -> None:
    """What the evaluator opens and closes live, against what it finds after an absence of its own.

    Samples never stop: that they did is known only later, and takes back what was found meanwhile.
    """
    behind, in_front = (
        tuple(replace(one, watched=after(1e6)) for one in sights)
        for sights in (facts.sights, facts.customers)
    )
    facts = replace(facts, sights=behind, customers=in_front)
    live, open_since = list[tuple[object, object]](), None
    sights = (*facts.sights, *facts.customers)
    changes = sorted({each.interval.start for one in sights for each in one.observations})
    changes += [each.interval.end for one in sights for each in one.observations if each.interval.end]
    changes += [row.interval.end for row in facts.statuses if row.interval.end]
    now, end = after(-25), after(700)
    while now <= end:
        if open_since is not None and (ended := ending(facts, open_since, now, RULE)) is not None:
            live.append((open_since, ended.ended_at))
            open_since = None
        verdict = judge(facts, now, RULE)
        if open_since is None and verdict.standing is Standing.FOUND:
            open_since = verdict.since
        dues = [moment for moment in (verdict.due, *changes, end) if moment is not None and moment > now]
        now = min(dues, default=after(701))
    past = [(each.found.since, each.ended.ended_at) for each in finished(facts, after(-3000), end, RULE)]
    assert past == live


CUSTOMER_ZONE = Zone(
    id=ZoneId("k3"), role=ZoneRole.CUSTOMER, window=W3, polygon=((0.5, 0.5), (1, 0.5), (1, 1), (0.5, 1))
)


def attended_hall() -> Configuration:
    """The small hall with a zone for the customers of window 3, seen by the first camera alone."""
    first = settings().cameras[0]
    first = first.model_copy(update={"zones": (*first.zones, CUSTOMER_ZONE)})
    return configuration(rules=(RULE,), cameras=(first,))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene.at(tmp_path, attended_hall())
    yield made
    made.database.close()


def test_an_alert_opens_for_the_customer_and_ends_when_staff_is_back(scene: Scene) -> None:
    scene.tell(OPEN)
    scene.see(seen(HERE, -600), standing(ABSENT, -600))
    scene.to(5)
    scene.see(seen(LEAVING, 5), seen(ABSENT, 9), standing(HERE, 20))
    scene.to(40)
    scene.see(standing(ABSENT, 40))
    scene.to(50)
    scene.see(standing(HERE, 50))
    scene.to(79)
    assert scene.alerts() == []
    scene.to(80)
    alert = scene.only()
    assert (alert.kind, alert.status) == ("unattended_customer", AlertStatus.OPEN)
    assert (alert.subject.window, alert.interval, alert.opened_at) == (W3, over(20), after(80))
    scene.restart()
    scene.to(95)
    scene.see(seen(HERE, 100))
    scene.to(101)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, over(20, 100))
    assert scene.flips(alert)[-1].reason.key == "unattended_customer.ended.on_post"


def test_recorded_facts_judged_again_give_the_same_finding(scene: Scene) -> None:
    scene.tell(OPEN)
    scene.see(seen(HERE, -600), standing(ABSENT, -600))
    scene.to(5)
    scene.see(seen(ABSENT, 5), standing(HERE, 20))
    scene.to(100)
    scene.see(seen(HERE, 100))
    scene.to(110)
    hall, whole = attended_hall().halls[0], over(-60, 120)
    again = findings(facts_of(scene.database, hall, whole), [RULE], whole)
    assert [each.interval for each in again] == [scene.only().interval] == [over(20, 100)]

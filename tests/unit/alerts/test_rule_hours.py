"""Rules with hours of their own: outside them they find nothing, and what stands ends with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts import judging
from alerts.again.comparing import Change, compared
from alerts.again.findings import continued, findings
from alerts.again.history import facts_of
from alerts.facts import Outage, Post, Sight, Wait, WaitingArea
from alerts.rules.hours import RuleHours
from hall.alert_life import Action
from hall.calendar import CalendarDay, CalendarYear, Completeness, DayKind, WorkCalendar
from hall.finding import AlertStatus, Standing
from hall.interval import Interval
from hall.media import GapReason
from hall.names import RuleId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import WindowState
from hall.rule import CameraFaultRule, CrowdingRule, OverlongWaitRule, Rule
from hall.schedule import DayException, Hours, Schedule, SharedHours
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import (
    ABSENCE,
    C1,
    TEN,
    after,
    configuration,
    gap,
    over,
    seen,
    settings,
    status,
    ticket,
)  # fmt: skip

ZONE = ZoneInfo("Asia/Shanghai")
ALL_DAY = Schedule(always=True)
HALVES = Schedule(
    hours=(Hours(open=time(10, 1), close=time(10, 5)), Hours(open=time(10, 10), close=time(10, 20)))
)
"""From 60 to 300 seconds after ten, and from 600 to 1200."""
POST = Post(
    settings(),
    settings().windows[1],
    (status(WindowState.OPEN, -3000),),
    (Sight(C1, ZoneId("s3"), (seen(Presence.ABSENT, 0),), after(1e6)),),
)
WAITING = OverlongWaitRule(id=RuleId("wait"), limit_seconds=100, schedule=HALVES)
FAULT = CameraFaultRule(id=RuleId("fault"), limit_seconds=100, schedule=HALVES)
CROWD = CrowdingRule(id=RuleId("crowd"), limit_people=20, limit_seconds=60, schedule=HALVES)


def at_hours(rule: Rule, schedule: Schedule | None = HALVES) -> Rule:
    return rule.model_copy(update={"schedule": schedule})


RULE = at_hours(ABSENCE)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Window 3 is open, and nobody is there from ten on."""
    made = Scene.at(tmp_path, configuration(rules=(RULE, WAITING)))
    made.tell(status(WindowState.OPEN, -3000))
    made.see(seen(Presence.ON_POST, -3000), seen(Presence.ABSENT, 0))
    yield made
    made.database.close()


def test_outside_its_hours_a_rule_finds_nothing_and_says_when_it_will() -> None:
    verdict = judging.judge(POST, after(30), RULE)
    assert (verdict.standing, verdict.due) == (Standing.CLEAR, after(60))
    assert verdict.reason.zh == "现在不在规则「absence」的适用时段内，10:01:00 起再判断"
    assert verdict.reason.en == "This is outside the hours of the rule 'absence', which begin at 10:01:00"


def test_a_rule_that_always_holds_is_like_one_without_hours() -> None:
    assert judging.judge(POST, after(30), at_hours(ABSENCE, ALL_DAY)) == judging.judge(
        POST, after(30), ABSENCE
    )


def test_emptiness_counts_from_the_opening_and_ends_with_the_hours(scene: Scene) -> None:
    scene.to(2000)
    found = [(alert.interval, alert.opened_at, alert.status) for alert in scene.alerts()]
    assert found == [
        (over(60, 300), after(75), AlertStatus.RESOLVED),
        (over(600, 1200), after(615), AlertStatus.RESOLVED),
    ]
    reason = scene.flips(scene.alerts()[0])[-1].reason
    assert reason.zh == "规则「absence」的适用时段于 10:05:00 结束，此后不再判断；自 10:01:00 起共 4 分"
    assert reason.en == (
        "The hours of the rule 'absence' were over at 10:05:00, and what came then is not judged; "
        "it had lasted since 10:01:00, for 4 min"
    )


@pytest.mark.parametrize("restarts", [(30,), (76, 299), (300,), (400, 600, 614)])
def test_a_restart_changes_nothing(scene: Scene, restarts: tuple[float, ...]) -> None:
    for moment in restarts:
        scene.to(moment)
        scene.restart()
    scene.to(2000)
    assert [alert.interval for alert in scene.alerts()] == [over(60, 300), over(600, 1200)]
    assert all(len(scene.flips(alert)) == 2 for alert in scene.alerts())


def test_what_came_and_went_while_nobody_judged_is_cut_at_the_hours(scene: Scene) -> None:
    scene.clock.wall = after(1000)
    scene.watch(after(1000))
    scene.restart()
    scene.see(seen(Presence.ABSENT, 0, 900), seen(Presence.ON_POST, 900))
    scene.to(1001)
    past = judging.finished(POST, after(0), after(2000), RULE)
    assert [(each.found.since, each.ended.ended_at) for each in past] == [
        (after(60), after(300)),
        (after(600), after(1200)),
    ]


def test_judging_again_finds_the_same(scene: Scene) -> None:
    scene.queue(ticket(taken=20))
    scene.to(700)
    scene.queue(ticket(taken=20, called=700))
    scene.to(2000)
    whole = over(-3000, 2000)
    found = continued(findings(facts_of(scene.database, settings(), whole), (RULE, WAITING), whole))
    causes = compared(scene.alerts(), found, whole)
    assert [(each.change, each.finding and each.finding.interval) for each in causes] == [
        (Change.ALIKE, over(20, 700)),
        (Change.ALIKE, over(60, 300)),
        (Change.ALIKE, over(600, 1200)),
    ]


def test_a_wait_has_its_true_length_and_goes_on_as_the_same_alert(scene: Scene) -> None:
    scene.queue(ticket(taken=20))
    scene.to(299)
    alert = next(alert for alert in scene.alerts() if alert.rule == "wait")
    assert (alert.interval, alert.opened_at) == (over(20), after(120))
    scene.to(500)
    scene.restart()
    scene.to(700)
    scene.queue(ticket(taken=20, called=700))
    scene.to(700)
    [alert] = [alert for alert in scene.alerts() if alert.rule == "wait"]
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, over(20, 700))
    flips = [(flip.after, (flip.at - TEN).total_seconds()) for flip in scene.flips(alert)]
    assert flips == [
        (AlertStatus.OPEN, 120),
        (AlertStatus.RESOLVED, 300),
        (AlertStatus.OPEN, 600),
        (AlertStatus.RESOLVED, 700),
    ]


def test_a_dismissed_wait_stays_dismissed_when_the_hours_begin_again(scene: Scene) -> None:
    scene.queue(ticket(taken=20))
    scene.to(150)
    alert = next(alert for alert in scene.alerts() if alert.rule == "wait")
    scene.act(alert, Action.DISMISS)
    scene.to(700)
    [alert] = [alert for alert in scene.alerts() if alert.rule == "wait"]
    assert (alert.status, alert.interval) == (AlertStatus.DISMISSED, over(20, 300))


def test_a_wait_that_reaches_its_limit_outside_the_hours_is_found_when_they_begin(scene: Scene) -> None:
    scene.queue(ticket(taken=250))
    scene.to(599)
    assert [alert.rule for alert in scene.alerts()] == ["absence"]
    scene.to(601)
    alert = next(alert for alert in scene.alerts() if alert.rule == "wait")
    assert (alert.interval, alert.opened_at) == (over(250), after(600))


def late(wait: Wait, at: float, since: float = 0) -> list[tuple[datetime | None, datetime | None]]:
    return [
        (each.found.since, each.ended.ended_at)
        for each in judging.finished(wait, after(since), after(at), WAITING)
    ]


@pytest.mark.parametrize(
    ("taken", "called", "found"),
    [
        (20, 200, over(20, 200)),  # within the hours
        (20, 300, over(20, 300)),  # up to their very end
        (20, 450, over(20, 300)),  # over their end
        (20, 700, over(20, 700)),  # over both
        (250, 500, None),  # the limit was reached outside, and it was over before they began again
        (1150, 1400, None),
    ],
)
def test_a_wait_told_late_is_found_as_far_as_the_hours_go(
    taken: float, called: float, found: Interval | None
) -> None:
    facts = Wait(settings(), ticket(taken=taken, called=called))
    expected = [] if found is None else [(found.start, found.end)]
    assert late(facts, 1500) == expected
    assert late(facts, 1500, since=1400) == []


def test_a_wait_that_still_lasts_is_found_up_to_the_end_of_the_hours() -> None:
    facts = Wait(settings(), ticket(taken=20))
    assert late(facts, 299) == []
    assert late(facts, 300) == late(facts, 400) == [(after(20), after(300))]
    assert late(facts, 400, since=300) == []


def people(*counts: tuple[int, float]) -> WaitingArea:
    """Counts of one zone, each from a moment on until the next."""
    ends = [start for _, start in counts[1:]] + [None]
    seen_there = tuple(
        Observation(
            ObservationKind.PEOPLE,
            C1,
            ZoneId("z"),
            None,
            over(start, end),
            "counted",
            float(count),
            1.0,
            "t@1",
        )
        for (count, start), end in zip(counts, ends, strict=True)
    )
    return WaitingArea(settings(), (Sight(C1, ZoneId("z"), seen_there, after(1e6)),))


def test_a_crowd_counts_from_the_opening_and_ends_with_the_hours() -> None:
    area = people((25, 0))
    assert judging.judge(area, after(119), CROWD).standing is Standing.CLEAR
    found = judging.judge(area, after(120), CROWD)
    assert (found.since, found.due) == (after(60), after(300))
    assert judging.ending(area, after(60), after(299), CROWD) is None
    ended = judging.ending(area, after(60), after(400), CROWD)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(300), "schedule.ended")


def test_crowds_told_late_are_cut_at_the_hours() -> None:
    area = people((25, 0), (3, 800), (30, 1000))
    past = judging.finished(area, after(0), after(2000), CROWD)
    assert [(each.found.since, each.ended.ended_at) for each in past] == [
        (after(60), after(300)),
        (after(600), after(800)),
        (after(1000), after(1200)),
    ]
    assert list(judging.finished(people((25, 310), (3, 590)), after(0), after(2000), CROWD)) == []


def test_an_outage_has_its_true_length() -> None:
    outage = Outage(settings(), settings().cameras[0], (gap(GapReason.OFFLINE, 310),))
    assert judging.judge(outage, after(500), FAULT).standing is Standing.CLEAR
    assert judging.judge(outage, after(600), FAULT).since == after(310)


def test_an_alert_of_before_the_rule_had_hours_stands_as_long_as_they_last(scene: Scene) -> None:
    scene.apply(configuration(rules=(ABSENCE,)))
    scene.to(20)
    scene.apply(configuration(rules=(at_hours(ABSENCE, Schedule(hours=HALVES.hours[1:])),)))
    scene.to(30)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, over(0, 20))
    assert scene.flips(alert)[-1].reason.key == "schedule.outside"


def test_the_hall_must_be_open_as_well() -> None:
    evening = at_hours(ABSENCE, Schedule(hours=(Hours(open=time(9), close=time(20)),)))
    closed = 7 * 3600.0 + 60
    facts = Post(settings(), POST.window, (status(WindowState.OPEN, -3000),), POST.sights)
    assert judging.judge(facts, after(closed), evening).reason.key.startswith("absence.")
    ended = judging.ending(facts, after(3 * 3600), after(closed), evening)
    assert ended is not None
    assert (ended.ended_at, ended.reason.key) == (after(7 * 3600), "absence.ended.hall_closed")


def test_hours_of_rules_follow_the_calendar(tmp_path: Path) -> None:
    monday_off = CalendarDay(date(2026, 3, 2), DayKind.HOLIDAY, "假日")
    holidays = WorkCalendar((CalendarYear(2026, Completeness.COMPLETE, (monday_off,), "notice", "wang"),))
    hall = settings(rules=(RULE, at_hours(ABSENCE, Schedule(follows_calendar=False))))
    follows, differs = hall.with_calendar(holidays).rules
    assert judging.judge(POST, after(100), follows).reason.key == "schedule.outside"
    assert judging.judge(POST, after(100), differs).standing is Standing.FOUND


# --- hours ------------------------------------------------------------------------------------------


NIGHT = RuleHours(
    Schedule(
        days=("mon", "tue"),
        follows_calendar=False,
        hours=(Hours(open=time(22), close=time(23, 59, 59)), Hours(open=time(0), close=time(6))),
    ),
    ZONE,
)


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def test_hours_over_midnight_are_one_opening() -> None:
    night = Interval(shanghai(2, 22), shanghai(3, 6))
    assert NIGHT.at(shanghai(2, 23)) == NIGHT.at(shanghai(3, 5)) == night
    assert list(NIGHT.openings(shanghai(2, 12), shanghai(3, 12))) == [night]
    assert NIGHT.closing_before(shanghai(3, 0)) is None
    assert NIGHT.closing_before(shanghai(3, 6)) == shanghai(3, 6)
    assert NIGHT.closing_before(shanghai(3, 7)) == shanghai(3, 6)
    assert NIGHT.next_opening(shanghai(3, 7)) == shanghai(3, 22)


def test_hours_of_single_days_close_for_good() -> None:
    once = RuleHours(
        Schedule(days=(), exceptions=(DayException(date=date(2026, 3, 2), hours=HALVES.hours),)), ZONE
    )
    assert once.at(after(100)) == over(60, 300)
    assert (once.next_opening(after(1200)), once.closing_before(after(0))) == (None, None)
    assert once.any_between(after(250), after(700))
    assert not once.any_between(after(300), after(600))


def test_shared_hours_are_those_of_both_and_a_place_that_never_closes_stays_one() -> None:
    both = SharedHours.of(ALL_DAY, HALVES)
    assert both.intervals_on(date(2026, 3, 2), ZONE) == [over(60, 300), over(600, 1200)]
    assert both.carries_over
    assert not SharedHours.of(HALVES, ALL_DAY).carries_over
    assert SharedHours.of(Schedule(days=("tue",)), HALVES).open_at(after(100), ZONE) is None


moments = st.lists(st.integers(0, 1500), min_size=2, max_size=6, unique=True).map(sorted)


@hypothesis_settings(max_examples=40, deadline=None)
@given(moments, st.integers(1, 1600))
def test_a_post_is_found_within_the_hours_only_and_alike_whenever_it_is_judged(
    changes: list[int], until: int
) -> None:
    """What `finished` tells afterwards is what `judge` and `ending` say one after the other."""
    ends = [*changes[1:], None]
    states = [Presence.ABSENT if number % 2 == 0 else Presence.ON_POST for number in range(len(changes))]
    watched = tuple(seen(state, start, end) for state, start, end in zip(states, changes, ends, strict=True))
    post = Post(settings(), POST.window, POST.statuses, (Sight(C1, ZoneId("s3"), watched, after(1e6)),))
    lived: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    moments = {*range(0, until + 1, 15), *changes, *(change + 15 for change in changes), 75, 615, until}
    for second in sorted(moment for moment in moments if moment <= until):
        now = after(second)
        if since is not None and (ended := judging.ending(post, since, now, RULE)) is not None:
            assert ended.ended_at is not None
            lived.append((since, ended.ended_at))
            since = None
        verdict = judging.judge(post, now, RULE)
        if since is None and verdict.since is not None:
            since = verdict.since
        assert verdict.standing is not Standing.FOUND or RuleHours(HALVES, ZONE).at(now) is not None
    past = judging.finished(post, after(-1), after(until), RULE)
    assert [(each.found.since, each.ended.ended_at) for each in past] == lived

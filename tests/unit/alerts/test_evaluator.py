"""The evaluator on a real store: alerts open on time, end with their cause, and survive every restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.evaluator import Evaluator
from alerts.leadership import NAME, TTL, NotLeading
from alerts.picture import Picture, SubjectKey
from hall.alert_life import Action
from hall.config import HallSettings
from hall.finding import AlertKind, AlertStatus, Severity
from hall.interval import Interval
from hall.media import GapReason
from hall.observing import Observation, Presence
from hall.queueing import PauseReason, WindowState
from store import judged
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C1, C2, TEN, after, configuration, over, seen, status, ticket

HERE, LEAVING, ABSENT, BLIND = Presence.ON_POST, Presence.LEAVING, Presence.ABSENT, Presence.UNKNOWN


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Window 3 is open and staffed, as camera c01 sees it; c02 sees nothing."""
    made = Scene.at(tmp_path, configuration())
    made.tell(status(WindowState.OPEN, -3000))
    made.see(seen(HERE, -3000))
    yield made
    made.database.close()


def leave(scene: Scene, at: float = 0) -> None:
    """Nobody is on post from `at` on, which is sure six seconds later."""
    scene.to(at + 6)
    scene.see(seen(LEAVING, at), seen(ABSENT, at + 6))


def come_back(scene: Scene, at: float) -> None:
    scene.to(at)
    scene.see(seen(HERE, at))
    scene.to(at)


def test_an_absence_opens_exactly_when_the_limit_is_reached(scene: Scene) -> None:
    leave(scene)
    scene.to(14.9)
    assert scene.alerts() == []
    scene.to(60)
    alert = scene.only()
    assert alert.kind is AlertKind.ABSENCE
    assert alert.opened_at == after(15)
    assert alert.interval == Interval(TEN)
    assert alert.status is AlertStatus.OPEN
    assert alert.cameras == (C1, C2)
    assert alert.reason.zh == "3号窗口自 10:00:00 起无人在岗，已 15 秒（限 15 秒）"


def test_an_absence_ends_with_its_full_interval_when_staff_returns(scene: Scene) -> None:
    leave(scene)
    come_back(scene, 95)
    alert = scene.only()
    assert (alert.status, alert.interval) == (AlertStatus.RESOLVED, Interval(TEN, after(95)))
    assert [flip.after for flip in scene.flips(alert)] == [AlertStatus.OPEN, AlertStatus.RESOLVED]
    assert scene.flips(alert)[-1].reason.key == "absence.ended.on_post"


def test_a_second_absence_is_a_second_alert(scene: Scene) -> None:
    leave(scene)
    come_back(scene, 95)
    leave(scene, 200)
    scene.to(300)
    assert [alert.interval.start for alert in scene.alerts()] == [TEN, after(200)]


def test_a_permitted_pause_raises_nothing_until_its_time_is_up(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000, 0), status(WindowState.PAUSED, 0, reason=PauseReason.BREAK))
    leave(scene)
    scene.to(74.9)
    assert scene.alerts() == []
    scene.to(80)
    assert (scene.only().interval.start, scene.only().opened_at) == (after(60), after(75))


def test_a_closed_window_raises_nothing(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000, 0), status(WindowState.CLOSED, 0))
    leave(scene)
    scene.to(3000)
    assert scene.alerts() == []


def test_a_blind_camera_raises_nothing(scene: Scene) -> None:
    scene.see(seen(BLIND, 0))
    scene.to(3000)
    assert scene.alerts() == []


def test_an_absence_ends_when_its_camera_goes_blind_and_counts_anew_afterwards(scene: Scene) -> None:
    leave(scene)
    scene.to(40)
    scene.see(seen(BLIND, 35))
    scene.to(60)
    first = scene.only()
    assert (first.status, first.interval.end) == (AlertStatus.RESOLVED, after(35))
    assert scene.flips(first)[-1].reason.key == "absence.ended.unseen"
    scene.see(seen(ABSENT, 60))
    scene.to(74.9)
    assert len(scene.alerts()) == 1
    scene.to(75)
    assert scene.alerts()[1].interval.start == after(60)


@pytest.mark.parametrize("restarts", [False, True])
def test_when_analysis_stops_the_absence_ends_at_the_last_sample_and_counts_anew(
    scene: Scene, restarts: bool
) -> None:
    leave(scene)
    scene.to(40)
    scene.analysis_runs = False
    scene.to(50)
    first = scene.only()
    assert (first.status, first.interval.end) == (AlertStatus.RESOLVED, after(40))
    scene.to(100)
    if restarts:
        scene.restart()
    assert len(scene.alerts()) == 1
    scene.analysis_runs = True
    scene.to(114.9)
    assert len(scene.alerts()) == 1
    scene.to(130)
    assert [alert.interval.start for alert in scene.alerts()] == [TEN, after(100)]


def test_a_store_that_was_locked_is_no_blindness(scene: Scene) -> None:
    leave(scene)
    scene.to(20)
    scene.clock.advance(100)  # the evaluator hung, analysis did not
    scene.to(121)
    assert scene.only().interval.is_open


def test_a_ticket_that_waits_too_long_is_found_and_ends_with_its_call(scene: Scene) -> None:
    scene.queue(ticket())
    scene.to(600)
    alert = scene.only()
    assert (alert.kind, alert.opened_at) == (AlertKind.OVERLONG_WAIT, after(600))
    assert alert.subject.ticket_number == "A012"
    scene.to(700)
    scene.queue(ticket(called=695))
    scene.to(700)
    assert scene.only().interval == Interval(TEN, after(695))


def test_a_call_that_was_told_late_takes_the_alert_back(scene: Scene) -> None:
    scene.queue(ticket())
    scene.to(650)
    scene.queue(ticket(called=300))
    scene.to(650)
    alert = scene.only()
    assert alert.status is AlertStatus.RESOLVED
    assert scene.flips(alert)[-1].reason.key == "overlong_wait.retracted"


def test_a_pause_that_was_told_late_takes_the_alert_back(scene: Scene) -> None:
    leave(scene)
    scene.to(20)
    scene.tell(status(WindowState.OPEN, -3000, -5), status(WindowState.PAUSED, -5, reason=PauseReason.BREAK))
    scene.to(20)
    assert scene.flips(scene.only())[-1].reason.key == "absence.retracted"


def test_a_camera_that_is_gone_is_found_and_ends_when_it_is_back(scene: Scene) -> None:
    scene.lose(GapReason.OFFLINE, 0)
    scene.to(60)
    alert = scene.only()
    assert (alert.kind, alert.opened_at, alert.subject.camera) == (AlertKind.CAMERA_FAULT, after(30), C1)
    scene.recover(80)
    scene.to(81)
    assert scene.only().interval == Interval(TEN, after(80))


def test_an_acknowledged_alert_stays_acknowledged_until_its_cause_ends(scene: Scene) -> None:
    leave(scene)
    scene.to(30)
    scene.officer(scene.only().id, AlertStatus.ACKNOWLEDGED)
    scene.to(60)
    assert scene.only().status is AlertStatus.ACKNOWLEDGED
    come_back(scene, 90)
    assert (scene.only().status, scene.only().interval.end) == (AlertStatus.RESOLVED, after(90))


@pytest.mark.parametrize("officer_ends_it", [False, True])
def test_a_dismissed_alert_is_not_opened_again_while_the_same_cause_lasts(
    scene: Scene, officer_ends_it: bool
) -> None:
    leave(scene)
    scene.to(30)
    scene.officer(scene.only().id, AlertStatus.DISMISSED, end=30 if officer_ends_it else None)
    scene.to(200)
    scene.restart()
    scene.to(300)
    assert scene.only().status is AlertStatus.DISMISSED
    come_back(scene, 400)
    assert scene.only().status is AlertStatus.DISMISSED
    assert scene.only().interval.end == after(30 if officer_ends_it else 400)
    leave(scene, 500)
    scene.to(520)
    assert scene.alerts()[1].interval.start == after(500)


def test_an_officer_who_changes_an_alert_while_it_ends_is_not_overwritten(scene: Scene) -> None:
    leave(scene)
    scene.to(30)
    scene.see(seen(HERE, 30))
    acknowledged = scene.officer(scene.only().id, AlertStatus.ACKNOWLEDGED)
    scene.to(31)
    alert = scene.only()
    assert (alert.status, alert.revision) == (AlertStatus.RESOLVED, acknowledged.revision + 1)


def without_rules(hall: HallSettings) -> dict[str, object]:
    return {"rules": tuple(rule.model_copy(update={"enabled": False}) for rule in hall.rules)}


def test_a_rule_that_is_switched_off_ends_its_alerts_and_finds_again_when_switched_on(scene: Scene) -> None:
    scene.queue(ticket())
    scene.to(610)
    scene.apply(configuration(**without_rules(configuration().halls[0])))
    scene.to(620)
    assert scene.only().interval == Interval(TEN, after(610))
    assert scene.flips(scene.only())[-1].reason.key == "overlong_wait.not_judged"
    scene.apply(configuration())
    scene.to(630)
    assert (scene.only().status, scene.only().interval) == (AlertStatus.OPEN, Interval(TEN))
    scene.queue(ticket(called=640))
    scene.to(640)
    assert scene.only().interval == Interval(TEN, after(640))


def test_an_alert_keeps_the_version_and_severity_of_its_rule(scene: Scene) -> None:
    hall = configuration().halls[0]
    stricter = hall.rules[0].model_copy(update={"version": 7, "severity": Severity.SERIOUS})
    scene.apply(configuration(rules=(stricter, *hall.rules[1:])))
    leave(scene)
    scene.to(15)
    assert (scene.only().rule_version, scene.only().severity) == (7, Severity.SERIOUS)


Story = Callable[[Scene], None]


def _tell(*observations: Observation) -> Story:
    return lambda scene: scene.see(*observations)


STORY: list[tuple[float, Story]] = [
    (2, lambda scene: scene.queue(ticket())),
    (6, _tell(seen(LEAVING, 0), seen(ABSENT, 6))),
    (40, lambda scene: scene.lose(GapReason.STALLED, 30)),
    (100, _tell(seen(HERE, 95))),
    (110, lambda scene: scene.recover(108)),
    (206, _tell(seen(LEAVING, 200), seen(ABSENT, 206))),
    (300, _tell(seen(BLIND, 290))),
    (400, _tell(seen(ABSENT, 400))),
    (700, lambda scene: scene.queue(ticket(called=699))),
    (720, lambda scene: scene.tell(status(WindowState.OPEN, -3000, 710), status(WindowState.CLOSED, 710))),
]
WHOLE = [
    (AlertKind.ABSENCE, Interval(TEN, after(95)), after(15)),
    (AlertKind.CAMERA_FAULT, Interval(after(30), after(108)), after(60)),
    (AlertKind.ABSENCE, Interval(after(200), after(290)), after(215)),
    (AlertKind.ABSENCE, Interval(after(400), after(710)), after(415)),
    (AlertKind.OVERLONG_WAIT, Interval(TEN, after(699)), after(600)),
]


def run_story(scene: Scene, *, restart_each: bool = False) -> None:
    for moment, story in STORY:
        scene.to(moment)
        story(scene)
        if restart_each:
            scene.restart()
    scene.to(800)


def test_a_whole_story_gives_each_alert_once_with_its_interval(scene: Scene) -> None:
    run_story(scene)
    assert [(alert.kind, alert.interval, alert.opened_at) for alert in scene.alerts()] == WHOLE
    assert all(alert.status is AlertStatus.RESOLVED for alert in scene.alerts())


def test_a_restart_after_every_fact_changes_nothing(scene: Scene) -> None:
    run_story(scene, restart_each=True)
    assert [(alert.kind, alert.interval, alert.opened_at) for alert in scene.alerts()] == WHOLE
    assert all(len(scene.flips(alert)) == 2 for alert in scene.alerts())


@pytest.mark.parametrize("seconds", [0, 7, 14.9, 15, 50, 94])
def test_what_happened_while_the_evaluator_was_away_is_found_when_it_is_back(
    scene: Scene, seconds: float
) -> None:
    scene.to(seconds)
    scene.see(seen(LEAVING, 0), seen(ABSENT, 6))
    if seconds >= 15:
        scene.to(seconds)
    scene.clock.wall = after(100)
    scene.see(seen(HERE, 95), seen(ABSENT, 110))
    scene.clock.wall = after(130)
    scene.restart()
    scene.to(131)
    found = sorted(scene.alerts(), key=lambda alert: alert.interval.start)
    assert [alert.interval for alert in found] == [Interval(TEN, after(95)), Interval(after(110))]
    assert [flip.after for flip in scene.flips(found[0])] == [AlertStatus.OPEN, AlertStatus.RESOLVED]


def test_a_wait_and_an_outage_that_came_and_went_while_the_evaluator_was_away_are_found(scene: Scene) -> None:
    scene.to(1)
    scene.queue(ticket(taken=2))
    scene.lose(GapReason.OFFLINE, 2)
    scene.recover(50)
    scene.queue(ticket(taken=2, called=700))
    scene.clock.wall = after(800)
    scene.restart()
    scene.to(815)
    assert [(alert.kind, alert.interval) for alert in scene.alerts()] == [
        (AlertKind.OVERLONG_WAIT, Interval(after(2), after(700))),
        (AlertKind.CAMERA_FAULT, Interval(after(2), after(50))),
    ]
    scene.restart()
    scene.to(900)
    assert len(scene.alerts()) == 2


def test_a_leader_that_was_killed_in_its_first_pass_leaves_nothing_out(scene: Scene) -> None:
    scene.to(1)
    scene.clock.wall = after(100)
    scene.see(seen(LEAVING, 2), seen(ABSENT, 8), seen(HERE, 95))
    scene.lose(GapReason.OFFLINE, 2)
    scene.recover(50)
    scene.restart()  # it holds the lease now, and dies before it has judged anything
    scene.clock.wall = after(110)
    scene.restart()
    scene.to(250)  # cameras have settled by then
    assert sorted((alert.kind, alert.interval) for alert in scene.alerts()) == [
        (AlertKind.ABSENCE, Interval(after(2), after(95))),
        (AlertKind.CAMERA_FAULT, Interval(after(2), after(50))),
    ]


def test_a_leader_that_was_killed_before_cameras_had_settled_leaves_none_of_them_out(scene: Scene) -> None:
    scene.to(1)
    scene.clock.wall = after(100)
    scene.lose(GapReason.OFFLINE, 2)
    scene.recover(50)
    scene.restart()
    scene.to(105)
    scene.restart()  # within the time in which cameras settle
    scene.to(250)
    assert [(alert.kind, alert.interval) for alert in scene.alerts()] == [
        (AlertKind.CAMERA_FAULT, Interval(after(2), after(50))),
    ]


def test_who_writes_all_the_time_keeps_the_place_that_judging_has_reached(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.to(100)
    scene.see(seen(LEAVING, 102), seen(ABSENT, 108))
    scene.clock.wall = after(118)
    scene.watch(after(118))
    scene.evaluator.step()  # confirms the lease without asking for its renewal
    with scene.database.read() as tx:
        reached = judged.find(tx, NAME)
    assert reached is not None
    assert reached.at >= after(100)


@pytest.mark.parametrize("restarts", [False, True])
def test_what_is_told_after_a_restart_of_the_time_before_it_is_found(scene: Scene, restarts: bool) -> None:
    scene.to(800)
    if restarts:
        scene.restart()
    scene.to(810)
    scene.tell(status(WindowState.OPEN, -3000, 200), status(WindowState.OPEN, 200))
    scene.see(seen(LEAVING, 2), seen(ABSENT, 8), seen(HERE, 95))
    scene.queue(ticket(taken=2, called=700))
    scene.lose(GapReason.OFFLINE, 2)
    scene.recover(50)
    scene.to(850)  # cameras have settled by then
    assert sorted((alert.kind, alert.interval) for alert in scene.alerts()) == [
        (AlertKind.ABSENCE, Interval(after(2), after(95))),
        (AlertKind.CAMERA_FAULT, Interval(after(2), after(50))),
        (AlertKind.OVERLONG_WAIT, Interval(after(2), after(700))),
    ]


def test_what_was_told_while_nobody_led_of_the_time_before_is_found(scene: Scene) -> None:
    scene.to(100)
    scene.clock.wall = after(110)
    scene.see(seen(LEAVING, 2), seen(ABSENT, 8), seen(HERE, 95))
    scene.restart()
    scene.to(111)
    assert scene.only().interval == Interval(after(2), after(95))


def test_what_was_over_before_anybody_judged_is_left_alone_whenever_it_is_told(scene: Scene) -> None:
    scene.to(100)
    scene.queue(ticket(taken=-2000, called=-100))
    scene.to(101)
    scene.restart()
    scene.to(120)
    assert scene.alerts() == []


def test_what_was_over_before_the_rules_came_into_force_is_left_alone(scene: Scene) -> None:
    scene.to(1)
    scene.see(seen(LEAVING, 0), seen(ABSENT, 6))
    scene.see(seen(HERE, 12))
    scene.to(20)
    hall = configuration().halls[0]
    scene.apply(configuration(rules=(hall.rules[0].model_copy(update={"limit_seconds": 5}),)))
    scene.to(30)
    scene.restart()
    scene.to(40)
    assert scene.alerts() == []


def test_a_pass_that_came_too_late_still_finds_what_reached_its_limit(scene: Scene) -> None:
    leave(scene)
    scene.to(14)
    scene.clock.wall = after(16)
    scene.see(seen(HERE, 15.5))
    scene.step()
    assert scene.only().interval == Interval(TEN, after(15.5))


def test_a_standby_takes_over_within_ten_seconds_and_doubles_nothing(scene: Scene) -> None:
    leave(scene)
    scene.to(20)
    evaluator, leadership = scene.another()
    assert not leadership.hold()
    scene.clock.advance(TTL.total_seconds() + 1)
    assert leadership.hold()
    scene.watch(scene.clock.now())
    evaluator.step()
    assert scene.only().interval.is_open
    assert TTL.total_seconds() + 1 < 10


def test_an_instance_that_slept_through_its_lease_writes_nothing(scene: Scene) -> None:
    leave(scene)
    scene.to(10)
    _, successor = scene.another()
    scene.clock.advance(TTL.total_seconds() + 1)
    assert successor.hold()
    scene.watch(scene.clock.now())
    with pytest.raises(NotLeading):
        scene.evaluator.step()
    assert scene.alerts() == []


def test_a_crash_between_reading_and_writing_leaves_nothing_half_done(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(scene)
    scene.to(14)

    def killed(tx: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scene.leadership, "confirm", killed)
    scene.clock.wall = after(15)
    with pytest.raises(KeyboardInterrupt):
        scene.step()
    assert scene.alerts() == []
    scene.restart()
    scene.to(16)
    assert scene.only().interval == Interval(TEN)


def test_only_what_changed_is_judged_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.to(1)
    judged: list[str] = []
    evaluate = scene.evaluator._evaluate

    def noting(picture: object, key: tuple[str, str], at: object) -> object:
        judged.append(key[1])
        return evaluate(picture, key, at)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(scene.evaluator, "_evaluate", noting)
    scene.step()
    assert judged == []
    scene.queue(ticket())
    scene.step()
    assert judged == [f"ticket:{ticket().id}"]


def test_a_handed_on_ticket_ends_its_wait_and_may_be_found_again(scene: Scene) -> None:
    scene.queue(ticket())
    scene.to(650)
    scene.queue(replace(ticket(), waiting_since=after(640), past_waits=(over(0, 630),)))
    scene.to(1300)
    assert [alert.interval for alert in scene.alerts()] == [
        Interval(TEN, after(630)),
        Interval(after(640)),
    ]


def test_a_camera_that_never_showed_the_clerk_does_not_speak_for_the_one_that_did(scene: Scene) -> None:
    scene.see(seen(ABSENT, -3000, camera=C2))
    scene.to(20)
    scene.see(seen(BLIND, 20))
    scene.to(500)
    assert scene.alerts() == []
    scene.see(seen(HERE, 500, camera=C2))
    scene.to(520)
    scene.see(seen(ABSENT, 520, camera=C2))
    scene.to(540)
    assert scene.only().interval == over(520)


def test_whom_a_blind_camera_had_shown_is_remembered_for_a_day(scene: Scene) -> None:
    """Emptiness that both saw begin hours ago, and a camera that went blind an hour ago."""
    scene.tell(status(WindowState.CLOSED, -3000, 5 * 3600), status(WindowState.OPEN, 5 * 3600))
    scene.see(seen(HERE, -3000, camera=C2))
    scene.to(0)
    scene.see(seen(ABSENT, 0), seen(ABSENT, 2, camera=C2))
    for hour in range(1, 5):
        scene.to(3600 * hour)
        # A restart of analysis begins new observations, which say nothing of what was before.
        scene.see(seen(BLIND, 3600 * hour), seen(BLIND, 3600 * hour, camera=C2))
        scene.see(seen(ABSENT, 3600 * hour + 5, camera=C2))
    scene.to(5 * 3600 + 20)
    assert scene.only().interval == over(5 * 3600)


def test_staff_that_had_been_seen_all_along_takes_an_absence_back_that_is_over(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(LEAVING, 2), seen(ABSENT, 8))
    scene.to(30)
    scene.see(seen(HERE, 40))
    scene.to(60)
    assert scene.only().interval == Interval(after(2), after(40))
    scene.see(seen(HERE, 0, camera=C2))  # told late, of all the time
    scene.to(61)
    taken_back = scene.only()
    assert (taken_back.status, taken_back.interval) == (AlertStatus.RESOLVED, Interval(after(2), after(2)))
    assert scene.flips(taken_back)[-1].reason.key == "absence.retracted"
    before = len(scene.flips(taken_back))
    scene.restart()
    scene.to(70)
    assert len(scene.flips(scene.only())) == before


def test_an_end_that_never_was_makes_one_alert_of_its_pieces(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(LEAVING, 2), seen(ABSENT, 8))
    scene.to(30)
    paused = status(WindowState.PAUSED, 40, 50, reason=PauseReason.BREAK)
    scene.tell(status(WindowState.OPEN, -3000, 40), paused, status(WindowState.OPEN, 50))
    scene.to(80)
    assert [alert.interval for alert in scene.alerts()] == [over(2, 40), over(50)]
    scene.tell(status(WindowState.OPEN, -3000))  # the pause is withdrawn
    scene.to(81)
    piece, whole = scene.alerts()
    assert (piece.interval, whole.interval) == (over(2, 2), over(2))
    assert scene.flips(piece)[-1].reason.key == "absence.retracted"


def test_what_an_officer_has_settled_stays_settled_whatever_is_told_late(scene: Scene) -> None:
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(LEAVING, 2), seen(ABSENT, 8))
    scene.to(30)
    scene.act(scene.only(), Action.DISMISS)
    scene.see(seen(HERE, 40))
    scene.to(60)
    settled = scene.only()
    scene.see(seen(HERE, 0, camera=C2))
    scene.to(61)
    assert scene.only() == settled


def test_what_does_not_settle_is_left_for_a_second_and_holds_nothing_else_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[SubjectKey] = []

    def never_done(self: Evaluator, picture: Picture, key: SubjectKey, at: datetime) -> bool:
        judged.append(key)
        picture.tell_again(key, at)
        return True

    scene.step()
    monkeypatch.setattr(Evaluator, "_judge_once", never_done)
    scene.queue(ticket())
    due = scene.evaluator.step()
    assert due == scene.clock.now() + timedelta(seconds=1)
    assert 1 < len(judged) < 200
    told = len(judged)
    scene.evaluator.step()
    assert len(judged) == told

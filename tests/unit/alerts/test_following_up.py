"""Following up on a real store with a simulated clock: what was put off comes back, once, whoever leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest

from alerts.following_up import FollowUp
from alerts.leadership import TTL, NotLeading
from hall.alert_life import Action
from hall.config.telling import EscalationStep, LocalHours, QuietHours
from hall.errors import Conflict
from hall.finding import Actor, Alert, AlertStatus, FlipKind
from hall.interval import Interval
from hall.names import NotifierId, SilenceId
from hall.observing import Presence
from hall.place import Text
from hall.queueing import WindowState
from hall.silencing import Matcher, Silence
from store import silencing
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import C2, HALL, TEN, after, configuration, seen, status, ticket

OPEN, ACKNOWLEDGED = AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED
RESOLVED, DISMISSED = AlertStatus.RESOLVED, AlertStatus.DISMISSED


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene.at(tmp_path, configuration())
    scene.tell(status(WindowState.OPEN, -3000))
    scene.see(seen(Presence.ON_POST, -3000), seen(Presence.UNKNOWN, -3000, camera=C2))
    yield scene
    scene.database.close()


def found(scene: Scene, at: float = 20) -> Alert:
    """Window 3 is left at ten o'clock, and found to be so fifteen seconds later."""
    scene.see(seen(Presence.LEAVING, 0), seen(Presence.ABSENT, 6))
    scene.to(at)
    return scene.only()


def kinds(scene: Scene) -> list[FlipKind]:
    return [flip.kind for flip in scene.flips(scene.only())]


def test_a_snoozed_alert_comes_back_by_itself_at_the_moment_that_was_named(scene: Scene) -> None:
    scene.act(found(scene), Action.SNOOZE, until=120)
    scene.to(119.9)
    assert scene.only().snoozed_until == after(120)
    scene.to(120)
    assert (scene.only().status, scene.only().snoozed_until) == (OPEN, None)
    flip = scene.flips(scene.only())[-1]
    assert (flip.kind, flip.actor, flip.at) == (FlipKind.SNOOZE, Actor.EVALUATOR, after(120))


def test_a_snooze_that_ended_while_nobody_led_ends_once(scene: Scene) -> None:
    scene.act(found(scene), Action.SNOOZE, until=120)
    scene.clock.wall = after(300)
    scene.restart()
    scene.to(310)
    scene.restart()
    scene.to(320)
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.SNOOZE, FlipKind.SNOOZE]
    assert scene.only().status is OPEN


def test_a_longer_snooze_takes_the_place_of_a_shorter_one(scene: Scene) -> None:
    scene.act(found(scene), Action.SNOOZE, until=120)
    scene.to(60)
    scene.act(scene.only(), Action.SNOOZE, until=600)
    scene.to(599)
    assert scene.only().snoozed_until == after(600)
    scene.to(601)
    assert scene.only().snoozed_until is None


def test_an_alert_whose_cause_ends_while_it_is_snoozed_and_assigned_resolves_with_its_whole_interval(
    scene: Scene,
) -> None:
    assigned = scene.act(found(scene), Action.ASSIGN, assignee="li")
    scene.act(assigned, Action.SNOOZE, until=600)
    scene.to(80)
    scene.see(seen(Presence.ON_POST, 75))
    scene.to(700)
    alert = scene.only()
    assert (alert.status, alert.interval) == (RESOLVED, Interval(TEN, after(75)))
    assert (alert.assignee, alert.snoozed_until) == ("li", None)
    assert kinds(scene)[-1] is FlipKind.STATUS


def test_what_an_officer_reopened_resolves_with_its_cause(scene: Scene) -> None:
    dismissed = scene.act(found(scene), Action.DISMISS)
    scene.to(60)
    assert scene.act(dismissed, Action.REOPEN).status is OPEN
    scene.see(seen(Presence.ON_POST, 75))
    scene.to(80)
    assert (scene.only().status, scene.only().interval) == (RESOLVED, Interval(TEN, after(75)))


def test_a_dismissal_that_is_taken_back_after_the_cause_has_ended_leaves_a_resolved_alert(
    scene: Scene,
) -> None:
    scene.act(found(scene), Action.DISMISS)
    scene.see(seen(Presence.ON_POST, 75))
    scene.to(80)
    assert scene.only().status is DISMISSED
    back = scene.act(scene.only(), Action.REOPEN)
    assert (back.status, back.interval) == (RESOLVED, Interval(TEN, after(75)))
    scene.restart()
    scene.to(200)
    assert scene.only() == back


def test_a_comment_on_a_resolved_alert_settles_nothing(scene: Scene) -> None:
    scene.queue(ticket())
    scene.to(650)
    scene.queue(ticket(called=640))
    scene.to(660)
    assert scene.act(scene.only(), Action.COMMENT).status is RESOLVED
    scene.queue(ticket())  # a correction: it had not been called
    scene.to(670)
    assert (scene.only().status, scene.only().interval) == (OPEN, Interval(TEN))


def test_a_dismissal_that_was_taken_back_settles_nothing(scene: Scene) -> None:
    scene.queue(ticket())
    scene.to(650)
    scene.queue(ticket(called=640))
    scene.to(660)
    dismissed = scene.act(scene.only(), Action.DISMISS)
    scene.queue(ticket())  # a correction: it had not been called
    scene.to(670)
    assert scene.only() == dismissed
    assert scene.act(dismissed, Action.REOPEN).status is RESOLVED
    scene.to(680)
    assert (scene.only().status, scene.only().interval) == (OPEN, Interval(TEN))


def test_of_two_officers_who_act_on_the_same_revision_one_is_told_how_it_stands(scene: Scene) -> None:
    alert = found(scene)
    acknowledged = scene.act(alert, Action.ACKNOWLEDGE)
    with pytest.raises(Conflict) as conflict:
        scene.act(alert, Action.DISMISS)
    assert conflict.value.current == acknowledged == scene.only()


def test_an_instance_that_slept_through_its_lease_ends_no_snooze(scene: Scene) -> None:
    scene.act(found(scene), Action.SNOOZE, until=25)
    sleeper = scene.follow_up
    scene.clock.advance(TTL.total_seconds() + 1)
    _, successor = scene.another()
    assert successor.hold()
    with pytest.raises(NotLeading):
        sleeper.step()
    assert scene.only().snoozed_until == after(25)
    FollowUp(scene.database, scene.clock, successor).step()
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.SNOOZE, FlipKind.SNOOZE]


# --- silences, quiet hours, escalation


DUTY = NotifierId("duty")
CHIEF = Text(zh="值班主任", en="Duty manager")
STEPS = (EscalationStep(after_minutes=5, role=CHIEF, notifiers=(DUTY,)),)


def silence(scene: Scene, start: float, end: float) -> Silence:
    """Everything in the hall is silenced, in seconds after ten."""
    interval = Interval(after(start), after(end))
    made = Silence(SilenceId("s"), Matcher(HALL), interval, "wang", "drill", scene.clock.now())
    with scene.database.write() as tx:
        silencing.add_silence(tx, made)
    return made


def test_what_still_stands_when_its_silence_is_over_is_told_then_and_once(scene: Scene) -> None:
    silence(scene, 0, 300)
    found(scene)
    scene.to(299)
    assert kinds(scene) == [FlipKind.STATUS]
    scene.restart()
    scene.to(400)
    scene.restart()
    scene.to(500)
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.REMINDER]
    flip = scene.flips(scene.only())[-1]
    assert (flip.at, flip.reason.key) == (after(300), "reminder.silence")


def test_a_silence_that_is_ended_early_is_over_at_once(scene: Scene) -> None:
    made = silence(scene, 0, 3000)
    found(scene)
    scene.to(60)
    with scene.database.write() as tx:
        silencing.end_silence(tx, made.id, "li", scene.clock.now())
    scene.to(61)
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.REMINDER]


def test_what_was_told_before_a_silence_is_not_told_again_after_it(scene: Scene) -> None:
    found(scene)
    scene.to(30)
    silence(scene, 30, 300)
    scene.to(500)
    assert kinds(scene) == [FlipKind.STATUS]


def test_what_is_over_when_its_silence_ends_is_not_told(scene: Scene) -> None:
    silence(scene, 0, 300)
    found(scene)
    scene.see(seen(Presence.ON_POST, 75))
    scene.to(500)
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.STATUS]


def test_what_was_found_in_quiet_hours_is_told_when_they_are_over(scene: Scene) -> None:
    quiet = QuietHours(hours=(LocalHours(start=time(9), end=time(10, 5)),))
    scene.apply(configuration(quiet=quiet))
    found(scene)
    scene.to(400)
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.REMINDER]
    flip = scene.flips(scene.only())[-1]
    assert (flip.at, flip.reason.key) == (after(300), "reminder.quiet")


def test_an_alert_that_nobody_acknowledges_is_escalated_once_whoever_leads(scene: Scene) -> None:
    scene.apply(configuration(escalation=STEPS))
    found(scene)
    scene.to(314.9)
    assert scene.only().level == 0
    scene.to(315)
    flip = scene.flips(scene.only())[-1]
    assert (flip.kind, flip.level, flip.at) == (FlipKind.ESCALATION, 1, after(315))
    assert "值班主任" in flip.reason.zh
    scene.restart()
    scene.to(2000)
    assert kinds(scene) == [FlipKind.STATUS, FlipKind.ESCALATION]


def test_a_step_that_came_due_while_nobody_led_is_told_by_the_successor(scene: Scene) -> None:
    scene.apply(configuration(escalation=STEPS))
    found(scene)
    scene.clock.wall = after(600)
    scene.restart()
    scene.to(601)
    assert scene.only().level == 1


def test_an_acknowledged_alert_is_not_escalated(scene: Scene) -> None:
    scene.apply(configuration(escalation=STEPS))
    scene.act(found(scene), Action.ACKNOWLEDGE)
    scene.to(2000)
    assert scene.only().level == 0


def test_a_chain_that_is_configured_later_holds_for_what_stands(scene: Scene) -> None:
    found(scene)
    scene.to(100)
    scene.apply(configuration(escalation=STEPS))
    scene.to(320)
    assert scene.only().level == 1

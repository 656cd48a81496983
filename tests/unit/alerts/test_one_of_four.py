"""Four neighbouring windows of which one serves, and a visitor who waits: one finding, with its reason.

One window is in back-office review, one serves, one is closed for approved leave, one is paused for a break.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from alerts.desks import Desk
from alerts.facts import HallQueue, Wait
from alerts.rules import applies, judge
from alerts.rules.openable import Opening, openable
from hall.config import Configuration, HallSettings, parse_configuration
from hall.finding import Alert, AlertKind, Standing
from hall.interval import Interval
from hall.names import RuleId, WindowId
from hall.queueing import PauseReason, WindowState
from hall.rule import LongQueueRule, OverlongWaitRule
from store import alerting
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import after, status, ticket

WAIT = OverlongWaitRule(id=RuleId("overlong-wait"), limit_seconds=600)
LONG = LongQueueRule(id=RuleId("long-queue"))
YAML = """
halls:
- id: gulou
  name: {zh: 鼓楼区政务服务中心, en: Gulou service hall}
  units: [{id: civil, name: {zh: 民政局, en: Civil affairs}}]
  windows:
  - {id: w01, number: "1", name: {zh: 婚姻登记, en: Marriage}, unit: civil}
  - {id: w02, number: "2", name: {zh: 收养登记, en: Adoption}, unit: civil}
  - {id: w03, number: "3", name: {zh: 社会保险, en: Social insurance}, unit: civil}
  - {id: w04, number: "4", name: {zh: 社会救助, en: Assistance}, unit: civil}
  cameras: []
"""
REVIEW = status(WindowState.PAUSED, -900, reason=PauseReason.BACK_OFFICE, window=WindowId("w01"))
SERVING = status(WindowState.SERVING, -900, window=WindowId("w02"))
CLOSED = status(WindowState.CLOSED, -3600, window=WindowId("w03"))
BREAK = status(WindowState.PAUSED, 0, reason=PauseReason.BREAK, window=WindowId("w04"))


def configuration() -> Configuration:
    settings = parse_configuration(YAML)
    hall = settings.halls[0].model_copy(update={"rules": (WAIT, LONG)})
    return settings.model_copy(update={"halls": (hall,)})


def desks(hall: HallSettings) -> tuple[Desk, ...]:
    """What queue system and roster tell of the four windows."""
    first, second, third, fourth = hall.windows
    return (
        Desk(first, (REVIEW,)),
        Desk(second, (SERVING,)),
        Desk(third, (CLOSED,), leave=(Interval(after(-3600), after(7200)),)),
        Desk(fourth, (BREAK,)),
    )


def test_the_reason_tells_the_visitor_what_each_of_the_four_windows_did() -> None:
    hall = configuration().halls[0]
    found = judge(Wait(hall, ticket(), desks(hall)), after(660), WAIT)
    assert (found.standing, found.since) == (Standing.FOUND, after(0))
    assert found.reason.en == (
        "Ticket A012 has waited for its call since 10:00:00, for 11 min (limit 10 min); "
        "meanwhile 1 of 4 windows was at work (window 1 paused (back office), "
        "window 3 closed for approved leave, window 4 paused (break))"
    )
    assert found.reason.zh == (
        "A012 号自 10:00:00 起等候叫号，已 11 分（限 10 分）；其间 4 个窗口中 1 个在办"
        "（1号暂停（后台办理），3号因批准的请假关闭，4号暂停（休息））"
    )


def test_one_who_waits_is_no_long_queue_and_the_window_on_leave_is_not_one_to_open() -> None:
    hall = configuration().halls[0]
    queue = HallQueue(hall, (ticket(),), desks(hall))
    assert applies(LONG, queue)
    assert judge(queue, after(660), LONG).standing is Standing.CLEAR
    assert [(one.window.id, one.why) for one in openable(queue, after(660))] == [
        ("w04", Opening.PAUSE_OVER),
        ("w01", Opening.BACK_OFFICE),
    ]


def test_the_evaluator_finds_one_overlong_wait_and_nothing_else_over_a_restart(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path, configuration())
    scene.analysis_runs = False
    for known in (REVIEW, SERVING, CLOSED, BREAK):
        scene.tell(known)
    scene.queue(ticket())
    scene.to(300)
    scene.restart()
    scene.to(660)
    (alert,) = _alerts(scene)
    assert (alert.kind, alert.subject.ticket_number) == (AlertKind.OVERLONG_WAIT, "A012")
    assert "meanwhile 1 of 4 windows was at work" in alert.reason.en
    called = replace(ticket(called=660), window=WindowId("w02"))
    scene.queue(called)
    scene.to(700)
    scene.queue(called)  # told once more
    scene.to(720)
    (ended,) = _alerts(scene)
    assert (ended.id, ended.stands) == (alert.id, False)
    assert ended.interval.duration() == timedelta(minutes=11)
    with scene.database.read() as tx:
        reasons = [flip.reason.en for flip in alerting.flips_of(tx, alert.id)]
    assert len(reasons) == 2
    assert reasons[1].startswith("Ticket A012 was called at 10:11:00, after 11 min (limit 10 min)")


def _alerts(scene: Scene) -> list[Alert]:
    with scene.database.read() as tx:
        return alerting.alerts_of(tx, limit=100)

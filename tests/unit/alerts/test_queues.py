"""Queues with a real store: one finding for the hall, and those of its tickets are not told one by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.audience import Audience
from hall.alert_life import Action
from hall.config.notifiers import NotifierSettings, WebhookSettings
from hall.finding import Alert, AlertKind, FlipKind
from hall.journal import FactKind
from hall.names import NotifierId, RuleId, TicketId
from hall.queueing import PauseReason, WindowState
from hall.rule import LongQueueRule, OverlongWaitRule
from store import alerting, journal, notifying
from tests.unit.alerts.scene import Scene
from tests.unit.alerts.small_hall import HALL, W1, configuration, status, ticket

LONG = LongQueueRule(id=RuleId("long-queue"), people_per_window=3, limit_wait_seconds=None, limit_seconds=60)
WAIT = OverlongWaitRule(id=RuleId("overlong-wait"), limit_seconds=600)
HOOK: NotifierSettings = WebhookSettings(kind="webhook", id=NotifierId("hook"), url="http://127.0.0.1:9/")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene.at(tmp_path, configuration(rules=(LONG, WAIT)))
    scene.tell(status(WindowState.OPEN, -600, window=W1))
    return scene


def take(scene: Scene, *numbers: int, called: float | None = None) -> None:
    """Tickets that were taken a second apart, from ten o'clock on."""
    for number in numbers:
        known = ticket(f"A{number:03}", taken=float(number), called=called)
        scene.queue(replace(known, id=TicketId(f"gulou-20260302-A{number:03}")))


def alerts(scene: Scene, kind: AlertKind) -> list[Alert]:
    with scene.database.read() as tx:
        return alerting.alerts_of(tx, kinds=[kind], limit=100)


def told(scene: Scene, kind: AlertKind) -> list[tuple[str, FlipKind, str]]:
    """What a webhook hears of alerts of a kind: ticket, flip, status."""
    audience, heard = Audience(HOOK), list[tuple[str, FlipKind, str]]()
    with scene.database.read() as tx:
        for delivery in notifying.deliveries(tx, 0, 1000)[0]:
            if delivery.alert.kind is kind and audience.hears(tx, delivery):
                number = delivery.alert.subject.ticket_number or ""
                heard.append((number, delivery.flip.kind, delivery.flip.after.value))
    return heard


def test_one_long_queue_is_one_alert_of_the_hall_with_its_true_interval(scene: Scene) -> None:
    take(scene, 0, 1, 2, 3)
    scene.to(300)
    (alert,) = alerts(scene, AlertKind.LONG_QUEUE)
    assert (alert.subject.name, alert.interval.start.second) == (f"hall:{HALL}", 2)
    scene.restart()
    scene.to(400)
    take(scene, 0, 1, 2, 3, called=400)
    scene.to(410)
    (alert,) = alerts(scene, AlertKind.LONG_QUEUE)
    assert alert.interval.duration().total_seconds() == 398
    assert not alert.stands


def test_tickets_of_a_long_queue_are_entered_but_told_only_once_that_is_over(scene: Scene) -> None:
    take(scene, 0, 1, 2, 3)
    scene.to(700)
    assert len(alerts(scene, AlertKind.OVERLONG_WAIT)) == 4
    assert told(scene, AlertKind.OVERLONG_WAIT) == []
    assert [kind for _, kind, _ in told(scene, AlertKind.LONG_QUEUE)] == [FlipKind.STATUS]
    take(scene, 1, 2, 3, called=700)
    scene.to(720)
    assert told(scene, AlertKind.OVERLONG_WAIT) == [("A000", FlipKind.REMINDER, "open")]


def test_a_hall_alert_that_an_officer_dismisses_covers_nothing_any_more(scene: Scene) -> None:
    take(scene, 0, 1, 2, 3)
    scene.to(590)
    (alert,) = alerts(scene, AlertKind.LONG_QUEUE)
    scene.act(alert, Action.DISMISS)
    scene.to(700)
    assert len(told(scene, AlertKind.OVERLONG_WAIT)) == 4


def test_a_ticket_that_waits_alone_is_told_at_once_with_what_the_windows_did(scene: Scene) -> None:
    scene.tell(status(WindowState.PAUSED, -60, reason=PauseReason.BACK_OFFICE))
    take(scene, 0)
    scene.to(600)
    (alert,) = alerts(scene, AlertKind.OVERLONG_WAIT)
    assert alert.reason.en.endswith(
        "(limit 10 min); meanwhile 1 of 2 windows was at work (window 3 paused (back office))"
    )
    assert alert.reason.zh.endswith("；其间 2 个窗口中 1 个在办（3号暂停（后台办理））")
    assert told(scene, AlertKind.OVERLONG_WAIT) == [("A000", FlipKind.STATUS, "open")]


def test_tickets_told_late_in_any_order_and_twice_end_in_the_same_alert(scene: Scene) -> None:
    take(scene, 3, 1)
    scene.to(200)
    assert alerts(scene, AlertKind.LONG_QUEUE) == []
    take(scene, 2, 0, 1, 3, 2)
    scene.restart()
    scene.to(201)
    (alert,) = alerts(scene, AlertKind.LONG_QUEUE)
    assert (alert.stands, alert.interval.start.second) == (True, 2)


def test_calls_that_are_told_late_take_the_finding_of_the_hall_back(scene: Scene) -> None:
    take(scene, 0, 1, 2)
    scene.to(300)
    take(scene, 0, 1, called=30)
    scene.to(310)
    (alert,) = alerts(scene, AlertKind.LONG_QUEUE)
    with scene.database.read() as tx:
        reasons = [flip.reason.key for flip in alerting.flips_of(tx, alert.id)]
    assert (alert.stands, reasons) == (False, ["long_queue.found", "long_queue.retracted"])


def test_a_queue_is_judged_anew_without_a_word_from_the_journal_only_when_it_is_due(scene: Scene) -> None:
    take(scene, 0, 1, 2)
    scene.to(300)
    with scene.database.read() as tx:
        before = journal.last_seq(tx)
    scene.step()
    with scene.database.read() as tx:
        assert [entry.kind for entry in journal.tail(tx, before, 10, [FactKind.ALERT])] == []

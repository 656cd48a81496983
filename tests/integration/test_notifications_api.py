"""How notifiers fare, as the console tells it, and trials that officers ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from alerts.delivery import Delivery
from hall.config.notifiers import WebhookSettings
from hall.names import NotifierId
from hall.testing_notifiers import a_flip
from store import alerting, audit
from store import configuration as configurations
from tests.integration.console_hall import HALL, NOW, USER, Console, console
from tests.receiver import WebReceiver, receiving

NOTIFICATIONS = "/api/v1/notifications"


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hall(tmp_path: Path, web: WebReceiver) -> Iterator[Console]:
    with console(tmp_path) as made:
        notifiers = tuple(
            WebhookSettings(id=NotifierId(name), kind="webhook", url=f"{web.address}{path}?key=hidden")
            for name, path in (("desk", "/takes"), ("busy", "/answers/503"), ("deaf", "/answers/410"))
        )
        site = made.configuration.site.model_copy(update={"notifiers": notifiers})
        with made.database.write() as tx:
            configurations.apply(tx, made.configuration.model_copy(update={"site": site}), NOW)
            alert, flip = a_flip()
            subject = replace(alert.subject, hall=HALL)
            assert alerting.open_alert(tx, replace(alert, subject=subject), flip)
        yield made


@pytest.fixture
def officer(hall: Console) -> Iterator[httpx.Client]:
    with hall.officer() as client:
        yield client


def deliveries(hall: Console) -> list[Delivery]:
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
    assert in_force is not None
    return [Delivery(one, hall.database, hall.clock, lambda _tx: True) for one in in_force.site.notifiers]


def test_each_notifier_tells_where_it_stands_and_why_without_its_address(
    hall: Console, officer: httpx.Client
) -> None:
    before = officer.get(NOTIFICATIONS).json()
    assert [one["waiting"] for one in before["notifiers"]] == [1, 1, 1]
    for delivery in deliveries(hall):
        delivery.step()
    answer = officer.get(NOTIFICATIONS)
    desk, busy, deaf = answer.json()["notifiers"]
    assert (desk["id"], desk["kind"], desk["waiting"], desk["failure"]) == ("desk", "webhook", 0, None)
    assert desk["told_at"] is not None
    assert busy["waiting"] == 1
    assert busy["failure"] == {"en": "the receiver answered 503", "zh": "对方应答 503"}
    assert busy["failing_since"] is not None
    assert (deaf["waiting"], deaf["failure"], deaf["told_at"]) == (0, None, None)
    (failed,) = answer.json()["failures"]
    assert (failed["notifier"], failed["alert"], failed["revision"]) == ("deaf", "alert-1", 1)
    assert failed["reason"] == {"en": "the receiver answered 410", "zh": "对方应答 410"}
    assert "hidden" not in answer.text


def test_a_trial_is_carried_out_by_who_delivers_and_the_trail_tells_who_asked(
    hall: Console, officer: httpx.Client, web: WebReceiver
) -> None:
    for name in ("desk", "busy"):
        asked = officer.post(f"/api/v1/notifiers/{name}/test")
        assert asked.status_code == 202, asked.text
        assert (asked.json()["asked_by"], asked.json()["done_at"]) == (USER, None)
    assert officer.post("/api/v1/notifiers/desk/test").status_code == 409
    assert web.asked == []
    for delivery in deliveries(hall):
        delivery.try_out()
    desk, busy, deaf = officer.get(NOTIFICATIONS).json()["notifiers"]
    assert desk["trial"]["done_at"] is not None
    assert desk["trial"]["failure"] is None
    assert busy["trial"]["failure"]["zh"] == "对方应答 503"
    assert deaf["trial"] is None
    assert web.taken[0].content == {"trial": {"notifier": "desk", "at": NOW.isoformat()}}
    with hall.database.read() as tx:
        entries = [entry for entry in audit.entries(tx) if entry.action == "notifier_test"]
    assert [(entry.who, entry.subject) for entry in entries] == [
        (USER, "notifier:desk"),
        (USER, "notifier:busy"),
    ]


def test_only_a_known_notifier_is_tried_out_and_only_by_who_is_logged_in(
    hall: Console, officer: httpx.Client
) -> None:
    assert officer.post("/api/v1/notifiers/pigeon/test").status_code == 404
    assert officer.post("/api/v1/notifiers/desk/test", headers={"X-CSRF-Token": "x"}).status_code == 403
    with hall.visitor() as visitor:
        assert visitor.get(NOTIFICATIONS).status_code == 401
        assert visitor.post("/api/v1/notifiers/desk/test").status_code == 401

"""Notifiers entered, changed, tried out and removed on the console: no secret is shown, none is led away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest

from alerts.delivery import Delivery
from hall.roles import Role
from store import audit
from store import configuration as configurations
from tests.integration.console_hall import NOW, Console, console
from tests.integration.visitors import visiting
from tests.receiver import WebReceiver, receiving

NOTIFIERS = "/api/v1/configuration/site/notifiers"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with console(tmp_path_factory.mktemp("hall")) as running:
        yield running


@pytest.fixture
def hall(running: Console) -> Console:
    """The console, with what hall.yaml says in force: no notifier."""
    with running.database.write() as tx:
        configurations.apply(tx, running.configuration, NOW)
    return running


@pytest.fixture
def admin(hall: Console) -> Iterator[httpx.Client]:
    with visiting(hall, Role.ADMINISTRATOR, name="li") as client:
        yield client


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


def put(client: httpx.Client, notifier: Mapping[str, object]) -> httpx.Response:
    match = client.get(NOTIFIERS).headers["ETag"]
    return client.put(f"{NOTIFIERS}/{notifier['id']}", json=notifier, headers={"If-Match": match})


def test_a_notifier_is_entered_tried_out_for_real_changed_and_removed(
    hall: Console, admin: httpx.Client, web: WebReceiver
) -> None:
    desk = {"id": "desk", "kind": "webhook", "url": f"{web.address}/takes?token=hidden"}
    entered = put(admin, desk)
    assert entered.status_code == 200, entered.text
    shown = entered.json()["value"]
    assert shown["url"] == f"{web.address}/takes?token=•••"
    assert admin.post("/api/v1/notifiers/desk/test").status_code == 202
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
    assert in_force is not None
    Delivery(in_force.site.notifiers[0], hall.database, hall.clock, lambda _tx: True).try_out()
    (tried,) = admin.get("/api/v1/notifications").json()["notifiers"]
    assert tried["trial"]["failure"] is None
    assert web.taken[0].content == {"trial": {"notifier": "desk", "at": NOW.isoformat()}}

    assert put(admin, {**shown, "severities": ["serious"]}).status_code == 200
    with hall.database.read() as tx:
        in_force = configurations.current(tx)
        trail = [entry for entry in audit.entries(tx) if entry.subject == "configuration:site/notifiers/desk"]
    assert in_force is not None
    assert in_force.site.notifiers[0].model_dump()["url"] == desk["url"]
    assert [(entry.who, entry.action) for entry in trail] == [("li", "configuration_change")] * 2
    assert not any("hidden" in entry.detail for entry in trail)

    match = admin.get(NOTIFIERS).headers["ETag"]
    assert admin.delete(f"{NOTIFIERS}/desk", headers={"If-Match": match}).status_code == 204
    assert admin.get("/api/v1/notifications").json()["notifiers"] == []


def test_a_secret_is_not_led_to_another_receiver(hall: Console, admin: httpx.Client) -> None:
    assert (
        put(admin, {"id": "a", "kind": "webhook", "url": "https://a.example/?token=hidden"}).status_code
        == 200
    )
    moved = put(admin, {"id": "a", "kind": "webhook", "url": "https://b.example/?token=•••"})
    assert [fault["field"] for fault in moved.json()["errors"]] == ["url"]
    led = put(admin, {"id": "b", "kind": "webhook", "url": "https://b.example/${HALLWATCH_SECRET_KEY}"})
    (fault,) = led.json()["errors"]
    assert (led.status_code, fault["field"], "NOTIFIER_" in fault["message"]) == (422, "url", True)
    named = put(admin, {"id": "b", "kind": "webhook", "url": "https://b.example/", "secret": "${NOTIFIER_B}"})
    assert named.status_code == 200, named.text


def test_a_fault_is_named_by_its_field_within_the_notifier(hall: Console, admin: httpx.Client) -> None:
    wrong = put(
        admin, {"id": "m", "kind": "email", "host": "mail.example", "sender": "hall", "recipients": []}
    )
    assert {fault["field"] for fault in wrong.json()["errors"]} == {"sender", "recipients"}
    unknown = put(admin, {"id": "w", "kind": "webhook", "url": "https://h.example/", "halls": ["h9"]})
    assert [fault["field"] for fault in unknown.json()["errors"]] == ["halls[0]"]

"""Webhooks on a real store with a real receiver: restarts, kills and bad receivers cost nobody a flip."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from alerts.delivering import delivering
from alerts.notifiers.webhook.notifier import sign
from bus.server import running
from hall.clock import SystemClock
from hall.config import Configuration, load_configuration
from hall.names import NotifierId
from hall.pulse import Pulses
from store import configuration, notifying
from store.database import Database
from tests.integration.alerts_role import eventually, find, happened, last_flip, role
from tests.receiver import Message, WebReceiver, receiving
from tests.unit.alerts.small_hall import YAML

SECRET = "known to both"
NOTIFIERS = """
site:
  data: data
  notifiers:
  - {{id: duty, kind: webhook, url: "{address}/takes/duty", secret: "${{DUTY_SECRET}}"}}
  - {{id: deaf, kind: webhook, url: "{address}/hangs", timeout_seconds: 60}}
  - {{id: gone, kind: webhook, url: "{address}/answers/503"}}
"""


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def settings(tmp_path: Path, web: WebReceiver) -> Configuration:
    (tmp_path / "hall.yaml").write_text(NOTIFIERS.format(address=web.address) + YAML, encoding="utf-8")
    return load_configuration(tmp_path / "hall.yaml")


@pytest.fixture
def database(settings: Configuration) -> Iterator[Database]:
    made = Database(settings.site.database_url)
    made.migrate()
    with made.write() as tx:
        configuration.apply(tx, settings, SystemClock().now())
    yield made
    made.close()


def stored(database: Database) -> int | None:
    """How far the duty desk has been told."""
    with database.read() as tx:
        return notifying.cursor(tx, NotifierId("duty"))


def heard(messages: list[Message]) -> list[tuple[str, int]]:
    """The flips of the messages; one that came again at once stands once."""
    return [flip for flip, _ in groupby(message.flip for message in messages)]


def test_receivers_that_hang_or_fail_hold_up_nobody_and_a_restart_repeats_and_loses_nothing(
    settings: Configuration, database: Database, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUTY_SECRET", SECRET)
    clock = SystemClock()
    for first in range(1, 13, 4):
        find(database, first, first + 1)
        with delivering(settings.site.notifiers, database, clock, lambda _tx: True, Pulses(clock)) as look:
            find(database, first + 2)
            look()
            last = (f"alert-{first + 2}", 1)
            eventually(lambda: last in heard(web.at("/takes/duty")), lambda: heard(web.taken))  # noqa: B023
        find(database, first + 3)
    with delivering(settings.site.notifiers, database, clock, lambda _tx: True, Pulses(clock)):
        eventually(lambda: len(web.at("/takes/duty")) >= 12, lambda: heard(web.taken))
    assert [message.flip for message in web.at("/takes/duty")] == happened(database)
    assert {"/hangs", "/answers/503"} <= set(web.asked)


def test_killed_between_sending_and_storing_the_role_repeats_that_one_flip_and_loses_none(
    tmp_path: Path, database: Database, web: WebReceiver
) -> None:
    def log() -> str:
        return (tmp_path / "alerts.log").read_text()

    def duty() -> list[Message]:
        return web.at("/takes/duty")

    with running(tmp_path / "bus") as server:
        with role(tmp_path, server.url, {"DUTY_SECRET": SECRET}) as child:
            find(database, 1, 2)
            # The evaluator ends what no rule knows, so each alert flips twice.
            eventually(lambda: len(happened(database)) == 4 and stored(database) == last_flip(database), log)
            assert len(duty()) == 4
            web.gate.clear()
            find(database, 3)
            eventually(lambda: len(duty()) == 5, log)
            child.send_signal(signal.SIGKILL)
            child.wait(10)
        web.gate.set()
        find(database, 4, 5)
        interrupted = duty()[-1].flip
        with role(tmp_path, server.url, {"DUTY_SECRET": SECRET}) as child:
            eventually(lambda: len(happened(database)) == 10, log)
            eventually(lambda: heard(duty()) == happened(database), lambda: (heard(duty()), log()))
            child.send_signal(signal.SIGTERM)
            assert child.wait(5) == 0
    told = [message.flip for message in duty()]
    assert len(told) == 11
    assert told.count(interrupted) == 2
    for message in duty():
        assert message.headers["x-hallwatch-signature"] == sign(message.body, SECRET)
    assert SECRET not in log()
    assert web.address not in log()

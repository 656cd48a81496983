"""Every kind of notifier with a receiver that breaks off in its own way, at once, beside one that is well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.delivering import delivering
from hall.clock import SystemClock
from hall.config import Configuration
from hall.pulse import Pulses
from hall.testing_notifiers import a_flip
from store import alerting
from store import configuration as configurations
from tests.bad_receiver import BadReceiver, Break, Then, breaking_off
from tests.every_notifier import ENVIRONMENT, SECRET, TOKEN, by_mail, over_http
from tests.integration.alerts_role import eventually
from tests.integration.console_hall import HALL, NOW, Console, console
from tests.mail_server import MailServer, mail_server
from tests.receiver import WebReceiver, receiving

BREAKS = {
    "webhook": (Break(b"", Then.HANGS), "in time"),
    "wecom": (Break(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", Then.CLOSES), "500"),
    "dingtalk": (Break(b"", Then.CLOSES), "cannot be reached"),
    "feishu": (Break(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"code"', Then.CLOSES), "robot"),
    "sms": (Break(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n", Then.CLOSES), "429"),
    "signal": (Break(b"HTTP/1.1 200 OK\r\n", Then.REPEATS, again=b"X-More: 1\r\n" * 200), "not HTTP"),
}
"""How each breaks off, and what the console has to say of it."""


@pytest.fixture
def bad() -> Iterator[dict[str, BadReceiver]]:
    with ExitStack() as stack:
        yield {kind: stack.enter_context(breaking_off(broken)) for kind, (broken, _) in BREAKS.items()}


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        server.hangs = True
        yield server


@pytest.fixture
def well() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hall(
    tmp_path: Path,
    bad: dict[str, BadReceiver],
    mail: MailServer,
    well: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Console]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with console(tmp_path) as made:
        notifiers = (
            *(over_http(kind, one.address, timeout_seconds=0.4) for kind, one in bad.items()),
            by_mail(mail.port, timeout_seconds=0.4),
            over_http("webhook", well.address, id="well"),
        )
        site = made.configuration.site.model_copy(update={"notifiers": notifiers})
        with made.database.write() as tx:
            configurations.apply(tx, made.configuration.model_copy(update={"site": site}), NOW)
        yield made


def in_force(hall: Console) -> Configuration:
    with hall.database.read() as tx:
        found = configurations.current(tx)
    assert found is not None
    return found


def find(hall: Console, number: int) -> None:
    alert, flip = a_flip(number)
    subject = replace(alert.subject, hall=HALL, window=None, ticket=f"t{number}")
    with hall.database.write() as tx:
        assert alerting.open_alert(tx, replace(alert, subject=subject), flip)


def test_bad_receivers_delay_nobody_are_shown_and_get_everything_once_they_are_well(
    hall: Console, bad: dict[str, BadReceiver], mail: MailServer, well: WebReceiver
) -> None:
    clock = SystemClock()
    with hall.officer() as officer:

        def shown() -> dict[str, dict[str, object]]:
            answer = officer.get("/api/v1/notifications")
            assert [secret for secret in (TOKEN, SECRET) if secret in answer.text] == []
            return {one["id"]: one for one in answer.json()["notifiers"]}

        def failure(name: str) -> str:
            found = shown()[name]["failure"]
            return str(found["en"]) if isinstance(found, dict) else ""

        words = {kind: told for kind, (_, told) in BREAKS.items()} | {"email": "in time"}
        notifiers = in_force(hall).site.notifiers
        with delivering(notifiers, hall.database, clock, lambda _tx: True, Pulses(clock)) as look:
            for number in (1, 2):
                find(hall, number)
            began = clock.monotonic()
            look()
            eventually(lambda: len(well.taken) == 2, shown)
            told_after = clock.monotonic() - began
            eventually(lambda: all(told in failure(name) for name, told in words.items()), shown)
            eventually(lambda: all(len(one.heard) >= 2 for one in bad.values()), shown)
            waited = clock.monotonic() - began
            now = shown()
            assert {name: now[name]["waiting"] for name in words} == dict.fromkeys(words, 2)
            assert all(now[name]["failing_since"] is not None for name in words)
            assert (now["well"]["waiting"], now["well"]["failure"]) == (0, None)
            # The waits double from half a second on, at the least: 0.5, 1, 2…
            most = 3 + waited / 2
            assert {kind: len(one.heard) for kind, one in bad.items() if len(one.heard) > most} == {}
            for one in bad.values():
                one.mended.set()
            mail.hangs = False
            eventually(lambda: all(one["waiting"] == 0 for one in shown().values()), shown)
        after = officer.get("/api/v1/notifications").json()
    assert after["failures"] == []
    assert [one["failure"] for one in after["notifiers"]] == [None] * len(notifiers)
    assert [found.content["X-Hallwatch-Alert"] for found in mail.taken] == ["alert-1", "alert-2"]
    assert [message.flip for message in well.taken] == [("alert-1", 1), ("alert-2", 1)]
    assert told_after < 5, "who is well is not kept waiting by seven who are not"

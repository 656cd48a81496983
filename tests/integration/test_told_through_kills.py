"""The alerts role, killed again and again under load: mail, a robot and a webhook lose and reorder nothing.

At least once is what is promised; what comes twice can be told apart by what each message carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from random import Random
from time import sleep

import pytest

from bus.server import running
from hall.clock import SystemClock
from hall.config import load_configuration
from hall.names import NotifierId
from store import configuration, notifying
from store.database import Database
from tests.integration.alerts_role import eventually, find, happened, last_flip, role
from tests.mail_server import MailServer, mail_server
from tests.receiver import WebReceiver, receiving
from tests.unit.alerts.small_hall import YAML

KILLS = 2
SECRETS = {"TOKEN": "t0ken-nobody-may-see"}
SITE = """
site:
  data: data
  console: {{address: "http://console.example"}}
  notifiers:
  - {{id: hook, kind: webhook, url: "{web}/takes/hook"}}
  - {{id: robot, kind: wecom, url: "{web}/robot/0?key=${{TOKEN}}", per_minute: 6000}}
  - {{id: mail, kind: email, host: 127.0.0.1, port: {port}, security: none, per_minute: 6000,
      sender: hall@example.gov.cn, recipients: [duty@example.gov.cn]}}
"""
ALERT = re.compile(r"alert=(alert-\d+)")
Told = list[tuple[str, str]]


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def database(tmp_path: Path, web: WebReceiver, mail: MailServer) -> Iterator[Database]:
    (tmp_path / "hall.yaml").write_text(SITE.format(web=web.address, port=mail.port) + YAML, encoding="utf-8")
    settings = load_configuration(tmp_path / "hall.yaml")
    made = Database(settings.site.database_url)
    made.migrate()
    with made.write() as tx:
        configuration.apply(tx, settings, SystemClock().now())
    yield made
    made.close()


def by_hook(web: WebReceiver) -> Told:
    messages = [message.flip for message in web.at("/takes/hook")]
    return [(alert, str(revision)) for alert, revision in messages]


def by_robot(web: WebReceiver) -> Told:
    """A robot's messages carry no revision: an alert's first message tells that it opened."""
    texts = [
        message.content["text"]["content"] for message in list(web.taken) if message.path.startswith("/robot")
    ]
    return [(ALERT.search(text)[1], "1" if text.startswith("【预警】") else "2") for text in texts]  # type: ignore[index]


def by_mail(mail: MailServer) -> Told:
    keys = [str(one.content["X-Hallwatch-Message"]) for one in list(mail.taken)]
    return [(alert, revision) for alert, _, revision in (key.rpartition(".") for key in keys)]


def once(told: Told) -> Told:
    """What is told again at once stands once."""
    return [one for one, _ in groupby(told)]


def test_killed_at_any_moment_the_role_loses_nothing_and_repeats_only_what_can_be_told_apart(
    tmp_path: Path, database: Database, web: WebReceiver, mail: MailServer
) -> None:
    random, number, most_repeated = Random(5), 0, 0

    def log() -> str:
        return (tmp_path / "alerts.log").read_text()

    def stands() -> bool:
        with database.read() as tx:
            seqs = [notifying.cursor(tx, NotifierId(name)) for name in ("hook", "robot", "mail")]
        return all(seq == last_flip(database) for seq in seqs)

    with running(tmp_path / "bus") as server:
        for _ in range(KILLS):
            before = len(mail.taken)
            with role(tmp_path, server.url, SECRETS) as child:
                find(database, *range(number, number + 6))
                eventually(lambda: len(mail.taken) > before, log)  # noqa: B023
                number += 6
                sleep(random.uniform(0, 0.15))
                child.kill()
                child.wait(10)
            most_repeated += 1
        with role(tmp_path, server.url, SECRETS):
            find(database, number)
            eventually(lambda: len(happened(database)) == 2 * (number + 1) and stands(), log)
    expected = [(alert, str(revision)) for alert, revision in happened(database)]
    for told in (by_hook(web), by_robot(web), by_mail(mail)):
        assert once(told) == expected
        assert len(told) <= len(expected) + most_repeated
    ids = [one.content["Message-ID"] for one in mail.taken]
    assert len(set(ids)) == len(expected)
    assert SECRETS["TOKEN"] not in log()
    assert "127.0.0.1" not in log().replace(server.url, "")

"""Every built-in notifier for people passes the suite, against real HTTP and SMTP servers."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.notifiers.dingtalk.notifier import Dingtalk
from alerts.notifiers.email.notifier import Email
from alerts.notifiers.feishu.notifier import Feishu
from alerts.notifiers.messages import Writer
from alerts.notifiers.messenger import Channel, Messenger
from alerts.notifiers.signal.notifier import Signal
from alerts.notifiers.sms.notifier import Sms
from alerts.notifiers.wecom.notifier import Wecom
from hall.clock import SimulatedClock
from hall.config import Configuration
from hall.config.notifiers import (
    DingtalkSettings,
    EmailSettings,
    FeishuSettings,
    SignalSettings,
    SmsSettings,
    WecomSettings,
    Written,
)
from hall.finding import Alert
from hall.names import NotifierId
from hall.ports import Notifier
from hall.testing_notifiers import DigestNotifierSuite, NotifierSuite, Receiver, a_flip
from tests.mail_server import mail_server
from tests.receiver import Message, WebReceiver, receiving
from tests.unit.alerts.small_hall import TEN, configuration

TOKEN, SECRET, PASSWORD = "t0ken-of-the-robot", "SEC-nobody-may-see", "hunter2-of-the-mail"
ENVIRONMENT = {"TOKEN": TOKEN, "SECRET": SECRET, "PASSWORD": PASSWORD}
ALERT = re.compile(r"alerts\?alert=([a-z0-9-]+)")
ROBOT_PATHS = {
    Receiver.TAKES: "/robot/0",
    Receiver.FAILS: "/robot/-1",
    Receiver.HANGS: "/hangs",
    Receiver.DRIBBLES: "/dribbles",
}


def linked() -> Configuration:
    """A hall whose console has an address: each message then names its alert in a link."""
    made = configuration()
    console = made.site.console.model_copy(update={"address": "https://console.example/"})
    return made.model_copy(update={"site": made.site.model_copy(update={"console": console})})


def messenger(settings: Written, channel: Channel) -> Messenger:
    return Messenger(NotifierId("duty"), Writer(linked(), settings), channel)


def nobody() -> str:
    """An address where nobody listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def patience(receiver: Receiver) -> float:
    """Short where it runs out, long where a busy machine must not let it run out."""
    return 0.5 if receiver in (Receiver.HANGS, Receiver.DRIBBLES) else 10


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


class OverHttp(DigestNotifierSuite):
    """What the suites of robots and gateways have in common."""

    refuses: str
    paths: ClassVar = ROBOT_PATHS

    @pytest.fixture(autouse=True)
    def _receive(self, web: WebReceiver) -> None:
        self.web = web

    def url(self, receiver: Receiver) -> str:
        host = nobody() if receiver is Receiver.AWAY else self.web.address
        path = {**self.paths, Receiver.AWAY: "/robot/0", Receiver.REFUSES: self.refuses}[receiver]
        return f"{host}{path}?key=${{TOKEN}}"

    def taken(self) -> Sequence[str]:
        return [found.group(1) for text in self.texts() if (found := ALERT.search(text))]

    def secrets(self) -> Sequence[str]:
        return [TOKEN, SECRET, self.web.address]

    def longest(self) -> float:
        return 8.0

    def contents(self) -> list[dict[str, object]]:
        return [message.content for message in self.web.taken]


class TestWecom(OverHttp):
    refuses = "/robot/45002"

    def notifier(self, receiver: Receiver) -> Notifier:
        settings = WecomSettings.model_validate(
            {"id": "duty", "kind": "wecom", "url": self.url(receiver), "timeout_seconds": patience(receiver)}
        )
        return messenger(settings, Wecom(settings, ENVIRONMENT))

    def texts(self) -> Sequence[str]:
        assert all(content["msgtype"] == "text" for content in self.contents())
        return [message.content["text"]["content"] for message in self.web.taken]


class TestDingtalk(OverHttp):
    refuses = "/robot/430102"

    def notifier(self, receiver: Receiver) -> Notifier:
        settings = DingtalkSettings.model_validate(
            {
                "id": "duty",
                "kind": "dingtalk",
                "url": self.url(receiver),
                "secret": "${SECRET}",
                "timeout_seconds": patience(receiver),
            }
        )
        return messenger(settings, Dingtalk(settings, SimulatedClock(TEN), ENVIRONMENT))

    def texts(self) -> Sequence[str]:
        return [message.content["text"]["content"] for message in self.web.taken]


class TestFeishu(OverHttp):
    refuses = "/robot/9499"
    paths: ClassVar = {**ROBOT_PATHS, Receiver.FAILS: "/robot/11232"}

    def notifier(self, receiver: Receiver) -> Notifier:
        settings = FeishuSettings.model_validate(
            {
                "id": "duty",
                "kind": "feishu",
                "url": self.url(receiver),
                "secret": "${SECRET}",
                "timeout_seconds": patience(receiver),
            }
        )
        return messenger(settings, Feishu(settings, SimulatedClock(TEN), ENVIRONMENT))

    def texts(self) -> Sequence[str]:
        posts = [message.content["content"]["post"]["zh_cn"] for message in self.web.taken]
        pieces = [[piece["text"] for line in post["content"] for piece in line] for post in posts]
        return ["\n".join([post["title"], *lines]) for post, lines in zip(posts, pieces, strict=True)]


class TestSms(OverHttp):
    refuses = "/answers/403"
    paths: ClassVar = {**ROBOT_PATHS, Receiver.TAKES: "/says", Receiver.FAILS: "/answers/503"}

    def notifier(self, receiver: Receiver) -> Notifier:
        self.web.words = '{"code": 0}'
        settings = SmsSettings.model_validate(
            {
                "id": "duty",
                "kind": "sms",
                "url": self.url(receiver),
                "headers": {"Authorization": "Bearer ${SECRET}"},
                "body": '{"to": "{phones}", "content": "{text}", "nonce": {"of": "{alert}"}}',
                "phones": ["13800000001", "13800000002"],
                "expects": '"code":0',
                "timeout_seconds": patience(receiver),
            }
        )
        return messenger(settings, Sms(settings, ENVIRONMENT))

    def texts(self) -> Sequence[str]:
        return [message.content["content"] for message in self.web.taken]


class TestSmsNumberByNumber(OverHttp):
    """The same, with a GET request for the only number."""

    refuses = "/answers/403"
    paths: ClassVar = {**ROBOT_PATHS, Receiver.TAKES: "/takes", Receiver.FAILS: "/answers/429"}

    def notifier(self, receiver: Receiver) -> Notifier:
        settings = SmsSettings.model_validate(
            {
                "id": "duty",
                "kind": "sms",
                "method": "GET",
                "url": self.url(receiver) + "&mobile={phone}&msg={text}",
                "phones": ["13800000001"],
                "timeout_seconds": patience(receiver),
            }
        )
        return messenger(settings, Sms(settings, ENVIRONMENT))

    def texts(self) -> Sequence[str]:
        return [parse_qs(urlsplit(message.path).query)["msg"][0] for message in self.web.taken]


def four_stand() -> list[Alert]:
    return [a_flip(number)[0] for number in range(1, 5)]


class TestSignal(NotifierSuite):
    """A loudspeaker that says each new alert."""

    @pytest.fixture(autouse=True)
    def _receive(self, web: WebReceiver) -> None:
        self.web = web

    def notifier(self, receiver: Receiver) -> Notifier:
        paths = {
            Receiver.TAKES: "/takes",
            Receiver.REFUSES: "/answers/404",
            Receiver.FAILS: "/answers/500",
            Receiver.HANGS: "/hangs",
            Receiver.DRIBBLES: "/dribbles",
            Receiver.AWAY: "/takes",
        }
        host = nobody() if receiver is Receiver.AWAY else self.web.address
        settings = SignalSettings.model_validate(
            {
                "id": "light",
                "kind": "signal",
                "shows": "new",
                "calls": {"warning": {"url": f"{host}{paths[receiver]}?alert={{alert}}&key=${{TOKEN}}"}},
                "timeout_seconds": patience(receiver),
            }
        )
        return Signal(settings, Writer(linked(), settings), four_stand, ENVIRONMENT)

    def taken(self) -> Sequence[str]:
        return [_parameter(message, "alert") for message in self.web.taken]

    def secrets(self) -> Sequence[str]:
        return [TOKEN, self.web.address]

    def longest(self) -> float:
        return 8.0


def _parameter(message: Message, name: str) -> str:
    return parse_qs(urlsplit(message.path).query)[name][0]


class TestEmail(DigestNotifierSuite):
    """Mail to two recipients; without encryption, which has tests of its own."""

    @pytest.fixture(autouse=True)
    def _serve(self) -> Iterator[None]:
        with mail_server() as server:
            self.server = server
            yield

    def notifier(self, receiver: Receiver) -> Notifier:
        answers = {Receiver.REFUSES: {"DATA.": "554 spam"}, Receiver.FAILS: {"DATA.": "451 later"}}
        self.server.answers = answers.get(receiver, {})
        self.server.hangs, self.server.dribbles = receiver is Receiver.HANGS, receiver is Receiver.DRIBBLES
        port = urlsplit(nobody()).port if receiver is Receiver.AWAY else self.server.port
        settings = EmailSettings.model_validate(
            {
                "id": "duty",
                "kind": "email",
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "sender": "hall@example.gov.cn",
                "recipients": ["duty@example.gov.cn", "chief@example.gov.cn"],
                "timeout_seconds": patience(receiver),
            }
        )
        return messenger(settings, Email(settings, ENVIRONMENT))

    def texts(self) -> Sequence[str]:
        return [f"{mail.content['Subject']}\n{mail.text}" for mail in self.server.taken]

    def taken(self) -> Sequence[str]:
        return [alert for mail in self.server.taken if (alert := mail.content["X-Hallwatch-Alert"])]

    def secrets(self) -> Sequence[str]:
        return ["spam", "later", "duty@example.gov.cn", f"127.0.0.1:{self.server.port}"]

    def longest(self) -> float:
        return 8.0

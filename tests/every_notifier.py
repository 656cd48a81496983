"""Every built-in notifier, made for one receiver and full of secrets that no error may tell."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from alerts.notifiers import Surroundings, open_notifier
from hall.clock import SimulatedClock
from hall.config.notifiers import NotifierSettings
from hall.ports import Notifier
from hall.testing_notifiers import a_flip
from tests.unit.alerts.small_hall import TEN, configuration

TOKEN, SECRET = "t0ken-in-the-address", "SEC-nobody-may-see"
ENVIRONMENT = {"HOOK_TOKEN": TOKEN, "HOOK_SECRET": SECRET}
"""What has to be set before one of them is used."""
BY_STATUS = ("webhook", "signal")
"""Whose receivers say all with the status of their answer."""
BY_ANSWER = ("wecom", "dingtalk", "feishu", "sms")
"""Whose receivers say in the answer's body whether they took the message."""
OVER_HTTP = (*BY_STATUS, *BY_ANSWER)
SPECIFIC: Mapping[str, Mapping[str, object]] = {
    "webhook": {"secret": "${HOOK_SECRET}"},
    "dingtalk": {"secret": "${HOOK_SECRET}"},
    "feishu": {"secret": "${HOOK_SECRET}"},
    "sms": {
        "headers": {"Authorization": "Bearer ${HOOK_SECRET}"},
        "body": '{"to": "{phones}", "text": "{text}"}',
        "phones": ["13800000001"],
        "expects": '"code":0',
    },
}


def over_http(kind: str, address: str, **members: object) -> NotifierSettings:
    """The settings of a notifier that reaches its receiver at an address `http(s)://host:port`."""
    url = f"{address}/hook?key=${{HOOK_TOKEN}}"
    place = {"shows": "new", "calls": {"warning": {"url": url}}} if kind == "signal" else {"url": url}
    given = {"id": kind, "kind": kind, **place, **SPECIFIC.get(kind, {}), **members}
    return TypeAdapter[NotifierSettings](NotifierSettings).validate_python(given)


def by_mail(port: int, **members: object) -> NotifierSettings:
    """The settings of mail to two recipients by a server of this machine, by default without encryption."""
    given = {
        "id": "email",
        "kind": "email",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "hall@example.gov.cn",
        "recipients": ["duty@example.gov.cn", "chief@example.gov.cn"],
        **members,
    }
    return TypeAdapter[NotifierSettings](NotifierSettings).validate_python(given)


def opened(settings: NotifierSettings) -> Notifier:
    """The notifier, in a hall where one alert stands."""
    return open_notifier(settings, Surroundings(configuration(), SimulatedClock(TEN), lambda: [a_flip()[0]]))

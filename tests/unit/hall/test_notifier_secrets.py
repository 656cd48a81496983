"""Secrets of notifiers are hidden, and named ones go only where they went before."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from hall.config.notifier_secrets import misplaced, redacted, restored
from hall.config.notifiers import NotifierSettings

SETTINGS: TypeAdapter[NotifierSettings] = TypeAdapter(NotifierSettings)
HOOK = "https://hooks.example/services/T0AAAAAAAAAAAAAAAAAA/go?token=abc&x=1"
GATEWAY = {
    "kind": "sms",
    "url": "https://sms.example/send",
    "phones": ["13800000000"],
    "body": '{"mobile": "{phones}", "apiKey": "k-123", "token": "${NOTIFIER_SMS}"}',
}


def settings(**members: object) -> NotifierSettings:
    return SETTINGS.validate_python({"id": "n1", **members})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (HOOK, "https://hooks.example/services/•••/go?token=•••&x=1"),
        ("https://h.example/a?access_token=abc", "https://h.example/a?access_token=•••"),
        ("https://h.example/a?token=${NOTIFIER_A}", "https://h.example/a?token=${NOTIFIER_A}"),
        ("http://192.0.2.40/relay?colour=red", "http://192.0.2.40/relay?colour=red"),
        ("https://a1234567890123456789/relay", "https://a1234567890123456789/relay"),
    ],
)
def test_what_stands_readable_in_an_address_is_hidden_and_comes_back(address: str, shown: str) -> None:
    kept = {"id": "n1", "kind": "webhook", "url": address}
    assert redacted(kept)["url"] == shown
    assert restored(redacted(kept), kept) == (kept, [])


def test_a_key_in_a_body_is_hidden_and_what_is_filled_in_is_not() -> None:
    shown = redacted(GATEWAY)
    assert shown["body"] == '{"mobile": "{phones}", "apiKey": "•••", "token": "${NOTIFIER_SMS}"}'
    assert restored(shown, GATEWAY) == (GATEWAY, [])
    form = {**GATEWAY, "body": "user=hall&pwd=geheim&text={text}"}
    assert redacted(form)["body"] == "user=hall&pwd=•••&text={text}"


def test_a_hidden_secret_is_not_sent_to_another_host() -> None:
    _, faults = restored({**redacted(GATEWAY), "url": "https://elsewhere.example/send"}, GATEWAY)
    assert [fault.field for fault in faults] == ["body"]
    kept = {"kind": "signal", "calls": {"serious": {"url": "http://h.example/a?key=s"}}}
    moved = {"kind": "signal", "calls": {"serious": {"url": "http://x.example/a?key=•••"}}}
    assert [fault.field for fault in restored(moved, kept)[1]] == ["calls.serious.url"]
    assert [fault.field for fault in restored(moved, {})[1]] == ["calls.serious.url"]


def test_an_option_of_a_plug_in_is_hidden_by_what_it_is_called() -> None:
    options = {"app_secret": "s", "channel": "duty", "token": "${NOTIFIER_A}"}
    kept = {"kind": "foreign", "plugin": "pager", "options": options}
    assert redacted(kept)["options"] == {**options, "app_secret": "•••"}
    assert restored(redacted(kept), kept) == (kept, [])


def test_a_variable_of_the_server_is_named_on_the_console_by_its_prefix_only() -> None:
    robot = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${%s}"
    assert misplaced([], settings(kind="wecom", url=robot % "NOTIFIER_DUTY")) == []
    (fault,) = misplaced([], settings(kind="wecom", url=robot % "HALLWATCH_SECRET_KEY"))
    assert (fault.field, "NOTIFIER_" in fault.message) == ("url", True)


def test_a_secret_that_is_known_stays_with_its_receiver() -> None:
    mail = {
        "kind": "email",
        "host": "mail.example",
        "user": "hall",
        "password": "${MAIL_PASSWORD}",
        "sender": "hall@example.cn",
        "recipients": ["duty@example.cn"],
    }
    before = [settings(**mail)]
    assert misplaced(before, settings(**{**mail, "recipients": ["chief@example.cn"], "port": 2525})) == []
    for change in ({"host": "mail.elsewhere.example"}, {"security": "none"}):
        (fault,) = misplaced(before, settings(**{**mail, **change}))
        assert (fault.field, "smtps://mail.example" in fault.message) == ("password", True)
    call = {"kind": "signal", "calls": {"clear": {"url": "http://light.example/${MAIL_PASSWORD}"}}}
    assert [fault.field for fault in misplaced(before, settings(**call))] == ["calls.clear.url"]
    proxied = {"kind": "webhook", "url": "https://h.example/", "proxy": "http://${U}:${P}@proxy.example:3128"}
    assert {fault.field for fault in misplaced([], settings(**proxied))} == {"proxy"}
    assert misplaced([settings(**proxied)], settings(**{**proxied, "url": "https://i.example/"})) == []


def test_the_file_of_a_secret_is_named_in_the_file_only() -> None:
    signed = {"kind": "webhook", "url": "https://h.example/", "secret_file": "/etc/hallwatch/secret.key"}
    assert [fault.field for fault in misplaced([], settings(**signed))] == ["secret_file"]
    assert misplaced([settings(**signed)], settings(**{**signed, "timeout_seconds": 5})) == []

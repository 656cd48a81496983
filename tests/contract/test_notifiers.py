"""Every built-in notifier passes the suite for notifiers, against a real receiver."""

from __future__ import annotations

import hashlib
import hmac
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from alerts.notifiers.webhook.notifier import Webhook, sign
from hall.config.notifiers import WebhookSettings
from hall.errors import NotifyError
from hall.names import NotifierId
from hall.ports import Notifier
from hall.testing_notifiers import NotifierSuite, Receiver, a_flip
from hall.wire import to_wire
from tests.own_certificate import self_signed
from tests.receiver import WebReceiver, receiving

SECRET = "a secret that nobody may see"
TOKEN = "t0ken-in-the-address"
ENVIRONMENT = {"HOOK_SECRET": SECRET, "HOOK_TOKEN": TOKEN}
PATHS = {
    Receiver.TAKES: "/takes",
    Receiver.REFUSES: "/answers/403",
    Receiver.FAILS: "/answers/503",
    Receiver.HANGS: "/hangs",
    Receiver.DRIBBLES: "/dribbles",
}


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with receiving() as receiver:
        yield receiver


def webhook(url: str, **members: object) -> Webhook:
    settings = WebhookSettings.model_validate(
        {"id": "duty", "kind": "webhook", "url": url, "secret": "${HOOK_SECRET}", **members}
    )
    return Webhook(settings, ENVIRONMENT)


def refusal(notifier: Notifier) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        notifier.notify(*a_flip())
    return caught.value


class TestWebhook(NotifierSuite):
    """The webhook, with half a second for each attempt."""

    @pytest.fixture(autouse=True)
    def _receive(self, web: WebReceiver) -> None:
        self.web = web

    def notifier(self, receiver: Receiver) -> Notifier:
        if receiver is Receiver.AWAY:
            with closing(socket.create_server(("127.0.0.1", 0))) as taken:
                address = f"http://127.0.0.1:{taken.getsockname()[1]}/takes?key=${{HOOK_TOKEN}}"
            return webhook(address, timeout_seconds=0.5)

        return webhook(f"{self.web.address}{PATHS[receiver]}?key=${{HOOK_TOKEN}}", timeout_seconds=0.5)

    def taken(self) -> Sequence[str]:
        return [message.flip[0] for message in self.web.taken if "flip" in message.content]

    def secrets(self) -> Sequence[str]:
        return [SECRET, TOKEN, self.web.address]

    def longest(self) -> float:
        return 5.0


def test_the_message_is_the_alert_with_its_flip_signed_over_its_very_bytes(web: WebReceiver) -> None:
    alert, flip = a_flip()
    webhook(f"{web.address}/takes/it?key=${{HOOK_TOKEN}}").notify(alert, flip)
    (message,) = web.taken
    assert message.path == f"/takes/it?key={TOKEN}"
    assert message.content == {"alert": to_wire(alert), "flip": to_wire(flip)}
    assert message.headers["content-type"].startswith("application/json")
    expected = hmac.new(SECRET.encode(), message.body, hashlib.sha256).hexdigest()
    assert message.headers["x-hallwatch-signature"] == f"sha256={expected}"


def test_without_a_secret_nothing_is_signed(web: WebReceiver) -> None:
    webhook(f"{web.address}/takes", secret=None).notify(*a_flip())
    assert "x-hallwatch-signature" not in web.taken[0].headers


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(web: WebReceiver, code: int) -> None:
    assert refusal(webhook(f"{web.address}/answers/{code}")).permanent
    assert web.asked == [f"/answers/{code}"]


@pytest.mark.parametrize(
    ("code", "permanent"),
    [
        (400, True),
        (401, True),
        (404, True),
        (410, True),
        (408, False),
        (425, False),
        (429, False),
        (500, False),
    ],
)
def test_an_answer_says_whether_trying_again_helps(web: WebReceiver, code: int, permanent: bool) -> None:
    assert refusal(webhook(f"{web.address}/answers/{code}")).permanent is permanent


def test_a_secret_that_is_not_set_sends_nothing_and_loses_nothing(web: WebReceiver) -> None:
    missing = Webhook(
        WebhookSettings(id=NotifierId("duty"), kind="webhook", url=f"{web.address}/takes", secret="${NONE}"),
        {},
    )
    error = refusal(missing)
    assert not error.permanent
    assert "NONE" in str(error)
    assert web.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused_until_somebody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path / "own.pem", "127.0.0.1")
    with receiving(certificate) as web:
        error = refusal(webhook(f"{web.address}/takes"))
        assert "certificate" in str(error)
        assert not error.permanent
        assert web.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        webhook(f"{web.address}/takes").notify(*a_flip())
        assert len(web.taken) == 1


def test_a_certificate_of_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path / "other.pem", "192.0.2.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with receiving(certificate) as web:
        error = refusal(webhook(f"{web.address}/takes"))
        assert "127.0.0.1" not in str(error)
        assert web.asked == []


def test_the_secret_may_come_from_a_file(web: WebReceiver, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    settings = {"secret": None, "secret_file": str(file)}
    assert not refusal(webhook(f"{web.address}/takes", **settings)).permanent
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    webhook(f"{web.address}/takes", **settings).notify(*a_flip())
    (message,) = web.taken
    assert message.headers["x-hallwatch-signature"] == sign(message.body, SECRET)

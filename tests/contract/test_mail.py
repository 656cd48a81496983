"""Mail on a real SMTP server: encryption, log-in, recipients, and what the mail itself holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.header import decode_header
from pathlib import Path

import pytest

from alerts.notifiers.email.notifier import Email
from alerts.notifiers.messages import Writer
from alerts.notifiers.messenger import Messenger
from hall.config.notifiers import EmailSettings
from hall.errors import NotifyError
from hall.finding import AlertStatus, Reason
from hall.names import NotifierId
from hall.testing_notifiers import a_flip
from tests.mail_server import MailServer, mail_server
from tests.own_certificate import self_signed
from tests.unit.alerts.small_hall import configuration

PASSWORD = "hunter2"
ENVIRONMENT = {"PASSWORD": PASSWORD}
ACCOUNT = {"user": "hall", "password": "${PASSWORD}"}
DUTY, CHIEF = "duty@example.gov.cn", "chief@example.gov.cn"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path / "own.pem", "127.0.0.1")


@pytest.fixture
def plain() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def post(server: MailServer, **members: object) -> Messenger:
    given = {
        "id": "duty",
        "kind": "email",
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "hall@example.gov.cn",
        "recipients": [DUTY, CHIEF],
        **members,
    }
    settings = EmailSettings.model_validate(given)
    return Messenger(NotifierId("duty"), Writer(configuration(), settings), Email(settings, ENVIRONMENT))


def refusal(notifier: Messenger) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        notifier.notify(*a_flip())
    return caught.value


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_way_is_encrypted_before_a_password_goes_over_it(certificate: Path, security: str) -> None:
    account = ("hall", PASSWORD)
    server = MailServer(account=account, certificate=certificate, encrypts_at_once=security == "tls")
    with mail_server(server):
        post(server, security=security, ca_file=certificate, **ACCOUNT).notify(*a_flip())
        assert [mail.recipients for mail in server.taken] == [(DUTY, CHIEF)]
        verbs = [line.partition(" ")[0].upper() for line in server.said]
        before = ["EHLO", "STARTTLS"] if security == "starttls" else []
        assert verbs[: len(before) + 3] == [*before, "EHLO", "AUTH", "MAIL"]


def test_a_server_without_starttls_is_told_nothing() -> None:
    server = MailServer(account=("hall", PASSWORD))
    with mail_server(server):
        error = refusal(post(server, security="starttls", **ACCOUNT))
        assert "STARTTLS" in str(error)
        assert not error.permanent
        assert [line.partition(" ")[0].upper() for line in server.said if line.upper() != "QUIT"] == ["EHLO"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path, security: str) -> None:
    server = MailServer(certificate=certificate, encrypts_at_once=security == "tls")
    with mail_server(server):
        error = refusal(post(server, security=security))
        assert "certificate" in str(error)
        assert not error.permanent
        assert server.taken == []


def test_a_wrong_password_can_be_set_right_and_is_not_told(certificate: Path) -> None:
    server = MailServer(account=("hall", "another"), certificate=certificate, encrypts_at_once=True)
    with mail_server(server):
        error = refusal(post(server, security="tls", ca_file=certificate, **ACCOUNT))
        assert not error.permanent
        assert "535" in str(error)
        assert PASSWORD not in repr(error)
        server.account = ("hall", PASSWORD)
        post(server, security="tls", ca_file=certificate, **ACCOUNT).notify(*a_flip())
        assert len(server.taken) == 1


def test_a_password_that_is_not_set_sends_nothing_and_loses_nothing(certificate: Path) -> None:
    server = MailServer(certificate=certificate, encrypts_at_once=True)
    with mail_server(server):
        members = {**ACCOUNT, "password": "${NONE}", "security": "tls"}
        error = refusal(post(server, **members))
        assert "NONE" in str(error)
        assert not error.permanent
        assert server.said == []


def test_the_mail_says_what_happened_and_to_which_alert_it_belongs(plain: MailServer) -> None:
    alert, flip = a_flip()
    notifier = post(plain)
    notifier.notify(alert, flip)
    notifier.notify(alert, replace(flip, revision=2, before=AlertStatus.OPEN, after=AlertStatus.ACKNOWLEDGED))
    first, second = (mail.content for mail in plain.taken)
    assert first["Subject"] == "【预警】离岗：hall w03号窗口"
    assert first["Date"].datetime == flip.at
    assert first["X-Hallwatch-Alert"] == "alert-1"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["References"] == second["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert plain.taken[0].text.splitlines()[1] == "3号窗口无人在岗"
    assert all(byte < 128 for byte in plain.taken[0].raw), "any server takes seven bits"


def test_a_mail_that_comes_again_after_a_restart_has_the_same_id(plain: MailServer) -> None:
    for _ in range(2):
        post(plain).notify(*a_flip())
    first, again = (mail.content["Message-ID"] for mail in plain.taken)
    assert first == again


def test_no_name_makes_a_header_or_a_recipient(plain: MailServer) -> None:
    alert, flip = a_flip()
    subject = replace(
        alert.subject, window=None, ticket="t", ticket_number="A1\r\nBcc: thief@example.com\r\n\r\nx"
    )
    nasty = Reason("x", {}, "one\r\n.\r\nMAIL FROM:<x@example.com>", "x")
    post(plain).notify(replace(alert, subject=subject), replace(flip, reason=nasty))
    (mail,) = plain.taken
    assert mail.recipients == (DUTY, CHIEF)
    assert mail.content["Bcc"] is None
    assert "thief@example.com" in str(mail.content["Subject"])
    (words, _), *_ = decode_header(mail.content["Subject"])
    assert "\n" not in str(words)
    assert "one . MAIL FROM:<x@example.com>" in mail.text


def test_a_recipient_that_is_refused_for_good_costs_the_others_nothing(plain: MailServer) -> None:
    plain.answers = {f"RCPT {DUTY}": "550 nobody of that name"}
    error = refusal(post(plain))
    assert error.permanent
    assert "recipient 1 of 2" in str(error)
    assert DUTY not in str(error)
    assert [mail.recipients for mail in plain.taken] == [(CHIEF,)]


def test_a_recipient_that_has_to_wait_gets_the_mail_later_and_the_others_get_it_once(
    plain: MailServer,
) -> None:
    plain.answers = {f"RCPT {DUTY}": "450 greylisted"}
    notifier = post(plain)
    assert not refusal(notifier).permanent
    plain.answers = {}
    notifier.notify(*a_flip())
    assert [mail.recipients for mail in plain.taken] == [(CHIEF,), (DUTY,)]


ANSWERS = [
    ({"greeting": "554 go away"}, False),
    ({"greeting": "421 busy"}, False),
    ({"MAIL": "550 not from you"}, False),
    ({"MAIL": "452 full"}, False),
    ({"DATA": "503 no"}, True),
    ({"DATA.": "552 too large"}, True),
    ({"DATA.": "452 full"}, False),
    ({"EHLO": "nonsense"}, False),
    ({f"RCPT {DUTY}": "550 no", f"RCPT {CHIEF}": "551 no"}, True),
]


@pytest.mark.parametrize(("answers", "permanent"), ANSWERS)
def test_an_answer_says_whether_trying_again_or_setting_right_helps(
    plain: MailServer, answers: dict[str, str], permanent: bool
) -> None:
    plain.answers = answers
    error = refusal(post(plain))
    assert error.permanent is permanent
    assert not any(words in str(error) for words in ("go away", "nonsense", "not from you"))
    assert plain.taken == []

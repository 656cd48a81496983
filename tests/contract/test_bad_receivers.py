"""What no receiver should do: each notifier comes back in time and says of it what is right."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from hall.config.notifiers import NotifierSettings
from hall.errors import NotifyError
from hall.testing_notifiers import a_flip
from tests.bad_receiver import BadReceiver, Break, Hears, Then, breaking_off
from tests.every_notifier import (
    BY_ANSWER,
    BY_STATUS,
    ENVIRONMENT,
    OVER_HTTP,
    SECRET,
    TOKEN,
    by_mail,
    opened,
    over_http,
)
from tests.mail_server import MailServer, mail_server
from tests.own_certificate import self_signed
from tests.receiver import receiving

SHORT, LONG = 0.2, 10.0
"""Seconds: where they run out, and where a busy machine must not let them run out."""
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LONGER = OK + b'Content-Length: 1000\r\n\r\n{"errcode": '


def says(words: bytes, then: Then = Then.CLOSES, again: bytes = b"") -> Break:
    return Break(words, then, again=again)


NO_ANSWER: Mapping[str, Break] = {
    "hangs before the answer": says(b"", Then.HANGS),
    "hangs in the status": says(b"HTTP/1.1 2", Then.HANGS),
    "hangs in the headers": says(OK + b"Content-", Then.HANGS),
    "hangs in the body": says(LONGER, Then.HANGS),
    "closes before the request": Break(b"", Then.CLOSES, Hears.NOTHING),
    "closes before the answer": says(b""),
    "closes in the status": says(b"HTTP/1.1 2"),
    "resets before the answer": says(b"", Then.RESETS),
    "sends headers without end": says(OK, Then.REPEATS, b"X-More: 1\r\n" * 50),
    "sends a header without end": says(OK + b"X-More: ", Then.REPEATS, b"1" * 4096),
    "speaks no HTTP": says(b"220 mail.example\r\n"),
    "answers 429": says(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"),
    "answers 500": says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"),
    "answers 502 with a page without end": says(b"HTTP/1.1 502 No\r\n\r\n", Then.REPEATS, b"<p>" * 1000),
}
CUT_ANSWER: Mapping[str, Break] = {
    "closes in the headers": says(OK + b"Content-"),
    "closes in the body": says(LONGER),
    "closes in a chunk": says(CHUNKED + b'20\r\n{"errcode": '),
    "sends a chunk of no size": says(CHUNKED + b"many\r\n"),
    "sends a body without end": says(OK + b"\r\n", Then.REPEATS, b"<p>" * 1000),
    "sends chunks without end": says(CHUNKED, Then.REPEATS, b"3\r\n<p>\r\n" * 100),
    "nests without end": says(OK + b"\r\n", Then.REPEATS, b"[" * 4096),
}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def refusal(settings: NotifierSettings) -> NotifyError:
    began = time.monotonic()
    with pytest.raises(NotifyError) as caught:
        opened(settings).notify(*a_flip())
    assert time.monotonic() - began < LONG / 2, "it came to an end by itself"
    told = repr(caught.value) + caught.value.zh
    assert [secret for secret in (TOKEN, SECRET, "127.0.0.1", "/hook") if secret in told] == []
    return caught.value


def patience(broken: Break) -> float:
    return SHORT if broken.then is Then.HANGS else LONG


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("name", NO_ANSWER)
def test_whoever_gives_no_answer_may_give_one_later(name: str, kind: str) -> None:
    broken = NO_ANSWER[name]
    with breaking_off(broken) as bad:
        assert not refusal(over_http(kind, bad.address, timeout_seconds=patience(broken))).permanent
        assert len(bad.heard) == 1, "the next attempt is for delivery to make, when its time comes"


@pytest.mark.parametrize("kind", OVER_HTTP)
def test_polite_words_without_end_are_no_answer(kind: str) -> None:
    again = b"HTTP/1.1 100 Continue\r\n\r\n" * 100
    with breaking_off(says(b"", Then.REPEATS, again)) as bad:
        assert not refusal(over_http(kind, bad.address, timeout_seconds=SHORT)).permanent


@pytest.mark.parametrize("kind", BY_ANSWER)
@pytest.mark.parametrize("name", CUT_ANSWER)
def test_where_the_body_says_whether_it_was_taken_half_a_body_says_nothing(name: str, kind: str) -> None:
    with breaking_off(CUT_ANSWER[name]) as bad:
        assert not refusal(over_http(kind, bad.address, timeout_seconds=LONG)).permanent


@pytest.mark.parametrize("kind", BY_STATUS)
@pytest.mark.parametrize("name", CUT_ANSWER)
def test_where_the_status_says_it_all_half_a_body_makes_nobody_hear_it_twice(name: str, kind: str) -> None:
    with breaking_off(CUT_ANSWER[name]) as bad:
        opened(over_http(kind, bad.address, timeout_seconds=LONG)).notify(*a_flip())
        assert len(bad.heard) == 1


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_takes_a_message_or_a_secret_to_another_host(code: int, kind: str) -> None:
    with breaking_off(says(OK + b"Content-Length: 0\r\n\r\n")) as other:
        moved = b"HTTP/1.1 %d Moved\r\nLocation: http://localhost:%d/hook\r\nContent-Length: 0\r\n\r\n"
        with breaking_off(says(moved % (code, other.port))) as bad:
            assert refusal(over_http(kind, bad.address, timeout_seconds=LONG)).permanent
            assert len(bad.heard) == 1
        assert other.heard == []


@pytest.mark.parametrize("kind", OVER_HTTP)
@pytest.mark.parametrize("fault", ["nobody vouches for it", "it is another host's"])
def test_whoever_cannot_prove_who_it_is_is_told_nothing(kind: str, fault: str, tmp_path: Path) -> None:
    is_foreign = fault == "it is another host's"
    certificate = self_signed(tmp_path / "own.pem", "192.0.2.1" if is_foreign else "127.0.0.1")
    members = {"ca_file": str(certificate)} if is_foreign else {}
    with receiving(certificate) as web:
        error = refusal(over_http(kind, web.address, timeout_seconds=LONG, **members))
        assert not error.permanent
        assert "certificate" in str(error)
        assert web.asked == []


GREETING = (Hears.NOTHING, b"220 mail.example\r\n")
STEPS = [
    GREETING,
    (Hears.LINE, b"250 mail.example\r\n"),
    *[(Hears.LINE, b"250 yes\r\n")] * 3,
    (Hears.LINE, b"354 go on\r\n"),
    (Hears.MAIL, b"250 taken\r\n"),
]
MOMENTS = ["greeting", "EHLO", "MAIL", "RCPT", "second RCPT", "DATA", "mail"]
BREAKS = [
    (b"", Then.HANGS, b""),
    (b"25", Then.HANGS, b""),
    (b"", Then.CLOSES, b""),
    (b"25", Then.CLOSES, b""),
    (b"", Then.RESETS, b""),
    (b"", Then.REPEATS, b"250-and more\r\n" * 1000),
    (b"250 ", Then.REPEATS, b"X" * 4096),
    (b"500 what?\r\n", Then.CLOSES, b""),
    (b"421 busy\r\n", Then.CLOSES, b""),
]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("words", "then", "again"), BREAKS)
def test_a_mail_server_that_breaks_off_may_take_the_mail_later(
    moment: str, words: bytes, then: Then, again: bytes
) -> None:
    place = MOMENTS.index(moment)
    broken = Break(words, then, STEPS[place][0], again, STEPS[:place])
    with breaking_off(broken) as bad:
        error = refusal(by_mail(bad.port, timeout_seconds=patience(broken)))
        # Only of the mail itself does a 5xx speak for good: before it, what is set up can be wrong.
        assert error.permanent is (words.startswith(b"500") and moment in ("DATA", "mail"))
        assert len(bad.heard) == 1


def test_a_mail_server_that_breaks_off_after_taking_the_mail_has_taken_it() -> None:
    with breaking_off(Break(b"", Then.RESETS, Hears.NOTHING, before=STEPS)) as bad:
        opened(by_mail(bad.port)).notify(*a_flip())
        assert b"\r\n.\r\n" in bad.heard[0]


@pytest.mark.parametrize(
    ("security", "before"),
    [
        ("tls", []),
        (
            "starttls",
            [GREETING, (Hears.LINE, b"250-mail.example\r\n250 STARTTLS\r\n"), (Hears.LINE, b"220 go\r\n")],
        ),
    ],
)
@pytest.mark.parametrize("then", [Then.HANGS, Then.CLOSES, Then.RESETS])
def test_a_mail_server_that_breaks_off_the_handshake_learns_nothing(
    security: str, before: list[tuple[Hears, bytes]], then: Then
) -> None:
    broken = Break(b"", then, Hears.NOTHING, before=before)
    with breaking_off(broken) as bad:
        error = refusal(by_mail(bad.port, security=security, timeout_seconds=patience(broken)))
        assert not error.permanent
        assert b"MAIL" not in told(bad)


def told(bad: BadReceiver) -> bytes:
    return b"".join(bad.heard)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_server_with_the_certificate_of_another_is_given_no_mail(
    security: str, tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path / "other.pem", "192.0.2.1")
    server = MailServer(certificate=certificate, encrypts_at_once=security == "tls")
    with mail_server(server):
        error = refusal(by_mail(server.port, security=security, ca_file=str(certificate)))
        assert not error.permanent
        assert "certificate" in str(error)
        assert server.taken == []

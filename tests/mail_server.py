"""A real SMTP server that takes mail, or behaves as a test wants it to, with and without encryption."""

from __future__ import annotations

import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast

Answers = dict[str, str]


@dataclass(frozen=True)
class Mail:
    """One mail that was taken: from whom, to whom it was handed over, and what stands in it."""

    sender: str
    recipients: tuple[str, ...]
    content: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        return cast(str, self.content.get_content())


@dataclass
class MailServer:
    """`answers` replaces the answer to a command (`MAIL`, `DATA.`, `RCPT a@b`…); `said` is what clients said.

    `hangs` and `dribbles` let it say nothing, or never finish its greeting. With `account` it wants a log-in.
    """

    port: int = 0
    answers: Answers = field(default_factory=dict)
    hangs: bool = False
    dribbles: bool = False
    account: tuple[str, str] | None = None
    certificate: Path | None = None
    encrypts_at_once: bool = False
    taken: list[Mail] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    """Cleared: what is taken is answered only once it is set again."""

    def context(self) -> ssl.SSLContext:
        assert self.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context


class Session(StreamRequestHandler):
    """One connection."""

    mail: MailServer

    def setup(self) -> None:
        self.is_encrypted = self.mail.encrypts_at_once
        if self.is_encrypted:
            self.request = self.mail.context().wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        if self.mail.hangs:
            self.mail.closing.wait(30)
            return
        if self.mail.dribbles:
            self.wfile.write(b"220-")
            while not self.mail.closing.wait(0.05):
                self.wfile.write(b"X")
            return
        self.sender, self.recipients, self.is_known = "", list[str](), False
        self.say(self.mail.answers.get("greeting", "220 mail.example"))
        while line := self.rfile.readline(4096):
            command = line.decode().rstrip("\r\n")
            self.mail.said.append(command)
            if command.upper() == "QUIT":
                return
            self.obey(command)

    def finish(self) -> None:
        super().finish()
        self.request.close()  # that of TLS, which the server knows nothing of

    def obey(self, command: str) -> None:
        verb, _, rest = command.partition(" ")
        verb = verb.upper()
        named = f"RCPT {rest.partition('<')[2].rstrip('>')}" if verb == "RCPT" else verb
        if (answer := self.mail.answers.get(named)) is not None:
            self.say(answer)
        elif verb == "EHLO":
            self.greet()
        elif verb == "STARTTLS":
            self.say("220 go ahead")
            self.request = self.mail.context().wrap_socket(self.request, server_side=True)
            super().setup()
            self.is_encrypted = True
        elif verb == "AUTH":
            self.log_in(rest.rpartition(" ")[2])
        elif verb == "MAIL" and self.mail.account is not None and not self.is_known:
            self.say("530 log in first")
        elif verb == "MAIL":
            self.sender, self.recipients = rest.partition("<")[2].rpartition(">")[0], []
            self.say("250 yes")
        elif verb == "RCPT":
            self.recipients.append(named.removeprefix("RCPT "))
            self.say("250 yes")
        elif verb == "DATA":
            self.take()
        else:
            self.say("502 what?")

    def greet(self) -> None:
        offers = ["mail.example", "8BITMIME"]
        if self.mail.certificate is not None and not self.is_encrypted:
            offers.append("STARTTLS")
        if self.mail.account is not None:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self.say(f"250-{offer}")
        self.say(f"250 {offers[-1]}")

    def log_in(self, token: str) -> None:
        _, user, password = b64decode(token).decode().split("\0")
        self.is_known = (user, password) == self.mail.account
        self.say("235 welcome" if self.is_known else "535 who?")

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline(65536)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        refusal = self.mail.answers.get("DATA.")
        if refusal is None:
            raw = b"".join(lines)
            content = message_from_bytes(raw, policy=default)
            self.mail.taken.append(Mail(self.sender, tuple(self.recipients), content, raw))
            self.mail.gate.wait(30)
        self.say(refusal or "250 taken")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that give up are what is tested."""


@contextmanager
def mail_server(mail: MailServer | None = None) -> Iterator[MailServer]:
    """A server on a port of the system's choice."""
    mail = mail or MailServer()
    mail.gate.set()
    with Server(("127.0.0.1", 0), type("OfThis", (Session,), {"mail": mail})) as server:
        mail.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield mail
        finally:
            mail.closing.set()
            mail.gate.set()
            server.shutdown()
            thread.join()

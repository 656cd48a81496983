"""One session with a mail server: greeting, encryption, log-in, one mail."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from typing import BinaryIO

from hall.config.notifiers import MailSecurity
from hall.errors import NotifyError

MOST_SAID = 256 * 1024
"""Bytes that a server may say in one session: five hundred answers of the longest that SMTP knows."""


class Session:
    """Speaks SMTP over a connection. Errors are those of smtplib, but for recipients and mail."""

    def __init__(
        self, connected: socket.socket, host: str, context: ssl.SSLContext | None, security: MailSecurity
    ) -> None:
        """`context` verifies the certificate of `host`; None without encryption."""
        self._host = host
        self._context = context
        self._security = security
        if context is not None and security is MailSecurity.TLS:
            connected = context.wrap_socket(connected, server_hostname=host)
        # An address literal: a name of this machine would have to be looked up, which has no limit.
        own = connected.getsockname()[0]
        self._smtp = smtplib.SMTP(local_hostname=f"[IPv6:{own}]" if ":" in own else f"[{own}]")
        self._listen(connected)

    def begin(self) -> None:
        """Hear the greeting, answer it, and encrypt where that is asked for."""
        code, words = self._smtp.getreply()
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        self._smtp.ehlo_or_helo_if_needed()
        if self._context is not None and self._security is MailSecurity.STARTTLS:
            self._start_tls(self._context)

    def _listen(self, connected: socket.socket) -> None:
        self._smtp.sock = connected
        self._smtp.file = _Answers(connected.makefile("rb"))

    def _start_tls(self, context: ssl.SSLContext) -> None:
        if not self._smtp.has_extn("starttls"):
            raise NotifyError(
                "the mail server does not offer STARTTLS", "邮件服务器不支持 STARTTLS", permanent=False
            )
        code, words = self._smtp.docmd("STARTTLS")
        if code != 220:
            raise smtplib.SMTPResponseException(code, words)
        connected = self._smtp.sock
        if connected is None:
            raise smtplib.SMTPServerDisconnected
        # A new file: whatever was said before is not to be believed.
        self._listen(context.wrap_socket(connected, server_hostname=self._host))
        self._smtp.ehlo()

    def log_in(self, user: str, password: str) -> None:
        """Raises NotifyError when user or password are refused: for now, they can be set right."""
        self._smtp.ehlo_or_helo_if_needed()
        try:
            self._smtp.login(user, password, initial_response_ok=True)
        except smtplib.SMTPAuthenticationError as error:
            raise NotifyError(
                f"the mail server refuses user or password ({error.smtp_code})",
                f"邮件服务器不接受用户名或密码（{error.smtp_code}）",
                permanent=False,
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotifyError(
                "the mail server offers no log-in that is known here",
                "邮件服务器没有可用的登录方式",
                permanent=False,
            ) from error

    def deliver(self, sender: str, recipients: Sequence[str], mail: bytes) -> dict[str, NotifyError]:
        """Hand over one mail. Gives the failures of recipients, each for good or not as the server says.

        Raises NotifyError when it takes the mail itself not: for good with an answer from 500 on.
        """
        code, words = self._smtp.mail(sender)
        if code != 250:
            raise smtplib.SMTPResponseException(code, words)
        failures: dict[str, NotifyError] = {}
        for recipient in recipients:
            code, _ = self._smtp.rcpt(recipient)
            if code not in (250, 251):
                failures[recipient] = NotifyError(
                    f"the mail server refuses the recipient ({code})",
                    f"邮件服务器拒绝该收件人（{code}）",
                    permanent=code >= 500,
                )
        if len(failures) == len(recipients):
            return failures
        try:
            code, _ = self._smtp.data(mail)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        if code != 250:
            raise NotifyError(
                f"the mail server refuses the mail ({code})",
                f"邮件服务器拒收邮件（{code}）",
                permanent=code >= 500,
            )
        return failures

    def close(self) -> None:
        """Take leave, and wait for no answer: what was delivered must not count as failed for a slow one."""
        try:
            self._smtp.putcmd("QUIT")
        finally:
            self._smtp.close()


class _Answers:
    """What a server says, up to MOST_SAID bytes: smtplib keeps all lines of an answer, however many come."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MOST_SAID

    def readline(self, size: int) -> bytes:
        line = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise NotifyError("the mail server's answer has no end", "邮件服务器的应答过长", permanent=False)
        return line

    def close(self) -> None:
        self._file.close()

"""Mails messages by SMTP, encrypted and with a log-in where the server wants them.

One mail goes to all recipients. The same flip always makes the same `Message-ID`, so that a mail system which
gets it again after a restart can tell; the mails about one alert refer to each other. The whole exchange ends
within its limit, and no error tells address or password, or repeats what the server wrote.
"""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from alerts.notifiers.email.session import Session
from alerts.notifiers.limit import TimeLimit
from alerts.notifiers.messages import Message, one_line
from alerts.notifiers.posting import certificate_refused, unreachable, verifying
from alerts.notifiers.recipients import Recipients
from alerts.notifiers.secrets import named_or_read
from hall.config.notifiers import EmailSettings, Language, MailSecurity
from hall.errors import NotifyError

POLICY = SMTP.clone(cte_type="7bit")
"""Any server takes seven bits; Chinese text travels encoded."""
LONGEST_SUBJECT = 120
"""Characters: what a list of mails shows."""


class Email:
    """Carries messages to all recipients of one notifier."""

    def __init__(self, settings: EmailSettings, environment: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._environment = environment
        self._recipients = Recipients(settings.recipients)

    def send(self, message: Message) -> None:
        """Send once, within `timeout_seconds`. Raises NotifyError."""
        mail = self.mail(message).as_bytes()
        self._recipients.tell(message.key, lambda left: self._deliver(mail, left))

    def mail(self, message: Message) -> EmailMessage:
        """The mail of a message."""
        settings, domain = self._settings, self._settings.sender.rpartition("@")[2]
        mail = EmailMessage(policy=POLICY)
        mail["From"] = settings.sender
        mail["To"] = ", ".join(settings.recipients)
        mail["Subject"] = one_line(message.heading, LONGEST_SUBJECT)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{_digest(message.key)}@{domain}>"
        if message.thread is not None:
            mail["References"] = f"<{_digest(message.thread)}@{domain}>"
            mail["X-Hallwatch-Alert"] = message.thread
        mail["X-Hallwatch-Message"] = message.key
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = "en" if settings.language is Language.EN else "zh-CN"
        mail.set_content(message.text)
        return mail

    def _deliver(self, mail: bytes, recipients: list[str]) -> dict[str, NotifyError]:
        """The failures by recipient. Raises NotifyError when nobody was reached."""
        settings = self._settings
        password = named_or_read(settings.password, settings.password_file, self._environment)
        try:
            with TimeLimit(settings.timeout_seconds) as limit:
                return self._exchange(limit, password, mail, recipients)
        except TimeoutError as error:
            raise NotifyError(
                "the mail server did not answer in time", "邮件服务器未在时限内应答", permanent=False
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise certificate_refused(error) from error
        except smtplib.SMTPServerDisconnected as error:
            raise NotifyError(
                "the mail server closed the connection", "邮件服务器断开了连接", permanent=False
            ) from error
        except smtplib.SMTPResponseException as error:
            # Before a recipient or a mail is named, only what is set up can be wrong.
            raise NotifyError(
                f"the mail server answered {error.smtp_code}",
                f"邮件服务器应答 {error.smtp_code}",
                permanent=False,
            ) from error
        except smtplib.SMTPException as error:
            why = type(error).__name__
            raise NotifyError(f"SMTP failed: {why}", f"SMTP 出错：{why}", permanent=False) from error
        except OSError as error:
            raise unreachable(error) from error
        except ValueError as error:
            raise NotifyError(
                "what the server answered is not SMTP", "对方的应答不是 SMTP", permanent=False
            ) from error

    def _exchange(
        self, limit: TimeLimit, password: str | None, mail: bytes, recipients: list[str]
    ) -> dict[str, NotifyError]:
        settings = self._settings
        context = None if settings.security is MailSecurity.NONE else verifying(settings.ca_file)
        address = (settings.host, settings.port_in_use)
        # The second handle on the same connection is what is cut off: TLS takes the first one over.
        with socket.create_connection(address, settings.timeout_seconds) as raw, raw.dup() as plain:
            limit.watch(lambda: plain)
            session = Session(raw, settings.host, context, settings.security)
            try:
                session.begin()
                if settings.user is not None and password is not None:
                    session.log_in(settings.user, password)
                return session.deliver(settings.sender, recipients, mail)
            finally:
                with suppress(smtplib.SMTPException, OSError):
                    session.close()


def _digest(key: str) -> str:
    """A name that a header can hold, whatever the key is made of."""
    return f"hallwatch.{sha256(key.encode()).hexdigest()[:32]}"

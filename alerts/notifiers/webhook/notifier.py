"""Posts `{"alert": …, "flip": …}` to an address, signed with a secret that both sides know.

`X-Hallwatch-Signature: sha256=HEX` is the HMAC-SHA256 of the body's bytes. Redirects are not followed (the
receiver would be another than the one that was agreed on), certificates are verified, and one attempt ends
within its limit even when the receiver answers byte by byte. No error tells address or secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from alerts.notifiers.secrets import filled_in, read_file
from hall.config.notifiers import WebhookSettings
from hall.errors import NotifyError
from hall.finding import Alert, Flip
from hall.wire import to_wire

SIGNATURE = "X-Hallwatch-Signature"
LATER = frozenset({408, 425, 429})
"""Answers below 500 that another attempt may change."""


def sign(body: bytes, secret: str) -> str:
    """What the signature's header says of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhook:
    """Tells one receiver. Every call makes a connection of its own."""

    def __init__(self, settings: WebhookSettings, environment: Mapping[str, str] = os.environ) -> None:
        """Nothing is read or connected yet; `environment` gives the values of `${NAME}`."""
        self._settings = settings
        self._environment = environment

    def notify(self, alert: Alert, flip: Flip) -> None:
        """Deliver once, within `timeout_seconds`. Raises NotifyError."""
        body = json.dumps({"alert": to_wire(alert), "flip": to_wire(flip)}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Hallwatch",
            "Connection": "close",
        }
        if (secret := self._secret()) is not None:
            headers[SIGNATURE] = sign(body, secret)
        status = self._post(filled_in(self._settings.url, self._environment), body, headers)
        if not 200 <= status < 300:
            # A redirect is an answer for good as well: it is never followed.
            permanent = 300 <= status < 500 and status not in LATER
            raise NotifyError(f"the receiver answered {status}", permanent=permanent)

    def _secret(self) -> str | None:
        if self._settings.secret is not None:
            return filled_in(self._settings.secret, self._environment)
        return read_file(self._settings.secret_file) if self._settings.secret_file is not None else None

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer."""
        try:
            address = urlsplit(url)
            connection = _connection(address, self._settings.timeout_seconds)
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            with _bounded(connection, self._settings.timeout_seconds):
                connection.request("POST", path, body, dict(headers))
                return connection.getresponse().status
        except TimeoutError as error:
            raise NotifyError("the receiver did not answer in time", permanent=False) from error
        except ssl.SSLCertVerificationError as error:
            why = error.verify_message.partition(",")[0]  # what follows names the host
            raise NotifyError(f"the receiver's certificate is refused: {why}", permanent=False) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise NotifyError(f"the receiver cannot be reached: {why}", permanent=False) from error
        except HTTPException as error:
            raise NotifyError(f"the answer is not HTTP: {type(error).__name__}", permanent=False) from error
        except ValueError as error:
            raise NotifyError("the address cannot be used", permanent=False) from error


def _connection(address: SplitResult, timeout: float) -> HTTPConnection:
    host = address.hostname or ""
    if address.scheme.lower() == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, address.port, timeout=timeout, context=context)
    return HTTPConnection(host, address.port, timeout=timeout)


@contextmanager
def _bounded(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """End the connection after so many seconds in all: a socket's own timeout begins anew with each byte."""
    expired = False

    def cut() -> None:
        nonlocal expired
        expired = True
        if connection.sock is not None:
            with suppress(OSError):
                # The plain socket's: that of TLS would take the connection from under the reading thread.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        if expired:
            raise TimeoutError  # there was nothing to cut off yet
        yield
        if expired:
            raise TimeoutError  # a head that was cut off can look like a whole one
    except (OSError, HTTPException) as error:
        if expired:
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        connection.close()

"""One HTTP request to a receiver, and what its status means.

Redirects are not followed (the receiver would be another than the one that was agreed on), certificates are
verified, and one attempt ends within its limit even when the receiver answers byte by byte. No error tells
address or secret. Every call makes a connection of its own.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from alerts.notifiers.limit import TimeLimit
from alerts.notifiers.secrets import filled_in
from hall.config.notifiers import Reached
from hall.errors import NotifyError

LATER = frozenset({407, 408, 425, 429})
"""Answers below 500 that another attempt may change, or setting the proxy's password right (407)."""
LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read: none of these receivers has more to say."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a receiver is reached: within so many seconds, through which proxy, vouched for by whom."""

    seconds: float
    proxy: str | None = None
    ca_file: Path | None = None

    @classmethod
    def of(cls, settings: Reached, environment: Mapping[str, str]) -> Way:
        """The way that settings describe. Raises NotifyError when a variable of the proxy is not set."""
        proxy = settings.proxy and filled_in(settings.proxy, environment)
        return cls(settings.timeout_seconds, proxy, settings.ca_file)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer.

    Not whole: the connection was closed before the end of the body, or the body is longer than LARGEST_ANSWER
    bytes, of which the first are here. Who goes by the status alone need not care.
    """

    status: int
    body: bytes
    is_whole: bool = True

    def raise_unless_taken(self) -> None:
        """Raises NotifyError for anything but 2xx. A redirect is an answer for good: it is never followed."""
        if not 200 <= self.status < 300:
            permanent = 300 <= self.status < 500 and self.status not in LATER
            raise NotifyError(
                f"the receiver answered {self.status}", f"对方应答 {self.status}", permanent=permanent
            )


def ask(method: str, url: str, body: bytes, headers: Mapping[str, str], way: Way) -> Answer:
    """Make one request and read its answer. Raises NotifyError, never for good, when there is none."""
    try:
        return _ask(method, urlsplit(url), body, headers, way)
    except TimeoutError as error:
        raise NotifyError(
            "the receiver did not answer in time", "对方未在时限内应答", permanent=False
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise certificate_refused(error) from error
    except OSError as error:
        raise unreachable(error) from error
    except HTTPException as error:
        raise NotifyError(
            f"the answer is not HTTP: {type(error).__name__}",
            f"应答不是 HTTP：{type(error).__name__}",
            permanent=False,
        ) from error
    except ValueError as error:
        raise NotifyError("the address cannot be used", "地址无法使用", permanent=False) from error


def certificate_refused(error: ssl.SSLCertVerificationError) -> NotifyError:
    """In words that do not name the host."""
    why = error.verify_message.partition(",")[0]
    return NotifyError(
        f"the receiver's certificate is refused: {why}", f"对方的证书不可信：{why}", permanent=False
    )


def unreachable(error: OSError) -> NotifyError:
    """In words that do not name the address."""
    why = error.strerror or type(error).__name__
    return NotifyError(f"the receiver cannot be reached: {why}", f"无法连接对方：{why}", permanent=False)


def verifying(ca_file: Path | None) -> ssl.SSLContext:
    """Trusts the authorities of the file, or those of the machine. Raises NotifyError."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ValueError) as error:
        raise NotifyError(
            f"ca_file cannot be read: {type(error).__name__}",
            f"无法读取 ca_file：{type(error).__name__}",
            permanent=False,
        ) from error


def _ask(method: str, address: SplitResult, body: bytes, headers: Mapping[str, str], way: Way) -> Answer:
    host, is_tls = address.hostname or "", address.scheme.lower() == "https"
    port = address.port or (443 if is_tls else 80)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    sent = {"Host": address.netloc, "User-Agent": "Hallwatch", "Connection": "close", **headers}
    connection = HTTPConnection(host, port, timeout=way.seconds)
    if way.proxy is not None:
        proxy = urlsplit(way.proxy)
        connection = HTTPConnection(proxy.hostname or "", proxy.port or 80, timeout=way.seconds)
        if is_tls:
            connection.set_tunnel(host, port, _proxy_headers(proxy))
        else:
            path, sent = f"http://{address.netloc}{path}", {**sent, **_proxy_headers(proxy)}
    with TimeLimit(way.seconds) as limit, closing(connection):
        limit.watch(lambda: connection.sock)
        connection.connect()
        # A second handle on the same connection: TLS takes the first one over.
        with connection.sock.dup() as plain:
            limit.watch(lambda: plain)
            if is_tls:
                context = verifying(way.ca_file)
                connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
            connection.request(method, path, body, sent)
            return _read(connection.getresponse())


def _read(answer: HTTPResponse) -> Answer:
    try:
        body = answer.read(LARGEST_ANSWER)
    except IncompleteRead as error:
        return Answer(answer.status, error.partial, is_whole=False)
    # `length` is what is still to come; without one, only the end of the connection tells the end.
    until_closed = answer.length is None and not answer.chunked
    is_cut = bool(answer.length) or len(body) >= LARGEST_ANSWER or (until_closed and not body)
    return Answer(answer.status, body, is_whole=not is_cut)


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    credentials = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}

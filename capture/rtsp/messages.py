"""RTSP 1.0 on the wire (RFC 2326): requests as text, and what a camera answers. Every length has a bound."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hall.errors import SourceMalformed

LARGEST_HEAD = 32 * 1024
LARGEST_BODY = 128 * 1024
"""Bytes; head and body together fit into the buffer of a connection."""
MOST_HEADERS = 128
END_OF_HEAD = b"\r\n\r\n"
AGENT = "Hallwatch"
_START = re.compile(rb"R(T(S(P(/|$)|$)|$)|$)|[A-Z_]{1,20}( |$)")
_STATUS = re.compile(r"RTSP/1\.\d +(\d{3})(?: |$)")
_REQUEST = re.compile(r"([A-Z_]{3,20}) +\S+ +RTSP/1\.\d$")


@dataclass(frozen=True, slots=True)
class Message:
    """A response (`status` is set), or a request of the camera's own (`method` is set).

    Names of headers are lower-case; a header that came several times has several values.
    """

    status: int
    method: str
    headers: Mapping[str, tuple[str, ...]]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value, or empty."""
        values = self.headers.get(name, ())
        return values[0] if values else ""

    @property
    def sequence(self) -> int | None:
        """CSeq, where it is a number."""
        text = self.header("cseq")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def request(method: str, url: str, sequence: int, headers: Mapping[str, str]) -> bytes:
    """A request without a body, ready to send."""
    lines = [f"{method} {url} RTSP/1.0", f"CSeq: {sequence}", f"User-Agent: {AGENT}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def refusal(of: Message) -> bytes:
    """The answer to a camera's own request: none of them is needed here."""
    sequence = of.sequence
    return f"RTSP/1.0 501 Not Implemented\r\nCSeq: {0 if sequence is None else sequence}\r\n\r\n".encode()


def looks_like_text(start: bytes) -> bool:
    """True when these bytes (24 of them, or fewer where no more came) can be the start of a message."""
    return _START.match(start) is not None


def read_message(data: bytes | bytearray, begin: int, end: int) -> tuple[Message, int] | None:
    """The message at `begin` and where it ends; None while it has not come as a whole.

    Raises SourceMalformed for what is not RTSP, or larger than a camera has reason to send.
    """
    head_end = data.find(END_OF_HEAD, begin, min(end, begin + LARGEST_HEAD))
    if head_end < 0:
        _refuse_other_protocols(bytes(data[begin : min(end, begin + 24)]))
        if end - begin >= LARGEST_HEAD:
            raise SourceMalformed("the camera's answer does not end")
        return None
    message = _head(bytes(data[begin:head_end]).decode("utf-8", "replace"))
    body = head_end + len(END_OF_HEAD)
    length = _length(message)
    if body + length > end:
        return None
    whole = Message(message.status, message.method, message.headers, bytes(data[body : body + length]))
    return whole, body + length


def _refuse_other_protocols(start: bytes) -> None:
    if start.lstrip().startswith((b"HTTP/", b"<")):
        raise SourceMalformed("a web server answers at this address, not a camera's RTSP port")
    if not looks_like_text(start):
        raise SourceMalformed("what answers does not speak RTSP")


def _head(text: str) -> Message:
    first, *lines = text.replace("\r\n", "\n").split("\n")
    if first.startswith("HTTP/"):
        raise SourceMalformed("a web server answers at this address, not a camera's RTSP port")
    status, asked = _STATUS.match(first), _REQUEST.match(first)
    if status is None and asked is None:
        raise SourceMalformed("what answers does not speak RTSP")
    if len(lines) > MOST_HEADERS:
        raise SourceMalformed("the camera's answer has too many headers")
    headers: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in lines:
        if line[:1] in (" ", "\t") and name:
            headers[name] = (*headers[name][:-1], f"{headers[name][-1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or not name:
            raise SourceMalformed("the camera's answer has a header that is none")
        headers[name] = (*headers.get(name, ()), value.strip())
    return Message(int(status[1]) if status else 0, asked[1] if asked else "", headers)


def _length(message: Message) -> int:
    text = message.header("content-length") or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise SourceMalformed("the camera's answer has a length that is no number")
    if int(text) > LARGEST_BODY:
        raise SourceMalformed("the camera's answer is too long")
    return int(text)

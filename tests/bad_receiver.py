"""A receiver that breaks off a conversation: says something, then hangs, closes, resets, or never ends."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ROBOT_TAKES = b'{"errcode": 0, "code": 0, "errmsg": "ok"}'
TAKES = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ROBOT_TAKES), ROBOT_TAKES)


class Hears(StrEnum):
    """How much is read before the next words are said."""

    NOTHING = "nothing"
    REQUEST = "request"
    """An HTTP request with its body."""
    LINE = "line"
    MAIL = "mail"
    """Up to the line that holds nothing but a full stop."""


class Then(StrEnum):
    """How it ends."""

    CLOSES = "closes"
    HANGS = "hangs"
    RESETS = "resets"
    REPEATS = "repeats"
    """Says the last words again and again."""


@dataclass(frozen=True)
class Break:
    """Where a conversation breaks off: what is heard before it, what is said, and what comes then."""

    says: bytes
    then: Then
    hears: Hears = Hears.REQUEST
    again: bytes = b""
    """What `REPEATS` repeats."""
    before: Sequence[tuple[Hears, bytes]] = ()
    """What is heard and answered as it should be, before that."""


@dataclass
class BadReceiver:
    """`port` on 127.0.0.1; `heard` holds what each connection said; once `mended`, HTTP is answered well."""

    port: int
    broken: Break
    heard: list[bytes] = field(default_factory=list)
    mended: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def converse(self, connected: socket.socket) -> None:
        place = len(self.heard)
        self.heard.append(b"")
        if self.mended.is_set():
            self._hear(connected, Hears.REQUEST, place)
            connected.sendall(TAKES)
            return
        for hears, says in (*self.broken.before, (self.broken.hears, self.broken.says)):
            self._hear(connected, hears, place)
            connected.sendall(says)
        if self.broken.then is Then.HANGS:
            self.closing.wait(30)
        elif self.broken.then is Then.RESETS:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        while self.broken.then is Then.REPEATS and not self.closing.is_set():
            connected.sendall(self.broken.again)

    def _hear(self, connected: socket.socket, hears: Hears, place: int) -> None:
        told = b""
        while not _is_whole(told, hears) and (data := connected.recv(65536)):
            told += data
            self.heard[place] += data


def _is_whole(told: bytes, hears: Hears) -> bool:
    if hears is Hears.NOTHING:
        return True
    if hears is Hears.REQUEST:
        head, end, body = told.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        return bool(end) and len(body) >= (int(length.group(1)) if length else 0)
    return told.endswith(b"\r\n.\r\n" if hears is Hears.MAIL else b"\r\n")


@contextmanager
def breaking_off(broken: Break) -> Iterator[BadReceiver]:
    """A receiver on a port of the system's choice."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver = BadReceiver(listening.getsockname()[1], broken)
        threads: list[threading.Thread] = []
        connections: list[socket.socket] = []

        def converse(connected: socket.socket) -> None:
            # The client gives up: that is what is tested.
            with connected, suppress(OSError):
                connected.settimeout(30)
                receiver.converse(connected)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connected, _ = listening.accept()
                    connections.append(connected)
                    threads.append(threading.Thread(target=converse, args=(connected,), daemon=True))
                    threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            listening.shutdown(socket.SHUT_RDWR)
            for connected in connections:
                with suppress(OSError):
                    connected.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(5)

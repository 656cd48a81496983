"""An RTSP server that says exactly what a test wants: `with ScriptedCamera(answer) as camera`."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

START_LIMIT = 5.0
SDP = "v=0\r\nm=audio 0 RTP/AVP 0\r\na=control:sound\r\n"
"""One track of G.711."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    url: str
    headers: Mapping[str, str]
    connection: int
    """Which of the server's connections it came over, counted from 0."""


Answer = Callable[[Asked], bytes | None]
"""What is sent for a request; None for what a good camera answers."""


def response(asked: Asked, status: int = 200, headers: str = "", body: str = "") -> bytes:
    """A response; `headers` are lines, each with its line end."""
    head = f"RTSP/1.0 {status} Words\r\nCSeq: {asked.headers['cseq']}\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def block(number: int, channel: int = 0, *, data: bytes = b"sound") -> bytes:
    """The frame of one block of G.711."""
    packet = struct.pack(">BBHII", 0x80, 0, number & 0xFFFF, number * 160, 1) + data
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet


def good(asked: Asked) -> bytes:
    """What a camera answers; after PLAY it sends ten blocks of sound."""
    match asked.method:
        case "OPTIONS":
            return response(asked, headers="Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER\r\n")
        case "DESCRIBE":
            return response(asked, body=SDP)
        case "SETUP":
            return response(
                asked, headers="Session: 17;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            )
        case "PLAY":
            return response(asked) + b"".join(block(number) for number in range(10))
    return response(asked)


class ScriptedCamera:
    """Listens on loopback in a thread of its own; `asked` holds every request that came."""

    def __init__(self, answer: Answer = good) -> None:
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="scripted-camera", daemon=True)
        self.asked: list[Asked] = []
        self.port = self._server.getsockname()[1]

    @property
    def url(self) -> str:
        """The camera's address, with a user and a password."""
        return f"rtsp://viewer:s%20ecret@127.0.0.1:{self.port}/main"

    def methods(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.method for asked in self.asked]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(START_LIMIT)
        self._server.close()

    def _serve(self) -> None:
        number = 0
        talks: list[threading.Thread] = []
        while not self._ended.is_set():
            try:
                connection, _ = self._server.accept()
            except TimeoutError:
                continue
            talks.append(threading.Thread(target=self._talk, args=(connection, number), daemon=True))
            talks[-1].start()
            number += 1
        for talk in talks:
            talk.join(START_LIMIT)

    def _talk(self, connection: socket.socket, number: int) -> None:
        connection.settimeout(0.05)
        heard = b""
        with connection, contextlib.suppress(ConnectionError):
            while not self._ended.is_set():
                try:
                    piece = connection.recv(4096)
                except TimeoutError:
                    continue
                if not piece:
                    return
                heard += piece
                while b"\r\n\r\n" in heard:
                    text, _, heard = heard.partition(b"\r\n\r\n")
                    asked = _parsed(text.decode(), number)
                    self.asked.append(asked)
                    answer = self._answer(asked)
                    connection.sendall(good(asked) if answer is None else answer)
                    if answer == b"":
                        return


def _parsed(text: str, connection: int) -> Asked:
    first, *lines = text.split("\r\n")
    method, url, *_ = [*first.split(" "), ""]
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    return Asked(method, url, headers, connection)

"""A real HTTP server that receives what notifiers send, and behaves as the path of the address says."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Message:
    """One request that was taken: method, path, headers (names in lower case), body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def flip(self) -> tuple[str, int]:
        """Alert and revision: which flip this tells of."""
        flip = self.content["flip"]
        return flip["alert"], flip["revision"]


@dataclass
class WebReceiver:
    """`/takes…` takes, `/answers/CODE` answers so, `/hangs` and `/dribbles` never answer to the end.

    `/robot/CODE` answers 200 and says CODE as group robots do, taking what 0 is said to. What is taken under
    `/says…` is answered by `words`.
    """

    address: str
    taken: list[Message] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    words: str = ""
    gate: threading.Event = field(default_factory=threading.Event)
    """Cleared: what is taken is answered only once it is set again."""

    def at(self, path: str) -> list[Message]:
        return [message for message in list(self.taken) if message.path == path]


class Handler(BaseHTTPRequestHandler):
    """Answers one request as its path says."""

    receiver: WebReceiver

    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        receiver, path = self.receiver, self.path.partition("?")[0]
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            return  # whoever sent it was killed on the way: nothing was taken
        receiver.asked.append(self.path)
        if path == "/hangs":
            receiver.closing.wait(30)
        elif path == "/dribbles":
            self._dribble()
        elif path.startswith("/answers/"):
            self._answer(int(path.rpartition("/")[2]))
        elif path.startswith("/robot/") and not path.endswith("/0"):
            code = int(path.rpartition("/")[2])
            self._answer(200, json.dumps({"errcode": code, "code": code, "errmsg": receiver.address}))
        else:
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.taken.append(Message(self.command, self.path, headers, body))
            receiver.gate.wait(30)
            if path.startswith("/robot/"):
                self._answer(200, '{"errcode": 0, "code": 0, "errmsg": "ok"}')
            elif path.startswith("/says"):
                self._answer(200, receiver.words)
            else:
                self._answer(204)

    def _answer(self, code: int, words: str = "") -> None:
        body = words.encode()
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", f"{self.receiver.address}/takes/redirected")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _dribble(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not self.receiver.closing.wait(0.05):
            self.wfile.write(b"X")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that give up are what is tested."""


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[WebReceiver]:
    """A receiver on a port of the system's choice; behind TLS with a certificate and key of one file."""
    receiver = WebReceiver("")
    receiver.gate.set()
    with Server(("127.0.0.1", 0), type("OfThis", (Handler,), {"receiver": receiver})) as server:
        receiver.address = f"http://127.0.0.1:{server.server_address[1]}"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            receiver.address = f"https://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            receiver.gate.set()
            server.shutdown()
            thread.join()

"""A process full of screens: WebSocket clients that note which fact came when, and come back for the rest.

They read frames with as little work as Python allows: the machine that measures is the one that is measured.
Run as a module it takes commands as JSON lines and answers each with one.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

TEXT, CLOSE, PING = 1, 8, 9
HEAD_END = b"\r\n\r\n"
SEQ = b'{"seq":'
AT_ONCE = 64
"""Connections that are begun at the same time."""
LATER_SECONDS = 1.0
"""A screen comes back after a random time up to this, and tries again after as long."""
CONNECT_SECONDS = 30.0


@dataclass
class Crowd:
    """All screens of this process, and what they saw together: per seq how often, and when last."""

    port: int
    cookies: Sequence[str]
    after: int
    times: dict[int, int] = field(default_factory=dict)
    last_at: dict[int, float] = field(default_factory=dict)
    doubled: int = 0
    resets: int = 0
    refused: int = 0
    connected: int = 0
    all_connected_at: float = 0.0
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    screens: list[Screen] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    is_over: bool = False

    def open(self) -> None:
        """Connect all screens."""
        self.screens = [Screen(self, cookie, self.after) for cookie in self.cookies]
        for screen in self.screens:
            self.connect(screen, 0)

    def connect(self, screen: Screen, pause: float) -> None:
        """Connect one screen, after a pause, and again until it succeeds."""
        task = asyncio.get_running_loop().create_task(self._connect(screen, pause))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _connect(self, screen: Screen, pause: float) -> None:
        loop = asyncio.get_running_loop()
        while not self.is_over:
            await asyncio.sleep(pause)
            pause = random.uniform(0.1, LATER_SECONDS)
            async with self.gate:
                screen.greeted = asyncio.Event()
                try:
                    async with asyncio.timeout(CONNECT_SECONDS):
                        await loop.create_connection(lambda: screen, "127.0.0.1", self.port)
                        await screen.greeted.wait()
                except (OSError, TimeoutError):
                    continue
                return

    def greeted(self) -> None:
        """One more screen is connected."""
        self.connected += 1
        if self.connected == len(self.screens):
            self.all_connected_at = time.time()

    def state(self) -> dict[str, Any]:
        """How far all are."""
        return {
            "connected": self.connected,
            "least": min((screen.last for screen in self.screens), default=0),
            "all_connected_at": self.all_connected_at,
        }

    def report(self) -> dict[str, Any]:
        """What all saw together."""
        return {
            "times": list(self.times.items()),
            "last_at": list(self.last_at.items()),
            "doubled": self.doubled,
            "resets": self.resets,
        }


class Screen(asyncio.Protocol):
    """One WebSocket client. `last` is the newest seq that it was sent."""

    def __init__(self, crowd: Crowd, cookie: str, after: int) -> None:
        self.crowd, self.cookie, self.last = crowd, cookie, after
        self.greeted = asyncio.Event()
        self.is_connected = False
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the push."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.rest, self.is_connected = b"", False
        transport.write(
            f"GET /api/v1/push?after={self.last} HTTP/1.1\r\nHost: 127.0.0.1:{self.crowd.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: {self.cookie}\r\n\r\n".encode()
        )

    def connection_lost(self, _error: Exception | None) -> None:
        """Come back, unless it never got in: then whoever connects tries again."""
        if self.is_connected:
            self.is_connected = False
            self.crowd.connected -= 1
            if not self.crowd.is_over:
                self.crowd.connect(self, random.uniform(0, LATER_SECONDS))
        self.greeted.set()

    def data_received(self, data: bytes) -> None:
        """Take what came, whole frames or not."""
        now = time.time()
        if self.rest:
            data = self.rest + data
        place = 0
        if not self.is_connected:
            place = data.find(HEAD_END) + len(HEAD_END)
            if place < len(HEAD_END):
                self.rest = data
                return
            if b" 101 " not in data[:20]:
                self.crowd.refused += 1
                self.transport.abort()
                return
            self.is_connected = True
            self.crowd.greeted()
            self.greeted.set()
        self.rest = data[self._read(data, place, now) :]

    def _read(self, data: bytes, place: int, now: float) -> int:
        """Read the whole frames from `place` on; gives where the rest begins."""
        end, crowd, last = len(data), self.crowd, self.last
        while end - place >= 2:
            size, begin = data[place + 1], place + 2
            if size == 126:
                begin = place + 4
                size = int.from_bytes(data[place + 2 : begin])
            elif size == 127:
                begin = place + 10
                size = int.from_bytes(data[place + 2 : begin])
            if end < begin + size:
                break
            kind = data[place] & 15
            place = begin + size
            if kind != TEXT:
                self._control(kind, data[begin:place])
                continue
            comma = data.index(b",", begin)
            seq = int(data[begin + len(SEQ) : comma])
            told = data[comma + 9 : comma + 15]
            if told in (b'hello"', b'tick",', b'reset"'):
                crowd.resets += told == b'reset"'
                continue
            if seq <= last:
                crowd.doubled += 1
            last = max(seq, last)
            crowd.times[seq] = crowd.times.get(seq, 0) + 1
            crowd.last_at[seq] = now
        self.last = last
        return place

    def _control(self, kind: int, payload: bytes) -> None:
        if kind == PING:
            # Masked with zeros, which leaves the payload as it is.
            self.transport.write(bytes((0x8A, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
        elif kind == CLOSE:
            self.transport.abort()


async def _serve() -> None:
    gc.disable()  # the screens of a hall do not all stand still at once
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowd: Crowd | None = None
    while line := await reader.readline():
        command = json.loads(line)
        if command["do"] == "open":
            crowd = Crowd(command["port"], command["cookies"], command["after"])
            crowd.open()
            answer: dict[str, Any] = {}
        elif crowd is None:
            answer = {"error": "not open"}
        else:
            answer = crowd.state() if command["do"] == "state" else crowd.report()
        print(json.dumps(answer), flush=True)
    if crowd is not None:
        crowd.is_over = True


@dataclass
class Screens:
    """The process as whoever measures sees it."""

    process: subprocess.Popen[str]

    def ask(self, do: str, **more: object) -> dict[str, Any]:
        """One command and its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def wait(self, count: int, least: int, limit: float) -> dict[str, Any]:
        """Wait until so many are connected and all have everything up to a seq. Raises TimeoutError."""
        until = time.monotonic() + limit
        while True:
            state = self.ask("state")
            if state["connected"] == count and state["least"] >= least:
                return state
            if time.monotonic() > until:
                raise TimeoutError(f"of {count} screens: {state}, wanted seq {least}")
            time.sleep(0.25)


@contextmanager
def screens() -> Iterator[Screens]:
    """A process of screens that ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.many_screens"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Screens(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


if __name__ == "__main__":
    asyncio.run(_serve())

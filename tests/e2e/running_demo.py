"""The demo hall as its users start it: a process, its ready.json, and a client that is logged in."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
import psutil

from console.access.gate import CSRF_HEADER
from store.database import Database

FOLDER = Path(__file__).parents[2] / ".cache" / "demo-for-tests"
"""Reels are kept between test runs; database and recordings are removed before each."""
READY_LIMIT = 300.0
END_LIMIT = 20.0

Found = TypeVar("Found")
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo hall."""

    url: str
    user: str
    password: str
    api_key: str
    passwords: dict[str, str]
    """Of every user of the demo, by their names."""
    process: subprocess.Popen[bytes]
    client: httpx.Client

    @property
    def data(self) -> Path:
        """Database and recordings."""
        return FOLDER / "data"

    def database(self) -> Database:
        """The demo's own database, opened once more."""
        return Database(f"sqlite:///{self.data / 'hallwatch.db'}")

    def get(self, path: str, **parameters: str) -> Json:
        """What the API answers. Raises httpx.HTTPStatusError."""
        answer = self.client.get(f"/api/v1/{path}", params=parameters)
        answer.raise_for_status()
        return cast(Json, answer.json())

    def alerts(self, **parameters: str) -> list[Json]:
        """Alerts, newest first."""
        return cast(list[Json], self.get("alerts", hall="demo", limit="100", **parameters)["items"])

    def role(self, name: str) -> psutil.Process | None:
        """The process of a role, or None while it is away."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                words = child.cmdline()
            except psutil.NoSuchProcess:
                continue
            if "--role" in words and words[words.index("--role") + 1] == name:
                return child
        return None


def wait_for(what: str, look: Callable[[], Found | None], limit: float, every: float = 0.25) -> Found:
    """What `look` finds, as soon as it finds something. Fails after `limit` seconds."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        found = look()
        if found is not None and found is not False:
            return found
        time.sleep(every)
    raise AssertionError(f"{what}: not within {limit:.0f} s")


@contextmanager
def demo() -> Iterator[Demo]:
    """Start the demo hall with no data, end it as Ctrl-C does."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(FOLDER / "data", ignore_errors=True)
    command = [sys.executable, "-m", "hallwatch", "demo", "--directory", str(FOLDER), "--port", "0"]
    with (FOLDER / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        ready = wait_for("ready.json", lambda: _ready(process), READY_LIMIT)
        with httpx.Client(base_url=ready["url"], timeout=20) as client:
            login = client.post(
                "/api/v1/session", json={"user": ready["user"], "password": ready["password"]}
            )
            login.raise_for_status()
            client.headers[CSRF_HEADER] = login.json()["csrf"]
            yield Demo(**ready, process=process, client=client)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(END_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(END_LIMIT)
            raise


def _ready(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    if process.poll() is not None:
        raise AssertionError(f"the demo ended with {process.returncode}: {tail_of_log()}")
    path = FOLDER / "ready.json"
    return cast(dict[str, Any], json.loads(path.read_text())) if path.exists() else None


def tail_of_log() -> str:
    """The end of what the demo printed, for a failing test."""
    path = FOLDER / "log.txt"
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 4000))
        return log.read().decode("utf-8", "replace")

"""The demo hall as its users start it: a process, its ready.json, and a client that is logged in."""

from __future__ import annotations

import fcntl
import json
import os
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
from hallwatch.demo.place import DemoPlace
from hallwatch.demo.start import make_reels
from store.database import Database

FOLDER = Path(__file__).parents[2] / ".cache" / "demo-for-tests"
"""Reels are kept between test runs and shared; database and recordings are removed before each."""
READY_LIMIT = 300.0
END_LIMIT = 20.0

Found = TypeVar("Found")
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo hall."""

    folder: Path
    """Its hall.yaml, its log and its data."""
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
        return self.folder / "data"

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
def demo(name: str = "alone") -> Iterator[Demo]:
    """Start the demo hall with no data, end it as Ctrl-C does. Others run beside it under other names."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time():
        folder = _prepared(f"{name}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
        command = [sys.executable, "-m", "hallwatch", "demo", "--directory", str(folder), "--port", "0"]
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            ready = wait_for("ready.json", lambda: _ready(folder, process), READY_LIMIT)
        except BaseException:
            _end(process)
            raise
    try:
        with httpx.Client(base_url=ready["url"], timeout=20) as client:
            login = client.post(
                "/api/v1/session", json={"user": ready["user"], "password": ready["password"]}
            )
            login.raise_for_status()
            client.headers[CSRF_HEADER] = login.json()["csrf"]
            yield Demo(folder, **ready, process=process, client=client)
    finally:
        _end(process)


def _prepared(name: str) -> Path:
    """A demo's folder without data; its reels are those that all demos share."""
    folder, shared = FOLDER / name, DemoPlace(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "data", ignore_errors=True)
    (folder / "ready.json").unlink(missing_ok=True)
    make_reels(shared, lambda _: None)
    own = folder / "reels"
    own.mkdir(exist_ok=True)
    for link in own.iterdir():
        if link.is_symlink():
            link.unlink()
    for made in (*shared.reels.glob("reels-*"), *shared.reels.glob("complete-*")):
        (own / made.name).symlink_to(made)
    return folder


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two that start at once would film the same reels, and look for the same free ports."""
    with (FOLDER / "starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(END_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END_LIMIT)
        raise


def _ready(folder: Path, process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    if process.poll() is not None:
        raise AssertionError(f"the demo ended with {process.returncode}: {_tail_of(folder / 'log.txt')}")
    path = folder / "ready.json"
    return cast(dict[str, Any], json.loads(path.read_text())) if path.exists() else None


def _tail_of(log: Path) -> str:
    with log.open("rb") as lines:
        lines.seek(max(0, log.stat().st_size - 4000))
        return lines.read().decode("utf-8", "replace")

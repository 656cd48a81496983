"""From a flip to the last of many screens, and through a restart of the console under all of them."""

from __future__ import annotations

import secrets
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil

from benchmarks.alerts_site import Site, Writers, cpu_seconds, running
from benchmarks.many_screens import screens
from hall.journal import FactKind
from hall.roles import Role
from store import accounts, journal
from store.database import Database

USERS = 20
"""Between them they hold all sessions."""
CONNECT_LIMIT = 120.0
SETTLE_SECONDS = 8.0
AFTERWARDS_SECONDS = 10.0
TOLD_SECONDS = 2.0
"""What was flipped within the time that is measured is told before the console is killed."""
READY_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """What was measured. `delays`: ms from the judgement of a flip to the last screen that was sent it.

    `console` and `clients` in seconds of processor a second; `entries` facts a second each screen was sent;
    `back`: seconds from the kill of the console until all screens had everything again.
    """

    screens: int
    delays: list[float]
    console: float
    clients: float
    entries: float
    back: float
    lost: int
    doubled: int


def free_port() -> int:
    """A port that the restarted console can take again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure_push(at: Site, count: int, port: int, seconds: float, writers: Writers) -> PushOutcome:
    """Let `count` screens follow for some time, kill the console, and see what each of them got."""
    database = Database(at.url)
    cookies = _log_in(database, count)
    with screens() as crowd:
        with running(at, "console") as console:
            _wait_until_ready(port)
            start = _last_seq(database)
            crowd.ask("open", port=port, cookies=cookies, after=start)
            crowd.wait(count, start, CONNECT_LIMIT)
            time.sleep(SETTLE_SECONDS)
            clients = psutil.Process(crowd.process.pid)
            began, first = time.time(), _last_seq(database)
            spent = cpu_seconds(console), cpu_seconds(clients)
            time.sleep(seconds)
            ended, last = time.time(), _last_seq(database)
            used = cpu_seconds(console) - spent[0], cpu_seconds(clients) - spent[1]
            time.sleep(TOLD_SECONDS)
            console.kill()
            killed = time.time()
        with running(at, "console"):
            state = crowd.wait(count, _last_seq(database), CONNECT_LIMIT)
            back = max(time.time(), state["all_connected_at"]) - killed
            time.sleep(AFTERWARDS_SECONDS)
            writers.stop()
            final = _last_seq(database)
            crowd.wait(count, final, CONNECT_LIMIT)
            report = crowd.ask("report")
    lasted = ended - began
    delays = _delays(database, report, first, last)
    lost, doubled = _faults(database, report, start, final, count)
    database.close()
    return PushOutcome(
        count, delays, used[0] / lasted, used[1] / lasted, (last - first) / lasted, back, lost, doubled
    )


def _log_in(database: Database, count: int) -> list[str]:
    """Sessions as a log-in enters them, without the time that a password takes. Gives the cookies."""
    now = datetime.now(UTC)
    cookies = []
    with database.write() as tx:
        users = [
            accounts.save_user(tx, f"officer{number}", Role.OFFICER, "", now).id for number in range(USERS)
        ]
        for number in range(count):
            token = secrets.token_urlsafe(32)
            accounts.open_session(
                tx, users[number % USERS], token, secrets.token_urlsafe(32), "", now, now + timedelta(hours=1)
            )
            cookies.append(f"hallwatch_session={token}")
    return cookies


def _last_seq(database: Database) -> int:
    with database.read() as tx:
        return journal.last_seq(tx)


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + READY_LIMIT
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > until:
            raise TimeoutError("the console did not become ready")
        time.sleep(0.2)


def _delays(database: Database, report: dict[str, Any], first: int, last: int) -> list[float]:
    """Of the flips after `first`, up to `last`.

    Counted from the moment of judgement, which the flip tells and which lies before its commit.
    """
    last_at = dict(report["last_at"])
    with database.read() as tx:
        flips = [entry for entry in journal.tail(tx, first, 1_000_000, [FactKind.FLIP]) if entry.seq <= last]
    return [(last_at[flip.seq] - flip.at.timestamp()) * 1000 for flip in flips if flip.seq in last_at]


def _faults(
    database: Database, report: dict[str, Any], start: int, final: int, count: int
) -> tuple[int, int]:
    """How many facts some screen did not get, and how many some screen got again, over all screens."""
    times = dict(report["times"])
    with database.read() as tx:
        entries = journal.tail(tx, start, 10_000_000)
    seqs = [entry.seq for entry in entries if entry.seq <= final]
    lost = sum(max(0, count - times.get(seq, 0)) for seq in seqs)
    return lost, int(report["doubled"])

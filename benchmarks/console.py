"""How soon the console answers when much was recorded, how soon pictures stand, and what a browser fetches.

Every list, search and playlist call is made over HTTP from a real console process, at random places of a hall
with ten million segments, two million transactions and a million alerts: by one client, then by several at
once. Both databases. Then follow the first picture of a replay, and live view with the cost of a viewer
(`replay_start`, `live_view`), each in a small hall of its own.

Options: --scale 0.1 for less, --samples, --clients, --folder (for about 25 GB), --database sqlite or
postgresql, --keep FOLDER to fill once and measure again, --only TEXT for calls whose names hold it, --part
api, replay or live for these alone.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from benchmarks import live_view, replay_start
from benchmarks.alerts_push import free_port
from benchmarks.alerts_site import Site, end
from benchmarks.console_calls import CALLS, Call, Place
from benchmarks.filled_console import ConsoleSize, fill_console, furnished
from benchmarks.filled_hall import Size, a_hall
from benchmarks.first_load import ENCODINGS, first_load_bytes
from benchmarks.report import Figure, Report, percentile
from bus import server
from console.access.gate import COOKIE
from hall.roles import Role
from store import accounts
from store.database import Database
from tests import postgresql

AIM_MS = 100.0
AIM_FIRST_LOAD_KB = 300.0
STARTS_SECONDS = 60.0
WARMING = 3
"""Calls of each sort that are not counted: a process that has just begun compiles its statements."""
FILLED = "filled"
"""A file with the scale at which a folder was filled."""
PARTS = ("api", "replay", "live")
REPLAYS = 10
SETTINGS = ("shared_buffers=4GB", "effective_cache_size=12GB", "random_page_cost=1.1")
"""Of PostgreSQL, as `docs/operations.md` advises; what it comes with is meant for a machine of 1 GB."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one call, by one client and by several at once; the bytes of the largest answer."""

    call: Call
    alone: tuple[float, ...]
    together: tuple[float, ...]
    largest: int


@dataclass(frozen=True, slots=True)
class Running:
    """A console that listens, and the cookies of who may everything and of an auditor."""

    port: int
    cookies: dict[bool, str]


def run(options: Sequence[str] = ()) -> Report:
    """Fill, measure and report."""
    given = _parsed(options)
    size = ConsoleSize(given.scale)
    parts = given.part or PARTS
    rows: list[tuple[Figure, ...]] = []
    keys: dict[str, Figure | Mapping[str, Figure]] = {"aim_ms": AIM_MS, "scale": size.scale}
    databases = given.database or ("sqlite", "postgresql")
    for name in databases if "api" in parts else ():
        with _site(name, given, size) as at, _console(at) as running:
            timings = [_timed(running, call, size, given) for call in CALLS if given.only in call.name]
            load = {encoding: first_load_bytes(running.port, encoding) / 1000 for encoding in ENCODINGS}
        rows += [_row(name, timing) for timing in timings]
        worst = max(timings, key=lambda timing: percentile(timing.alone, 0.99))
        keys |= {
            f"api_p99_ms_{name}": round(percentile(worst.alone, 0.99), 1),
            f"api_slowest_{name}": worst.call.name,
            f"api_busy_p99_ms_{name}": round(max(percentile(one.together, 0.99) for one in timings), 1),
            "first_load_kb": round(load["gzip"], 1),
            "first_load_brotli_kb": round(load["br"], 1),
        }
    shown: list[Report] = []
    if "replay" in parts:
        shown.append(replay_start.run(["--times", str(REPLAYS)]))
    if "live" in parts:
        shown.append(live_view.run())
    for report in shown:
        keys |= {key: value for key, value in report.keys.items() if key != "aim_ms"}
    return Report(
        title="The console at size",
        header=("database", "call", "n", "p50 ms", "p99 ms", f"{given.clients} clients p99 ms", "kB"),
        rows=tuple(rows),
        keys=keys,
        notes=(
            f"{size.hall.segments} segments, {round(size.hall.periods / 3.5)} transactions, "
            f"{size.alerts} alerts with three flips each. Aim: p99 of every call below {AIM_MS:g} ms, the "
            f"first load below {AIM_FIRST_LOAD_KB:g} kB. Searches are entered in the audit trail before they "
            "are answered. "
            "Clients and console share this machine's processors.",
            *(
                line
                for report in shown
                for line in (f"\n{report.title}\n\n{report.table()}\n", *report.notes)
            ),
        ),
    )


def _parsed(options: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks console", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="of ten million segments")
    parser.add_argument("--samples", type=int, default=200, help="calls of each sort, by one client")
    parser.add_argument("--clients", type=int, default=4, help="at once, in the second round")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the databases may lie")
    parser.add_argument("--keep", help="fill in this folder once, and measure what lies there the next time")
    parser.add_argument("--database", action="append", choices=("sqlite", "postgresql"))
    parser.add_argument("--part", action="append", choices=PARTS, help="this part alone; may stand again")
    parser.add_argument("--only", default="", help="calls whose names hold this text")
    return parser.parse_args(list(options))


@contextmanager
def _site(name: str, given: argparse.Namespace, size: ConsoleSize) -> Iterator[Site]:
    """A filled store with its bus."""
    kept = nullcontext(str(Path(given.keep) / name)) if given.keep else None
    with kept or tempfile.TemporaryDirectory(prefix="hallwatch-console-", dir=given.folder) as path:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o755)  # noqa: PTH101 - the PostgreSQL server is another user
        with _url(name, folder, is_kept=bool(given.keep)) as url, server.running(folder / "bus") as bus:
            configuration = furnished(a_hall(size.hall))
            database = Database(url)
            if not (folder / FILLED).exists():
                began = time.monotonic()
                fill_console(database, size, with_year=True)
                (folder / FILLED).write_text(str(size.scale))
                print(f"{name}: filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
            elif float((folder / FILLED).read_text()) != size.scale:
                sys.exit(f"{folder} was filled at scale {(folder / FILLED).read_text()}: give another --keep")
            else:
                database.migrate()
            database.close()
            own = {"data": str(folder), "database": url, "console": {"port": free_port()}}
            # What a role's process reads at its start; the halls themselves come from the store.
            small = a_hall(Size(1, 1, cameras=1, windows=1)).model_dump(mode="json", exclude_none=True)
            (folder / "hall.yaml").write_text(yaml.safe_dump(small | {"site": own}), encoding="utf-8")
            yield Site(folder, url, configuration, bus.url, 1)


@contextmanager
def _url(name: str, folder: Path, *, is_kept: bool) -> Iterator[str]:
    if name == "sqlite":
        yield f"sqlite:///{folder / 'hall.db'}"
        return
    with postgresql.running(folder, folder / "cluster" if is_kept else None, SETTINGS) as host:
        is_there = (folder / FILLED).exists()
        yield postgresql.url_of(host, "hall") if is_there else postgresql.named_database(host, "hall")


@contextmanager
def _console(at: Site) -> Iterator[Running]:
    """The console role as a process of its own, with two users who are logged in."""
    port = int(yaml.safe_load((at.folder / "hall.yaml").read_text())["site"]["console"]["port"])
    database = Database(at.url)
    cookies = {
        by_auditor: _session(database, role)
        for by_auditor, role in ((False, Role.ADMINISTRATOR), (True, Role.AUDITOR))
    }
    database.close()
    child = at.start("console")
    try:
        _wait_for(port)
        yield Running(port, cookies)
    finally:
        end(child)


def _session(database: Database, role: Role) -> str:
    token, now = secrets.token_urlsafe(16), datetime.now(UTC)
    with database.write() as tx:
        user = accounts.save_user(tx, f"{role}-{token[:6]}", role, "no hash matches this", now)
        accounts.open_session(tx, user.id, token, "csrf", "127.0.0.1", now, now + timedelta(hours=12))
    return f"{COOKIE}={token}"


def _wait_for(port: int) -> None:
    until = time.monotonic() + STARTS_SECONDS
    while True:
        try:
            _asked(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/healthz", "")
        except (OSError, http.client.HTTPException):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _timed(running: Running, call: Call, size: ConsoleSize, given: argparse.Namespace) -> Timing:
    """One client, and then several at once; each call at another place."""
    _calls(running, call, size, WARMING, seed=0)
    alone, largest = _calls(running, call, size, given.samples, seed=1)
    together: list[float] = []

    def work(seed: int) -> None:
        together.extend(_calls(running, call, size, max(1, given.samples // given.clients), seed)[0])

    clients = [threading.Thread(target=work, args=(10 + nth,)) for nth in range(given.clients)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    timing = Timing(call, tuple(alone), tuple(together), largest)
    print(
        f"{call.name}: {percentile(alone, 0.5):.1f} / {percentile(alone, 0.99):.1f} ms",
        file=sys.stderr,
        flush=True,
    )
    return timing


def _calls(running: Running, call: Call, size: ConsoleSize, count: int, seed: int) -> tuple[list[float], int]:
    """Milliseconds of each, and the size of the largest answer."""
    chance = random.Random(f"{call.name} {seed}")
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    times, largest = [], 0
    for _ in range(count):
        path = call.make(Place(chance, size))
        began = time.perf_counter()
        body = _asked(connection, path, running.cookies[call.by_auditor])
        times.append((time.perf_counter() - began) * 1000)
        largest = max(largest, len(body))
    connection.close()
    return times, largest


def _asked(connection: http.client.HTTPConnection, path: str, cookie: str) -> bytes:
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise LookupError(f"{path}: {answer.status}: {body[:300]!r}")
    return body


def _row(name: str, timing: Timing) -> tuple[Figure, ...]:
    figures = (
        percentile(timing.alone, 0.5),
        percentile(timing.alone, 0.99),
        percentile(timing.together, 0.99),
        timing.largest / 1000,
    )
    return (name, timing.call.name, len(timing.alone), *(round(figure, 1) for figure in figures))

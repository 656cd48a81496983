"""A site for the benchmark of alerts: a database with its bus, roles as processes, and who writes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import yaml

from analysis.facts import FactWriter
from benchmarks.busy_halls import CAMERAS, Expected, Happening, Life, camera_name, furnished
from bus import server
from bus.subjects import JOURNAL_WAKE
from bus.thread import ThreadBus
from hall.clock import SystemClock
from hall.config import Configuration
from hall.interval import Interval
from hall.observing import Observation
from hall.queueing import Ticket, WindowStatus
from store import configuration as configurations
from store import observing, queueing
from store.database import Database, Write
from tests import postgresql

CAMERAS_PER_PROCESS = 50
"""That one process of analysis watches, or more: where there would be too many processes."""
MOST_PROCESSES = 22
"""Of analysis: one database takes no more writers, and every size is to have as many commits a second."""
SAMPLE_EVERY = 2.0
AT_ONCE = 2000


@dataclass
class Site:
    """A store with its bus; `start` runs a role beside it."""

    folder: Path
    url: str
    configuration: Configuration
    bus_url: str
    halls: int

    def open(self, bus: ThreadBus) -> Database:
        """The database as another process has it: each commit is told on the bus."""
        database = Database(self.url)
        database.on_commit(lambda seq: bus.publish(JOURNAL_WAKE, str(seq).encode()))
        return database

    def start(self, role: str) -> subprocess.Popen[bytes]:
        """A role as a process of its own."""
        metrics = self.folder / "metrics"
        metrics.mkdir(exist_ok=True)
        environment = {
            **os.environ, "HALLWATCH_BUS_URL": self.bus_url, "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        }  # fmt: skip
        command = [sys.executable, "-m", "hallwatch", "run", str(self.folder / "hall.yaml"), "--role", role]
        with (self.folder / f"{role}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


@contextmanager
def site(folder: Path, halls: int, database_kind: str, port: int = 0) -> Iterator[Site]:
    """A new site of so many halls, its windows open and staffed."""
    with _database_url(folder, database_kind) as url, server.running(folder / "bus") as bus:
        whole = furnished(halls)
        # What a role's process reads at its start; the halls themselves come from the store.
        own = {"data": str(folder), "database": url, "console": {"port": port}}
        content = {"site": own, "halls": [whole.model_dump(mode="json", exclude_none=True)["halls"][0]]}
        (folder / "hall.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        database = Database(url)
        database.migrate()
        now = datetime.now(UTC)
        with database.write() as tx:
            configurations.apply(tx, whole, now)
        happenings = list(Life(halls).beginning(now))
        for first in range(0, len(happenings), AT_ONCE):
            with database.write() as tx:
                for happening in happenings[first : first + AT_ONCE]:
                    enter(tx, happening, now)
        with database.write() as tx:
            for number in range(halls):
                for place in range(CAMERAS):
                    observing.watched(tx, camera_name(number, place), now)
        database.close()
        yield Site(folder, url, whole, bus.url, halls)


@contextmanager
def _database_url(folder: Path, kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hallwatch.db'}"
        return
    # Beside the folder, which the server's own user may not enter.
    with postgresql.running(folder.parent) as host:
        yield postgresql.new_database(host)


@contextmanager
def running(at: Site, role: str) -> Iterator[psutil.Process]:
    """A role that ends with the block."""
    child = at.start(role)
    try:
        yield psutil.Process(child.pid)
    finally:
        end(child)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and see that it does."""
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(10)


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time of a process so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def enter(tx: Write, happening: Happening, now: datetime) -> None:
    """Write one fact, as analysis and the queue's intake do."""
    match happening.fact:
        case Observation() as seen:
            observing.change(tx, happening.hall, seen)
        case Ticket() as ticket:
            queueing.save_ticket(tx, ticket)
        case WindowStatus() as status:
            since = status.interval.start
            standing = queueing.window_status_history(tx, happening.hall, status.window, since, since)
            ended = [replace(one, interval=Interval(one.interval.start, since)) for one in standing]
            first = min([since, *(one.interval.start for one in standing)])
            queueing.save_window_statuses(tx, happening.hall, status.window, first, [*ended, status], now)


@dataclass(frozen=True, slots=True)
class Promise:
    """A flip that has to come, and when the fact that brings it about was committed (s since 1970)."""

    expected: Expected
    committed: float


class Writers:
    """The processes of a site that write facts, in one thread: so many a second, and all watermarks."""

    def __init__(self, at: Site, bus: ThreadBus, rate: float, life: Life) -> None:
        self._database = at.open(bus)
        self._database.on_commit(self._note)
        self._life, self._rate = life, rate
        cameras = [camera_name(number, place) for number in range(at.halls) for place in range(CAMERAS)]
        clock, each = SystemClock(), max(CAMERAS_PER_PROCESS, -(-len(cameras) // MOST_PROCESSES))
        self._groups = [
            (FactWriter(self._database, clock), cameras[first : first + each])
            for first in range(0, len(cameras), each)
        ]
        self._of = {camera: writer for writer, group in self._groups for camera in group}
        self._committed = 0.0
        self.written = 0
        self.promises: list[Promise] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writers", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write no more. Stopping twice is no error."""
        self._stop.set()
        self._thread.join(30)
        self._database.close()

    def _note(self, _seq: int) -> None:
        self._committed = time.time()

    def _run(self) -> None:
        began = time.monotonic()
        sampled = 0
        every = SAMPLE_EVERY / len(self._groups)
        while not self._stop.is_set():
            due_fact = began + self.written / self._rate
            due_sample = began + sampled * every
            pause = min(due_fact, due_sample) - time.monotonic()
            if pause > 0 and self._stop.wait(pause):
                return
            if due_fact <= due_sample:
                self._write_one()
            else:
                writer, cameras = self._groups[sampled % len(self._groups)]
                for camera in cameras:
                    writer.saw(camera, datetime.now(UTC))
                writer.write_waiting()
                sampled += 1

    def _write_one(self) -> None:
        now = datetime.now(UTC)
        happening = self._life.next(now)
        if isinstance(happening.fact, Observation):
            writer = self._of[happening.fact.camera]
            writer.add(happening.hall, [happening.fact])
            writer.write_waiting()
        else:
            with self._database.write() as tx:
                enter(tx, happening, now)
        self.written += 1
        if happening.expected is not None:
            self.promises.append(Promise(happening.expected, self._committed))

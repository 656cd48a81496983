"""The alerts role as a process of its own, and short ways to let things happen for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from hall.finding import Flip
from hall.journal import FactKind
from hall.testing_notifiers import a_flip
from hall.wire import from_wire
from store import alerting, journal
from store.database import Database


def find(database: Database, *numbers: int) -> None:
    """New alerts, each about a subject of its own."""
    for number in numbers:
        alert, flip = a_flip(number)
        subject = replace(alert.subject, window=None, ticket=f"t{number}")
        with database.write() as tx:
            assert alerting.open_alert(tx, replace(alert, subject=subject), flip)


def happened(database: Database) -> list[tuple[str, int]]:
    """Every flip of the journal, as alert and revision."""
    with database.read() as tx:
        entries = journal.tail(tx, 0, 1000, [FactKind.FLIP])
    flips = [from_wire(Flip, entry.body) for entry in entries]
    return [(flip.alert, flip.revision) for flip in flips]


def last_flip(database: Database) -> int:
    """The seq of the journal's newest flip."""
    with database.read() as tx:
        return journal.tail(tx, 0, 1000, [FactKind.FLIP])[-1].seq


def eventually(holds: Callable[[], bool], what: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what()
        time.sleep(0.02)


@contextmanager
def role(folder: Path, bus_url: str, secrets: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The alerts role as a process of its own."""
    (folder / "metrics").mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "HALLWATCH_BUS_URL": bus_url,
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        **secrets,
    }
    command = [sys.executable, "-m", "hallwatch", "run", str(folder / "hall.yaml"), "--role", "alerts"]
    with (folder / "alerts.log").open("ab") as log:
        child = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=Path(__file__).parents[2],
        )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        child.wait(10)

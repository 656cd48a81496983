"""Facts on their way into the store: in order, by one thread, and never lost.

When the database is locked or gone they wait here, and are tried again until they are in. Meanwhile
recording goes on: the files are on the disk and describe themselves.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from capture.metrics import FACTS_REFUSED, FACTS_RETRIED, FACTS_WAITING
from hall.clock import SystemClock
from hall.errors import HallwatchError
from hall.pulse import Pulses, renew, rest
from store.database import Database, Write

Fact = Callable[[Write], object]
"""Enters one fact; may be called again after a failure, and then must not enter it twice."""

MOST_WAITING: Final = 50_000
"""A day of thirty-two cameras. Beyond it recording waits: then the disk is full as well."""
AT_ONCE: Final = 100
RETRY_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 0.2
STEP_SECONDS: Final = 300.0
"""How long one transaction may take. Ending the process would lose what waits: that is the last resort."""
FULL_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class FactWriter:
    """Enters facts in the order in which they were given."""

    def __init__(self, database: Database, pulses: Pulses | None = None) -> None:
        self._database = database
        self._pulses = pulses or Pulses(SystemClock())
        self._queue: queue.Queue[Fact] = queue.Queue(MOST_WAITING)
        self._closing = threading.Event()
        self._retry = threading.Event()
        self._thread = threading.Thread(target=self._run, name="facts", daemon=True)
        self._thread.start()

    def put(self, fact: Fact) -> None:
        """Enter this fact as soon as the database takes it."""
        while True:
            try:
                self._queue.put(fact, timeout=FULL_SECONDS)
                break
            except queue.Full:
                renew()  # who waits for the database does not hang
        FACTS_WAITING.set(self._queue.qsize())

    def close(self, seconds: float) -> bool:
        """Enter what waits and end; says whether everything is in. Gives up after `seconds`."""
        self._closing.set()
        self._thread.join(seconds)
        return not self._thread.is_alive() and self._queue.empty()

    def _run(self) -> None:
        with self._pulses.beating("facts", STEP_SECONDS):
            while True:
                renew()
                facts = self._next()
                if not facts:
                    if self._closing.is_set():
                        return
                    continue
                self._enter(facts)
                FACTS_WAITING.set(self._queue.qsize())

    def _next(self) -> list[Fact]:
        facts: list[Fact] = []
        with suppress(queue.Empty):
            facts.append(self._queue.get(timeout=IDLE_SECONDS))
            while len(facts) < AT_ONCE:
                facts.append(self._queue.get_nowait())
        return facts

    def _enter(self, facts: list[Fact]) -> None:
        """All in one transaction; one that is refused is left out and the others are entered one by one."""
        while True:
            renew()
            try:
                with self._database.write() as tx:
                    for fact in facts:
                        fact(tx)
            except HallwatchError as error:
                if error.again:
                    FACTS_RETRIED.inc()
                    log.warning("facts wait for the database", waiting=self._queue.qsize(), error=str(error))
                    rest(self._retry, RETRY_SECONDS)
                    continue
                self._refused(facts, error)
            except Exception as error:  # noqa: BLE001 - a fact that cannot be entered must not hold back all others
                self._refused(facts, error)
            return

    def _refused(self, facts: list[Fact], error: Exception) -> None:
        if len(facts) == 1:
            FACTS_REFUSED.inc()
            log.error("a fact was refused", error=f"{type(error).__name__}: {error}")
            return
        for fact in facts:
            self._enter([fact])

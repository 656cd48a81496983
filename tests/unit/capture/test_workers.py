"""The threads of recording: begun again after a fault, and not taken for hanging while they wait in order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from capture import workers as workers_module
from capture.books import facts as facts_module
from capture.books.facts import FactWriter
from capture.workers import Worker, Workers
from hall.clock import SimulatedClock, SystemClock
from hall.errors import StoreBusy
from hall.pulse import Pulses
from store.database import Database, Write

LIMIT = 30.0


def test_a_worker_that_fails_is_begun_again_and_the_others_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers_module, "RETRY_FIRST_SECONDS", 0.01)
    tries, again, steady, stop = [0], threading.Event(), threading.Event(), threading.Event()

    def fails_twice(stop: threading.Event) -> None:
        tries[0] += 1
        if tries[0] < 3:
            raise RuntimeError("a fault in the program")
        again.set()
        stop.wait(LIMIT)

    def works(stop: threading.Event) -> None:
        stop.wait(LIMIT)
        steady.set()

    clock = SystemClock()
    working = Workers([Worker("fails", fails_twice), Worker("works", works)], Pulses(clock), clock, stop)
    working.start()
    try:
        assert again.wait(LIMIT)
        assert not steady.is_set()
    finally:
        stop.set()
    assert working.finish(LIMIT) == []
    assert steady.is_set()
    assert tries == [3]


def test_a_worker_that_does_not_end_is_named_and_has_a_pulse_until_it_does() -> None:
    clock, stop, let_go, runs = SimulatedClock(), threading.Event(), threading.Event(), threading.Event()
    pulses = Pulses(clock)

    def stuck(_stop: threading.Event) -> None:
        runs.set()
        let_go.wait(LIMIT)

    working = Workers([Worker("stuck", stuck, limit_seconds=20)], pulses, clock, stop)
    working.start()
    assert runs.wait(LIMIT)
    stop.set()
    clock.advance(21)
    assert working.finish(0) == ["stuck"]
    assert [hang.name for hang in pulses.hanging()] == ["stuck"]
    let_go.set()
    assert working.finish(LIMIT) == []


class LockedDatabase:
    """A database that is locked: each attempt takes as long as SQLite waits, and fails."""

    def __init__(self, clock: SimulatedClock, pulses: Pulses, attempts: int) -> None:
        self._clock = clock
        self._pulses = pulses
        self._left = attempts
        self.blamed: list[str] = []

    @contextmanager
    def write(self) -> Iterator[Write]:
        self._clock.advance(5)
        self.blamed += [hang.name for hang in self._pulses.hanging()]
        self._left -= 1
        if self._left > 0:
            raise StoreBusy("locked")
        yield cast(Write, None)


def test_a_database_that_is_locked_for_an_hour_is_no_hanging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "RETRY_SECONDS", 0.0)
    clock, entered = SimulatedClock(), threading.Event()
    pulses = Pulses(clock)
    database = LockedDatabase(clock, pulses, attempts=720)
    facts = FactWriter(cast(Database, database), pulses)
    facts.put(lambda _tx: entered.set())
    assert entered.wait(LIMIT)
    assert facts.close(LIMIT)
    assert clock.monotonic() >= 3600
    assert database.blamed == []


def test_a_camera_that_waits_because_too_many_facts_wait_does_not_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(facts_module, "MOST_WAITING", 1)
    monkeypatch.setattr(facts_module, "FULL_SECONDS", 0.01)
    clock, let_go, put = SimulatedClock(), threading.Event(), threading.Event()
    pulses = Pulses(clock)

    @contextmanager
    def write() -> Iterator[Write]:
        let_go.wait(LIMIT)
        yield cast(Write, None)

    database = LockedDatabase(clock, pulses, attempts=0)
    monkeypatch.setattr(database, "write", write)
    facts = FactWriter(cast(Database, database), Pulses(SystemClock()))

    def camera() -> None:
        with pulses.beating("camera", 10):
            for _ in range(3):
                facts.put(lambda _tx: None)
            put.set()

    thread = threading.Thread(target=camera)
    thread.start()
    try:
        for _ in range(5):
            clock.advance(11)
            until = time.monotonic() + LIMIT
            while pulses.hanging():
                assert time.monotonic() < until, "it does not move again"
                time.sleep(0.005)
            assert not put.is_set()
    finally:
        let_go.set()
        thread.join(LIMIT)
    assert put.is_set()
    assert facts.close(LIMIT)

"""Pulses: who keeps its word moves, who does not hangs, and who waits in order is left alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from hall.clock import SimulatedClock
from hall.pulse import Pulses, may_take, renew, rest

LIMIT = 10.0


@contextmanager
def stuck_thread(pulses: Pulses) -> Iterator[None]:
    """A thread with a pulse of 10 s that stands in a call until the block ends."""
    stands, let_go = threading.Event(), threading.Event()

    def a_call_that_never_returns() -> None:
        with pulses.beating("stuck", LIMIT):
            stands.set()
            let_go.wait(30)

    thread = threading.Thread(target=a_call_that_never_returns)
    thread.start()
    try:
        assert stands.wait(30)
        yield
    finally:
        let_go.set()
        thread.join(30)


def names(pulses: Pulses) -> list[str]:
    return [hang.name for hang in pulses.hanging()]


def test_a_thread_that_does_not_move_in_time_hangs_and_its_stack_says_where() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)
    with stuck_thread(pulses):
        clock.advance(LIMIT)
        assert pulses.hanging() == []
        clock.advance(2.5)
        (hang,) = pulses.hanging()
        assert (hang.name, hang.overdue) == ("stuck", 2.5)
        assert "a_call_that_never_returns" in hang.stack
    assert pulses.hanging() == []


def test_a_slow_thread_that_moves_is_left_alone() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)
    with pulses.beating("slow", LIMIT):
        for _ in range(20):
            clock.advance(LIMIT - 1)
            renew()
            assert pulses.hanging() == []


def test_a_step_that_was_announced_as_long_may_be_long() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)
    with pulses.beating("opens", LIMIT):
        may_take(60)
        clock.advance(59)
        assert pulses.hanging() == []
        clock.advance(2)
        assert names(pulses) == ["opens"]
        may_take(5)
        assert pulses.hanging() == []
        clock.advance(6)
        assert names(pulses) == ["opens"]


def test_a_rest_is_no_hanging_however_long() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            clock.advance(timeout or 0.0)
            assert pulses.hanging() == []
            return super().wait(0)

    with pulses.beating("waits", LIMIT):
        assert rest(Stop(), 600) is False
        clock.advance(LIMIT + 1)
        assert names(pulses) == ["waits"]


def test_code_that_speaks_for_its_thread_may_run_in_one_without_a_pulse() -> None:
    may_take(1)
    renew()
    stopped = threading.Event()
    stopped.set()
    assert rest(stopped, 5) is True


def test_every_thread_speaks_for_itself_alone() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)
    with stuck_thread(pulses), pulses.beating("moves", LIMIT):
        clock.advance(LIMIT + 1)
        renew()
        assert names(pulses) == ["stuck"]

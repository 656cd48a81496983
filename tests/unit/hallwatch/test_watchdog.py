"""The watchdog of a role: no heartbeat while a thread hangs, and an end where nobody supervises."""

from __future__ import annotations

from hall.clock import SimulatedClock
from hall.pulse import Pulses, renew
from hallwatch.metrics import HANGS
from hallwatch.watchdog import GIVE_UP_SECONDS, Watchdog

LIMIT = 10.0


def hangs(thread: str) -> float:
    return sum(
        sample.value
        for metric in HANGS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["thread"] == thread
    )


def test_a_hang_is_counted_once_until_the_thread_has_moved_again() -> None:
    clock, before = SimulatedClock(), hangs("one")
    pulses = Pulses(clock)
    watchdog = Watchdog(pulses, clock)
    with pulses.beating("one", LIMIT):
        assert watchdog.moves()
        clock.advance(LIMIT + 1)
        assert [watchdog.moves() for _ in range(3)] == [False] * 3
        assert hangs("one") == before + 1
        renew()
        assert watchdog.moves()
        clock.advance(LIMIT + 1)
        assert not watchdog.moves()
        assert hangs("one") == before + 2


def test_a_process_that_nobody_replaces_is_given_up_after_a_while() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)
    watchdog = Watchdog(pulses, clock)
    with pulses.beating("one", LIMIT):
        clock.advance(LIMIT + 1)
        assert not watchdog.moves()
        clock.advance(GIVE_UP_SECONDS - 1)
        assert not watchdog.moves()
        assert not watchdog.is_lost
        clock.advance(2)
        assert not watchdog.moves()
        assert watchdog.is_lost


def test_a_process_whose_thread_came_back_is_not_given_up() -> None:
    clock = SimulatedClock()
    pulses = Pulses(clock)
    watchdog = Watchdog(pulses, clock)
    with pulses.beating("one", LIMIT):
        clock.advance(LIMIT + GIVE_UP_SECONDS)
        assert not watchdog.moves()
        renew()
        assert watchdog.moves()
        clock.advance(LIMIT + 1)
        assert not watchdog.moves()
        assert not watchdog.is_lost

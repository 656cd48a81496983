"""The threads of delivery, one a notifier: a receiver that hangs holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from alerts.delivery import LONGEST_WAIT, LOOK_EVERY, Delivery
from hall.clock import Clock
from hall.config.notifiers import NotifierSettings
from hall.pulse import Pulses, renew, rest
from store.database import Database, Read

STEP_SECONDS = 300.0
"""A notifier that has not answered after so long never will; the role is begun anew."""
ENDING = 2.0
"""Seconds that deliveries on their way are given at the end."""

log = structlog.get_logger(__name__)


@contextmanager
def delivering(
    notifiers: Sequence[NotifierSettings],
    database: Database,
    clock: Clock,
    leads: Callable[[Read], bool],
    pulses: Pulses,
) -> Iterator[Callable[[], None]]:
    """Tell all notifiers, a thread each, until the block ends. Gives a call that makes them look now."""
    stop = threading.Event()
    wakes = [threading.Event() for _ in notifiers]
    threads = [
        threading.Thread(
            target=_deliver,
            args=(Delivery(settings, database, clock, leads), wake, stop, pulses),
            name=f"notifier {settings.id}",
            daemon=True,
        )
        for settings, wake in zip(notifiers, wakes, strict=True)
    ]

    def look() -> None:
        for wake in wakes:
            wake.set()

    for thread in threads:
        thread.start()
    try:
        yield look
    finally:
        stop.set()
        look()
        until = clock.monotonic() + ENDING
        for thread in threads:
            thread.join(max(0.0, until - clock.monotonic()))


def _deliver(delivery: Delivery, wake: threading.Event, stop: threading.Event, pulses: Pulses) -> None:
    with pulses.beating(threading.current_thread().name, STEP_SECONDS):
        while not stop.is_set():
            renew()
            wake.clear()
            try:
                delivery.try_out()
                seconds = delivery.step()
            except Exception:
                # A fault in telling one notifier must end neither its telling nor the judging.
                log.exception("delivery failed unexpectedly")
                seconds = LONGEST_WAIT
            if seconds is None:
                wake.wait(LOOK_EVERY)
            elif seconds > 0:
                _rest(delivery, stop, seconds)


def _rest(delivery: Delivery, stop: threading.Event, seconds: float) -> None:
    """Wait so long, or until a trial shows that the receiver takes messages again."""
    while seconds > 0 and not stop.is_set():
        rest(stop, min(seconds, LOOK_EVERY))
        seconds -= LOOK_EVERY
        renew()
        if seconds > 0 and delivery.try_out():
            return

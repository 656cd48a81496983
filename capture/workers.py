"""The threads of the role: each with a pulse, and begun again after a fault that nobody foresaw.

A fault in one must not end the recording of anything else; a thread that hangs ends the whole process,
because nothing else frees it (hall.pulse).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from threading import Event, Thread

import structlog

from capture.backoff import Backoff
from capture.metrics import WORKER_FAILURES
from hall.clock import Clock
from hall.pulse import STEP_SECONDS, Pulses, rest

RETRY_FIRST_SECONDS = 1.0
RETRY_LONGEST_SECONDS = 30.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """One thread's work. `run` works until the event is set, or returns when there is nothing more to do.

    A step of it may take `limit_seconds`; it moves by `hall.pulse.renew`, waits by `hall.pulse.rest`, and
    announces a step that may take longer by `hall.pulse.may_take`.
    """

    name: str
    run: Callable[[Event], None]
    limit_seconds: float = STEP_SECONDS


class Workers:
    """Threads that work until `stop` is set."""

    def __init__(self, workers: Sequence[Worker], pulses: Pulses, clock: Clock, stop: Event) -> None:
        self._pulses = pulses
        self._clock = clock
        self._stop = stop
        self._threads = [
            Thread(target=self._keep, args=(worker,), name=worker.name, daemon=True) for worker in workers
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> list[str]:
        """Wait at most `seconds` for all to end, once `stop` is set; the names of those that did not."""
        deadline = self._clock.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - self._clock.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _keep(self, worker: Worker) -> None:
        backoff = Backoff(RETRY_FIRST_SECONDS, RETRY_LONGEST_SECONDS, Random())
        with self._pulses.beating(worker.name, worker.limit_seconds):
            while not self._stop.is_set():
                began = self._clock.monotonic()
                try:
                    worker.run(self._stop)
                    return
                except Exception:
                    WORKER_FAILURES.labels(worker.name).inc()
                    log.exception("a thread failed, and is begun again", thread=worker.name)
                if self._clock.monotonic() - began > RETRY_LONGEST_SECONDS:
                    backoff.worked()
                rest(self._stop, backoff.failed())

"""The threads of the role: they end together, and a fault in one ends the role instead of going unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from hall.pulse import STEP_SECONDS, Pulses

Work = Callable[[threading.Event], None]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Workers:
    """Threads that run until `stop` is set or one of them fails. Each has a pulse."""

    stop: threading.Event
    pulses: Pulses
    failure: BaseException | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[tuple[threading.Thread, threading.Event]] = field(default_factory=list)

    def start(self, name: str, work: Work) -> None:
        """Run `work` in a thread of its own; it gets the event that tells it to stop."""
        told = threading.Event()
        thread = threading.Thread(target=self._run, args=(name, work, told), name=name, daemon=True)
        self._threads.append((thread, told))
        thread.start()

    def wait(self) -> None:
        """Wait until told to stop, or until a thread has failed."""
        while not self.stop.wait(0.1):
            if self._ended.is_set():
                return

    def finish(self, seconds: float) -> None:
        """Tell the threads to stop, the last started first, and wait for each up to `seconds`."""
        for thread, told in reversed(self._threads):
            told.set()
            thread.join(seconds)
            if thread.is_alive():
                log.warning("thread did not end in time", thread=thread.name)

    def _run(self, name: str, work: Work, told: threading.Event) -> None:
        try:
            with self.pulses.beating(name, STEP_SECONDS):
                work(told)
        except BaseException as error:
            self.failure = self.failure or error
            log.exception("thread failed", thread=name)
        finally:
            self._ended.set()

"""One supervised process: started on a leash, started again when it ends, ended in order or by force."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from bus.leash import leashed
from hall.clock import Clock
from hallwatch.backoff import RestartDelays
from hallwatch.metrics import RESTARTS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """What to run.

    `environment` is added to this process's own. `beats`: it sends heartbeats on the bus. `yields`: so
    many seconds its very first start gives way to others that are more urgent.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    beats: bool = True
    yields: float = 0.0


class Supervised:
    """Keeps one process running until it is told to end.

    It has a session of its own, so that Ctrl-C reaches the supervisor alone, and it dies with the
    supervisor even when that one is killed.
    """

    def __init__(self, plan: ProcessPlan, clock: Clock) -> None:
        self.plan = plan
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._delays = RestartDelays()
        self._ending = asyncio.Event()
        self.starts = 0
        self.started_at = clock.monotonic()

    @property
    def process_id(self) -> int | None:
        """The id of the running process, or None."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def run(self) -> None:
        """Start, and start again, until `end` or `kill` is called after `finish`."""
        await self._pause(self.plan.yields)
        while not self._ending.is_set():
            self.started_at = self._clock.monotonic()
            try:
                self._process = await self._start()
            except OSError as error:
                log.error("a process cannot be started", process=self.plan.name, error=str(error))
                code = None
            else:
                self.starts += 1
                log.info("started", process=self.plan.name, id=self._process.pid)
                code = await self._process.wait()
                _forget_metrics(self._process.pid)
            if self._ending.is_set():
                return
            lived = self._clock.monotonic() - self.started_at
            delay = self._delays.after(lived)
            RESTARTS.labels(self.plan.name).inc()
            log.warning("ended", process=self.plan.name, code=code, lived=round(lived, 1), again_in=delay)
            await self._pause(delay)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *leashed(self.plan.command),
            env={**os.environ, **self.plan.environment},
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )

    def end(self) -> None:
        """Ask the process to end; it is not started again."""
        self._ending.set()
        self._signal(signal.SIGTERM)

    def renew(self) -> None:
        """Ask the process to end, to be started again."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process by force. Unless `end` was called, it is started again."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it ended this moment
                self._process.send_signal(number)


def _forget_metrics(process_id: int) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess  # noqa: PLC0415 - it may only be imported with a folder set

        multiprocess.mark_process_dead(process_id)  # type: ignore[no-untyped-call]  # the library has no types here

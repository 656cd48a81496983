"""The supervisor: keeps the bus and every role running, replaces those that hang, ends all in order.

A role that has not sent a heartbeat for a while is killed and started again, but only while the bus
carries the supervisor's own heartbeat: when the bus itself hangs, the bus is replaced and nobody else.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from bus.connection import Bus, Message, connect
from bus.heartbeat import Beat
from bus.metrics import REFUSED
from bus.subjects import ROLE_BEAT, SUPERVISOR_REPORT, every, family, role_beat
from bus.supervision import ProcessReport, SupervisorReport
from hall.clock import Clock
from hall.errors import BusError
from hallwatch.processes import ProcessPlan, Supervised

OWN_NAME = "supervisor"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds, the supervisor waits for what."""

    beat_every: float = 2.0
    silent: float = 15.0
    """A role without a heartbeat for so long hangs."""
    start: float = 45.0
    """So long may a role take for its first heartbeat: it may have to load a model on a busy machine."""
    end: float = 4.0
    """So long may a role take to end."""
    bus_end: float = 0.5


class Supervisor:
    """Runs the plans until told to stop. `bus` is the plan of the own bus server, None for a foreign one."""

    def __init__(
        self,
        plans: Sequence[ProcessPlan],
        bus: ProcessPlan | None,
        bus_url: str,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self._roles = {plan.name: Supervised(plan, clock) for plan in plans}
        self._server = Supervised(bus, clock) if bus is not None else None
        self._bus_url = bus_url
        self._clock = clock
        self._patience = patience or Patience()
        self._beats: dict[str, Beat] = {}
        self._beat_at: dict[str, float] = {}
        self._bus_sound_since: float | None = None
        self._began = clock.monotonic()

    @property
    def processes(self) -> dict[str, int | None]:
        """The ids of all processes by name, the bus server included."""
        found = {name: role.process_id for name, role in self._roles.items()}
        if self._server is not None:
            found[self._server.plan.name] = self._server.process_id
        return found

    @property
    def heard(self) -> dict[str, int]:
        """The process ids from which heartbeats have come, by name, the supervisor's own included."""
        return {name: beat.process for name, beat in self._beats.items()}

    def renew(self, concerned: Callable[[str], bool] = lambda _: True) -> None:
        """Let those roles start again in order whose process a new configuration concerns, by its name."""
        for name, role in self._roles.items():
            if role.plan.beats and concerned(name):
                role.renew()

    async def run(self, stop: asyncio.Event) -> None:
        """Keep everything running until `stop` is set, then end it all. Leaves no process behind."""
        every_process = [*self._roles.values(), *([self._server] if self._server is not None else [])]
        keeping = [asyncio.create_task(process.run()) for process in every_process]
        bus = await connect(self._bus_url, OWN_NAME, patience=0)
        await bus.subscribe(every(ROLE_BEAT), self._hear)
        watching = asyncio.create_task(_for_ever(lambda: self._watch(bus), self._patience.beat_every))
        try:
            await _first(asyncio.create_task(stop.wait()), watching, *keeping)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            await bus.close()
            await self._end()
            await asyncio.gather(*keeping, return_exceptions=True)

    async def _end(self) -> None:
        await _end_all(list(self._roles.values()), self._patience.end)
        if self._server is not None:
            await _end_all([self._server], self._patience.bus_end)

    async def _hear(self, message: Message) -> None:
        try:
            beat = Beat.decode(message.payload)
        except BusError as error:
            REFUSED.labels(family(message.subject)).inc()
            log.warning("a heartbeat cannot be read", subject=message.subject, error=str(error))
            return
        now = self._clock.monotonic()
        if beat.name == OWN_NAME and self._bus_sound_since is None:
            self._bus_sound_since = now
        self._beats[beat.name] = beat
        self._beat_at[beat.name] = now

    def report(self) -> SupervisorReport:
        """How every process is, the bus server included."""
        now = self._clock.monotonic()
        every_process = [*self._roles.values(), *([self._server] if self._server is not None else [])]
        found = tuple(self._report_of(role, now) for role in every_process)
        return SupervisorReport(platform.node(), now - self._began, found)

    def _report_of(self, role: Supervised, now: float) -> ProcessReport:
        name, process = role.plan.name, role.process_id
        beat = self._beats.get(name)
        is_heard = beat is not None and process is not None and beat.process == process
        return ProcessReport(
            name,
            process,
            now - role.started_at,
            max(0, role.starts - 1),
            role.plan.beats,
            now - self._beat_at[name] if is_heard else None,
        )

    async def _watch(self, bus: Bus) -> None:
        await bus.publish(role_beat(OWN_NAME), Beat(OWN_NAME, os.getpid()).encode())
        await bus.publish(SUPERVISOR_REPORT, self.report().encode())
        now = self._clock.monotonic()
        if not self._bus_is_sound(now):
            return
        for name, role in self._roles.items():
            if role.plan.beats and self._hangs(name, role, now):
                log.error("hangs, and is replaced", process=name, id=role.process_id)
                role.kill()

    def _bus_is_sound(self, now: float) -> bool:
        """Whether the bus has carried heartbeats for long enough to judge anybody by them."""
        heard = self._beat_at.get(OWN_NAME)
        if heard is not None and now - heard <= 2 * self._patience.beat_every:
            return self._bus_sound_since is not None and now - self._bus_sound_since >= self._patience.silent
        self._bus_sound_since = None
        server = self._server
        if server is not None and server.process_id is not None:
            silent_since = max(server.started_at, heard if heard is not None else server.started_at)
            if now - silent_since > self._patience.silent:
                log.error("the bus server hangs, and is replaced", id=server.process_id)
                server.kill()
        return False

    def _hangs(self, name: str, role: Supervised, now: float) -> bool:
        process = role.process_id
        if process is None:
            return False
        beat = self._beats.get(name)
        if beat is None or beat.process != process:
            return now - role.started_at > self._patience.start
        return now - self._beat_at[name] > self._patience.silent


async def _end_all(processes: Sequence[Supervised], seconds: float) -> None:
    """Ask all to end, and end by force what has not after `seconds`."""
    for process in processes:
        process.end()
    until = asyncio.get_running_loop().time() + seconds
    while any(process.process_id is not None for process in processes):
        if asyncio.get_running_loop().time() > until:
            for process in processes:
                if process.process_id is not None:
                    log.warning("did not end in time, and is killed", process=process.plan.name)
                    process.kill()
            return
        await asyncio.sleep(0.02)


async def _for_ever(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        try:
            await work()
        except Exception:
            # The watch must outlive whatever one round of it met.
            log.exception("a round of the watch failed")
        await asyncio.sleep(seconds)


async def _first(stop: asyncio.Task[bool], *others: asyncio.Task[None]) -> None:
    """Wait for `stop`, or for a task that ended by an error, which is raised."""
    await asyncio.wait([stop, *others], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    for task in others:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error

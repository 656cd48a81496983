"""The roles: what each name runs, and what every role's process has in common.

A role's process opens the database, tells the bus about each commit, sends heartbeats, and ends when it
is asked to. Each role imports only what it needs: a viewer's process has no detector in it. While
something hangs there are no heartbeats: a thread of capture, analysis or alerts (hallwatch.watchdog), or the
event loop of the others.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import FrameType
from typing import Protocol

from bus.heartbeat import BEAT_EVERY, Beat
from bus.subjects import JOURNAL_WAKE, role_beat
from bus.thread import ThreadBus
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import RoleError
from hall.garbage import search_rarely
from hall.pulse import Pulses
from hallwatch.watchdog import Watchdog
from store.database import Database

BUILT_SECONDS = 5.0
"""After which what a role serves is built, and will stay."""

Share = tuple[int, int]
"""Which part of a role's work this process does: (2, 3) is the second of three."""


class RoleName(StrEnum):
    """What a process can be."""

    CAPTURE = "capture"
    ANALYSIS = "analysis"
    ALERTS = "alerts"
    LIVE = "live"
    CONSOLE = "console"


def process_name(role: RoleName, share: Share) -> str:
    """What a role's process is called in logs, metrics and heartbeats."""
    return role.value if share[1] == 1 else f"{role.value}-{share[0]}-of-{share[1]}"


def role_named(process: str) -> RoleName:
    """The role of a process, by `process_name`."""
    return RoleName(process.split("-", maxsplit=1)[0])


@dataclass(frozen=True, slots=True)
class RoleContext:
    """Everything a role is given."""

    name: str
    configuration: Configuration
    database: Database
    bus_url: str
    clock: Clock
    share: Share = (1, 1)


def run_role(role: RoleName, context: RoleContext) -> None:
    """Be a role until SIGTERM or SIGINT. Raises RoleError when the role ends by itself."""
    bus = ThreadBus(context.bus_url, context.name)
    context.database.on_commit(lambda seq: bus.publish(JOURNAL_WAKE, str(seq).encode()))
    loaded = threading.Event()
    pulses = Pulses(context.clock)
    watchdog = Watchdog(pulses, context.clock)
    beating = (bus, context.name, watchdog, loaded)
    threading.Thread(target=_beat_until, args=beating, daemon=True, name="beat").start()
    try:
        if role in (RoleName.LIVE, RoleName.CONSOLE):
            serve = _load_async(role)
            search_rarely()
            loaded.set()  # from here on the event loop itself beats, so that a blocked loop is found out
            asyncio.run(_run_async(serve, context, bus))
        else:
            entry = _load_threaded(role, context.share)
            search_rarely()
            _run_threaded(entry, context, pulses)
    finally:
        loaded.set()
        bus.close()
        context.database.close()


class ThreadedEntry(Protocol):
    """What capture, analysis and alerts offer."""

    def __call__(
        self,
        configuration: Configuration,
        database: Database,
        bus_url: str,
        clock: Clock,
        stop: threading.Event,
        pulses: Pulses,
        /,
    ) -> None:
        """Work until `stop` is set; every thread that works has one of the `pulses`."""
        ...


class AsyncEntry(Protocol):
    """What live and console offer."""

    async def __call__(
        self,
        configuration: Configuration,
        database: Database,
        bus_url: str,
        clock: Clock,
        stop: asyncio.Event,
        /,
    ) -> None:
        """Serve until `stop` is set."""
        ...


def _load_threaded(role: RoleName, share: Share) -> ThreadedEntry:
    if role is RoleName.CAPTURE:
        from capture.role import run_capture  # noqa: PLC0415 - each role imports only its own

        return partial(run_capture, share=share)
    if role is RoleName.ANALYSIS:
        from analysis.role import run_analysis  # noqa: PLC0415

        return run_analysis
    from alerts.role import run_alerts  # noqa: PLC0415

    return run_alerts


def _load_async(role: RoleName) -> AsyncEntry:
    if role is RoleName.LIVE:
        from console.live.role import run_live  # noqa: PLC0415

        return run_live
    from console.app import serve  # noqa: PLC0415

    return serve


def _run_threaded(entry: ThreadedEntry, context: RoleContext, pulses: Pulses) -> None:
    stop = threading.Event()

    def ask_to_end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_end)
    entry(context.configuration, context.database, context.bus_url, context.clock, stop, pulses)
    if not stop.is_set():
        raise RoleError(f"{context.name} ended by itself")


async def _run_async(entry: AsyncEntry, context: RoleContext, bus: ThreadBus) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.call_later(BUILT_SECONDS, search_rarely)
    beating = loop.create_task(_beat(bus, context.name))
    try:
        await entry(context.configuration, context.database, context.bus_url, context.clock, stop)
    finally:
        beating.cancel()
    if not stop.is_set():
        raise RoleError(f"{context.name} ended by itself")


async def _beat(bus: ThreadBus, name: str) -> None:
    while True:
        _send_beat(bus, name)
        await asyncio.sleep(BEAT_EVERY)


def _beat_until(bus: ThreadBus, name: str, watchdog: Watchdog, ended: threading.Event) -> None:
    while not ended.is_set():
        if watchdog.moves():
            _send_beat(bus, name)
        elif watchdog.is_lost:
            os._exit(1)  # a thread that hangs in a library would keep the interpreter from ending in order
        ended.wait(BEAT_EVERY)


def _send_beat(bus: ThreadBus, name: str) -> None:
    bus.publish(role_beat(name), Beat(name, os.getpid()).encode())

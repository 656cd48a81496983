"""The supervisor with real children: killed, hanging, stubborn and orphaned ones."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bus.server import prepare
from hall.clock import SystemClock
from hallwatch.processes import ProcessPlan
from hallwatch.supervisor import Patience, Supervisor

ROOT = Path(__file__).parents[2]

ROLE = """
import os, signal, sys, time
from bus.heartbeat import Beat
from bus.subjects import role_beat
from bus.thread import ThreadBus

name, url, way = sys.argv[1:]
if way == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
bus = ThreadBus(url, name)
while True:
    if way != "silent":
        bus.publish(role_beat(name), Beat(name, os.getpid()).encode())
    time.sleep(0.1)
"""

PARENT = """
import asyncio, json, sys
from pathlib import Path
from bus.server import prepare
from hall.clock import SystemClock
from hallwatch.processes import ProcessPlan
from hallwatch.supervisor import Supervisor

async def main(folder):
    server = prepare(folder)
    sleep = (sys.executable, "-c", "import time; time.sleep(600)")
    plans = [ProcessPlan(name, sleep, beats=False) for name in "ab"]
    supervisor = Supervisor(plans, ProcessPlan("bus", server.command, beats=False), server.url, SystemClock())
    running = asyncio.create_task(supervisor.run(asyncio.Event()))
    while None in supervisor.processes.values():
        await asyncio.sleep(0.05)
    Path(sys.argv[2]).write_text(json.dumps(supervisor.processes))
    await running

asyncio.run(main(Path(sys.argv[1])))
"""

QUICK = Patience(beat_every=0.2, silent=1.5, start=20.0, end=1.0, bus_end=0.5)


def lives(process: int) -> bool:
    """Whether a process runs; one that ended and was not yet waited for does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


@asynccontextmanager
async def supervised(folder: Path, **ways: str) -> AsyncIterator[Supervisor]:
    """A supervisor with one fake role a way, ended at the end of the block."""
    script = folder / "role.py"
    script.write_text(ROLE)
    server = prepare(folder / "bus")
    plans = [
        ProcessPlan(
            name, (sys.executable, str(script), name, server.url, way), {"PYTHONPATH": str(ROOT)}, beats=True
        )
        for name, way in ways.items()
    ]
    bus = ProcessPlan("bus", server.command, beats=False)
    supervisor = Supervisor(plans, bus, server.url, SystemClock(), QUICK)
    stop = asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    try:
        await eventually(lambda: None not in supervisor.processes.values())
        yield supervisor
    finally:
        stop.set()
        await asyncio.wait_for(running, 15)


async def replaced(supervisor: Supervisor, name: str, old: int) -> None:
    await eventually(lambda: supervisor.processes[name] not in (None, old))


async def heard(supervisor: Supervisor, *names: str) -> None:
    await eventually(lambda: set(names) <= supervisor.heard.keys())


def process_of(supervisor: Supervisor, name: str) -> int:
    process = supervisor.processes[name]
    assert process is not None
    return process


@pytest.mark.parametrize("name", ["capture", "bus"])
async def test_a_killed_process_comes_back(tmp_path: Path, name: str) -> None:
    async with supervised(tmp_path, capture="beats") as supervisor:
        for _ in range(2):
            old = process_of(supervisor, name)
            os.kill(old, signal.SIGKILL)
            await replaced(supervisor, name, old)
        told = {one.name: one for one in supervisor.report().processes}
        assert set(told) == {"capture", "bus"}
        assert (told[name].restarts, told[name].process) == (2, supervisor.processes[name])
        assert told["bus" if name == "capture" else "capture"].restarts == 0


async def test_a_role_that_hangs_is_replaced_and_the_others_are_left_alone(tmp_path: Path) -> None:
    async with supervised(tmp_path, capture="beats", alerts="beats") as supervisor:
        old, other = process_of(supervisor, "capture"), process_of(supervisor, "alerts")
        await heard(supervisor, "capture", "alerts", "supervisor")
        os.kill(old, signal.SIGSTOP)
        await replaced(supervisor, "capture", old)
        assert not lives(old)
        assert supervisor.processes["alerts"] == other


async def test_a_hanging_bus_is_replaced_and_no_role_is_blamed(tmp_path: Path) -> None:
    async with supervised(tmp_path, capture="beats") as supervisor:
        await heard(supervisor, "capture", "supervisor")
        role, server = process_of(supervisor, "capture"), process_of(supervisor, "bus")
        os.kill(server, signal.SIGSTOP)
        await replaced(supervisor, "bus", server)
        await asyncio.sleep(2 * QUICK.silent)  # longer than a silent role would be borne
        assert supervisor.processes["capture"] == role


async def test_everything_ends_when_told_to_even_what_ignores_the_request(tmp_path: Path) -> None:
    async with supervised(tmp_path, capture="beats", alerts="stubborn") as supervisor:
        await heard(supervisor, "capture", "alerts")
        processes = [process for process in supervisor.processes.values() if process is not None]
        assert len(processes) == 3
    assert [process for process in processes if lives(process)] == []


async def test_a_new_configuration_starts_the_roles_again_but_not_those_excepted(tmp_path: Path) -> None:
    async with supervised(tmp_path, capture="beats", console="beats") as supervisor:
        await heard(supervisor, "capture", "console")
        capture, console = process_of(supervisor, "capture"), process_of(supervisor, "console")
        supervisor.renew(lambda name: name != "console")
        await replaced(supervisor, "capture", capture)
        assert supervisor.processes["console"] == console


def test_no_child_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    told = tmp_path / "processes.json"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "bus"), str(told)], cwd=ROOT)
    try:
        wait_until(lambda: told.exists() and told.read_text().endswith("}"))
        children = list(json.loads(told.read_text()).values())
        assert len(children) == 3
        assert all(lives(child) for child in children)
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not any(lives(child) for child in children))


def wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)

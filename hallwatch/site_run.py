"""Running a whole hall on this machine: prepare the data folder, apply the configuration, start the roles."""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path

import structlog

from bus import server
from capture.books.logbook import GapBegan, Logbook
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import HallwatchError, RoleError, StoreBusy
from hall.journal import FactKind
from hallwatch import addresses, calendar_seed, environment
from hallwatch.processes import ProcessPlan
from hallwatch.renewal import concerned_roles
from hallwatch.roles import RoleName, Share, process_name, role_named
from hallwatch.supervisor import Supervisor
from hallwatch.taking_up import DECIDE, take_up
from store import configuration as store_configuration
from store import journal, putting_away, recording
from store.database import Database

BUS = "bus"
FOLLOWS_CONFIGURATION = 2.0
"""Seconds between two looks for a configuration that was applied meanwhile."""
PROBE_SECONDS = 0.15
YIELDS = {RoleName.ALERTS: 0.5, RoleName.CONSOLE: 0.5, RoleName.LIVE: 1.0}
"""Seconds: on a machine of few cores, recording comes first and the rest starts while it connects."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RunningHall:
    """A hall whose processes have been started. `url` is where the console is, or will be."""

    configuration: Configuration
    database: Database
    bus_url: str
    url: str
    supervisor: Supervisor


async def run_site(
    configuration: Configuration,
    file: Path,
    clock: Clock,
    stop: asyncio.Event,
    *,
    file_wins: bool = False,
    others: Callable[[str], Sequence[ProcessPlan]] = lambda _: (),
    when_started: Callable[[RunningHall], None] = lambda _: None,
    when_ready: Callable[[RunningHall], None] = lambda _: None,
) -> None:
    """Run bus, roles and `others` (given the console's address) until `stop` is set.

    The data folder must be held (hallwatch.folder). What was changed on the console stays in force unless
    `file_wins` (hallwatch.taking_up). `when_started` is called once the database is up to
    date and nothing has been started yet, `when_ready` once the console answers. Raises RoleError when
    the port is taken, and StoreError when the database cannot be used.
    """
    site = configuration.site
    port = _console_port(site.console.host, site.console.port)
    database_url = addresses.database_url(site, os.environ, file)
    database = Database(database_url)
    try:
        applied = await asyncio.to_thread(_apply, database, configuration, clock, file_wins=file_wins)
        configuration = applied.configuration
        bus_url, bus = _bus(configuration, file)
        url = console_url(site.console.host, port)
        plans = [*others(url), *role_plans(configuration, file, database_url, bus_url, port)]
        supervisor = Supervisor(plans, bus, bus_url, clock)
        hall = RunningHall(configuration, database, bus_url, console_url(site.console.host, port), supervisor)
        when_started(hall)
        watching = [
            asyncio.create_task(_when_answering(hall, when_ready)),
            asyncio.create_task(_follow(database, supervisor, applied)),
        ]
        try:
            await supervisor.run(stop)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
    finally:
        database.close()


def role_plans(
    configuration: Configuration, file: Path, database_url: str, bus_url: str, port: int
) -> list[ProcessPlan]:
    """One process a role, and as many of capture as its cameras need."""
    recorded = sum(camera.record for hall in configuration.halls for camera in hall.cameras)
    captures = max(1, ceil(recorded / configuration.site.capture.cameras_per_process))
    shares: list[tuple[RoleName, Share]] = [(RoleName.CAPTURE, (n, captures)) for n in range(1, captures + 1)]
    shares += [(role, (1, 1)) for role in RoleName if role is not RoleName.CAPTURE]
    common = {
        environment.BUS_URL: bus_url,
        environment.DATABASE: database_url,
        environment.CONSOLE_PORT: str(port),
    }
    plans = []
    for role, share in shares:
        part = ("--share", f"{share[0]}/{share[1]}") if share[1] > 1 else ()
        command = (sys.executable, "-m", "hallwatch", "run", str(file), "--role", role.value, *part)
        variables = {**common, environment.ROLE: role.value}
        plans.append(ProcessPlan(process_name(role, share), command, variables, yields=YIELDS.get(role, 0.0)))
    return plans


def console_url(host: str, port: int) -> str:
    """Where a browser on this machine finds the console."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reachable}:{port}"


def answers(url: str, path: str = "/readyz") -> bool:
    """Whether the console says that it is ready. Waits at most two seconds."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class _Applied:
    """What is in force at the start, and up to where in the journal it is known."""

    configuration: Configuration
    seq: int


def _apply(database: Database, from_file: Configuration, clock: Clock, *, file_wins: bool) -> _Applied:
    database.migrate()
    now = clock.now()
    with database.write() as tx:
        # Nothing runs yet: what was wrong with a camera when the system ended is not known to be wrong now.
        interrupted = recording.interrupt_gaps(tx, min(journal.last_moment(tx) or now, now))
        if cleaned := putting_away.clean_versions(tx, now):
            log.info(
                "passwords of cameras are encrypted now, also in what was in force before", versions=cleaned
            )
        taken = take_up(tx, from_file, now, file_wins=file_wins)
    if taken.is_new:
        log.info("a new configuration is in force")
    if taken.passed_over:
        log.warning(
            "the file was changed, and so was the configuration on the console: what was in force stays",
            decide=DECIDE,
        )
    for year in calendar_seed.seed(database, now):
        log.info("a year of the calendar is entered", year=year.year, known=year.completeness.value)
    logbook = Logbook(taken.configuration.site.disks, clock)
    for hall, gap in interrupted:
        logbook.append(hall, gap.camera, GapBegan(gap))
    with database.read() as tx:
        return _Applied(taken.configuration, journal.last_seq(tx))


def _bus(configuration: Configuration, file: Path) -> tuple[str, ProcessPlan | None]:
    url = addresses.bus_url(configuration.site, os.environ, file)
    if url is not None:
        return url, None
    plan = server.prepare(configuration.site.data / "bus")
    return plan.url, ProcessPlan(BUS, plan.command, beats=False)


def _console_port(host: str, port: int) -> int:
    """The port itself, or a free one for 0. Raises RoleError when it is taken: no restart would help."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RoleError(f"site.console: cannot listen on {host}:{port}: {error.strerror}") from error
        return int(probe.getsockname()[1])


async def _when_answering(hall: RunningHall, then: Callable[[RunningHall], None]) -> None:
    while not await asyncio.to_thread(answers, hall.url):  # noqa: ASYNC110 - another process tells
        await asyncio.sleep(PROBE_SECONDS)
    then(hall)


async def _follow(database: Database, supervisor: Supervisor, applied: _Applied) -> None:
    """Let those roles start again that a configuration concerns which was put in force after `applied`."""
    configuration, seq = applied.configuration, applied.seq
    while True:
        await asyncio.sleep(FOLLOWS_CONFIGURATION)
        try:
            newer = await asyncio.to_thread(_newer, database, seq)
        except StoreBusy:
            log.warning("the database is busy; looking for a new configuration later")
            continue
        except HallwatchError:
            log.exception("the database cannot be read")
            continue
        if newer is None:
            continue
        concerned = concerned_roles(configuration, newer.configuration)
        configuration, seq = newer.configuration, newer.seq
        log.info("the configuration changed", started_again=sorted(concerned))
        supervisor.renew(partial(_is_one_of, concerned))


def _is_one_of(roles: Collection[RoleName], process: str) -> bool:
    return role_named(process) in roles


def _newer(database: Database, after: int) -> _Applied | None:
    with database.read() as tx:
        entries = journal.tail(tx, after, kinds={FactKind.CONFIGURATION})
        in_force = store_configuration.current(tx) if entries else None
    return _Applied(in_force, entries[-1].seq) if in_force is not None else None

"""`hallwatch run`: a whole hall under the supervisor, or one role by itself."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hall.clock import SystemClock
from hall.config import Configuration, load_configuration
from hall.errors import ConfigurationError, NotFound, Problem
from hallwatch import addresses, environment
from hallwatch.cli.options import DEFAULT_FILE, File
from hallwatch.folder import held
from hallwatch.logs import configure_logging

if TYPE_CHECKING:
    from store.database import Database


def run(
    file: File = DEFAULT_FILE,
    role: Annotated[
        str | None,
        typer.Option(help="Run this role alone: capture, analysis, alerts, live or console."),
    ] = None,
    share: Annotated[
        str, typer.Option(help="Which part of the role's work: '2/3' is the second of three processes.")
    ] = "1/1",
) -> None:
    """Run a hall: the bus and every role, until Ctrl-C or SIGTERM.

    The configuration is checked and put in force first. The console's address is printed once it answers.
    """
    if role is not None:
        _run_role(file, role, _share(share))
        return
    configuration = load_configuration(file)
    configure_logging("supervisor")
    _run_site(configuration, file)


def _run_site(configuration: Configuration, file: Path) -> None:
    with held(configuration.site.data):
        from hallwatch import site_run  # noqa: PLC0415 - after the folder of metrics is known

        def announce(hall: site_run.RunningHall) -> None:
            typer.echo(f"Console: {hall.url}")

        async def main() -> None:
            stop = stop_on_signals()
            await site_run.run_site(configuration, resolved, SystemClock(), stop, when_ready=announce)

        resolved = file.resolve()
        asyncio.run(main())
        leave_quickly()


def stop_on_signals() -> asyncio.Event:
    """An event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def leave_quickly() -> None:
    """Spare the interpreter's last collection of garbage: on a busy machine it takes seconds, for nothing."""
    gc.freeze()


def _run_role(file: Path, name: str, share: tuple[int, int]) -> None:
    from hallwatch import roles  # noqa: PLC0415 - the variables above must be set before anything counts
    from store.database import Database  # noqa: PLC0415

    if name not in set(roles.RoleName):
        raise typer.BadParameter(f"there is no role '{name}'; use one of {', '.join(roles.RoleName)}")
    role = roles.RoleName(name)
    full_name = roles.process_name(role, share)
    configure_logging(full_name)
    url = os.environ.get(environment.DATABASE)
    if url is None:
        configuration = load_configuration(file)
        database = Database(addresses.database_url(configuration.site, os.environ, file))
    else:
        database = Database(url)
        configuration = _configuration_in_force(database)
    bus_url = os.environ.get(environment.BUS_URL) or addresses.bus_url(configuration.site, os.environ, file)
    if bus_url is None:
        why = f"a role by itself needs the address of the bus, here or in {environment.BUS_URL}"
        raise ConfigurationError([Problem("site.bus.url", None, why)], str(file))
    context = roles.RoleContext(full_name, configuration, database, bus_url, SystemClock(), share)
    roles.run_role(role, context)
    leave_quickly()


def _configuration_in_force(database: Database) -> Configuration:
    """What was applied last, with the console's port that the supervisor chose."""
    from store import configuration as store_configuration  # noqa: PLC0415

    with database.read() as tx:
        configuration = store_configuration.current(tx)
    if configuration is None:
        raise NotFound("no configuration has been applied yet")
    port = os.environ.get(environment.CONSOLE_PORT)
    if port is None:
        return configuration
    console = configuration.site.console.model_copy(update={"port": int(port)})
    site = configuration.site.model_copy(update={"console": console})
    return configuration.model_copy(update={"site": site})


def _share(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise typer.BadParameter(f"'{text}' is not a share, write for example 2/3")
    return int(part), int(parts)

"""`hallwatch demo`: the whole system in front of you, with cameras and queue simulated."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from hall.clock import SystemClock
from hallwatch.cli.run import leave_quickly, stop_on_signals
from hallwatch.folder import held
from hallwatch.logs import configure_logging


def demo(
    directory: Annotated[
        Path,
        typer.Option("--directory", "-d", help="Where the demo keeps its data, pictures and ready.json."),
    ] = Path(".demo"),
    port: Annotated[
        int | None,
        typer.Option(
            help="The console's port; 0 lets the system choose. Default: 8080, or another when taken."
        ),
    ] = None,
) -> None:
    """Run the demo hall until Ctrl-C: four cameras, eight windows, a story of five minutes that repeats.

    Once everything is up, its address and an officer, an investigator and an administrator with their
    passwords are printed and, with the key for queue events, written to ready.json in the directory.
    """
    configure_logging("supervisor", level=logging.WARNING)
    with held(directory):
        from hallwatch.demo import start  # noqa: PLC0415 - after the folder of metrics is known

        clock = SystemClock()
        place, configuration = start.prepare(directory, port, clock, typer.echo)

        async def main() -> None:
            await start.run_demo(place, configuration, clock, stop_on_signals(), typer.echo)

        asyncio.run(main())
        leave_quickly()

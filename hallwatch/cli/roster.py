"""`hallwatch roster`: shifts and approved leave, imported, and asked about."""

from __future__ import annotations

import getpass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from hall.clock import SystemClock
from hall.config import Configuration, HallSettings
from hall.errors import ConfigurationError, NotFound, Problem, RequestRefused
from hallwatch import roster_file
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, moment, opened
from hallwatch.cli.outcome import print_json
from store import audit
from store import configuration as store_configuration
from store import roster as store_roster
from store.database import Database

app = typer.Typer(no_args_is_help=True, help="Who is due at which window when, and approved leave.")

HallOption = Annotated[str | None, typer.Option(help="The hall, when the configuration has several.")]


@app.command("import")
def import_file(
    roster: Annotated[Path, typer.Argument(help="A CSV file: kind, staff, window, from, to, reason.")],
    file: FileOption = DEFAULT_FILE,
    hall: HallOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take shifts and leave in. All shifts of each window's day that the file names are replaced.

    Ends with 2, and nothing is changed, when a line is wrong; giving the file again is safe.
    """
    try:
        content = roster.read_bytes()
    except OSError as error:
        raise RequestRefused("roster", f"{roster}: {error.strerror or error}") from error
    with opened(file) as (configuration, database):
        chosen = _hall(_in_force(configuration, database), hall)
        change = roster_file.parse(content, roster.name, chosen)
        now = SystemClock().now()
        with database.write() as tx:
            store_roster.change(tx, chosen.id, chosen.zone_info, change, now)
            audit.record(
                tx,
                at=now,
                who=getpass.getuser(),
                action="roster_change",
                subject=f"hall:{chosen.id}",
                detail=f"{_counted(change)}, from {roster.name}",
            )
    if as_json:
        print_json(
            {"shifts": len(change.shifts), "leaves": len(change.leaves), "withdrawn": len(change.withdrawn)}
        )
    else:
        typer.echo(_counted(change))


@app.command("show")
def show(
    file: FileOption = DEFAULT_FILE,
    hall: HallOption = None,
    at: Annotated[str | None, typer.Option(help="At this time; now when it is not given.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say who is due at each window, and whom leave excuses."""
    with opened(file) as (configuration, database):
        chosen = _hall(_in_force(configuration, database), hall)
        when = moment(at, chosen.zone_info, "--at") or SystemClock().now()
        with database.read() as tx:
            day = timedelta(days=1)
            roster = store_roster.between(tx, chosen.id, chosen.zone_info, when - day, when + day)
    duties = {window.id: roster.duty(window.id, when) for window in chosen.windows}
    if as_json:
        print_json(
            {
                "windows": [
                    {
                        "window": window,
                        "standing": duty.standing.value,
                        "staff": list(duty.staff),
                        "on_leave": list(duty.on_leave),
                        "until": None if duty.until is None else duty.until.isoformat(),
                    }
                    for window, duty in duties.items()
                ]
            }
        )
        return
    for window, duty in duties.items():
        away = f" (on leave: {', '.join(duty.on_leave)})" if duty.on_leave else ""
        typer.echo(f"{window}  {duty.standing:<8} {', '.join(duty.staff)}{away}".rstrip())


def _in_force(configuration: Configuration, database: Database) -> Configuration:
    with database.read() as tx:
        return store_configuration.current(tx) or configuration


def _hall(configuration: Configuration, name: str | None) -> HallSettings:
    if name is None:
        if len(configuration.halls) > 1:
            known = ", ".join(hall.id for hall in configuration.halls)
            raise ConfigurationError([Problem("--hall", None, f"name one of {known}")], "hallwatch roster")
        return configuration.halls[0]
    for hall in configuration.halls:
        if hall.id == name:
            return hall
    raise NotFound(f"there is no hall '{name}'")


def _counted(change: store_roster.RosterChange) -> str:
    return (
        f"{len(change.shifts)} shifts, {len(change.leaves)} leaves, {len(change.withdrawn)} leaves withdrawn"
    )

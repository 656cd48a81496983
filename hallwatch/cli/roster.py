"""`hallwatch roster`: shifts and approved leave, imported, and asked about."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from console.roster.trial import read_file, try_out
from hall.clock import SystemClock
from hall.config import Configuration, HallSettings
from hall.errors import ConfigurationError, NotFound, Problem, RequestRefused, TableFault, TableRefused
from hall.roster_change import RosterChange, RosterDifference
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, moment, opened
from hallwatch.cli.outcome import print_json
from store import audit
from store import configuration as store_configuration
from store import roster as store_roster
from store.database import Database
from store.roster_history import RosterAuthor, RosterOrigin

app = typer.Typer(no_args_is_help=True, help="Who is due at which window when, and approved leave.")

HallOption = Annotated[str | None, typer.Option(help="The hall, when the configuration has several.")]


@app.command("import")
def import_file(
    roster: Annotated[
        Path, typer.Argument(help="A CSV or XLSX file: kind, staff, window, from, to, reason.")
    ],
    file: FileOption = DEFAULT_FILE,
    hall: HallOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take shifts and leave in. All shifts of each window's day that the file names are replaced.

    Ends with 2, and nothing is changed, when a row is wrong; giving the file again changes nothing.
    """
    try:
        content = roster.read_bytes()
    except OSError as error:
        raise RequestRefused("roster", f"{roster}: {error.strerror or error}") from error
    with opened(file) as (configuration, database):
        chosen = _hall(_in_force(configuration, database), hall)
        try:
            said = read_file(content, chosen)
        except TableRefused as error:
            raise _refused(error.faults, roster.name) from error
        now = SystemClock().now()
        author = RosterAuthor(getpass.getuser(), RosterOrigin.FILE, roster.name)
        with database.write() as tx:
            trial = try_out(tx, chosen, content, said)
            if trial.faults:
                raise _refused(trial.faults, roster.name)
            change, new = said.change, trial.difference
            if store_roster.take(tx, chosen.id, chosen.zone_info, new, now, author) is not None:
                audit.record(
                    tx,
                    at=now,
                    who=author.who,
                    action="roster_import",
                    subject=f"hall:{chosen.id}",
                    detail=f"{_counted(change)}, from {roster.name}; new in it: {_told(new)}",
                )
    if as_json:
        told = {
            "shifts": len(change.shifts),
            "leaves": len(change.leaves),
            "withdrawn": len(change.withdrawn),
        }
        print_json({**told, **new.counts()})
    else:
        typer.echo(f"{_counted(change)}; new in it: {_told(new)}")


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


def _refused(faults: Sequence[TableFault], source: str) -> ConfigurationError:
    """The faults as the command tells them: by row and column."""
    return ConfigurationError(
        [Problem(fault.column or "file", fault.row, fault.en) for fault in faults], source
    )


def _told(new: RosterDifference) -> str:
    said = [f"{number} {name.replace('_', ' ')}" for name, number in new.counts().items() if number]
    return ", ".join(said) or "nothing"


def _counted(change: RosterChange) -> str:
    return (
        f"{len(change.shifts)} shifts, {len(change.leaves)} leaves, {len(change.withdrawn)} leaves withdrawn"
    )

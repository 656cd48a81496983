"""`hallwatch apply` and `hallwatch config`: put a configuration in force, check one, write one back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer
import yaml

from hall.clock import SystemClock
from hall.config import Configuration, load_configuration
from hall.errors import ConfigurationError, NotFound
from hallwatch import calendar_seed
from hallwatch.cli.options import DEFAULT_FILE, AsJson, File, FileOption, opened
from hallwatch.cli.outcome import ExitCode, print_json
from hallwatch.folder import holder
from hallwatch.restart import refuse_half_effects
from hallwatch.taking_up import refuse_to_lose
from store import configuration as store_configuration
from store import putting_away
from store.configuration import Author

app = typer.Typer(no_args_is_help=True, help="Check or export the configuration.")


def apply(
    file: File = DEFAULT_FILE,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the file, whatever was changed on the console since.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a configuration in force. A hall that runs here takes it up within seconds.

    Refused while a hall runs that would have to be started again for it: with another site.data,
    site.database, site.bus or site.console. A password that stands in a camera's address is kept
    encrypted. Refused as well while something is in force that was changed on
    the console since a file was applied and that this file does not say, unless --replace is given.
    """
    with opened(file) as (configuration, database):
        with database.write() as tx:
            putting_away.clean_versions(tx, SystemClock().now())
            refuse_half_effects(configuration, store_configuration.current(tx), file)
            if not replace:
                refuse_to_lose(tx, configuration, str(file))
            changed = store_configuration.apply(tx, configuration, SystemClock().now(), _author())
        calendar_seed.seed(database, SystemClock().now())
        running = holder(configuration.site.data) is not None
    if as_json:
        print_json({"changed": changed, "running": running})
        return
    taken_up = "" if running else f"; no hall runs in {configuration.site.data}"
    typer.echo(("in force now" if changed else "in force already") + taken_up)


def _author() -> Author:
    return Author(getpass.getuser())


@app.command("check")
def check(file: File = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """Check a file without putting it in force. Every problem is named with its line and field."""
    try:
        configuration = load_configuration(file)
    except ConfigurationError as error:
        if not as_json:
            raise
        print_json(
            {
                "ok": False,
                "problems": [
                    {"field": problem.field, "line": problem.line, "message": problem.message}
                    for problem in error.problems
                ],
            }
        )
        raise typer.Exit(ExitCode.REFUSED) from error
    counts = {
        "halls": len(configuration.halls),
        "windows": sum(len(hall.windows) for hall in configuration.halls),
        "cameras": sum(len(hall.cameras) for hall in configuration.halls),
    }
    if as_json:
        print_json({"ok": True, "problems": [], **counts})
    else:
        typer.echo(f"{file}: sound, " + ", ".join(f"{count} {name}" for name, count in counts.items()))


@app.command("export")
def export(
    file: FileOption = DEFAULT_FILE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write here, not to the terminal.")
    ] = None,
) -> None:
    """Write the configuration in force as YAML. It holds what was applied, camera addresses included.

    A place stands there for every stored password.
    """
    with opened(file) as (_, database), database.read() as tx:
        configuration = store_configuration.current(tx)
    if configuration is None:
        raise NotFound(f"no configuration has been applied yet: hallwatch apply {file}")
    text = as_yaml(configuration)
    if output is None:
        typer.echo(text, nl=False)
        return
    output.touch(mode=0o600)
    output.write_text(text, encoding="utf-8")


def as_yaml(configuration: Configuration) -> str:
    """The configuration as it could stand in hall.yaml; what equals the default is left out."""
    content = configuration.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)

"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hall.config import Configuration, load_configuration
from hallwatch.addresses import database_url
from store.database import Database

File = Annotated[Path, typer.Argument(help="The configuration file.", show_default=True)]
FileOption = Annotated[
    Path,
    typer.Option(
        "--file", "-f", envvar="HALLWATCH_FILE", help="The configuration file that names the database."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object in place of text.")]

DEFAULT_FILE = Path("hall.yaml")


@contextmanager
def opened(file: Path) -> Iterator[tuple[Configuration, Database]]:
    """The configuration of a file, and its database brought up to date.

    Raises ConfigurationError and StoreError.
    """
    configuration = load_configuration(file)
    database = Database(database_url(configuration.site, os.environ, file))
    try:
        database.migrate()
        yield configuration, database
    finally:
        database.close()


def moment(text: str | None, zone: ZoneInfo, option: str) -> datetime | None:
    """The time that was given as `option`; without a zone of its own it is of `zone`."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"'{text}' is no time, write for example 2026-03-02T09:00", param_hint=option
        ) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)

"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

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

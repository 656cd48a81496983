"""How commands end: exit codes, and errors as lines that a person can act on, never as a traceback."""

from __future__ import annotations

import json
import sys
from enum import IntEnum
from typing import Any

import typer
from typer.core import TyperGroup

from hall.errors import ConfigurationError, HallwatchError
from hall.journal import Json


class ExitCode(IntEnum):
    """What a command's exit status means; docs/operations.md lists the same."""

    OK = 0
    FAILED = 1
    """It could not be done; the message says why."""
    REFUSED = 2
    """The command line or the configuration is wrong; nothing was changed."""
    FAULTS = 3
    """Faults were found in the record, queue events stayed refused, or not everything could be read."""
    BUSY = 4
    """Something is busy or away at this moment; the same command may succeed later."""


class Commands(TyperGroup):
    """A group of commands that turns every error of Hallwatch into lines and an exit code."""

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - typer's own signature
        """Run the command that was asked for."""
        try:
            return super().main(*args, **options)
        except HallwatchError as error:
            for line in lines(error):
                typer.echo(line, err=True)
            sys.exit(code_for(error))


def code_for(error: HallwatchError) -> ExitCode:
    """The exit code for an error."""
    if isinstance(error, ConfigurationError):
        return ExitCode.REFUSED
    return ExitCode.BUSY if error.again else ExitCode.FAILED


def lines(error: HallwatchError) -> list[str]:
    """The error in words; one line a problem for a configuration, as `hall.yaml:12: halls[0].id: why`."""
    if not isinstance(error, ConfigurationError):
        return [f"error: {error}"]
    found = []
    for problem in error.problems:
        place = error.source if problem.line is None else f"{error.source}:{problem.line}"
        found.append(f"{place}: {problem.field}: {problem.message}")
    return found


def print_json(content: Json) -> None:
    """Print one JSON object on standard output, for scripts."""
    typer.echo(json.dumps(content, ensure_ascii=False))

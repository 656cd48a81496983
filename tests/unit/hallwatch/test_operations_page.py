"""docs/operations.md names every command, exit code, role and variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from hallwatch import environment
from hallwatch.cli.commands import app
from hallwatch.cli.outcome import ExitCode
from hallwatch.roles import RoleName

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")


def commands(group: TyperGroup, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def every_command() -> list[str]:
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    return sorted(commands(root, "hallwatch"))


@pytest.mark.parametrize("command", every_command())
def test_every_command_is_on_the_page(command: str) -> None:
    assert re.search(rf"`{re.escape(command)}[ `\[]", PAGE)


def test_the_page_names_no_command_that_does_not_exist() -> None:
    known = every_command()
    named = re.findall(r"^\| `(hallwatch [^`]*)`", PAGE, flags=re.MULTILINE)
    assert len(named) >= len(known)
    assert [
        name for name in named if not any(f"{name} ".startswith(f"{command} ") for command in known)
    ] == []


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_on_the_page(code: ExitCode) -> None:
    assert re.search(rf"^\| {code.value} \|", PAGE, flags=re.MULTILINE)


@pytest.mark.parametrize("name", [*RoleName, *environment.DOCUMENTED, "HALLWATCH_FILE"])
def test_every_role_and_variable_is_on_the_page(name: str) -> None:
    assert re.search(rf"^\| `?{name}`? \|", PAGE, flags=re.MULTILINE)

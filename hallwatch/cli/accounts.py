"""`hallwatch user` and `hallwatch key`: people who log in, and machines that post queue events."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer

from hall.clock import SystemClock
from hall.errors import Conflict, NotFound
from hall.roles import Role
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, opened
from hallwatch.cli.outcome import print_json
from hallwatch.passwords import SHORTEST_PASSWORD, random_password
from store import accounts, api_keys

user = typer.Typer(no_args_is_help=True, help="People who log in to the console.")
key = typer.Typer(no_args_is_help=True, help="Keys with which machines post queue events.")

Generate = Annotated[bool, typer.Option("--generate", help="Make up a password and print it once.")]


@user.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="The log-in name.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.OFFICER,
    file: FileOption = DEFAULT_FILE,
    *,
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Enter a person. The password is asked for, or read as one line from standard input."""
    password = _password(generate=generate)
    with opened(file) as (_, database), database.write() as tx:
        if accounts.user_by_name(tx, name) is not None:
            raise Conflict(f"there is a user '{name}' already: hallwatch user password {name}")
        accounts.save_user(tx, name, role, _hashed(password), SystemClock().now())
    _report(name, password if generate else None, as_json=as_json)


@user.command("password")
def set_password(
    name: Annotated[str, typer.Argument(help="The log-in name.")],
    file: FileOption = DEFAULT_FILE,
    *,
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Give a person a new password. All their sessions end."""
    password = _password(generate=generate)
    with opened(file) as (_, database), database.write() as tx:
        known = accounts.user_by_name(tx, name)
        if known is None:
            raise NotFound(f"there is no user '{name}'")
        accounts.save_user(tx, name, known.role, _hashed(password), SystemClock().now())
    _report(name, password if generate else None, as_json=as_json)


@key.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="The machine that will hold the key, as 'queue-system'.")],
    scope: Annotated[str, typer.Option(help="What the key opens.")] = "queue-events",
    file: FileOption = DEFAULT_FILE,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It is stored as a hash only and cannot be shown again."""
    secret = secrets.token_urlsafe(32)
    with opened(file) as (_, database), database.write() as tx:
        api_keys.add(tx, name, [scope], secret, SystemClock().now())
    if as_json:
        print_json({"name": name, "scope": scope, "key": secret})
    else:
        typer.echo(secret)


@key.command("remove")
def remove_key(
    name: Annotated[str, typer.Argument(help="The machine whose key is withdrawn.")],
    file: FileOption = DEFAULT_FILE,
) -> None:
    """Withdraw a key. It opens nothing from this moment."""
    with opened(file) as (_, database), database.write() as tx:
        if not api_keys.remove(tx, name):
            raise NotFound(f"there is no API key '{name}'")


def _hashed(password: str) -> str:
    from console.access.passwords import hash_password  # noqa: PLC0415 - no other command needs argon2

    return hash_password(password)


def _password(*, generate: bool) -> str:
    if generate:
        return random_password()
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        raise typer.BadParameter(f"a password needs at least {SHORTEST_PASSWORD} characters")
    return str(password)


def _report(name: str, password: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json({"user": name} if password is None else {"user": name, "password": password})
    elif password is not None:
        typer.echo(password)

"""`hallwatch user`: people who log in, what they may do and where."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from hall.clock import SystemClock
from hall.config import Configuration
from hall.errors import Conflict, NotFound
from hall.journal import Json
from hall.names import CameraId, HallId
from hall.permissions import Permission
from hall.roles import Role
from hall.secrets import SHORTEST_PASSWORD
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, opened
from hallwatch.cli.outcome import print_json
from hallwatch.passwords import random_password
from store import accounts, audit, second_factors
from store import configuration as configurations
from store.accounts import User
from store.database import Read, Write

app = typer.Typer(no_args_is_help=True, help="People who log in to the console.")

LogInName = Annotated[str, typer.Argument(help="The log-in name.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make up a password and print it once.")]
Halls = Annotated[
    list[str] | None, typer.Option("--hall", help="Only this hall. May be repeated; 'all' for all halls.")
]
Cameras = Annotated[
    list[str] | None,
    typer.Option("--camera", help="Only this camera. May be repeated; 'all' for all cameras."),
]
Withheld = Annotated[
    list[str] | None,
    typer.Option(
        "--withhold", help="A permission that this person shall not have, as sound. 'none' for none."
    ),
]
ALL, NONE = "all", "none"


@app.command("add")
def add_user(
    name: LogInName,
    role: Annotated[Role, typer.Option(help="What the person is there for.")] = Role.OFFICER,
    hall: Halls = None,
    camera: Cameras = None,
    withhold: Withheld = None,
    file: FileOption = DEFAULT_FILE,
    *,
    generate: Generate = False,
    as_json: AsJson = False,
) -> None:
    """Enter a person. The password is asked for, or read as one line from standard input."""
    password = _password(generate=generate)
    with opened(file) as (configuration, database), database.write() as tx:
        if accounts.user_by_name(tx, name) is not None:
            raise Conflict(f"there is a user '{name}' already: hallwatch user password {name}")
        user = accounts.save_user(tx, name, role, _hashed(password), SystemClock().now())
        user = _limited(tx, configuration, user, hall, camera, withhold)
        accounts.change_user(tx, user)
        _note(tx, "user_add", name, user.described)
    _report(name, password if generate else None, as_json=as_json)


@app.command("password")
def set_password(
    name: LogInName, file: FileOption = DEFAULT_FILE, *, generate: Generate = False, as_json: AsJson = False
) -> None:
    """Give a person a new password. All their sessions end."""
    password = _password(generate=generate)
    with opened(file) as (_, database), database.write() as tx:
        accounts.change_user(tx, replace(_known(tx, name), password_hash=_hashed(password)))
        _note(tx, "user_change", name, "new password")
    _report(name, password if generate else None, as_json=as_json)


@app.command("reset-factor")
def reset_second_factor(name: LogInName, file: FileOption = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """Take a lost second factor from a person, who then logs in by the password alone. All sessions end."""
    with opened(file) as (_, database), database.write() as tx:
        if not second_factors.reset(tx, _known(tx, name).id):
            raise NotFound(f"'{name}' has no second factor")
        _note(tx, "second_factor_reset", name, "")
    _report(name, None, as_json=as_json)


@app.command("list")
def list_users(file: FileOption = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """List everybody who was ever entered, with role and limits."""
    with opened(file) as (_, database), database.read() as tx:
        found = accounts.all_users(tx)
    if as_json:
        print_json({"items": [_described(user) for user in found]})
        return
    for user in found:
        typer.echo(f"{user.name}: {user.described}")


@app.command("change")
def change_user(
    name: LogInName,
    role: Annotated[Role | None, typer.Option(help="What the person is there for.")] = None,
    hall: Halls = None,
    camera: Cameras = None,
    withhold: Withheld = None,
    file: FileOption = DEFAULT_FILE,
    *,
    as_json: AsJson = False,
) -> None:
    """Change role and limits of a person; what is not named stays. All their sessions end."""
    with opened(file) as (configuration, database), database.write() as tx:
        known = _known(tx, name)
        user = replace(known, role=role or known.role)
        user = _limited(tx, configuration, user, hall, camera, withhold)
        accounts.change_user(tx, user)
        _note(tx, "user_change", name, user.described)
    if as_json:
        print_json({"user": _described(user)})
    else:
        typer.echo(f"{user.name}: {user.described}")


@app.command("disable")
def disable_user(name: LogInName, file: FileOption = DEFAULT_FILE) -> None:
    """Let a person log in no more. All their sessions end; what they did stays in the audit trail."""
    _set_disabled(name, file, disabled=True)


@app.command("enable")
def enable_user(name: LogInName, file: FileOption = DEFAULT_FILE) -> None:
    """Let a disabled person log in again."""
    _set_disabled(name, file, disabled=False)


def _set_disabled(name: str, file: FileOption, *, disabled: bool) -> None:
    with opened(file) as (_, database), database.write() as tx:
        user = replace(_known(tx, name), disabled=disabled)
        accounts.change_user(tx, user)
        _note(tx, "user_change", name, user.described)


def _known(tx: Read, name: str) -> User:
    known = accounts.user_by_name(tx, name)
    if known is None:
        raise NotFound(f"there is no user '{name}'")
    return known


def _limited(
    tx: Read,
    started_with: Configuration,
    user: User,
    halls: Sequence[str] | None,
    cameras: Sequence[str] | None,
    withheld: Sequence[str] | None,
) -> User:
    """The user with the limits that were named. Refuses halls and cameras that do not exist."""
    configuration = configurations.current(tx) or started_with
    of_halls = {hall.id for hall in configuration.halls}
    of_cameras = {camera.id for hall in configuration.halls for camera in hall.cameras}
    return replace(
        user,
        halls=user.halls
        if halls is None
        else tuple(HallId(one) for one in _named("--hall", halls, ALL, of_halls)),
        cameras=user.cameras
        if cameras is None
        else tuple(CameraId(one) for one in _named("--camera", cameras, ALL, of_cameras)),
        withheld=user.withheld
        if withheld is None
        else tuple(Permission(one) for one in _named("--withhold", withheld, NONE, set(Permission))),
    )


def _named(option: str, given: Sequence[str], empty: str, known: Collection[str]) -> list[str]:
    """The names that were given; none for the word that takes a limit away."""
    if list(given) == [empty]:
        return []
    for one in given:
        if one not in known:
            raise typer.BadParameter(f"there is no '{one}'", param_hint=option)
    return list(dict.fromkeys(given))


def _described(user: User) -> dict[str, Json]:
    return {
        "name": user.name,
        "role": user.role.value,
        "disabled": user.disabled,
        "halls": list(user.halls),
        "cameras": list(user.cameras),
        "withheld": [one.value for one in user.withheld],
    }


def _note(tx: Write, action: str, name: str, detail: str) -> None:
    who = getpass.getuser()
    audit.record(tx, at=SystemClock().now(), who=who, action=action, subject=f"user:{name}", detail=detail)


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

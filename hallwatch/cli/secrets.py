"""`hallwatch secrets`: what is kept encrypted (passwords of cameras, second factors), and its keys."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from hall.address_secrets import OF_SUBSTREAM, host_of, places_in
from hall.clock import SystemClock
from hall.config import Configuration
from hall.errors import NotFound, SecretError
from hall.journal import Json
from hall.names import CameraId
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, opened
from hallwatch.cli.outcome import ExitCode, print_json
from store import audit, camera_secrets, keyring, second_factors
from store import configuration as configurations
from store.camera_secrets import StoredSecret
from store.database import Database, Write
from store.keyring import Keyring

app = typer.Typer(no_args_is_help=True, help="Passwords of cameras that are kept encrypted, and their keys.")


@app.command("list")
def list_secrets(file: FileOption = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """List what is kept, with its key, and whether it can be read. Exit code 3 when something cannot be."""
    with opened(file) as (configuration, database), database.read() as tx:
        used = _used(configurations.current(tx) or configuration)
        keys, why = _keys(configuration)
        rows = [
            (one, _fault(one, keys, why), (one.camera, one.name) in used)
            for one in camera_secrets.all_secrets(tx)
        ]
    if as_json:
        items: list[Json] = [
            {
                "camera": one.camera,
                "name": one.name,
                "host": one.host,
                "key": one.sealed.key_id,
                "changed_at": one.changed.isoformat(),
                "fault": fault,
                "used": is_used,
            }
            for one, fault, is_used in rows
        ]
        print_json({"items": items})
    for one, fault, is_used in rows if not as_json else ():
        state = fault or ("readable" if is_used else "readable, not used any more")
        typer.echo(
            f"{one.camera} {one.name} for {one.host}: key {one.sealed.key_id}, "
            f"since {one.changed:%Y-%m-%d %H:%M}Z, {state}"
        )
    if any(fault for _, fault, _ in rows):
        raise typer.Exit(ExitCode.FAULTS)


@app.command("set")
def set_secret(
    camera: Annotated[str, typer.Argument(help="The camera whose password is given.")],
    file: FileOption = DEFAULT_FILE,
    *,
    substream: Annotated[bool, typer.Option("--substream", help="That of its sub-stream.")] = False,
) -> None:
    """Keep a password for a camera whose address has a place for it, as after a key was lost.

    It is asked for, or read as one line from standard input. The camera takes it at its next attempt.
    """
    with opened(file) as (configuration, database):
        with database.read() as tx:
            known = (configurations.current(tx) or configuration).camera(CameraId(camera))
        if known is None:
            raise NotFound(f"there is no camera '{camera}'")
        url = (known[1].substream if substream else known[1].url) or ""
        names = places_in(url)
        if not names:
            prefix = OF_SUBSTREAM if substream else ""
            raise NotFound(
                f"the address of camera '{camera}' has no place for a password; "
                f"write ${{secret:{prefix}password}} where it belongs"
            )
        password = _password()
        with database.write() as tx:
            keys = keyring.read_or_make(configuration.site, os.environ)
            now = SystemClock().now()
            for name in names:
                camera_secrets.keep(tx, keys, CameraId(camera), name, host_of(url), password, now)
            _note(tx, "camera_password", f"camera:{camera}", ", ".join(names))
    typer.echo("kept")


@app.command("remove")
def remove(
    camera: Annotated[str, typer.Argument(help="The camera whose passwords are forgotten.")],
    file: FileOption = DEFAULT_FILE,
) -> None:
    """Forget the passwords of a camera, as one that is gone for good."""
    with opened(file) as (_, database), database.write() as tx:
        if not camera_secrets.remove(tx, CameraId(camera)):
            raise NotFound(f"no password is stored for camera '{camera}'")
        _note(tx, "camera_password_remove", f"camera:{camera}", "")
    typer.echo("removed")


@app.command("rotate")
def rotate(file: FileOption = DEFAULT_FILE) -> None:
    """Encrypt everything with a new key, and forget the old one. A running hall goes on meanwhile.

    Keys that the environment hands over are not changed: put the new one first there, start again, and run
    this. Exit code 3 when something was encrypted with a key that is not here; it is left as it is.
    """
    with opened(file) as (configuration, database):
        site, is_own = configuration.site, keyring.is_own_file(os.environ)
        keys = keyring.read_or_make(site, os.environ)
        if is_own:
            keys = keyring.add_key(site, keys)
        sealed, lost = _seal_anew(database, configuration, keys, is_own=is_own)
        with database.write() as tx:
            _note(
                tx,
                "secrets_rotate",
                f"key:{keys.newest}",
                f"{sealed} encrypted anew, {len(lost)} not readable",
            )
    typer.echo(f"{sealed} secrets are encrypted with the key {keys.newest} now")
    if not is_own:
        typer.echo(f"take the old key out of {keys.origin} when no process needs it any more")
    for one in lost:
        typer.echo(f"error: {one}", err=True)
    if lost:
        raise typer.Exit(ExitCode.FAULTS)


def _seal_anew(
    database: Database, configuration: Configuration, keys: Keyring, *, is_own: bool
) -> tuple[int, list[str]]:
    """Until nothing is left to do, and only then forget the old keys: whoever writes waits meanwhile."""
    total = 0
    while True:
        with database.write() as tx:
            sealed, lost = camera_secrets.seal_anew(tx, keys)
            factors, lost_factors = second_factors.seal_anew(tx, keys)
            total += sealed + factors
            if sealed + factors == 0:
                if is_own:
                    keyring.keep_newest_alone(configuration.site, keys)
                words = [f"{one.camera} {one.name}: its key {one.sealed.key_id} is not here" for one in lost]
                factor_words = [f"the second factor of {user}: its key is not here" for user in lost_factors]
                return total, words + factor_words


def _used(configuration: Configuration) -> set[tuple[str, str]]:
    return {
        (camera.id, name)
        for hall in configuration.halls
        for camera in hall.cameras
        for url in (camera.url, camera.substream or "")
        for name in places_in(url)
    }


def _keys(configuration: Configuration) -> tuple[Keyring | None, str]:
    """The keys, or why there are none."""
    try:
        return keyring.read(configuration.site, os.environ), "there is no key file"
    except SecretError as error:
        return None, str(error)


def _fault(secret: StoredSecret, keys: Keyring | None, why: str) -> str | None:
    """Why a secret cannot be read, or None."""
    if keys is None:
        return why
    try:
        keys.open(secret.sealed, secret.bound_to)
    except SecretError as error:
        return str(error)
    return None


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise typer.BadParameter("no password was given on standard input")
    return line


def _note(tx: Write, action: str, subject: str, detail: str) -> None:
    who = getpass.getuser()
    audit.record(tx, at=SystemClock().now(), who=who, action=action, subject=subject, detail=detail)

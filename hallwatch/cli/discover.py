"""`hallwatch discover`: find ONVIF cameras, and write their entries for hall.yaml."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from capture.onvif import entries
from capture.onvif.device import Device, Found
from capture.onvif.entries import Credentials, Entry
from hall.clock import SystemClock
from hall.errors import SourceError
from hall.journal import Json
from hallwatch.cli.options import AsJson
from hallwatch.cli.outcome import ExitCode, print_json

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def discover(
    address: Annotated[
        list[str] | None,
        typer.Option(
            help="Ask this device, not the network: a host, host:port, or the address of its ONVIF service. "
            "May be repeated."
        ),
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Read the devices' streams as this user, and write their entries.")
    ] = None,
    password_env: Annotated[
        str, typer.Option(help="The variable that holds the password, here and for Hallwatch.")
    ] = "CAMERA_PASSWORD",
    user_env: Annotated[
        str, typer.Option(help="The variable that will hold the user for Hallwatch.")
    ] = "CAMERA_USER",
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long to wait for answers.")] = 4.0,
    *,
    as_json: AsJson = False,
) -> None:
    """Find cameras by ONVIF. With --user, print `cameras:` entries that can be pasted into a hall.

    The password is taken from the environment, or asked for; it stands neither on the command line nor in
    what is printed. Exit code 1 when nothing was found, or a device could not be read.
    """
    for name in (password_env, user_env):
        if not VARIABLE.match(name):
            raise typer.BadParameter(f"'{name}' cannot be the name of a variable")
    credentials = None
    if user is not None:
        credentials = Credentials(user, _password(password_env), user_env, password_env)
    from capture.onvif import discovery  # noqa: PLC0415 - the library takes a moment that no other command needs

    clock = SystemClock()
    if address:
        found = [discovery.ask(one, seconds, clock) for one in dict.fromkeys(address)]
    else:
        found = discovery.discover(seconds, clock)
    if not found:
        if as_json:
            print_json({"devices": []})
        typer.echo(
            "error: no ONVIF device answered; one that multicast does not reach: --address HOST", err=True
        )
        raise typer.Exit(ExitCode.FAILED)
    if credentials is None:
        _list(found, as_json=as_json)
    else:
        _write(found, credentials, as_json=as_json)


def _password(variable: str) -> str:
    """From the environment, else asked for on a terminal, else one line of standard input."""
    if variable in os.environ:
        return os.environ[variable]
    if sys.stdin.isatty():
        return str(typer.prompt("Password of the cameras", hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise typer.BadParameter(f"no password: set {variable} in the environment")
    return line


def _list(found: list[Found], *, as_json: bool) -> None:
    if as_json:
        print_json({"devices": [_device_json(one) for one in found]})
        return
    rows = [("ADDRESS", "NAME", "MODEL", "ONVIF")]
    rows += [(one.host, one.name or "-", one.model or "-", one.service) for one in found]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        columns = [text.ljust(width) for text, width in zip(row[:3], widths, strict=True)]
        typer.echo("  ".join([*columns, row[3]]))


def _write(found: list[Found], credentials: Credentials, *, as_json: bool) -> None:
    from capture.onvif.profiles import read_devices  # noqa: PLC0415 - as above

    outcomes = read_devices(found, credentials.user, credentials.password)
    made = entries.entries([one for one in outcomes if isinstance(one, Device)], credentials)
    if as_json:
        devices = [
            _device_json(one, outcome, credentials) for one, outcome in zip(found, outcomes, strict=True)
        ]
        print_json({"devices": devices, "cameras": [_camera_json(entry) for entry in made]})
    elif made:
        names = f"{credentials.user_variable} and {credentials.password_variable}"
        typer.echo(f"    # For a hall of hall.yaml. {names} must stand in the environment of Hallwatch.")
        typer.echo(entries.as_yaml(made), nl=False)
    faults = [
        (one, fault) for one, fault in zip(found, outcomes, strict=True) if isinstance(fault, SourceError)
    ]
    for one, fault in faults:
        typer.echo(f"error: {one.host}: {fault}", err=True)
    if faults or not made:
        raise typer.Exit(ExitCode.FAILED)


def _device_json(
    found: Found, outcome: Device | SourceError | None = None, credentials: Credentials | None = None
) -> Json:
    content: dict[str, Json] = {
        "host": found.host,
        "service": found.service,
        "name": found.name,
        "model": found.model,
    }
    if isinstance(outcome, Device) and credentials is not None:
        streams: list[Json] = [
            asdict(stream) | {"url": entries.with_places(stream.url, credentials)}
            for stream in outcome.streams
        ]
        content |= {
            "manufacturer": outcome.manufacturer,
            "model": outcome.model or found.model,
            "serial": outcome.serial,
            "streams": streams,
        }
    elif isinstance(outcome, SourceError):
        content["error"] = {"reason": outcome.reason, "message": str(outcome)}
    return content


def _camera_json(entry: Entry) -> Json:
    """As it would stand in hall.yaml."""
    content: dict[str, Json] = {
        "id": entry.id,
        "name": {"zh": entry.name, "en": entry.name},
        "url": entry.url,
    }
    if entry.substream_url is not None:
        content["substream"] = entry.substream_url
    return content

"""`hallwatch key`: keys with which machines post queue events or read."""

from __future__ import annotations

import getpass
import secrets
from typing import Annotated

import typer

from hall.clock import SystemClock
from hall.errors import NotFound
from hall.names import HallId
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, opened
from hallwatch.cli.outcome import print_json
from store import api_keys, audit
from store import configuration as configurations
from store.database import Write

app = typer.Typer(no_args_is_help=True, help="Keys with which machines post queue events or read.")

SCOPES = ("queue-events", "alerts", "board", "rules", "search")
"""What a key may open; those of console.access.gate, which a test compares."""


@app.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="The machine that will hold the key, as 'queue-system'.")],
    scope: Annotated[
        list[str] | None, typer.Option(help=f"What the key opens, of {', '.join(SCOPES)}. May be repeated.")
    ] = None,
    hall: Annotated[
        list[str] | None, typer.Option(help="Only in this hall. May be repeated; without it in all.")
    ] = None,
    file: FileOption = DEFAULT_FILE,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It is stored as a hash only and cannot be shown again."""
    scopes, halls = scope or [SCOPES[0]], [HallId(one) for one in hall or []]
    for one in scopes:
        if one not in SCOPES:
            raise typer.BadParameter(f"'{one}' is none of {', '.join(SCOPES)}", param_hint="--scope")
    secret, now = secrets.token_urlsafe(32), SystemClock().now()
    with opened(file) as (configuration, database), database.write() as tx:
        known = {one.id for one in (configurations.current(tx) or configuration).halls}
        for of in halls:
            if of not in known:
                raise typer.BadParameter(f"there is no hall '{of}'", param_hint="--hall")
        made = api_keys.add(tx, name, set(scopes), secret, now, set(halls))
        words = f"{', '.join(made.scopes)} in {', '.join(made.halls) or 'all halls'}"
        _note(tx, "key_add", name, words)
    if as_json:
        print_json({"name": name, "scopes": list(made.scopes), "halls": list(made.halls), "key": secret})
    else:
        typer.echo(secret)


@app.command("list")
def list_keys(file: FileOption = DEFAULT_FILE, *, as_json: AsJson = False) -> None:
    """List the keys: what each opens, where, and since when. The keys themselves are not known any more."""
    with opened(file) as (_, database), database.read() as tx:
        found = api_keys.all_keys(tx)
    if as_json:
        print_json(
            {
                "items": [
                    {
                        "name": key.name,
                        "scopes": list(key.scopes),
                        "halls": list(key.halls),
                        "created_at": key.created_at.isoformat(),
                    }
                    for key in found
                ]
            }
        )
        return
    for key in found:
        where = ", ".join(key.halls) or "all halls"
        typer.echo(f"{key.name}: {', '.join(key.scopes)} in {where}, since {key.created_at:%Y-%m-%d %H:%M}Z")


@app.command("remove")
def remove_key(
    name: Annotated[str, typer.Argument(help="The machine whose key is withdrawn.")],
    file: FileOption = DEFAULT_FILE,
) -> None:
    """Withdraw a key. It opens nothing from this moment."""
    with opened(file) as (_, database), database.write() as tx:
        if not api_keys.remove(tx, name):
            raise NotFound(f"there is no API key '{name}'")
        _note(tx, "key_remove", name, "")


def _note(tx: Write, action: str, name: str, detail: str) -> None:
    who = getpass.getuser()
    audit.record(tx, at=SystemClock().now(), who=who, action=action, subject=f"key:{name}", detail=detail)

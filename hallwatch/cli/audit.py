"""`hallwatch check --audit`: whether the audit trail still is what was written."""

from __future__ import annotations

import typer

from hallwatch.cli.outcome import ExitCode, print_json
from store import audit
from store.database import Database


def check_trail(database: Database, *, as_json: bool) -> None:
    """Tell the first entry that does not fit, or how many fit and the hash of the newest.

    Ends with 3 when the chain is broken. Entries taken from the end leave a chain that holds: compare the
    number and the hash with those that were written down before.
    """
    with database.read() as tx:
        broken = audit.first_broken_link(tx)
        count, newest = audit.head(tx)
    if as_json:
        print_json({"entries": count, "sha256": newest, "first_broken": broken})
    elif broken is None:
        typer.echo(f"the audit trail holds: {count} entries, the newest {newest}")
    else:
        typer.echo(f"the audit trail is broken at entry {broken}: it was changed, or one before it is gone")
    if broken is not None:
        raise typer.Exit(ExitCode.FAULTS)

"""All commands of `hallwatch`, put together."""

from __future__ import annotations

import typer

from hallwatch.cli import (
    accounts,
    analyse,
    bench,
    calendar,
    configuration,
    demo,
    discover,
    evidence,
    keys,
    queue,
    record,
    roster,
    rules,
    run,
    secrets,
)
from hallwatch.cli.outcome import Commands

app = typer.Typer(
    name="hallwatch",
    cls=Commands,
    help="Hallwatch: electronic supervision for government service halls.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 faults found, 4 busy, try again.",
)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("apply")(configuration.apply)
app.command("check")(record.check)
app.command("reindex")(record.reindex)
app.command("analyse")(analyse.analyse)
app.command("export")(evidence.export)
app.command("verify")(evidence.check_package)
app.command("public-key")(evidence.public_key)
app.command("discover")(discover.discover)
app.add_typer(configuration.app, name="config")
app.add_typer(accounts.app, name="user")
app.add_typer(keys.app, name="key")
app.add_typer(secrets.app, name="secrets")
app.add_typer(queue.app, name="queue")
app.add_typer(rules.app, name="rules")
app.add_typer(calendar.app, name="calendar")
app.add_typer(roster.app, name="roster")
app.add_typer(bench.app, name="bench")

"""`hallwatch queue`: refused events, tried again or discarded, and the history of a queue system."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
import yaml
from pydantic import TypeAdapter, ValidationError

from capture.queueing import Operator, discard, replay
from capture.queueing.history import Refused, Summary, import_history, read_history
from hall.clock import SystemClock
from hall.config import Configuration, HallSettings
from hall.config.mapping import EventMapping, EventMappings
from hall.config.queues import JsonHttpSettings, SqlSettings
from hall.errors import ConfigurationError, Conflict, EventRefused, NotFound, Problem, RequestRefused
from hall.journal import Json
from hallwatch.cli.options import DEFAULT_FILE, AsJson, FileOption, opened
from hallwatch.cli.outcome import ExitCode, print_json
from store import configuration as store_configuration
from store import refused_events
from store.database import Database
from store.refused_events import RefusedEvent

app = typer.Typer(no_args_is_help=True, help="Refused queue events, and the history of a queue system.")

MOST_REASONS = 100
"""Reasons in the JSON of an import; on the terminal all of them are told."""
SHORTENED = 120

Number = Annotated[int, typer.Argument(help="The number that `hallwatch queue refused` shows.")]
FileOfHistory = Annotated[
    Path, typer.Argument(help="A file that ends in .csv, .tsv, .txt, .jsonl or .ndjson.")
]


@contextmanager
def _in_force(file: Path) -> Iterator[tuple[Configuration, Database]]:
    """The database, and the configuration that was applied to it, or that of the file when none was."""
    with opened(file) as (configuration, database):
        with database.read() as tx:
            applied = store_configuration.current(tx)
        yield applied or configuration, database


@app.command("refused")
def refused(
    file: FileOption = DEFAULT_FILE,
    state: Annotated[Literal["open", "settled", "all"], typer.Option(help="Which of them.")] = "open",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List the refused events, the newest first, with the reason of each."""
    is_settled = None if state == "all" else state == "settled"
    with opened(file) as (_, database), database.read() as tx:
        found = refused_events.refused(tx, limit, is_settled=is_settled)
    if as_json:
        print_json({"items": [_shown(event) for event in found]})
        return
    for event in found:
        settled = f" [{event.settlement} by {event.settled_by or 'the queue'}]" if event.settlement else ""
        typer.echo(
            f"{event.id}  {event.received_at:%Y-%m-%dT%H:%M:%SZ}  ×{event.times}  {event.field}: "
            f"{event.message}{settled}"
        )
        typer.echo(f"    {_printable(event.raw[:SHORTENED])}{'…' if len(event.raw) > SHORTENED else ''}")


@app.command("replay")
def replay_refused(
    number: Annotated[int | None, typer.Argument(help="Which refused event.")] = None,
    file: FileOption = DEFAULT_FILE,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that are open, the oldest first.")] = False,
    event: Annotated[
        Path | None, typer.Option(help="A file with the mended event (JSON), to take in its place.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try refused events again, once the configuration fits. Ends with 3 when one is still refused."""
    if (number is None) == (not every) or (every and event is not None):
        raise typer.BadParameter("name one refused event, or --all")
    with _in_force(file) as (configuration, database):
        try:
            mended = event.read_bytes() if event is not None else None
        except OSError as error:
            raise RequestRefused("event", f"{event}: {error.strerror}") from error
        accepted = 0
        still: dict[int, str] = {}
        for identifier in _open(database) if number is None else iter([number]):
            try:
                replay(database, configuration, identifier, _operator(), SystemClock().now(), mended)
                accepted += 1
            except (EventRefused, RequestRefused) as error:
                still[identifier] = str(error)
            except Conflict as error:
                if number is not None and "settled" in str(error):
                    raise
                still[identifier] = str(error)
    if as_json:
        print_json({"accepted": accepted, "refused": [{"id": i, "reason": why} for i, why in still.items()]})
    else:
        for identifier, why in still.items():
            typer.echo(f"{identifier}: {why}", err=True)
        typer.echo(f"{accepted} accepted, {len(still)} still refused")
    if still:
        raise typer.Exit(ExitCode.FAULTS)


def _open(database: Database) -> Iterator[int]:
    after = 0
    while True:
        with database.read() as tx:
            page = [event.id for event in refused_events.oldest_open(tx, after)]
        if not page:
            return
        yield from page
        after = page[-1]


@app.command("discard")
def discard_refused(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why nothing is lost without it.")],
    file: FileOption = DEFAULT_FILE,
) -> None:
    """Settle a refused event without taking it in. It stays in the list of the settled, with the reason."""
    with opened(file) as (_, database):
        discard(database, number, _operator(), reason, SystemClock().now())


@app.command("import")
def import_file(
    history: FileOfHistory,
    file: FileOption = DEFAULT_FILE,
    hall: Annotated[str | None, typer.Option(help="The hall, when the configuration has several.")] = None,
    mapping: Annotated[
        str | None, typer.Option(help="A queue of the hall whose `events` map, or a YAML file with `events`.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="utf-8 or gb18030, say; found out when it is not given.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take the history of a queue system in. Ends with 3 when some was refused; to give it again is safe."""
    reasons: list[Refused] = []

    def report(summary: Summary, refused_now: Sequence[Refused]) -> None:
        reasons.extend(refused_now[: MOST_REASONS - len(reasons)])
        if not as_json:
            for one in refused_now:
                typer.echo(f"{history}:{one.line}: {one.field}: {_printable(one.message)}", err=True)
            if summary.lines % 10_000 < 500:
                typer.echo(f"{summary.lines} lines…", err=True)

    with _in_force(file) as (configuration, database):
        chosen = _hall(configuration, hall)
        mappings = _mappings(chosen, mapping) if mapping is not None else ()
        told = read_history(history, chosen, mappings, encoding)
        summary = import_history(database, configuration, told, SystemClock().now(), report, dry_run=dry_run)
    counts = {"accepted": summary.accepted, "repeated": summary.repeated, "refused": summary.refused}
    if as_json:
        listed: list[Json] = [
            {"line": one.line, "field": one.field, "message": one.message} for one in reasons
        ]
        print_json({"dry_run": dry_run, "lines": summary.lines, **counts, "reasons": listed})
    else:
        words = ", ".join(f"{count} {name}" for name, count in counts.items())
        typer.echo(f"{summary.lines} lines: {words}" + (" (nothing was kept: dry run)" if dry_run else ""))
    if summary.refused:
        raise typer.Exit(ExitCode.FAULTS)


def _hall(configuration: Configuration, name: str | None) -> HallSettings:
    if name is None and len(configuration.halls) == 1:
        return configuration.halls[0]
    known = ", ".join(hall.id for hall in configuration.halls)
    if name is None:
        raise RequestRefused("hall", f"name one with --hall: {known}")
    found = next((hall for hall in configuration.halls if hall.id == name), None)
    if found is None:
        raise NotFound(f"there is no hall '{name}', only {known}")
    return found


def _mappings(hall: HallSettings, name: str) -> tuple[EventMapping, ...]:
    for queue in hall.queues:
        if queue.id == name and isinstance(queue, JsonHttpSettings | SqlSettings):
            return queue.events
    try:
        content = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
        adapter: TypeAdapter[tuple[EventMapping, ...]] = TypeAdapter(EventMappings)
        return adapter.validate_python(content.get("events") if isinstance(content, dict) else content)
    except ValidationError as error:
        problems = [
            Problem("events." + ".".join(map(str, one["loc"])), None, one["msg"]) for one in error.errors()
        ]
        raise ConfigurationError(problems, name) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        words = (
            f"is neither a queue of hall '{hall.id}' that maps events, nor a file that can be read: {error}"
        )
        raise ConfigurationError([Problem("mapping", None, words)], name) from error


def _operator() -> Operator:
    """Who is logged in at the machine."""
    try:
        return Operator(f"command line: {getpass.getuser()}"[:63])
    except (KeyError, OSError):
        return Operator("command line")


def _shown(event: RefusedEvent) -> Json:
    return {
        "id": event.id,
        "hall": event.hall,
        "at": event.received_at.isoformat(),
        "field": event.field,
        "message": event.message,
        "raw": event.raw,
        "is_cut": event.is_cut,
        "times": event.times,
        "settled_at": event.settled_at.isoformat() if event.settled_at is not None else None,
        "settled_by": event.settled_by,
        "settlement": event.settlement.value if event.settlement is not None else None,
        "note": event.note,
    }


def _printable(text: str) -> str:
    """On one line, and without what a terminal would take for a command."""
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)

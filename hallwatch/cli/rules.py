"""`hallwatch rules replay`: what rules find in the recorded facts, beside the alerts that were raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from alerts.again.comparing import Change, Compared, compared
from alerts.again.findings import Finding, continued, findings
from alerts.again.history import days, facts_of
from hall.clock import SystemClock
from hall.config import HallSettings, load_rules
from hall.finding import Alert, AlertKind
from hall.interval import Interval
from hall.journal import Json
from hall.names import AlertId
from hall.rule import DiskRule, Rule
from hallwatch.cli.options import DEFAULT_FILE, AsJson, File, moment, opened
from hallwatch.cli.outcome import print_json
from hallwatch.cli.rule_versions import halls_of, history, list_rules
from store import alerting, calendar, rule_versions
from store.database import Database

app = typer.Typer(
    help="Rules: those in force, their versions, and recorded facts judged again.", no_args_is_help=True
)
PAGE = 500
LISTED = 200
"""Differences that are printed as text; JSON holds them all."""


app.command("list")(list_rules)
app.command("history")(history)


@app.command()
def replay(
    file: File = DEFAULT_FILE,
    *,
    since: Annotated[str, typer.Option("--from", help="Judge from here on, in the hall's zone.")],
    until: Annotated[
        str | None, typer.Option("--to", help="Judge before this; without it, until now.")
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="A file with `rules:` as in hall.yaml; without it, the rules in force."),
    ] = None,
    hall: Annotated[str | None, typer.Option(help="This hall alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge recorded facts again and print what would have been different. Changes nothing.

    Disks are left out: of them only the present is kept.
    """
    now = SystemClock().now()
    with opened(file) as (configuration, database):
        with database.read() as tx:
            holidays = calendar.read(tx)
            halls = halls_of(rule_versions.numbered(tx, configuration), hall)
        under = load_rules(rules, halls) if rules is not None else None
        results: list[tuple[HallSettings, Compared]] = []
        for settings in halls:
            whole = _time(settings, since, until, now)
            judged = [
                rule.with_calendar(holidays.days)
                for rule in under or settings.rules
                if not isinstance(rule, DiskRule)
            ]
            found = continued(_found(database, settings, judged, whole))
            causes = compared(list(_raised(database, settings, whole)), found, whole)
            results += [(settings, each) for each in causes]
    if as_json:
        causes_json = [_as_json(settings, each) for settings, each in results]
        print_json({"summary": _summary([each for _, each in results]), "causes": list[Json](causes_json)})
    else:
        _tell(results)


def _time(hall: HallSettings, since: str, until: str | None, now: datetime) -> Interval:
    start, end = moment(since, hall.zone_info, "--from"), moment(until, hall.zone_info, "--to") or now
    assert start is not None
    if end > now:
        raise typer.BadParameter("nothing is known yet of a time that lies ahead", param_hint="--to")
    if start >= end:
        raise typer.BadParameter("it is not before --to", param_hint="--from")
    return Interval(start.astimezone(now.tzinfo), end.astimezone(now.tzinfo))


def _found(
    database: Database, hall: HallSettings, rules: Sequence[Rule], whole: Interval
) -> Iterator[Finding]:
    for day in days(hall, whole):
        yield from findings(facts_of(database, hall, day), rules, day)


def _raised(database: Database, hall: HallSettings, whole: Interval) -> Iterator[Alert]:
    kinds = [kind for kind in AlertKind if kind is not AlertKind.DISK]
    before: tuple[datetime, AlertId] | None = None
    while True:
        with database.read() as tx:
            page = alerting.alerts_of(
                tx, hall=hall.id, kinds=kinds, start=whole.start, end=whole.end, before=before, limit=PAGE
            )
        yield from page
        if len(page) < PAGE:
            return
        before = page[-1].opened_at, page[-1].id


def _summary(results: Sequence[Compared]) -> dict[str, Json]:
    summary: dict[str, Json] = {}
    for kind in dict.fromkeys(sorted(each.kind for each in results)):
        of_kind = [each for each in results if each.kind is kind]
        changes = Counter(each.change for each in of_kind)
        summary[kind] = {
            "raised": sum(each.alert is not None for each in of_kind),
            "found": sum(each.finding is not None for each in of_kind),
            **{change.value: changes[change] for change in Change},
            "dismissed": sum(each.was_dismissed for each in of_kind),
            "dismissed_gone": sum(each.was_dismissed and each.finding is None for each in of_kind),
        }
    return summary


def _as_json(hall: HallSettings, each: Compared) -> dict[str, Json]:
    alert, finding = each.alert, each.finding
    return {
        "change": each.change.value,
        "kind": each.kind.value,
        "hall": hall.id,
        "subject": _subject(each),
        "raised": None
        if alert is None
        else {
            "alert": alert.id,
            "rule": alert.rule,
            "rule_version": alert.rule_version,
            "severity": alert.severity.value,
            "status": alert.status.value,
            **_times(alert.interval),
        },
        "found": None
        if finding is None
        else {
            "rule": finding.rule.id,
            "rule_version": finding.rule.version,
            "severity": finding.severity.value,
            "reason": {"zh": finding.reason.zh, "en": finding.reason.en},
            **_times(finding.interval),
        },
    }


def _times(interval: Interval) -> dict[str, Json]:
    return {
        "start": interval.start.isoformat(),
        "end": interval.end.isoformat() if interval.end is not None else None,
    }


def _subject(each: Compared) -> str:
    either = each.finding or each.alert
    assert either is not None
    return either.subject.name


def _tell(results: Sequence[tuple[HallSettings, Compared]]) -> None:
    columns = ("raised", "found", *(change.value for change in Change), "dismissed", "dismissed_gone")
    typer.echo(f"{'kind':16}" + "".join(f" {column.replace('_', ' '):>14}" for column in columns))
    for kind, numbers in _summary([each for _, each in results]).items():
        assert isinstance(numbers, dict)
        typer.echo(f"{kind:16}" + "".join(f" {numbers[column]:>14}" for column in columns))
    different = [(hall, each) for hall, each in results if each.change is not Change.ALIKE]
    for hall, each in different[:LISTED]:
        where = f"{hall.id} {_subject(each)}"
        typer.echo(f"{each.change.value:9} {each.kind.value:14} {where:32} {_line(each, hall.zone_info)}")
    if len(different) > LISTED:
        typer.echo(f"and {len(different) - LISTED} more; --json prints them all")
    if not different:
        typer.echo("nothing would have been different")


def _line(each: Compared, zone: ZoneInfo) -> str:
    parts = []
    if each.alert is not None:
        parts.append(f"raised {_span(each.alert.interval, zone)} {each.alert.severity} ({each.alert.status})")
    if each.finding is not None:
        parts.append(f"found {_span(each.finding.interval, zone)} {each.finding.severity}")
    return ", ".join(parts)


def _span(interval: Interval, zone: ZoneInfo) -> str:
    start = interval.start.astimezone(zone)
    if interval.end is None:
        return f"{start:%Y-%m-%d %H:%M:%S} to beyond"
    end = interval.end.astimezone(zone)
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S}" + (
        "" if end.date() == start.date() else f" {end:%m-%d}"
    )

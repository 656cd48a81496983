"""`hallwatch rules list` and `history`: the rules in force, and what one said in each of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from hall.config import Configuration, HallSettings
from hall.journal import Json
from hall.names import RuleId
from hall.rule import CrowdingRule, GradedRule, OverdueTransactionRule, Rule
from hallwatch.cli.options import DEFAULT_FILE, AsJson, File, opened
from hallwatch.cli.outcome import print_json
from store import configuration as store_configuration
from store import rule_versions
from store.rule_versions import RuleVersion

Hall = Annotated[str | None, typer.Option(help="This hall alone.")]


def list_rules(file: File = DEFAULT_FILE, *, hall: Hall = None, as_json: AsJson = False) -> None:
    """Print the rules in force: version, limit and severities. Before the first apply: those of the file."""
    with opened(file) as (configuration, database), database.read() as tx:
        halls = halls_of(store_configuration.current(tx) or configuration, hall)
    if as_json:
        print_json({"rules": [_as_json(each, rule) for each in halls for rule in each.rules]})
        return
    for each in halls:
        for rule in each.rules:
            basis = f"  {rule.basis.en}" if rule.basis is not None else ""
            typer.echo(f"{each.id:12} {rule.id:22} v{rule.version:<4} {rule.kind:20} {_says(rule)}{basis}")


def history(
    rule: Annotated[str, typer.Argument(help="The id of the rule.")],
    file: File = DEFAULT_FILE,
    *,
    hall: Hall = None,
    as_json: AsJson = False,
) -> None:
    """Print what a rule said in each of its versions, and since when each was in force."""
    with opened(file) as (configuration, database), database.read() as tx:
        halls = halls_of(store_configuration.current(tx) or configuration, hall)
        found = [
            (each, version) for each in halls for version in rule_versions.history(tx, each.id, RuleId(rule))
        ]
    if not found:
        raise typer.BadParameter(f"no configuration that was applied has a rule '{rule}'", param_hint="RULE")
    if as_json:
        versions = [{**_as_json(each, version.rule), **_times(version)} for each, version in found]
        print_json({"versions": list[Json](versions)})
        return
    for each, version in found:
        typer.echo(
            f"{each.id:12} v{version.rule.version:<4} {_span(version, each.zone_info)}  {_says(version.rule)}"
        )


def halls_of(configuration: Configuration, wanted: str | None) -> Sequence[HallSettings]:
    """The halls that a command is about. Raises BadParameter when there is no such hall."""
    found = [each for each in configuration.halls if wanted in (None, each.id)]
    if not found:
        raise typer.BadParameter(f"the configuration has no hall '{wanted}'", param_hint="--hall")
    return found


def _as_json(hall: HallSettings, rule: Rule) -> dict[str, Json]:
    return {"hall": hall.id, "rule": rule.model_dump(mode="json")}


def _times(version: RuleVersion) -> dict[str, Json]:
    until = version.until
    return {
        "since": version.since.isoformat(),
        "until": until.isoformat() if until is not None else None,
    }


def _span(version: RuleVersion, zone: ZoneInfo) -> str:
    def told(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at is not None else "now"

    return f"{told(version.since)} to {told(version.until):19}"


def _says(rule: Rule) -> str:
    return ", ".join(_parts(rule))


def _parts(rule: Rule) -> Iterator[str]:
    """Limit, ladder and what narrows the rule, in a few words."""
    yield rule.severity if rule.enabled else f"{rule.severity} (off)"
    if isinstance(rule, CrowdingRule):
        yield f"from {rule.limit_people} people"
    if isinstance(rule, OverdueTransactionRule):
        yield f"the {rule.limit} limit"
    else:
        yield f"after {rule.limit_seconds:g} s"
    for each in rule.raises if isinstance(rule, GradedRule) else ():
        when = f"from {each.people} people" if each.people is not None else f"after {each.after_seconds:g} s"
        yield f"{each.severity} {when}"
    for word, scope in (("only", rule.scope), ("not", rule.exempt)):
        for key in scope.keys if scope is not None else ():
            yield f"{word} {key} {' '.join(getattr(scope, key))}"
    if rule.schedule is not None:
        yield "at its own hours"

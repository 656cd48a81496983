"""The versions of rules: counted by themselves, and read again out of the configurations that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

from hall.clock import from_microseconds
from hall.config import Configuration
from hall.names import HallId, RuleId
from hall.rule import Rule
from store.database import Read
from store.tables import configurations

RuleKey: TypeAlias = tuple[HallId, RuleId]

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule as it was in one version, in force from `since` to `until`; None while it is.

    `who` put it in force, with the version `configuration` of the whole; empty where a file did, unnamed.
    """

    rule: Rule
    since: datetime
    until: datetime | None = None
    who: str = ""
    configuration: int = 0


@dataclass(frozen=True, slots=True)
class _Said:
    """What one configuration says of a rule, None where it has it not; since when, and who put it there."""

    number: int
    at: datetime
    who: str
    rule: Mapping[str, object] | None


def numbered(tx: Read, configuration: Configuration) -> Configuration:
    """The configuration as it is to be kept: each rule with the version that its content has, or gets.

    A rule that says what it said last, in its own hall, keeps its version; one that says something else gets
    the next. None falls below what the file says, and a rule that was gone for a while goes on counting.
    """
    wanted = {(hall.id, rule.id) for hall in configuration.halls for rule in hall.rules}
    last = _last_known(tx, wanted)
    halls = tuple(
        hall.model_copy(
            update={"rules": tuple(_next(rule, last.get((hall.id, rule.id))) for rule in hall.rules)}
        )
        for hall in configuration.halls
    )
    return configuration.model_copy(update={"halls": halls})


def history(tx: Read, hall: HallId, rule: RuleId) -> list[RuleVersion]:
    """Every version of a rule, the oldest first; one that was out of force in between stands there twice.

    What this program can no longer read is left out, and logged.
    """
    found: list[RuleVersion] = []
    for said in _oldest_first(tx, (hall, rule)):
        known = _readable(said.rule) if said.rule is not None else None
        lasting = found[-1] if found and found[-1].until is None else None
        if lasting is not None and known == lasting.rule:
            continue
        if lasting is not None:
            found[-1] = replace(lasting, until=said.at)
        if known is not None:
            found.append(RuleVersion(known, said.at, who=said.who, configuration=said.number))
    return found


def _next(rule: Rule, last: Mapping[str, object] | None) -> Rule:
    if last is None:
        return rule
    before = last.get("version")
    version = before if isinstance(before, int) else 1
    known = _readable(last)
    same = known is not None and known.model_copy(update={"version": rule.version}) == rule
    return rule.model_copy(update={"version": max(rule.version, version if same else version + 1)})


def _last_known(tx: Read, wanted: set[RuleKey]) -> dict[RuleKey, Mapping[str, object]]:
    """Each rule as the newest configuration that has it says."""
    found: dict[RuleKey, Mapping[str, object]] = {}
    newest_first = select(configurations.c.body).order_by(configurations.c.id.desc())
    for body in tx.connection.execute(newest_first).scalars():
        for key, told in _rules_in(body):
            if key in wanted:
                found.setdefault(key, told)
        if len(found) == len(wanted):
            break
    return found


def _oldest_first(tx: Read, key: RuleKey) -> Iterator[_Said]:
    """What each configuration says of a rule."""
    told = (configurations.c.id, configurations.c.applied_us, configurations.c.who, configurations.c.body)
    named = json.dumps(key[1])
    for number, applied_us, who, body in tx.connection.execute(select(*told).order_by(configurations.c.id)):
        rule = dict(_rules_in(body)).get(key) if named in body else None
        yield _Said(number, from_microseconds(applied_us), who, rule)


def _rules_in(body: str) -> Iterator[tuple[RuleKey, Mapping[str, object]]]:
    for hall in json.loads(body)["halls"]:
        for rule in hall["rules"]:
            yield (hall["id"], rule["id"]), rule


def _readable(told: Mapping[str, object]) -> Rule | None:
    try:
        return RULE.validate_json(json.dumps(told))
    except ValidationError as error:
        log.warning(
            "a rule of an earlier configuration cannot be read", rule=told.get("id"), error=str(error)
        )
        return None

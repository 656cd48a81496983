"""Rules: those in force in a hall, and what one said in each of its versions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from console.access import scope
from console.access.gate import may
from console.access.visitor import Visitor
from console.api.asked import Name
from console.dependencies import Given
from hall.errors import NotFound
from hall.names import RuleId
from hall.permissions import Permission
from hall.rule import Rule

router = APIRouter(prefix="/halls/{hall}/rules", tags=["rules"])

Reader = Annotated[Visitor, may(Permission.RULES)]


class RuleList(BaseModel):
    """The rules in force in a hall."""

    items: list[Rule]


class RuleVersionView(BaseModel):
    """A rule as it was from `since` to `until`, null while it is in force.

    `by` put it in force, with that version of the whole `configuration`; empty where a file did.
    """

    rule: Rule
    since: datetime
    until: datetime | None
    by: str
    configuration: int


class RuleVersionList(BaseModel):
    """Every version of a rule, the oldest first; one that was out of force in between stands there twice."""

    items: list[RuleVersionView]


@router.get("", response_model=RuleList)
def list_rules(visitor: Reader, given: Given, hall: Name) -> RuleList:
    """The rules in force in a hall, with everything that they say."""
    with given.database.read() as tx:
        return RuleList(items=list(scope.hall(visitor, given, tx, hall).rules))


@router.get("/{rule}/versions", response_model=RuleVersionList)
def list_versions(visitor: Reader, given: Given, hall: Name, rule: Name) -> RuleVersionList:
    """What a rule said in each of its versions and since when, out of the configurations that are kept."""
    with given.database.read() as tx:
        place = scope.hall(visitor, given, tx, hall)
        found = given.halls.rule_history(tx, place.id, RuleId(rule))
    if not found:
        raise NotFound(f"rule: there is no rule '{rule}' in this hall")
    return RuleVersionList(
        items=[
            RuleVersionView(
                rule=each.rule,
                since=each.since,
                until=each.until,
                by=each.who,
                configuration=each.configuration,
            )
            for each in found
        ]
    )

"""The configuration, part by part: what hall.yaml holds, read and changed on the console, with versions.

Every answer carries the ETag of the configuration in force; every change says by `If-Match` upon what it was
made. A change of the same part meanwhile is 412, with who made it; one of another part is none.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Body, Header, Path, Query, Response
from pydantic import BaseModel, JsonValue

from console import configuring
from console.access.gate import may
from console.access.scope import halls as halls_within
from console.access.visitor import Visitor
from console.api.asked import Name
from console.api.configuration_shapes import (
    ChangedPart,
    ConfigurationPart,
    ConfigurationSchemas,
    ConfigurationState,
    ConfigurationVersion,
    ConfigurationVersionList,
    HallOfConfiguration,
    PartDifference,
    ReferenceList,
    ReferenceView,
    VersionDifference,
)
from console.dependencies import Dependencies, Given
from hall.config import HallSettings, SiteSettings, parts
from hall.config.difference import Change, changes
from hall.config.parts import HALL_LISTS, HALL_WHOLES, SITE_LISTS, SITE_WHOLES, Part
from hall.config.redaction import redacted
from hall.errors import NotFound
from hall.permissions import Permission
from hall.place import Hall
from store import configuration_versions
from store.configuration_versions import Version
from store.database import Read

router = APIRouter(prefix="/configuration", tags=["configuration"])

Configurer = Annotated[Visitor, may(Permission.CONFIGURE)]
Match = Annotated[str | None, Header(alias="If-Match", max_length=200)]
Number = Annotated[int, Path(ge=1, lt=2**63)]

Value = Annotated[Any, Body()]
"""A part as hall.yaml has it. What it may be is said by the checks of the configuration, field by field."""

MOST_VERSIONS = 200
REFERENCE = r'"#/\$defs/([^"]+)"'


@router.get("", response_model=ConfigurationState)
def read_state(visitor: Configurer, given: Given, response: Response) -> ConfigurationState:
    """Which version is in force, who put it there, and the halls whose parts are within reach."""
    with given.database.read() as tx:
        newest = _newest(tx)
        halls = halls_within(visitor, given, tx)
    response.headers["ETag"] = _etag(newest)
    return ConfigurationState(
        etag=newest.sha256,
        version=newest.number,
        at=newest.at,
        by=newest.who,
        of_file=newest.of_file,
        other_file_at=newest.other_file_at,
        site=visitor.rights.halls is None,
        halls=[HallOfConfiguration(id=hall.id, name=hall.name) for hall in halls],
    )


@router.get("/schema", response_model=ConfigurationSchemas)
def read_schemas(_visitor: Configurer) -> ConfigurationSchemas:
    """What may stand in each collection, as JSON Schema: of an object where it is a list of those."""
    return _schemas()


@router.get("/versions", response_model=ConfigurationVersionList)
def list_versions(
    visitor: Configurer,
    given: Given,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_VERSIONS)] = 50,
) -> ConfigurationVersionList:
    """Every version that changed something within reach, the newest first."""
    with given.database.read() as tx:
        found = configuration_versions.versions(tx, before, limit + 1)
    page = found[:limit]
    views = [_view(visitor, version) for version in page]
    return ConfigurationVersionList(
        items=[view for view in views if view.changed or visitor.rights.halls is None],
        next=page[-1].number if len(found) > limit else None,
    )


@router.get("/versions/{version}", response_model=VersionDifference)
def read_version(
    visitor: Configurer,
    given: Given,
    version: Number,
    against: Literal["previous", "current"] = "previous",
) -> VersionDifference:
    """What a version changed, or (`against=current`) what restoring it would change now."""
    with given.database.read() as tx:
        known = configuration_versions.version(tx, version)
        told = configuration_versions.configuration_of(tx, version)
        newest = _newest(tx)
        if against == "current":
            in_force = configuration_versions.configuration_of(tx, newest.number)
            found = changes(in_force, parts.started_with(told, in_force.site))
        else:
            earlier = configuration_versions.preceding(tx, version)
            before = configuration_versions.configuration_of(tx, earlier.number) if earlier else None
            found = changes(before, told)
    view = _view(visitor, known)
    if visitor.rights.halls is not None and not view.changed:
        raise NotFound(f"there is no version {version} of the configuration")
    within = [change for change in found if configuring.sees_change(visitor, change.part)]
    return VersionDifference(
        version=view, against=against, etag=newest.sha256, items=[_difference(change) for change in within]
    )


@router.post("/versions/{version}/restore", response_model=ConfigurationVersion)
def restore_version(
    visitor: Configurer, given: Given, version: Number, response: Response, match: Match = None
) -> ConfigurationVersion:
    """Put an earlier version in force again. It becomes a new one: nothing is forgotten."""
    made = configuring.restore(visitor, given, version, match)
    response.headers["ETag"] = _etag(made)
    return _view(visitor, made)


@router.get("/site/{collection}", response_model=ConfigurationPart)
def read_of_site(
    visitor: Configurer, given: Given, collection: Name, response: Response
) -> ConfigurationPart:
    """What stands in a collection of the site: `notifiers`, `storage`, `keep` or `access`."""
    return _read(visitor, given, (None, collection, None), response)


@router.put("/site/{collection}", response_model=ConfigurationPart)
def change_of_site(
    visitor: Configurer,
    given: Given,
    collection: Name,
    value: Value,
    response: Response,
    match: Match = None,
) -> ConfigurationPart:
    """Put another value in the place of `storage`, `keep` or `access`."""
    return _put(visitor, given, (None, collection, None), value, match, response)


@router.put("/site/{collection}/{part}", response_model=ConfigurationPart)
def change_part_of_site(
    visitor: Configurer,
    given: Given,
    collection: Name,
    part: Name,
    value: Value,
    response: Response,
    match: Match = None,
) -> ConfigurationPart:
    """Enter or change one notifier."""
    return _put(visitor, given, (None, collection, part), value, match, response)


@router.delete("/site/{collection}/{part}", status_code=204)
def remove_part_of_site(
    visitor: Configurer, given: Given, collection: Name, part: Name, response: Response, match: Match = None
) -> None:
    """Remove one notifier. 422 names what refers to it."""
    _remove(visitor, given, (None, collection, part), match, response)


@router.get("/halls/{hall}/{collection}", response_model=ConfigurationPart)
def read_of_hall(
    visitor: Configurer, given: Given, hall: Name, collection: Name, response: Response
) -> ConfigurationPart:
    """What stands in a collection of a hall.

    Lists are units, staff, windows, cameras, items, queues and rules; wholes are schedule, quiet,
    escalation, and what the hall says of itself (`about`).
    """
    return _read(visitor, given, (hall, collection, None), response)


@router.put("/halls/{hall}/{collection}", response_model=ConfigurationPart)
def change_of_hall(
    visitor: Configurer,
    given: Given,
    hall: Name,
    collection: Name,
    value: Value,
    response: Response,
    match: Match = None,
) -> ConfigurationPart:
    """Put another value in the place of `schedule`, `quiet`, `escalation` or `about`."""
    return _put(visitor, given, (hall, collection, None), value, match, response)


@router.put("/halls/{hall}/{collection}/{part:path}", response_model=ConfigurationPart)
def change_part_of_hall(
    visitor: Configurer,
    given: Given,
    hall: Name,
    collection: Name,
    part: Name,
    value: Value,
    response: Response,
    match: Match = None,
) -> ConfigurationPart:
    """Enter or change one window, unit, person, camera, item, queue or rule."""
    return _put(visitor, given, (hall, collection, part), value, match, response)


@router.delete("/halls/{hall}/{collection}/{part:path}", status_code=204)
def remove_part_of_hall(
    visitor: Configurer,
    given: Given,
    hall: Name,
    collection: Name,
    part: Name,
    response: Response,
    match: Match = None,
) -> None:
    """Remove one of them. 422 names what refers to it."""
    _remove(visitor, given, (hall, collection, part), match, response)


@router.get("/site/{collection}/{part}/references", response_model=ReferenceList)
def list_references_of_site(visitor: Configurer, given: Given, collection: Name, part: Name) -> ReferenceList:
    """What stands in the way of removing one notifier."""
    return _references(visitor, given, (None, collection, part))


@router.get("/halls/{hall}/{collection}/{part:path}/references", response_model=ReferenceList)
def list_references_of_hall(
    visitor: Configurer, given: Given, hall: Name, collection: Name, part: Name
) -> ReferenceList:
    """What stands in the way of removing one of them: to be read before it is tried."""
    return _references(visitor, given, (hall, collection, part))


Asked = tuple[str | None, str, str | None]


def _read(visitor: Visitor, given: Dependencies, asked: Asked, response: Response) -> ConfigurationPart:
    with given.database.read() as tx:
        part = configuring.part_within(visitor, given, tx, *asked)
        value = parts.read(parts.content_of(given.halls.current(tx)), part)
        return _told(tx, part, configuring.shown(visitor, part, value), response)


def _put(
    visitor: Visitor, given: Dependencies, asked: Asked, value: object, match: str | None, response: Response
) -> ConfigurationPart:
    with given.database.read() as tx:
        part = _one(configuring.part_within(visitor, given, tx, *asked))
    made = configuring.put(visitor, given, part, value, match)
    with given.database.read() as tx:
        return _told(tx, part, made, response)


def _remove(
    visitor: Visitor, given: Dependencies, asked: Asked, match: str | None, response: Response
) -> None:
    with given.database.read() as tx:
        part = _one(configuring.part_within(visitor, given, tx, *asked))
    configuring.remove(visitor, given, part, match)
    with given.database.read() as tx:
        response.headers["ETag"] = _etag(_newest(tx))


def _references(visitor: Visitor, given: Dependencies, asked: Asked) -> ReferenceList:
    with given.database.read() as tx:
        known = _one(configuring.part_within(visitor, given, tx, *asked))
        found, planned = configuring.referring(visitor, given, tx, known)
    return ReferenceList(
        items=[ReferenceView(collection=one.collection, id=one.id, message=one.message) for one in found],
        shifts=planned.shifts,
        shifts_from=planned.first,
        leaves=planned.leaves,
    )


def _one(part: Part) -> Part:
    """A part that is changed as one. Raises NotFound for a whole list."""
    if part.is_list and part.id is None:
        raise NotFound(f"configuration: name one of '{part.collection}'")
    return part


def _told(tx: Read, part: Part, value: object, response: Response) -> ConfigurationPart:
    newest = _newest(tx)
    response.headers["ETag"] = _etag(newest)
    return ConfigurationPart(part=str(part), etag=newest.sha256, value=cast(JsonValue, value))


def _newest(tx: Read) -> Version:
    newest = configuration_versions.newest(tx)
    if newest is None:
        raise NotFound("no configuration was applied yet")
    return newest


def _etag(version: Version) -> str:
    return f'"{version.sha256}"'


def _view(visitor: Visitor, version: Version) -> ConfigurationVersion:
    changed = [
        ChangedPart(part=str(part), change=kind)
        for part, kind in version.changed
        if configuring.sees_change(visitor, part)
    ]
    return ConfigurationVersion.of(version, changed)


def _difference(change: Change) -> PartDifference:
    before, after = redacted(change.part, change.before), redacted(change.part, change.after)
    return PartDifference(
        part=str(change.part),
        change=change.kind,
        before=cast(JsonValue, before),
        after=cast(JsonValue, after),
        secret=before == after,
    )


@cache
def _schemas() -> ConfigurationSchemas:
    of_hall = tuple(name for name in (*HALL_LISTS, *HALL_WHOLES) if name != "about")
    hall = {**_described(HallSettings, of_hall), "about": cast(JsonValue, Hall.model_json_schema())}
    return ConfigurationSchemas(hall=hall, site=_described(SiteSettings, (*SITE_LISTS, *SITE_WHOLES)))


def _described(model: type[BaseModel], names: tuple[str, ...]) -> dict[str, JsonValue]:
    """The schema of each field, by name."""
    whole = model.model_json_schema()
    found: dict[str, JsonValue] = {}
    for name in names:
        own = whole["properties"][name]
        found[name] = {**own, "$defs": _needed(json.dumps(own), whole["$defs"])}
    return found


def _needed(text: str, known: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Those definitions that a schema refers to, be it by others."""
    needed: dict[str, JsonValue] = {}
    waiting = re.findall(REFERENCE, text)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = known[name]
            waiting += re.findall(REFERENCE, json.dumps(known[name]))
    return needed

"""Changing the configuration from the console: checked, entered as a version with its author, and audited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from console.access import scope
from console.access.visitor import Visitor
from console.dependencies import Dependencies
from console.problems import ChangedMeanwhile, MatchOwed
from hall.address_secrets import host_of
from hall.config import Configuration, editing, notifier_secrets, parts
from hall.config.difference import changes
from hall.config.parts import Part
from hall.config.redaction import redacted, with_secrets
from hall.config.references import Reference, references
from hall.errors import ConfigurationError, Conflict, NotFound, NotPermitted, Problem
from hall.names import CameraId, HallId
from hall.roster import LONGEST_LEAVE
from hall.secrets import PLACE
from store import audit, configuration_versions, putting_away
from store import configuration as store_configuration
from store import roster as store_roster
from store.configuration import Author, Origin
from store.configuration_versions import Version
from store.database import Read, Write

LONGEST_DETAIL = 20_000
"""Characters of an audit entry about a change; the versions hold the whole of it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """How many shifts and leaves to come name an object; `first` is the local day of the first shift."""

    shifts: int = 0
    first: date | None = None
    leaves: int = 0

    def problems(self, part: Part) -> list[Problem]:
        """What they say against its removal."""
        found = []
        if self.first is not None:
            said = f"{self.shifts} shifts from {self.first} on name '{part.id}'"
            found.append(Problem("roster", None, said))
        if self.leaves:
            found.append(Problem("roster", None, f"{self.leaves} leaves that are not over name '{part.id}'"))
        return found


def part_within(
    visitor: Visitor, given: Dependencies, tx: Read, hall: str | None, collection: str, identifier: str | None
) -> Part:
    """The part that is asked for, if it is within reach. Raises NotFound, NotPermitted for the site's."""
    if hall is None and visitor.rights.halls is not None:
        raise NotPermitted("the settings of the site are for those who see all halls")
    place = None if hall is None else scope.hall(visitor, given, tx, hall).id
    part = Part(place, collection, identifier)
    if not part.is_known:
        raise NotFound(f"configuration: there is nothing called '{collection}' here")
    if identifier is not None and _is_hidden(visitor, part, identifier):
        raise NotFound(f"configuration: there is no '{identifier}' here")
    return part


def shown(visitor: Visitor, part: Part, value: object) -> object:
    """What stands at a part as it is given out: no passwords, and no cameras beyond reach."""
    if part.collection == "cameras" and isinstance(value, list):
        value = [each for each in value if not _is_hidden(visitor, part, str(each["id"]))]
    return redacted(part, value)


def put(visitor: Visitor, given: Dependencies, part: Part, value: object, match: str | None) -> object:
    """Put a value at a part. Returns it as it stands then.

    Raises ConfigurationError with every fault, ChangedMeanwhile, MatchOwed.
    """
    author = Author(visitor.user.name, Origin.CONSOLE)
    with given.database.write() as tx:
        in_force = _in_force(given, tx)
        content = parts.content_of(in_force)
        before = parts.read(content, part)
        _check_unchanged(tx, part, before, match)
        whole = with_secrets(part, value, before)
        made = editing.put(in_force, part, whole)
        if part.hall is None and part.collection == "notifiers":
            _check_secrets(in_force, made, part)
        if part.collection == "cameras":
            made = _with_kept_passwords(tx, visitor, made, before, part, given.clock.now())
        if store_configuration.apply(tx, made, given.clock.now(), author):
            made = _in_force(given, tx)
            after = parts.read(parts.content_of(made), part)
            _note(tx, visitor, given.clock.now(), "configuration_change", part, before, after)
        return redacted(part, parts.read(parts.content_of(made), part))


def remove(visitor: Visitor, given: Dependencies, part: Part, match: str | None) -> None:
    """Remove the object at a part. Raises NotFound, and what `put` raises: what refers to it is named."""
    author = Author(visitor.user.name, Origin.CONSOLE)
    with given.database.write() as tx:
        in_force = _in_force(given, tx)
        before = parts.read(parts.content_of(in_force), part)
        _check_unchanged(tx, part, before, match)
        if before is None:
            raise NotFound(f"configuration: there is no '{part.id}' here")
        planned = _planned(tx, in_force, part, given.clock.now()).problems(part)
        try:
            made = editing.remove(in_force, part)
        except ConfigurationError as error:
            raise ConfigurationError([*error.problems, *planned], error.source) from error
        if planned:
            raise ConfigurationError(planned, editing.SOURCE)
        store_configuration.apply(tx, made, given.clock.now(), author)
        _note(tx, visitor, given.clock.now(), "configuration_remove", part, before, None)


def referring(
    visitor: Visitor, given: Dependencies, tx: Read, part: Part
) -> tuple[tuple[Reference, ...], Planned]:
    """What stands in the way of removing an object: in the configuration, and in the roster to come.

    Cameras beyond reach are told without their id. Raises NotFound.
    """
    in_force = _in_force(given, tx)
    if parts.read(parts.content_of(in_force), part) is None:
        raise NotFound(f"configuration: there is no '{part.id}' here")
    found = tuple(
        replace(one, id=None, message="")
        if one.id is not None and _is_hidden(visitor, Part(part.hall, one.collection), one.id)
        else one
        for one in references(in_force, part)
    )
    return found, _planned(tx, in_force, part, given.clock.now())


def restore(visitor: Visitor, given: Dependencies, number: int, match: str | None) -> Version:
    """Put an earlier version in force again, but for what is read once at the start. Returns the new one.

    Raises NotFound, NotPermitted, ChangedMeanwhile, Conflict when it is in force already or no longer
    readable, ConfigurationError when it does not hold any more.
    """
    if visitor.rights.halls is not None:
        raise NotPermitted("a whole version is restored by those who see all halls")
    with given.database.write() as tx:
        in_force = _in_force(given, tx)
        _check_unchanged(tx, None, None, match)
        earlier = configuration_versions.configuration_of(tx, number)
        wanted = parts.started_with(earlier, in_force.site)
        made = editing.checked(parts.content_of(wanted))
        changed = [f"{change.part} {change.kind}" for change in changes(in_force, made)]
        author = Author(visitor.user.name, Origin.RESTORE, str(number))
        if not store_configuration.apply(tx, made, given.clock.now(), author):
            raise Conflict(f"what version {number} says is in force already")
        audit.record(
            tx,
            at=given.clock.now(),
            who=visitor.user.name,
            action="configuration_restore",
            subject=f"configuration:version {number}",
            detail="; ".join(changed)[:LONGEST_DETAIL],
            address=visitor.address,
        )
        newest = configuration_versions.newest(tx)
        assert newest is not None
        return newest


def sees_change(visitor: Visitor, part: Part) -> bool:
    """Whether a visitor may know of a change of this part."""
    if part.hall is None:
        return visitor.rights.halls is None
    hidden = part.id is not None and _is_hidden(visitor, part, part.id)
    return visitor.rights.sees_hall(part.hall) and not hidden


def _with_kept_passwords(
    tx: Write, visitor: Visitor, made: Configuration, before: object | None, part: Part, now: datetime
) -> Configuration:
    """The configuration with the camera's passwords put away; a password that changed is audited.

    Raises ConfigurationError when an address needs a password that is not kept for its host, or names a
    variable of the server that it did not name before: neither is sent to whatever host somebody enters.
    """
    put = putting_away.put_away(tx, made, now)
    known = put.configuration.camera(CameraId(part.id or ""))
    if known is None:
        return put.configuration
    camera, found = known[1], []
    old = before if isinstance(before, Mapping) else {}
    for field, why in putting_away.missing(tx, camera).items():
        found.append(Problem(field, None, why))
    for field in ("url", "substream"):
        address, was = getattr(camera, field), old.get(field)
        moved = not isinstance(was, str) or host_of(was) != host_of(address or "")
        if address and PLACE.search(address) and address != was and (moved or not PLACE.search(str(was))):
            found.append(Problem(field, None, "a variable ${NAME} is entered in hall.yaml only"))
    if found:
        raise ConfigurationError(found, editing.SOURCE)
    for identifier in put.changed:
        audit.record(
            tx,
            at=now,
            who=visitor.user.name,
            action="camera_password",
            subject=f"camera:{identifier}",
            detail="",
            address=visitor.address,
        )
    return put.configuration


def _check_secrets(in_force: Configuration, made: Configuration, part: Part) -> None:
    """Raises ConfigurationError when a notifier would send a secret to where it was not sent before."""
    notifier = next(one for one in made.site.notifiers if one.id == part.id)
    if found := notifier_secrets.misplaced(in_force.site.notifiers, notifier):
        raise ConfigurationError(found, editing.SOURCE)


def _is_hidden(visitor: Visitor, part: Part, identifier: str) -> bool:
    return part.collection == "cameras" and not visitor.rights.sees_camera(CameraId(identifier))


def _in_force(given: Dependencies, tx: Read) -> Configuration:
    in_force = store_configuration.current(tx)
    return in_force if in_force is not None else given.halls.current(tx)


def _check_unchanged(tx: Read, part: Part | None, now: object | None, match: str | None) -> None:
    """Raises ChangedMeanwhile when the part is not as it was in the version that the change was made upon.

    A change of another part meanwhile is no conflict, unless the whole is meant (None). Raises MatchOwed.
    """
    if match is None:
        raise MatchOwed
    newest = configuration_versions.newest(tx)
    upon = configuration_versions.of_digest(tx, match.strip().strip('"'))
    if newest is None or (upon is not None and upon.sha256 == newest.sha256):
        return
    last = newest
    if upon is not None and part is not None:
        then = parts.content_of(configuration_versions.configuration_of(tx, upon.number))
        if parts.read(then, part) == now:
            return
        since = reversed(configuration_versions.after(tx, upon.number))
        last = next((each for each in since if part in [changed for changed, _ in each.changed]), newest)
    raise ChangedMeanwhile(last.who, last.at, None if part is None else redacted(part, now))


def _planned(tx: Read, configuration: Configuration, part: Part, now: datetime) -> Planned:
    """The roster's shifts and leave to come that name a window or a person."""
    hall = parts.hall_of(configuration, part.hall) if part.hall is not None else None
    if hall is None or part.collection not in ("windows", "staff"):
        return Planned()
    ahead = store_roster.between(tx, HallId(hall.id), hall.zone_info, now, now + LONGEST_LEAVE)
    of_window = part.collection == "windows"
    shifts = [one for one in ahead.shifts if (one.window if of_window else one.staff) == part.id]
    leaves = [] if of_window else [one for one in ahead.leaves if one.staff == part.id]
    first = shifts[0].interval.start.astimezone(hall.zone_info).date() if shifts else None
    return Planned(len(shifts), first, len(leaves))


def _note(
    tx: Write,
    visitor: Visitor,
    at: datetime,
    action: str,
    part: Part,
    before: object | None,
    after: object | None,
) -> None:
    told = {"before": redacted(part, before), "after": redacted(part, after)}
    if before != after and told["before"] == told["after"]:
        told["note"] = "the password was changed"
    audit.record(
        tx,
        at=at,
        who=visitor.user.name,
        action=action,
        subject=f"configuration:{part}",
        detail=json.dumps(told, ensure_ascii=False)[:LONGEST_DETAIL],
        address=visitor.address,
    )

"""Changing one part of a configuration: the change is checked as hall.yaml is, every fault by its field.

A fault in the part itself is named by the field within it (`name.zh`), one elsewhere by where it stands
(`windows.w3.unit`): what still refers to a removed object is named so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import cast

from pydantic import ValidationError

from hall.config import parts
from hall.config.checks import faults
from hall.config.parts import ABOUT, Content, Part, Path
from hall.config.settings import Configuration
from hall.errors import ConfigurationError, Problem

SOURCE = "the change"


def put(configuration: Configuration, part: Part, value: object) -> Configuration:
    """The configuration with `value` at a part. Raises ConfigurationError with every fault."""
    found = list(_own_faults(part, value))
    before = parts.content_of(configuration)
    if part.id is not None and isinstance(value, Mapping):
        value = {"id": part.id, **_with_version_of(parts.read(before, part), part, value)}
    content, at = parts.written(before, part, value)
    return checked(content, part, at, found)


def remove(configuration: Configuration, part: Part) -> Configuration:
    """The configuration without the object at a part. Raises ConfigurationError naming what refers to it."""
    return checked(parts.removed(parts.content_of(configuration), part), part)


def checked(
    content: Content, part: Part | None = None, at: Path = (), found: Sequence[Problem] = ()
) -> Configuration:
    """The configuration that content is. Raises ConfigurationError; `part` was changed, and stands `at`."""
    problems = list(found)
    try:
        configuration = Configuration.model_validate(content)
    except ValidationError as error:
        for place, message in _told(error, content):
            problems.append(Problem(_field(place, content, part, at), None, message))
        raise ConfigurationError(problems, SOURCE) from error
    for place, message in faults(configuration):
        problems.append(Problem(_field(place, content, part, at), None, message))
    if problems:
        raise ConfigurationError(problems, SOURCE)
    return configuration


def _own_faults(part: Part, value: object) -> list[Problem]:
    """What can only be said of a part that is changed by itself."""
    if part.collection == "escalation":
        return [] if isinstance(value, list) else [Problem("escalation", None, "must be a list of steps")]
    if not isinstance(value, Mapping):
        raise ConfigurationError([Problem(part.collection, None, "must be an object")], SOURCE)
    found = []
    if part.id is not None and value.get("id", part.id) != part.id:
        found.append(Problem("id", None, f"is not '{part.id}': an id does not change"))
    if part.collection == "about":
        found += [Problem(str(name), None, "unknown key") for name in value if name not in (*ABOUT, "id")]
    disks = value.get("disks") if part.collection == "storage" else None
    paths = [(f"disks[{place}]", disk) for place, disk in enumerate(disks)] if isinstance(disks, list) else []
    if part.collection == "queues":
        paths += [(name, value.get(name)) for name in ("path", "ca_file")]
    for name, path in paths:
        if isinstance(path, str) and not FilePath(path).is_absolute():
            found.append(Problem(name, None, "write the whole path, from / on"))
    return found


def _with_version_of(kept: object | None, part: Part, value: Mapping[str, object]) -> Mapping[str, object]:
    """A rule with the version that it has: versions are counted where the configuration is kept."""
    if part.collection != "rules":
        return value
    version = cast(Content, kept)["version"] if kept is not None else 1
    return {**value, "version": version}


def _told(error: ValidationError, content: Content) -> list[tuple[Path, str]]:
    details = error.errors(include_url=False)
    told = []
    for detail in details:
        location = detail["loc"]
        if detail["type"] == "too_short" and any(
            len(other["loc"]) > len(location) and other["loc"][: len(location)] == location
            for other in details
        ):
            continue  # the list is only "too short" because its items were refused: those are named
        unknown = detail["type"] == "extra_forbidden"
        message = "unknown key" if unknown else detail["msg"].removeprefix("Value error, ")
        told.append((_within(location, content), message))
    return told


def _within(location: Path, content: Content) -> Path:
    """Leave out the names that a tagged union adds (`rules.0.absence.limit_seconds`)."""
    path: Path = ()
    node: object = content
    for index, member in enumerate(location):
        inner = _member(node, member)
        if inner is not None:
            node = inner
        elif index < len(location) - 1 and not (isinstance(node, Mapping) and member in node):
            continue
        path = (*path, member)
    return path


def _member(node: object, member: str | int) -> object | None:
    if isinstance(node, Mapping):
        return cast(Mapping[object, object], node).get(member)
    if isinstance(node, list) and isinstance(member, int) and member < len(node):
        return cast(object, node[member])
    return None


def _field(path: Path, content: Content, part: Part | None, at: Path) -> str:
    if at and path[: len(at)] == at:
        return _dotted(path[len(at) :]) or (part.collection if part is not None else "")
    named, node = [], cast(object, content)
    for member in path:
        node = _member(node, member)
        has_id = isinstance(member, int) and isinstance(node, Mapping) and isinstance(node.get("id"), str)
        named.append(str(cast(Content, node)["id"]) if has_id else member)
    same_hall = part is not None and part.hall is not None and named[:2] == ["halls", part.hall]
    return _dotted(tuple(named[2:] if same_hall and len(named) > 2 else named))


def _dotted(path: Sequence[str | int]) -> str:
    text = ""
    for member in path:
        text += f"[{member}]" if isinstance(member, int) else (f".{member}" if text else member)
    return text

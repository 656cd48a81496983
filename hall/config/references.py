"""What refers to one part of a configuration, and would not hold without it."""

from __future__ import annotations

from dataclasses import dataclass

from hall.config import editing
from hall.config.parts import HALL_LISTS, Part
from hall.config.settings import Configuration
from hall.errors import ConfigurationError, Problem


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands in the way of removing a part: an object of a list of a hall, or what has no id.

    `collection` is the list whose last one the part is, when `id` is None and it is the part's own. What
    refers to a part of the site stands in a hall, which `message` then names first.
    """

    collection: str
    id: str | None
    message: str


def references(configuration: Configuration, part: Part) -> tuple[Reference, ...]:
    """Everything that stands in the way of removing an object, each once, in the order of hall.yaml.

    The same checks decide that decide the removal itself: nothing is told here that would be accepted there.
    """
    try:
        editing.remove(configuration, part)
    except ConfigurationError as error:
        found = [_reference(problem) for problem in error.problems]
        return tuple({(one.collection, one.id): one for one in reversed(found)}.values())[::-1]
    return ()


def _reference(problem: Problem) -> Reference:
    members, message = problem.field.split("."), problem.message
    if members[0] == "halls" and len(members) > 2:
        hall, members = members[1], members[2:]
        message = f"{hall}: {message}"
    collection = members[0].partition("[")[0]
    identifier = members[1] if collection in HALL_LISTS and len(members) > 1 else None
    return Reference(collection, identifier, message)

"""What differs between two configurations: which parts are new, changed or gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from hall.config import parts
from hall.config.parts import HALL_LISTS, HALL_WHOLES, SITE_LISTS, Content, Part
from hall.config.settings import Configuration
from hall.names import HallId

Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs. `before` and `after` are its content, None where it was or is not there.

    Content holds secrets as they stand in the configuration.
    """

    part: Part
    kind: Kind
    before: object | None
    after: object | None


def changes(before: Configuration | None, after: Configuration) -> list[Change]:
    """Every part that differs, site first, then hall by hall. Before the first configuration: all is new."""
    old = parts.content_of(before) if before is not None else {"site": {}, "halls": []}
    new = parts.content_of(after)
    return [change for change in _all(old, new) if change.before != change.after]


def _all(old: Content, new: Content) -> Iterator[Change]:
    old_site, new_site = cast(Content, old["site"]), cast(Content, new["site"])
    for name in dict.fromkeys((*old_site, *new_site)):
        if name in SITE_LISTS:
            yield from _listed(None, name, old_site.get(name), new_site.get(name))
        else:
            yield _change(Part(None, name), old_site.get(name), new_site.get(name))
    old_halls, new_halls = _by_id(old["halls"]), _by_id(new["halls"])
    for name in dict.fromkeys((*old_halls, *new_halls)):
        hall, was, now = HallId(name), old_halls.get(name), new_halls.get(name)
        if was is None or now is None:
            yield _change(Part(hall, "about"), was and parts.about(was), now and parts.about(now))
        else:
            for whole in HALL_WHOLES:
                part = Part(hall, whole)
                yield _change(part, parts.read(old, part), parts.read(new, part))
        for collection in HALL_LISTS:
            yield from _listed(hall, collection, (was or {}).get(collection), (now or {}).get(collection))


def _listed(hall: HallId | None, collection: str, old: object, new: object) -> Iterator[Change]:
    was, now = _by_id(old or []), _by_id(new or [])
    for identifier in dict.fromkeys((*was, *now)):
        yield _change(Part(hall, collection, identifier), was.get(identifier), now.get(identifier))


def _by_id(objects: object) -> dict[str, Content]:
    return {str(each["id"]): each for each in cast(Sequence[Content], objects)}


def _change(part: Part, before: object | None, after: object | None) -> Change:
    kind: Kind = "added" if before is None else "removed" if after is None else "changed"
    return Change(part, kind, before, after)

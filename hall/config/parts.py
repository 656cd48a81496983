"""The parts of a configuration that can be changed one by one: which there are, and where each lies.

A part is one object of a list that has ids (the window `w1` of a hall), or a whole that has none (the opening
hours of a hall). Parts are read and written as plain content, as hall.yaml would hold it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import cast

from hall.config.settings import Configuration, HallSettings, SiteSettings
from hall.names import HallId

Content = dict[str, object]
Path = tuple[str | int, ...]

HALL_LISTS = ("units", "staff", "windows", "cameras", "items", "queues", "rules")
HALL_WHOLES = ("schedule", "quiet", "escalation", "about")
"""`about` is what the hall itself says: name, level and time zone."""
SITE_LISTS = ("notifiers",)
SITE_WHOLES = ("storage", "keep", "access")
ABOUT = ("name", "level", "timezone")
AT_START = ("data", "secret_key", "database", "bus", "console")
"""What of `site` is read once, when a hall is started: it belongs to the file, whatever else is in force."""


@dataclass(frozen=True, slots=True)
class Part:
    """Where one part lies: in a hall, or in `site` for None. `id` is None for a whole, or a whole list."""

    hall: HallId | None
    collection: str
    id: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether the collection holds objects with ids."""
        return self.collection in (SITE_LISTS if self.hall is None else HALL_LISTS)

    @property
    def is_known(self) -> bool:
        """Whether there is a collection of this name, and an id where it needs one and only there."""
        wholes = SITE_WHOLES if self.hall is None else HALL_WHOLES
        return self.is_list or (self.collection in wholes and self.id is None)

    def __str__(self) -> str:
        owner = ("site",) if self.hall is None else ("halls", self.hall)
        return "/".join((*owner, self.collection, *(() if self.id is None else (self.id,))))

    @classmethod
    def named(cls, text: str) -> Part:
        """The part that `str` of it names."""
        names = text.split("/")
        hall = HallId(names[1]) if names[0] == "halls" else None
        collection, *identifier = names[2 if hall is not None else 1 :]
        return cls(hall, collection, "/".join(identifier) or None)


def content_of(configuration: Configuration) -> Content:
    """A configuration as plain content."""
    return cast(Content, configuration.model_dump(mode="json", by_alias=True))


def owner_of(content: Content, hall: HallId | None) -> Content | None:
    """The content of a hall, or of `site` for None. None when there is no such hall."""
    if hall is None:
        return cast(Content, content["site"])
    halls = cast(Sequence[Content], content["halls"])
    return next((known for known in halls if known["id"] == hall), None)


def read(content: Content, part: Part) -> object | None:
    """What stands at a part: an object, a list, or None where nothing does."""
    owner = owner_of(content, part.hall)
    if owner is None:
        return None
    if part.collection == "about" and part.hall is not None:
        return about(owner)
    found = owner[part.collection]
    if part.id is None:
        return found
    return next((known for known in cast(Sequence[Content], found) if known["id"] == part.id), None)


def about(hall: Content) -> Content:
    """What a hall says of itself."""
    return {name: hall[name] for name in ABOUT}


def written(content: Content, part: Part, value: object) -> tuple[Content, Path]:
    """The content with `value` at a part, and the path at which it stands now.

    An object takes the place of the one with its id, or comes last. The hall must be there.
    """
    made = deepcopy(content)
    owner = owner_of(made, part.hall)
    assert owner is not None
    base = _base(made, part)
    if part.collection == "about" and part.hall is not None:
        owner.update({name: deepcopy(told) for name, told in _members(value).items() if name in ABOUT})
        return made, base
    if part.id is None:
        owner[part.collection] = deepcopy(value)
        return made, (*base, part.collection)
    known = cast(list[object], owner[part.collection])
    ids = [cast(Content, each)["id"] for each in known]
    place = ids.index(part.id) if part.id in ids else len(known)
    known[place : place + 1] = [deepcopy(value)]
    return made, (*base, part.collection, place)


def removed(content: Content, part: Part) -> Content:
    """The content without the object at a part."""
    made = deepcopy(content)
    owner = owner_of(made, part.hall)
    assert owner is not None
    known = cast(Sequence[Content], owner[part.collection])
    owner[part.collection] = [each for each in known if each["id"] != part.id]
    return made


def started_with(configuration: Configuration, site: SiteSettings) -> Configuration:
    """The configuration with those settings of `site` that are read once, at the start."""
    own = {name: getattr(site, name) for name in AT_START}
    return configuration.model_copy(update={"site": configuration.site.model_copy(update=own)})


def hall_of(configuration: Configuration, hall: HallId) -> HallSettings | None:
    """The hall with this id, or None."""
    return next((known for known in configuration.halls if known.id == hall), None)


def _base(content: Content, part: Part) -> Path:
    if part.hall is None:
        return ("site",)
    halls = cast(Sequence[Content], content["halls"])
    return ("halls", next(place for place, hall in enumerate(halls) if hall["id"] == part.hall))


def _members(value: object) -> Mapping[str, object]:
    return cast(Mapping[str, object], value) if isinstance(value, Mapping) else {}

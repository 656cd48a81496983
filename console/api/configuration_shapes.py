"""The configuration as the API shows it: parts, versions, and what a version changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, JsonValue

from hall.config.difference import Kind
from hall.names import HallId
from hall.place import Text
from store.configuration_versions import Version


class HallOfConfiguration(BaseModel):
    """A hall whose configuration is within reach."""

    id: HallId
    name: Text


class ConfigurationState(BaseModel):
    """What is in force: its version, and whether hall.yaml says it.

    `of_file` is false after a change on the console. `other_file_at` is when a hall was started with a file
    that says otherwise since: the file was passed over, and `hallwatch apply --replace` would take it.
    `site` is whether the settings of the site are within reach.
    """

    etag: str
    version: int
    at: datetime
    by: str
    of_file: bool
    other_file_at: datetime | None
    site: bool
    halls: list[HallOfConfiguration]


class ConfigurationPart(BaseModel):
    """A collection, or one part of it, as hall.yaml has it: a list, an object, or null for none.

    Passwords in addresses of cameras are replaced by `•••`; sent back so they stay what they were.
    """

    part: str
    etag: str
    value: JsonValue


class ReferenceView(BaseModel):
    """What stands in the way of removing a part: an object of `collection` by its id, or what has none.

    `collection` is that of the part itself, without an id, when a hall needs one and it is the last.
    """

    collection: str
    id: str | None
    message: str


class ReferenceList(BaseModel):
    """Everything that would not hold without a part. Empty, without shifts and leave: it can be removed.

    `shifts` and `leaves` are those to come, `shifts_from` is the local day of the first shift.
    """

    items: list[ReferenceView]
    shifts: int
    shifts_from: date | None
    leaves: int


class ConfigurationSchemas(BaseModel):
    """JSON Schema of what may stand in each collection of a hall and of the site, by name."""

    hall: dict[str, JsonValue]
    site: dict[str, JsonValue]


class ChangedPart(BaseModel):
    """A part that a version changed, by its name (`halls/h1/windows/w1`)."""

    part: str
    change: Kind


class PartDifference(ChangedPart):
    """What a part says before and after, null where it is not there.

    `secret`: nothing that may be shown differs, but a password does.
    """

    before: JsonValue
    after: JsonValue
    secret: bool


class ConfigurationVersion(BaseModel):
    """One version. `origin`: `file`, `start` (what is read once), `console`, or `restore` of `restored`.

    `changed` are the parts within reach that differ from the version before.
    """

    version: int
    at: datetime
    by: str
    origin: Literal["file", "start", "console", "restore"]
    restored: int | None
    of_file: bool
    changed: list[ChangedPart]

    @classmethod
    def of(cls, version: Version, changed: list[ChangedPart]) -> ConfigurationVersion:
        """The view of a version."""
        return cls(
            version=version.number,
            at=version.at,
            by=version.who,
            origin=version.origin.value,
            restored=int(version.note) if version.note.isdecimal() else None,
            of_file=version.of_file,
            changed=changed,
        )


class ConfigurationVersionList(BaseModel):
    """Versions, the newest first."""

    items: list[ConfigurationVersion]
    next: int | None


class VersionDifference(BaseModel):
    """How a version differs from the one before it, or from what is in force."""

    version: ConfigurationVersion
    against: Literal["previous", "current"]
    etag: str
    items: list[PartDifference]

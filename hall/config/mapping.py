"""How rows of somebody else's queue system become queue events: which field is which member.

A row is what a JSON interface lists, a line of a table, or a record of a file. It may tell several events:
many queue machines keep one row a ticket, with a column for each of its times.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hall.place import Strict

MemberName = Literal[
    "id",
    "hall",
    "at",
    "type",
    "window",
    "ticket",
    "serial",
    "item",
    "step",
    "staff",
    "reason",
    "days",
    "corrects",
]


def _texts(values: object) -> object:
    """YAML reads `0:` as a number and `true:` as a truth: a row's value is compared as text."""
    if not isinstance(values, dict):
        return values
    return {str(key).lower() if isinstance(key, bool) else str(key): value for key, value in values.items()}


class MemberMapping(Strict):
    """Where one member of an event comes from: a field of the row, a template of fields, or always the same.

    `field` is a path: `ticket.number` is `number` in `ticket`. In a template each `{path}` is filled in.
    `values` replaces what is found; null there: the row does not tell this event. What is not in `values`
    stays as it is, and is refused by the intake when it cannot be.
    """

    field: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    template: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    constant: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    values: Annotated[dict[str, str | None], BeforeValidator(_texts)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> MemberMapping:
        ways = [way for way in (self.field, self.template, self.constant) if way is not None]
        if len(ways) != 1:
            raise ValueError("give one of 'field', 'template' and 'constant'")
        return self


def _field_alone(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("put the field's name in quotes: YAML reads no, yes, on and off as a truth")
    return {"field": value} if isinstance(value, str) else value


def _time_format(value: str) -> str:
    if value in ("iso", "unix", "unix_ms"):
        return value
    if "%" not in value or datetime(2000, 1, 2, tzinfo=UTC).strftime(value) == value:
        raise ValueError("use iso, unix, unix_ms or a format such as '%Y-%m-%d %H:%M:%S'")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone '{value}'") from error
    return value


class EventMapping(Strict):
    """One event that a row tells, if none of the fields in `needs` is empty.

    Without `hall` it is the hall of the queue. Without `id`, or where it is empty, the id is made of the
    event's content: then a change of the row is another event, and no correction of the first. A time
    without an offset is meant in `time_zone`, or in the hall's.
    """

    members: dict[MemberName, Annotated[MemberMapping, BeforeValidator(_field_alone)]]
    needs: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    time_format: Annotated[str, Field(max_length=64), AfterValidator(_time_format)] = "iso"
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None

    @model_validator(mode="after")
    def _has_the_least(self) -> EventMapping:
        missing = [name for name in ("at", "type") if name not in self.members]
        if missing:
            raise ValueError(f"'{missing[0]}' is missing: an event has a time and a type")
        return self


EventMappings = Annotated[tuple[EventMapping, ...], Field(min_length=1, max_length=32)]

"""Facts as JSON and back: the one encoding for the journal, the bus and the API.

Dataclasses and models become plain objects; times become RFC 3339 in UTC; bytes become hexadecimal.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from hall.journal import Json

Fact = TypeVar("Fact")

__all__ = ["from_json", "from_wire", "to_wire"]


_adapters: dict[type, TypeAdapter[Any]] = {}
"""One adapter a type, made at its first use: building one costs a thousand times more than using it."""


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    known = _adapters.get(kind)
    if known is None:
        known = _adapters[kind] = TypeAdapter(kind)
    return known


def to_wire(fact: object) -> dict[str, Json]:
    """The fact as a JSON object. Raises pydantic's error for a type that has no JSON form."""
    return cast(dict[str, Json], _adapter(type(fact)).dump_python(fact, mode="json"))


def from_wire(kind: type[Fact], body: dict[str, Json]) -> Fact:
    """The fact of type `kind` out of `to_wire`'s object. Raises pydantic.ValidationError."""
    return cast(Fact, _adapter(kind).validate_json(json.dumps(body)))


def from_json(kind: type[Fact], text: bytes) -> Fact:
    """The fact of type `kind` out of the JSON of `to_wire`'s object. Raises pydantic.ValidationError."""
    return cast(Fact, _adapter(kind).validate_json(text))

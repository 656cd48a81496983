"""Facts as JSON and back: the one encoding for the journal, the bus and the API.

Dataclasses and models become plain objects; times become RFC 3339 in UTC; bytes become hexadecimal.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import cache
from typing import TypeVar, cast

from pydantic import TypeAdapter

from hall.journal import Json

Fact = TypeVar("Fact")

__all__ = ["from_wire", "to_wire"]


@cache
def _adapter(kind: Hashable) -> TypeAdapter[object]:
    return TypeAdapter(kind)


def to_wire(fact: object) -> dict[str, Json]:
    """The fact as a JSON object. Raises pydantic's error for a type that has no JSON form."""
    return cast(dict[str, Json], _adapter(cast(Hashable, type(fact))).dump_python(fact, mode="json"))


def from_wire(kind: type[Fact], body: dict[str, Json]) -> Fact:
    """The fact of type `kind` out of `to_wire`'s object. Raises pydantic.ValidationError."""
    return cast(Fact, _adapter(cast(Hashable, kind)).validate_json(json.dumps(body)))

"""Where the reading of rows stands: at the greatest value seen, and which events at that value were told.

Several rows may share a value (a time in whole seconds), and more of them may come later. So the rows at the
value are asked for again, and those that were told are known by a digest.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from hall.errors import QueueError
from hall.ports import Cursor

MOST_TIED = 2000
"""Events at one value: the place of each is stored with every event."""

Value = int | float | str | Decimal | datetime | date


@dataclass(frozen=True, slots=True)
class Place:
    """Behind the last event that was told. `page`: the page that is read, where pages are followed."""

    value: Value | None = None
    told: tuple[str, ...] = ()
    page: str | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> Place:
        """The place of a cursor; the start for none, and for one of another adapter."""
        try:
            content = json.loads(cursor.value) if cursor is not None else {}
            value = _read(*content["value"]) if content.get("value") is not None else None
            return cls(value, tuple(map(str, content.get("told", ()))), content.get("page"))
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
            return cls()

    @property
    def cursor(self) -> Cursor:
        """What `of` reads."""
        value = _written(self.value) if self.value is not None else None
        return Cursor(json.dumps({"value": value, "told": self.told, "page": self.page}))

    def has_told(self, raw: bytes, value: Value | None) -> bool:
        """Whether an event at a value lies before this place."""
        return (self.value is None or value == self.value) and digest(raw) in self.told

    def behind(self, raw: bytes, value: Value | None) -> Place:
        """The place behind one more event. Raises QueueError when too many share a value."""
        if self.value is not None and value != self.value:
            return replace(self, value=value, told=(digest(raw),))
        if len(self.told) >= MOST_TIED:
            raise QueueError(
                f"more than {MOST_TIED} events share one place ({value}): read on by a finer one"
            )
        return replace(self, value=value, told=(*self.told, digest(raw)))

    def among(self, raws: Collection[bytes]) -> Place:
        """The same place, of what was told remembered only what is there still."""
        known = {digest(raw) for raw in raws}
        return replace(self, told=tuple(told for told in self.told if told in known))


def digest(raw: bytes) -> str:
    """Tells one event from another."""
    return sha256(raw).hexdigest()[:16]


def is_before(first: Value, second: Value) -> bool:
    """Whether one value comes before another. Raises QueueError when they cannot be compared."""
    try:
        return bool(first < second)  # type: ignore[operator] # two kinds that do not compare are answered below
    except TypeError as error:
        kinds = f"{type(first).__name__} and {type(second).__name__}"
        raise QueueError(f"the values to read on by are of two kinds: {kinds}") from error


def _written(value: Value) -> list[str]:
    if isinstance(value, datetime | date):
        return [type(value).__name__, value.isoformat()]
    return [type(value).__name__, str(value)]


def _read(kind: str, text: str) -> Value:
    match kind:
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "Decimal":
            return Decimal(text)
        case "datetime":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case _:
            return text

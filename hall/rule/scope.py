"""What a rule is about: units, windows, items, steps and cameras of its hall that it names, or all."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Literal, TypeAlias

from hall.names import CameraId, UnitId, WindowId
from hall.place import Strict
from hall.queueing import Label, Step

ScopeKey: TypeAlias = Literal["units", "windows", "items", "steps", "cameras"]
Names: TypeAlias = Mapping[ScopeKey, AbstractSet[str]]
"""What a subject is called by under each key; a camera may show several windows, a case may have none."""

SCOPE_KEYS: tuple[ScopeKey, ...] = ("units", "windows", "items", "steps", "cameras")


class Scope(Strict):
    """Subjects by name. A key without names asks for nothing; of one with names a subject must have one.

    Which keys a kind of rule knows its class says (`RuleBase.scoped_by`).
    """

    units: tuple[UnitId, ...] = ()
    windows: tuple[WindowId, ...] = ()
    items: tuple[Label, ...] = ()
    steps: tuple[Step, ...] = ()
    cameras: tuple[CameraId, ...] = ()

    def of(self, key: ScopeKey) -> frozenset[str]:
        """The names under a key."""
        named: dict[ScopeKey, tuple[str, ...]] = {
            "units": self.units,
            "windows": self.windows,
            "items": self.items,
            "steps": self.steps,
            "cameras": self.cameras,
        }
        return frozenset(named[key])

    @property
    def keys(self) -> tuple[ScopeKey, ...]:
        """The keys that have names."""
        return tuple(key for key in SCOPE_KEYS if self.of(key))

    def covers(self, names: Names) -> bool:
        """True when a subject of these names has one under every key that asks."""
        return all(self.of(key) & names.get(key, frozenset()) for key in self.keys)

"""The halls as the store has them: read again only after a new configuration was applied."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from alerts.notifiers.terms import KINDS
from hall.config import Configuration, HallSettings
from hall.errors import NotFound
from hall.names import CameraId, HallId, RuleId, WindowId
from hall.place import Camera
from hall.search.names import Names
from store import configuration as configurations
from store import rule_versions
from store.database import Read
from store.rule_versions import RuleKey, RuleVersion

Showing = Mapping[tuple[HallId, WindowId], tuple[CameraId, ...]]
"""The cameras that show each window; windows that none shows are left out."""


class Halls:
    """The configuration in force; that of the process until one was applied."""

    def __init__(self, started_with: Configuration) -> None:
        self._known: tuple[str | None, Configuration] = (None, started_with)
        self._histories: tuple[str | None, dict[RuleKey, list[RuleVersion]]] = (None, {})
        self._names: tuple[str | None, dict[tuple[HallId, ...], Names]] = (None, {})
        self._showing: tuple[Configuration | None, Showing] = (None, {})
        self._lock = threading.Lock()

    def current(self, tx: Read) -> Configuration:
        """The configuration in force in this transaction."""
        digest = configurations.digest(tx)
        with self._lock:
            known, configuration = self._known
        if digest is None or digest == known:
            return configuration
        applied = configurations.current(tx)
        if applied is None:
            return configuration
        with self._lock:
            self._known = (digest, applied)
        return applied

    def hall(self, tx: Read, hall: str | None) -> HallSettings:
        """The hall of this id, or the first one for None. Raises NotFound."""
        configuration = self.current(tx)
        if hall is None:
            return configuration.halls[0]
        found = next((known for known in configuration.halls if known.id == HallId(hall)), None)
        if found is None:
            raise NotFound(f"hall: there is no hall '{hall}'")
        return found

    def camera(self, tx: Read, camera: str) -> tuple[HallSettings, Camera]:
        """The camera of this id and its hall. Raises NotFound."""
        found = self.current(tx).camera(CameraId(camera))
        if found is None:
            raise NotFound(f"camera: there is no camera '{camera}'")
        return found

    def showing(self, tx: Read) -> Showing:
        """Which cameras show which windows, of all halls; put together once until another is applied."""
        configuration = self.current(tx)
        with self._lock:
            known, showing = self._showing
        if known is not configuration:
            showing = {
                (hall.id, window): cameras
                for hall in configuration.halls
                for window, cameras in hall.cameras_by_window().items()
            }
            with self._lock:
                self._showing = (configuration, showing)
        return showing

    def names(self, tx: Read, halls: Sequence[HallSettings]) -> Names:
        """The names of some of the halls, for searching; put together once until another is applied."""
        digest, key = configurations.digest(tx), tuple(hall.id for hall in halls)
        with self._lock:
            known, names = self._names
        if known != digest:
            names = {}
        if key not in names:
            names = {**names, key: Names(halls, KINDS)}
            with self._lock:
                self._names = (digest, names)
        return names[key]

    def rule_history(self, tx: Read, hall: HallId, rule: RuleId) -> list[RuleVersion]:
        """The versions of a rule, the oldest first; empty when no configuration ever had it.

        Every configuration that is kept is read for it, once until another is applied.
        """
        digest, key = configurations.digest(tx), (hall, rule)
        with self._lock:
            known, histories = self._histories
        if known != digest:
            histories = {}
        if key not in histories:
            found = rule_versions.history(tx, hall, rule)
            if not found:
                return []  # anything may be asked for; only rules are kept
            histories = {**histories, key: found}
            with self._lock:
                self._histories = (digest, histories)
        return histories[key]

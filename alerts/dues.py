"""Dues: when a subject, or an alert, is due because time passes. One heap in place of many timers."""

from __future__ import annotations

import heapq
from datetime import datetime
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Any)
"""What is due: can be hashed and put in order."""


class Dues(Generic[Key]):
    """At most one due a key; another one replaces it."""

    def __init__(self) -> None:
        self._due: dict[Key, datetime] = {}
        self._heap: list[tuple[datetime, Key]] = []

    def put(self, key: Key, due: datetime | None) -> None:
        """Judge `key` again at `due`, or, for None, only when a fact changes."""
        if due is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due:
            self._due[key] = due
            heapq.heappush(self._heap, (due, key))

    def take(self, at: datetime) -> set[Key]:
        """The keys whose due has come, which then have none."""
        taken: set[Key] = set()
        while (due := self.next()) is not None and due <= at:
            key = heapq.heappop(self._heap)[1]
            del self._due[key]
            taken.add(key)
        return taken

    def next(self) -> datetime | None:
        """The earliest due."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # replaced meanwhile
        return self._heap[0][0] if self._heap else None

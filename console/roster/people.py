"""Whom and which window a table means: by identifier, number or name, as long as only one is called so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from console.roster.columns import folded
from hall.config import HallSettings
from hall.names import StaffId, WindowId


class Named:
    """The staff and the windows of a hall by everything that they are called."""

    def __init__(self, hall: HallSettings) -> None:
        people, windows = defaultdict[str, list[StaffId]](list), defaultdict[str, list[WindowId]](list)
        for person in hall.staff:
            for word in _words(person.name.zh, person.name.en):
                people[word].append(person.id)
        for window in hall.windows:
            for word in _words(window.number, _plain(window.number), window.name.zh, window.name.en):
                windows[word].append(window.id)
        self._staff_ids = {person.id for person in hall.staff}
        self._window_ids = {window.id for window in hall.windows}
        self._people, self._windows = people, windows

    def people(self, text: str) -> list[StaffId]:
        """Who may be meant; an identifier means one alone, whatever others are called."""
        return [StaffId(text)] if text in self._staff_ids else self._people.get(folded(text), [])

    def windows(self, text: str) -> list[WindowId]:
        """Which windows may be meant. 5号窗口 and 05 are window 5."""
        if text in self._window_ids:
            return [WindowId(text)]
        word = folded(text)
        return self._windows.get(word) or self._windows.get(
            _plain(word.removesuffix("窗口").removesuffix("号")), []
        )


def _words(*called: str) -> Iterable[str]:
    return {word for word in map(folded, called) if word}


def _plain(number: str) -> str:
    """A window's number without the noughts before it."""
    return folded(number).lstrip("0")

"""What the picture knows of rosters and announcements: of the days around now, and kept up to date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from hall.announcement import Announcement
from hall.config import HallSettings
from hall.journal import FactKind, JournalEntry
from hall.names import HallId, WindowId
from hall.roster import Duties
from store import announcing, roster
from store.database import Read

FOLLOWED = frozenset({FactKind.ROSTER, FactKind.ANNOUNCEMENT})
AROUND = timedelta(days=2)
"""How far back and ahead a roster is read: states of a window count on their own day only."""
READ_EVERY = timedelta(hours=12)
"""A roster is read anew before the days that are known run out."""

WindowKey: TypeAlias = tuple[HallId, str]
"""Hall and `Subject.name` of a window."""


class Excuses:
    """Duties by window, announcements by hall. No thread safety."""

    def __init__(self) -> None:
        self._halls: Mapping[HallId, HallSettings] = {}
        self._duties: dict[HallId, dict[WindowId, Duties]] = {}
        self._announcements: dict[HallId, tuple[Announcement, ...]] = {}
        self._read_at: datetime | None = None

    def read(self, tx: Read, halls: Mapping[HallId, HallSettings], at: datetime) -> None:
        """Read everything anew."""
        self._halls, self._read_at = halls, at
        self._duties = {hall: duties_around(tx, settings, at) for hall, settings in halls.items()}
        self._announcements = {hall: announced_around(tx, hall, at) for hall in halls}

    def take(self, tx: Read, entry: JournalEntry, at: datetime) -> set[WindowKey]:
        """Take in an entry of a kind that is FOLLOWED, and say which windows it concerns."""
        settings = self._halls.get(entry.hall) if entry.hall is not None else None
        if settings is None:
            return set()
        if entry.kind is FactKind.ROSTER:
            return self._read_roster(tx, settings, at)
        self._announcements[settings.id] = announced_around(tx, settings.id, at)
        return {(settings.id, f"window:{window.id}") for window in settings.windows}

    def look(self, tx: Read, at: datetime) -> set[WindowKey]:
        """Read rosters and announcements anew now and then, and say for which windows something is new."""
        if self._read_at is not None and self._read_at <= at < self._read_at + READ_EVERY:
            return set()
        self._read_at = at
        affected: set[WindowKey] = set()
        for hall, settings in self._halls.items():
            affected |= self._read_roster(tx, settings, at)
            self._announcements[hall] = announced_around(tx, hall, at)
        return affected

    def duties(self, hall: HallId, window: WindowId) -> Duties:
        """What the roster says of a window, of the days around now."""
        return self._duties.get(hall, {}).get(window, Duties())

    def announcements(self, hall: HallId) -> tuple[Announcement, ...]:
        """The announcements of a hall that were, are or will be in force."""
        return self._announcements.get(hall, ())

    def _read_roster(self, tx: Read, settings: HallSettings, at: datetime) -> set[WindowKey]:
        before = self._duties.get(settings.id, {})
        now = self._duties[settings.id] = duties_around(tx, settings, at)
        changed = {window for window in {*before, *now} if before.get(window) != now.get(window)}
        return {(settings.id, f"window:{window}") for window in changed}


def duties_around(
    tx: Read, hall: HallSettings, start: datetime, end: datetime | None = None
) -> dict[WindowId, Duties]:
    """What a roster says of each window of which it says anything, from before `start` until after `end`."""
    known = roster.between(tx, hall.id, hall.zone_info, start - AROUND, (end or start) + AROUND)
    return {window: known.duties(window) for window in known.windows()}


def announced_around(
    tx: Read, hall: HallId, start: datetime, end: datetime | None = None
) -> tuple[Announcement, ...]:
    """The announcements that were in force not long before `start`, or later, but begin before `end`."""
    known = announcing.announcements_since(tx, hall, start - AROUND)
    return tuple(each for each in known if end is None or each.interval.start < end)

"""The journal: every fact in the one order that rules and screens follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from hall.names import HallId

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"


class FactKind(StrEnum):
    """What a journal entry tells."""

    CONFIGURATION = "configuration"
    RUN = "run"
    SEGMENT = "segment"
    GAP = "gap"
    QUEUE_EVENT = "queue_event"
    EVENT_REFUSED = "event_refused"
    TICKET = "ticket"
    TRANSACTION = "transaction"
    PERIOD = "period"
    WINDOW_STATUS = "window_status"
    OBSERVATION = "observation"
    ALERT = "alert"
    FLIP = "flip"
    ROLE = "role"
    SEGMENT_CHANGED = "segment_changed"
    SEGMENT_DELETED = "segment_deleted"
    LOCK = "lock"
    EXPORT = "export"
    DISK = "disk"
    SILENCE = "silence"
    CALENDAR = "calendar"
    CASE = "case"
    ROSTER = "roster"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One fact. `seq` orders all facts of a store; `at` is when it happened; `body` is the fact as JSON."""

    seq: int
    kind: FactKind
    hall: HallId | None
    at: datetime
    body: dict[str, Json]

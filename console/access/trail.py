"""The trail: who viewed, sought or changed what. Written before the answer goes out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from console.access.visitor import Visitor
from store import audit
from store.database import Database

SAME_VIEWING = timedelta(minutes=5)
MOST_REMEMBERED = 10_000


class Trail:
    """Writes audit entries.

    A player asks for the same playlist and files again and again while it plays: that is one viewing,
    and one entry in five minutes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._viewed: OrderedDict[tuple[str, str, str, str], datetime] = OrderedDict()
        self._lock = threading.Lock()

    def record(
        self, visitor: Visitor, at: datetime, action: str, subject: str, detail: str = "", reason: str = ""
    ) -> None:
        """Write one entry. Raises StoreBusy: what cannot be recorded is not shown."""
        with self._database.write() as tx:
            audit.record(
                tx,
                at=at,
                who=visitor.user.name,
                action=action,
                subject=subject,
                detail=detail,
                address=visitor.address,
                reason=reason or visitor.reason,
            )

    def viewed(
        self, visitor: Visitor, at: datetime, action: str, subject: str, detail: str = "", reason: str = ""
    ) -> None:
        """Write one entry, unless the same viewing was entered within the last five minutes."""
        key = (visitor.user.id, action, f"{subject} {detail}", reason or visitor.reason)
        with self._lock:
            before = self._viewed.get(key)
        if before is not None and at - before < SAME_VIEWING:
            return
        self.record(visitor, at, action, subject, detail, reason)
        with self._lock:
            self._viewed[key] = at
            self._viewed.move_to_end(key)
            while len(self._viewed) > MOST_REMEMBERED:
                self._viewed.popitem(last=False)

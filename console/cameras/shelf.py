"""Stills that are looked at while a camera is set up: a few, for some minutes, each for one user."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

from console.cameras.picture import Still
from hall.errors import NotFound
from hall.names import UserId

MOST_STILLS = 64
KEPT = timedelta(minutes=30)


class Shelf:
    """Keeps stills in memory. Calls may come from any thread."""

    def __init__(self) -> None:
        self._stills: OrderedDict[str, tuple[datetime, Still]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, still: Still, now: datetime) -> str:
        """Keep a still; the name under which it is found."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._stills[name] = (now, still)
            while len(self._stills) > MOST_STILLS:
                self._stills.popitem(last=False)
        return name

    def get(self, name: str, user: UserId, now: datetime) -> Still:
        """The still of this name, for whom it was made. Raises NotFound."""
        with self._lock:
            kept, still = self._stills.get(name, (now, None))
            if still is None or still.owner != user or now - kept > KEPT:
                raise NotFound("this picture is no longer kept: take another")
            return still

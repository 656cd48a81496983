"""How often costly things may be asked for: a token bucket for each session, key or address.

A bucket holds the calls of one minute and fills again at that pace. It is kept in memory, so each console
process counts for itself; what was not heard of for long is forgotten, which is as good as a full bucket.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum

from console.metrics import RATE_LIMITED
from console.problems import TooOften

MOST_BUCKETS = 10_000


class Cost(StrEnum):
    """What costs much, by its name in `site.access.rates`."""

    LOG_INS = "log_ins"
    SEARCHES = "searches"
    PLAYLISTS = "playlists"
    STILLS = "stills"
    EXPORTS = "exports"


@dataclass(slots=True)
class Bucket:
    """Calls that are left, at a moment of the monotonic clock in seconds."""

    left: float
    at: float

    def take(self, per_minute: float, now: float) -> float:
        """Take one call: 0, or the seconds until there is one again."""
        filled = self.left + max(0.0, now - self.at) * per_minute / 60
        self.left, self.at = min(per_minute, filled), now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) * 60 / per_minute


@dataclass
class Rates:
    """The buckets of a console process."""

    _buckets: OrderedDict[tuple[Cost, str], Bucket] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, cost: Cost, who: str, per_minute: float | None, now: float) -> None:
        """Count one call at monotonic `now`. Raises TooOften."""
        if per_minute is None:
            return
        with self._lock:
            bucket = self._buckets.setdefault((cost, who), Bucket(per_minute, now))
            self._buckets.move_to_end((cost, who))
            while len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            wait = bucket.take(per_minute, now)
        if wait > 0:
            RATE_LIMITED.labels(cost.value).inc()
            raise TooOften(math.ceil(wait))

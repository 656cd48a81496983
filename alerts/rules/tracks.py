"""One zone over time, ready for questions about any moment: what it showed, and where nobody could see."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.facts import Sight
from hall.fused_presence import View
from hall.observing import UNKNOWN, Observation, Presence


class Track:
    """A zone up to the moment `at`. Its observations may come in any order."""

    def __init__(self, sight: Sight, at: datetime, stale_seconds: float) -> None:
        """A zone of which no sample came for `stale_seconds` is blind since its last one."""
        self._observations = sorted(sight.observations, key=lambda seen: seen.interval.start)
        self._starts = [seen.interval.start for seen in self._observations]
        self._unseen = sight.unseen
        self._sample_every = sight.sample_every
        watched = max([*self._starts, *([sight.watched] if sight.watched else [])], default=None)
        # A camera that is sampled rarely is not blind between two samples.
        stale_at = (
            watched + timedelta(seconds=max(stale_seconds, 2 * sight.sample_every)) if watched else None
        )
        self._blind_from = watched if stale_at and at >= stale_at else None
        self._last_sights = list(_last_sights(self._observations))
        told = sight.is_followed and watched == sight.watched
        self.lost_at = stale_at if self.seen(at) is not None and not told else None
        """When the zone, which is seen at `at`, counts as blind if nothing more is seen of it.

        None, too, where whoever asks is told of it."""

    def edges(self) -> Iterator[datetime]:
        """Every moment at which what the zone shows may have changed, in no order."""
        for interval in (*(seen.interval for seen in self._observations), *self._unseen):
            yield interval.start
            if interval.end is not None:
                yield interval.end
        if self._blind_from is not None:
            yield self._blind_from

    def seen(self, at: datetime) -> Observation | None:
        """What was observed of the zone at `at`; None where nothing tells or analysis could not."""
        place = bisect_right(self._starts, at) - 1
        if place < 0 or not self._observations[place].interval.contains(at):
            return None
        if self._blind_from is not None and at >= self._blind_from:
            return None
        seen = self._observations[place]
        return None if seen.state == UNKNOWN or any(gap.contains(at) for gap in self._unseen) else seen

    def view(self, at: datetime) -> View:
        """What the zone, of a window, showed of a person at `at`, and when it had shown one last."""
        seen = self.seen(at)
        state = Presence(seen.state) if seen is not None else Presence.UNKNOWN
        return View(state, self._last_on_post(at), self._sample_every)

    def _last_on_post(self, at: datetime) -> datetime | None:
        last = self._last_sights[bisect_right(self._starts, at)]
        if last is None:
            return None
        ends = [at, *(moment for moment in (last.interval.end, self._blind_from) if moment is not None)]
        end = max(min(ends), last.interval.start)
        holes = [gap.start for gap in self._unseen if gap.start < end and (gap.end is None or end <= gap.end)]
        return max(min([end, *holes]), last.interval.start)


def _last_sights(observations: list[Observation]) -> Iterator[Observation | None]:
    """For each number of observations, from none to all: the last of them that showed somebody."""
    last: Observation | None = None
    yield last
    for seen in observations:
        last = seen if seen.state == Presence.ON_POST else last
        yield last

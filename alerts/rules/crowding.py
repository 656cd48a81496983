"""Crowding (拥挤): at least so many people in the waiting zones for longer than allowed.

A crowd begins with a count that is sure and at the limit, and lasts until fewer are surely counted than
`calm_below`: counts move, and one crowd is to be one finding. A count that is not sure, or not known, begins
nothing; zones that are known are enough where they alone reach the limit. Once so much is unknown that there
might or might not be a crowd, nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from alerts import crowding_reasons
from alerts.facts import WaitingArea
from alerts.rules.attendance import earliest
from alerts.rules.past import Finished
from alerts.rules.tracks import Track
from hall.finding import Standing, Verdict
from hall.observing import Observation
from hall.rule import CrowdingRule

SURE = 0.35
"""How likely a count must be right, as analysis tells it. Of counts above eight half are right at best, since
people hide others (and then more are there, not fewer): there this asks that seven of ten looks agree."""
SETTLED = timedelta(seconds=10)
"""A count that stood so long is sure, whatever the looks before it said: those since left it as it was."""


@dataclass(frozen=True, slots=True)
class Counted:
    """People in the waiting zones at one moment: surely so many at least.

    `doubtful` when a zone's count is not sure, `unseen` when one is not known. More may be there then.
    """

    people: int
    doubtful: bool = False
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class _Crowd:
    """A crowd from `start`, counted from `since`; `most` people were seen in it.

    `found_at`: when it had first lasted as long as the limit. `end` once it is over, `lost` when it could not
    be seen any more.
    """

    start: datetime
    since: datetime
    most: int
    found_at: datetime | None = None
    end: datetime | None = None
    lost: bool = False


def judge(area: WaitingArea, at: datetime, rule: CrowdingRule) -> Verdict:
    """Judge the waiting zones of a hall at one moment.

    FOUND when a crowd has lasted for `limit_seconds`; UNKNOWN when the people who are surely there are no
    crowd and a zone cannot be counted; CLEAR otherwise.
    """
    counts = _Counts(area, at, rule)
    now, crowd = counts.at(at), next(iter(reversed(counts.crowds())), None)
    due = counts.due()
    if crowd is not None and crowd.end is None:
        if crowd.found_at is not None:
            found = crowding_reasons.found(area, crowd.since, at, crowd.most, rule)
            return Verdict(Standing.FOUND, found, since=crowd.since, due=due, people=crowd.most)
        reached = crowd.since + timedelta(seconds=rule.limit_seconds)
        due = earliest(due, reached) if at < reached else due
        return Verdict(Standing.CLEAR, crowding_reasons.begins(area, crowd.since, now.people, rule), due=due)
    if now.unseen:
        return Verdict(Standing.UNKNOWN, crowding_reasons.not_counted(area), due=due)
    return Verdict(Standing.CLEAR, crowding_reasons.no_crowd(area, now.people, rule), due=due)


def ending(area: WaitingArea, since: datetime, at: datetime, rule: CrowdingRule) -> Verdict | None:
    """How the crowd that was found to begin at `since` ended, or None while it lasts.

    UNKNOWN when it can not be counted any more. When the facts no longer show it for the length of the limit
    (they came late), the reason says so.
    """
    for crowd in _Counts(area, at, rule).crowds():
        if crowd.start <= since and (crowd.end is None or since < crowd.end):
            return None if crowd.end is None else _ended(area, replace(crowd, since=since), crowd.end, rule)
    return _ended(area, _Crowd(since, since, 0), since, rule)


def finished(area: WaitingArea, after: datetime, at: datetime, rule: CrowdingRule) -> Iterator[Finished]:
    """The crowds that had lasted as long as the limit and ended after `after`, in order."""
    for crowd in _Counts(area, at, rule).crowds():
        if crowd.end is not None and crowd.end > after and crowd.found_at is not None:
            found = crowding_reasons.found(area, crowd.since, crowd.found_at, crowd.most, rule)
            verdict = Verdict(Standing.FOUND, found, since=crowd.since, people=crowd.most)
            yield Finished(verdict, _ended(area, crowd, crowd.end, rule))


def _ended(area: WaitingArea, crowd: _Crowd, end: datetime, rule: CrowdingRule) -> Verdict:
    reason = crowding_reasons.ended(area, crowd.since, end, rule, most=crowd.most, lost=crowd.lost)
    return Verdict(Standing.UNKNOWN if crowd.lost else Standing.CLEAR, reason, ended_at=end)


class _Counts:
    """The counts of all zones under a rule, up to one moment."""

    def __init__(self, area: WaitingArea, at: datetime, rule: CrowdingRule) -> None:
        self._area, self._at, self._rule = area, at, rule
        self._tracks = [
            Track(sight, at, rule.stale_seconds)
            for sight in area.sights
            if not rule.cameras or sight.camera in rule.cameras
        ]
        self._edges = sorted({edge for track in self._tracks for edge in track.edges() if edge <= at})

    def at(self, at: datetime) -> Counted:
        """What was counted at `at`, as far as is known at the present moment."""
        people, doubtful, unseen = 0, False, not self._tracks
        for track in self._tracks:
            seen = track.seen(at)
            if seen is None or seen.measure is None:
                unseen = True
            elif is_sure(seen, self._at):
                people += round(seen.measure)
            else:
                doubtful = True
        return Counted(people, doubtful, unseen)

    def due(self) -> datetime | None:
        """When what is counted now could change by the passing of time alone."""
        settles = [
            seen.interval.start + SETTLED
            for track in self._tracks
            if (seen := track.seen(self._at)) is not None and not is_sure(seen, self._at)
        ]
        following = [edge for track in self._tracks for edge in track.edges() if edge > self._at]
        return earliest(*settles, *following, *(track.lost_at for track in self._tracks))

    def crowds(self) -> list[_Crowd]:
        """The crowds in order; the last one may go on."""
        found: list[_Crowd] = []
        current: _Crowd | None = None
        for edge, following in pairwise([*self._edges, None]):
            if edge is None:
                break
            current = self._through(current, edge, following)
            if current is not None and current.end is not None:
                found.append(current)
                current = None
        return [*found, current] if current is not None else found

    def _through(self, crowd: _Crowd | None, edge: datetime, following: datetime | None) -> _Crowd | None:
        """The crowd after the time from one edge to the next (None: to the present)."""
        counted = self.at(edge)
        if crowd is None:
            if counted.people < self._rule.limit_people:
                return None
            crowd = _Crowd(edge, max(edge, self._area.counted_from or edge), counted.people)
        if counted.people < self._rule.calm_below:
            return crowd if counted.doubtful else replace(crowd, end=edge, lost=counted.unseen)
        reached = max(edge, crowd.since + timedelta(seconds=self._rule.limit_seconds))
        in_time = reached < following if following is not None else reached <= self._at
        found_at = reached if crowd.found_at is None and in_time else crowd.found_at
        return replace(crowd, most=max(crowd.most, counted.people), found_at=found_at)


def is_sure(seen: Observation, at: datetime) -> bool:
    """Whether a count can be relied on, as far as is known at the moment `at`."""
    if seen.confidence is not None and seen.confidence >= SURE:
        return True
    end = seen.interval.end
    if end is not None and end <= at:
        return end - seen.interval.start > SETTLED  # at its very end nobody can have relied on it
    return at - seen.interval.start >= SETTLED

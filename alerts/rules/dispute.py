"""Dispute (争执): voices near a window that have been raised for longer than a word in anger lasts.

Only how loud people speak is known, not what they say, and not whether they quarrel. They may be calm for a
short while; what nobody heard breaks the stretch. One microphone that hears raised voices is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from alerts import dispute_reasons as reasons
from alerts.facts import Voices
from alerts.rules.attendance import earliest
from alerts.rules.past import Finished
from alerts.rules.tracks import Track
from hall.finding import Standing, Verdict
from hall.rule import DisputeRule

RAISED = "raised"


class _Heard(StrEnum):
    """What the microphones hear together."""

    RAISED = "raised"
    CALM = "calm"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Raised voices from `start`; `calm_since` while a calm is bridged, `end` once it is over."""

    start: datetime
    calm_since: datetime | None = None
    found_at: datetime | None = None
    end: datetime | None = None
    is_lost: bool = False


def judge(voices: Voices, at: datetime, rule: DisputeRule) -> Verdict:
    """Judge one place at one moment.

    FOUND when voices have been raised for `limit_seconds`; UNKNOWN when nobody hears; CLEAR otherwise.
    """
    scene = _Scene(voices, at, rule)
    stretch = next(iter(reversed(scene.stretches())), None)
    due = scene.due()
    if stretch is None or stretch.end is not None:
        if scene.heard(at) is _Heard.UNHEARD:
            return Verdict(Standing.UNKNOWN, reasons.unheard(voices), due=due)
        return Verdict(Standing.CLEAR, reasons.calm(voices), due=due)
    if stretch.calm_since is not None:
        due = earliest(due, stretch.calm_since + timedelta(seconds=rule.gap_seconds))
    if stretch.found_at is None:
        reached = stretch.start + timedelta(seconds=rule.limit_seconds)
        due = earliest(due, reached) if at < reached else due
        return Verdict(Standing.CLEAR, reasons.begins(voices, stretch.start, rule), due=due)
    found = reasons.found(voices, stretch.start, at, rule)
    return Verdict(Standing.FOUND, found, since=stretch.start, due=due, reached_at=stretch.found_at)


def ending(voices: Voices, since: datetime, at: datetime, rule: DisputeRule) -> Verdict | None:
    """How what was found to begin at `since` ended, or None while it lasts."""
    for stretch in _Scene(voices, at, rule).stretches():
        if stretch.start <= since and (stretch.end is None or since < stretch.end):
            return None if stretch.end is None else _ended(voices, since, stretch, rule)
    return _ended(voices, since, _Stretch(since, end=since), rule)


def finished(voices: Voices, after: datetime, at: datetime, rule: DisputeRule) -> Iterator[Finished]:
    """What had reached the limit and ended after `after`, in order."""
    for stretch in _Scene(voices, at, rule).stretches():
        if stretch.end is not None and stretch.end > after and stretch.found_at is not None:
            found = reasons.found(voices, stretch.start, stretch.found_at, rule)
            yield Finished(
                Verdict(Standing.FOUND, found, since=stretch.start, reached_at=stretch.found_at),
                _ended(voices, stretch.start, stretch, rule),
            )


def _ended(voices: Voices, since: datetime, stretch: _Stretch, rule: DisputeRule) -> Verdict:
    end = stretch.end or since
    reason = reasons.ended(voices, since, end, rule, is_lost=stretch.is_lost)
    return Verdict(Standing.UNKNOWN if stretch.is_lost else Standing.CLEAR, reason, ended_at=end)


class _Scene:
    """What is heard at a place, up to one moment."""

    def __init__(self, voices: Voices, at: datetime, rule: DisputeRule) -> None:
        self._at = at
        self._limit = timedelta(seconds=rule.limit_seconds)
        self._gap = timedelta(seconds=rule.gap_seconds)
        self._tracks = [Track(sight, at, rule.stale_seconds) for sight in voices.sights]
        edges = {edge for track in self._tracks for edge in track.edges()}
        self._edges = sorted(edge for edge in edges if edge <= at)
        self._ahead = [edge for edge in edges if edge > at]

    def heard(self, at: datetime) -> _Heard:
        """What is heard at a moment."""
        known = [heard.state for track in self._tracks if (heard := track.seen(at)) is not None]
        if not known:
            return _Heard.UNHEARD
        return _Heard.RAISED if RAISED in known else _Heard.CALM

    def due(self) -> datetime | None:
        """When what is heard now could change by the passing of time alone."""
        return earliest(*self._ahead, *(track.lost_at for track in self._tracks))

    def stretches(self) -> list[_Stretch]:
        """Raised voices in order; the last stretch may go on."""
        found: list[_Stretch] = []
        current: _Stretch | None = None
        for edge, following in pairwise([*self._edges, None]):
            if edge is None:
                break
            current = self._through(current, edge, following)
            if current is not None and current.end is not None:
                found.append(current)
                current = None
        return [*found, current] if current is not None else found

    def _through(
        self, stretch: _Stretch | None, edge: datetime, following: datetime | None
    ) -> _Stretch | None:
        """The stretch after the time from one edge to the next (None: to the present)."""
        heard = self.heard(edge)
        if heard is _Heard.RAISED:
            stretch = stretch or _Stretch(edge)
            reached = max(edge, stretch.start + self._limit)
            in_time = reached < following if following is not None else reached <= self._at
            found_at = reached if stretch.found_at is None and in_time else stretch.found_at
            return replace(stretch, calm_since=None, found_at=found_at)
        if stretch is None:
            return None
        if heard is _Heard.UNHEARD:
            if stretch.calm_since is not None:
                return replace(stretch, end=stretch.calm_since)
            return replace(stretch, end=edge, is_lost=True)
        calm_since = stretch.calm_since or edge
        if (following or self._at) >= calm_since + self._gap:
            return replace(stretch, end=calm_since)
        return replace(stretch, calm_since=calm_since)

"""How a post stands at each moment: due or not, excused or not, seen or not, staffed or empty.

Two things are laid over each other: whether anybody is expected at the window, and what the cameras tell.
Each changes only at known moments (edges); between two edges the post stands as it stood at the first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from alerts.condition import Condition, Moment
from alerts.facts import Post
from alerts.rules.expectation import Expectation
from alerts.rules.tracks import Track
from hall.fused_presence import fused
from hall.observing import Presence
from hall.queueing import WindowState
from hall.rule import StaffedRule

BY_ROSTER = frozenset({Condition.ON_LEAVE, Condition.OFF_DUTY})


class Attendance:
    """A post up to the moment `at`, under the allowances of a rule.

    The same facts in any order give the same answers.
    """

    def __init__(self, post: Post, at: datetime, rule: StaffedRule, beside: Sequence[Track] = ()) -> None:
        """Edges of the tracks `beside` are edges, too."""
        self._expectation = Expectation(post, at, rule.allowed_pauses)
        self._tracks = [Track(sight, at, rule.stale_seconds) for sight in post.sights]
        self.at = at
        seen = (edge for track in (*self._tracks, *beside) for edge in track.edges())
        edges = sorted({*self._expectation.edges, *seen})
        known = bisect_right(edges, at)
        self.edges = edges[:known]
        """Every moment up to `at` at which something changed, in order."""
        self.next_edge = edges[known] if known < len(edges) else None
        """The first known moment after `at` at which something will change: an allowance that runs out."""

    def moment(self, at: datetime) -> Moment:
        """How the post stands at `at`, which is not after the moment this was built for."""
        unexpected = self._expectation.moment(at)
        if unexpected is not None and not self._may_be_staffed(unexpected, at):
            return unexpected
        presence = fused([track.view(at) for track in self._tracks])
        if presence is Presence.ON_POST:
            return Moment(Condition.ON_POST)
        if unexpected is not None:
            return unexpected
        if presence is Presence.UNKNOWN:
            return Moment(Condition.UNSEEN)
        return Moment(Condition.EMPTY, surely=presence is Presence.ABSENT)

    def due(self, moment: Moment) -> datetime | None:
        """When `moment`, the present one, could change by the passing of time alone."""
        dues: list[datetime | None] = [self.next_edge]
        if moment.condition is Condition.HALL_CLOSED:
            dues.append(self._expectation.opens_at())
        elif moment.condition is Condition.ON_POST:
            dues.append(self.sight_lost_at())
        elif moment.condition is Condition.EMPTY:
            dues += [self._expectation.closes_at(), self.sight_lost_at()]
        return earliest(*dues)

    def sight_lost_at(self) -> datetime | None:
        """When the first zone that is seen now counts as blind, if nothing more is seen of it."""
        return earliest(*(track.lost_at for track in self._tracks))

    def _may_be_staffed(self, unexpected: Moment, at: datetime) -> bool:
        """Whether somebody may be on post whom the roster does not know: who covers without being entered."""
        if unexpected.condition not in BY_ROSTER:
            return False
        status = self._expectation.status(at)
        return status is not None and status.state in (WindowState.OPEN, WindowState.SERVING)


def earliest(*moments: datetime | None) -> datetime | None:
    """The first of the moments that are known, or None."""
    return min((moment for moment in moments if moment is not None), default=None)

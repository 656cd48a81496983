"""From what single pictures show to a condition that can be relied on. Pure; time belongs to the pictures.

A fault is stated once it has lasted, since the first picture that showed it; the end likewise. One picture
in between that shows something else decides nothing; two do.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

from analysis.picture.condition.faults import Condition, Shown

LASTS = {
    Condition.CLEAR: 4.0,
    Condition.COVERED: 5.0,
    Condition.BLACK: 5.0,
    Condition.WASHED_OUT: 5.0,
    Condition.FROZEN: 6.0,
    Condition.BLURRED: 5.0,
    Condition.MOVED: 6.0,
}
"""Seconds from the first picture that showed it: above a switch to infrared, lamps, somebody passing."""
FEWEST = 3
"""Pictures that must have shown it."""
UNBROKEN = 2
"""So many pictures in a row without the fault, and it has not lasted."""
MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class Turn:
    """A condition and the moment it began."""

    condition: Condition
    since: datetime
    confidence: float


@dataclass(slots=True)
class ConditionSwitch:
    """`state` is what is stated, None while unknown; `since` its begin."""

    state: Condition | None = None
    since: datetime | None = None
    last: datetime | None = None
    """The last picture."""
    _run: deque[tuple[datetime, Shown]] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))
    """Pictures, from the first that showed something other than what is stated."""
    _agreeing: int = 0
    """Pictures in a row, at the end, that showed what is stated."""

    @property
    def suspects(self) -> bool:
        """True when the last picture showed a fault that is not stated (yet); repeats alone count not."""
        if not self._run or self._agreeing:
            return False
        return self._run[-1][1].condition not in (Condition.CLEAR, Condition.FROZEN, self.state)

    def sample(self, at: datetime, shown: Shown) -> Turn | None:
        """Take what one picture shows; what is stated anew. An older one counts at the last one's time."""
        at = at if self.last is None else max(at, self.last)
        self.last = at
        if shown.condition is self.state:
            self._agreeing += 1
            if self._agreeing >= UNBROKEN:
                self._run.clear()
            return None
        self._agreeing = 0
        if self._is_other_side(shown.condition):
            self._run.clear()
        self._run.append((at, shown))
        return self._judge(at)

    def blind(self) -> datetime | None:
        """No picture for too long: unknown since the last one, which is given back if that is new."""
        self._run.clear()
        self._agreeing = 0
        was_known, self.state = self.state is not None, None
        return self.last if was_known else None

    def resume(self, state: Condition | None, since: datetime, last: datetime) -> None:
        """Go on where another process stopped."""
        self.state, self.since, self.last = state, since, max(since, last)

    def _is_other_side(self, condition: Condition) -> bool:
        """True when the run cannot go on: from fault to clear or back."""
        if not self._run:
            return False
        return (self._run[-1][1].condition is Condition.CLEAR) is not (condition is Condition.CLEAR)

    def _judge(self, at: datetime) -> Turn | None:
        counted = Counter(shown.condition for _, shown in self._run)
        condition = max(counted, key=lambda each: (counted[each], each is self._run[-1][1].condition))
        begin = next(when for when, shown in self._run if shown.condition is condition)
        is_first = self.state is None and condition is Condition.CLEAR
        lasts = 0.0 if is_first else LASTS[condition]
        if counted[condition] < (1 if is_first else FEWEST) or (at - begin).total_seconds() < lasts:
            return None
        confidences = [shown.confidence for _, shown in self._run if shown.condition is condition]
        self._run.clear()
        self.state, self.since = condition, begin if self.since is None else max(begin, self.since)
        return Turn(condition, self.since, round(sum(confidences) / len(confidences), 2))

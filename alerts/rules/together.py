"""Cameras that are out at once: when many of a hall fail together, the hall is told of once.

A camera is out from the beginning of its cause, before that has reached its own limit. So many of them as
the rule's threshold make a stretch of the hall, which is found with the first of them that reaches its limit
within it: a fault that has stood for a day and a short stumble of all others are no outage of the hall. A
stretch that was found lasts until none is out, or until fewer than half of the threshold have been for as
long as the limit: those that come back a little later than the others are not told of one by one.

Pure: the same causes in any order give the same stretches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from alerts.facts import Carried
from alerts.rules.attendance import earliest
from hall.interval import Interval
from hall.names import CameraId
from hall.rule import EquipmentRule


@dataclass(frozen=True, slots=True)
class Shown:
    """One fault of a cause and when it showed."""

    interval: Interval
    fault: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one camera is out. `reached`: when that had lasted as long as the limit, or None; it may lie ahead.

    It counts among those of its hall from `counts_from` on. `turns` is when time alone changes it otherwise.
    """

    interval: Interval
    reached: datetime | None
    counts_from: datetime
    faults: tuple[Shown, ...] = ()
    turns: datetime | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """A stretch in which a hall's cameras were out at once.

    `start`: when so many were out. `found`: when the first reached its limit. `end`: None while it goes on.
    `named` are the cameras that it tells of.
    """

    start: datetime
    found: datetime
    named: frozenset[CameraId]
    end: datetime | None = None

    def tells(self, at: datetime) -> bool:
        """True while the hall is told of in place of single cameras."""
        return self.found <= at and (self.end is None or at < self.end)


@dataclass(slots=True)
class Stretches:
    """The stretches of a hall up to one moment, in order; the last one may go on.

    `due`: when time alone could change whether the hall or its single cameras are told of.
    """

    found: list[Together] = field(default_factory=list)
    gathering_since: datetime | None = None
    """Since when enough cameras are out although none of them has reached its limit yet."""
    due: datetime | None = None

    @property
    def standing(self) -> Together | None:
        """The stretch that goes on, or None."""
        return self.found[-1] if self.found and self.found[-1].end is None else None


def stretches(
    causes: Mapping[CameraId, Sequence[Cause]],
    at: datetime,
    rule: EquipmentRule,
    carried: Carried | None = None,
) -> Stretches:
    """What the causes of a hall's cameras, all that the rule is about, make together up to `at`.

    `carried`: a finding of the hall that stood when what was before it is not known any more.
    """
    fold = _Fold(rule.threshold(len(causes)), timedelta(seconds=rule.limit_seconds), carried)
    for moment, changes in groupby(_changes(causes, at, carried), key=lambda change: change[0]):
        fold.let_go(moment)
        for _, _, camera, cause, begins in changes:
            if cause is None:
                continue
            if begins:
                fold.out[camera] = cause
            elif fold.out.get(camera) == cause and cause.interval.end == moment:
                del fold.out[camera]
        if carried is None or moment >= carried.known_from:
            fold.look(moment)
    fold.let_go(at)
    return fold.result(at, causes)


_Change = tuple[datetime, bool, CameraId, Cause | None, bool]


def _changes(
    causes: Mapping[CameraId, Sequence[Cause]], at: datetime, carried: Carried | None
) -> list[_Change]:
    """Moments at which something changes, ends before beginnings."""
    return sorted(_each_change(causes, at, carried), key=lambda change: change[:3])


def _each_change(
    causes: Mapping[CameraId, Sequence[Cause]], at: datetime, carried: Carried | None
) -> Iterator[_Change]:
    if carried is not None and carried.known_from <= at:
        yield carried.known_from, True, CameraId(""), None, False
    for camera, each in causes.items():
        for cause in each:
            end = cause.interval.end
            if cause.counts_from > at or (end is not None and end <= cause.counts_from):
                continue
            yield cause.counts_from, True, camera, cause, True
            if end is not None and end <= at:
                yield end, False, camera, cause, False
            if cause.reached is not None and cause.counts_from < cause.reached <= at:
                yield cause.reached, True, camera, None, False


class _Fold:
    """The state between two changes."""

    def __init__(self, threshold: int, settle: timedelta, carried: Carried | None) -> None:
        self.out: dict[CameraId, Cause] = {}
        self._threshold = threshold
        self._settle = settle
        self._begun: datetime | None = None
        self._fell: datetime | None = None
        self._now: Together | None = None
        if carried is not None:
            self._now = Together(carried.since, carried.known_from, frozenset(carried.cameras))
        self._over: list[Together] = []

    def look(self, moment: datetime) -> None:
        """Take in who is out from `moment` on."""
        if self._now is None:
            self._gather(moment)
            return
        reached = {camera for camera, cause in self.out.items() if _has_reached(cause, moment)}
        self._now = Together(self._now.start, self._now.found, self._now.named | reached)
        if not self.out:
            self._end(moment)
        elif 2 * len(self.out) < self._threshold:
            self._fell = self._fell or moment
        else:
            self._fell = None

    def let_go(self, moment: datetime) -> None:
        """The few that are left are told of by themselves, once they have been few for long enough."""
        if self._now is not None and self._fell is not None and moment >= self._fell + self._settle:
            self._end(self._fell + self._settle)

    def result(self, at: datetime, causes: Mapping[CameraId, Sequence[Cause]]) -> Stretches:
        """What there is at `at`."""
        dues: list[datetime | None] = [cause.turns for cause in self.out.values()]
        dues += [cause.interval.end for cause in self.out.values()]
        if self._now is not None:
            dues += [cause.reached for cause in self.out.values()]  # then it is named
        dues += [each.counts_from for known in causes.values() for each in known]
        if self._now is not None:
            dues.append(self._fell + self._settle if self._fell is not None else None)
        elif self._begun is not None:
            dues += [cause.reached for cause in self.out.values()]
        found = [*self._over, self._now] if self._now is not None else self._over
        ahead = [due for due in dues if due is not None and due > at]
        return Stretches(found, self._begun if self._now is None else None, earliest(*ahead))

    def _gather(self, moment: datetime) -> None:
        if len(self.out) < self._threshold:
            self._begun = None
            return
        begun = self._begun = self._begun or moment
        reached = [cause.reached for cause in self.out.values() if cause.reached is not None]
        if any(begun <= each <= moment for each in reached):
            starts = sorted(cause.interval.start for cause in self.out.values())
            self._now = Together(starts[self._threshold - 1], moment, frozenset(self.out))

    def _end(self, moment: datetime) -> None:
        assert self._now is not None
        self._over.append(Together(self._now.start, self._now.found, self._now.named, moment))
        self._now = self._begun = self._fell = None


def _has_reached(cause: Cause, moment: datetime) -> bool:
    return cause.reached is not None and cause.reached <= moment

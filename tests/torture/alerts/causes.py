"""What the load lets happen, written down by whom it lets it happen: the truth that alerts are held against.

No rule is asked. A cause is known from its exact beginning to its exact end, and whether it was longer than
its limit follows from these two alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hall.finding import AlertKind
from hall.interval import Interval
from hall.names import AlertId, HallId

LIMITS = {
    AlertKind.ABSENCE: timedelta(seconds=1),
    AlertKind.OVERLONG_WAIT: timedelta(seconds=1.5),
    AlertKind.CALLED_NOT_SERVED: timedelta(seconds=1),
    AlertKind.CAMERA_FAULT: timedelta(seconds=1),
}
"""By the kind of cause; the rules of the configured halls say the same."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What can be a cause: a kind, a hall, and the name of a subject, as `window:w03`."""

    kind: AlertKind
    hall: HallId
    name: str


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. `end_told_at` is when its end was in the store: late, when the database was held."""

    matter: Matter
    interval: Interval
    end_told_at: datetime | None = None

    @property
    def key(self) -> tuple[Matter, datetime]:
        """One alert belongs to it, or none."""
        return self.matter, self.interval.start

    def must_be_found(self, at: datetime) -> bool:
        """Whether there must be an alert at a moment that is well after the last fact."""
        return self.interval.duration(at) > LIMITS[self.matter.kind]

    @property
    def may_be_found(self) -> bool:
        """Whether an alert may tell of one that was too short: nobody knew of its end when the limit came."""
        reached = self.interval.start + LIMITS[self.matter.kind]
        return self.end_told_at is not None and self.end_told_at >= reached


@dataclass
class Book:
    """Every cause, and everything that officers did."""

    over: list[Cause] = field(default_factory=list)
    lasting: dict[Matter, datetime] = field(default_factory=dict)
    acts: set[tuple[AlertId, int]] = field(default_factory=set)
    """Alert and revision of each flip that an officer made."""
    dismissed: set[AlertId] = field(default_factory=set)
    facts: int = 0

    def begins(self, matter: Matter, at: datetime) -> None:
        """A cause begins."""
        if matter in self.lasting:
            raise AssertionError(f"{matter} has begun already")
        self.lasting[matter] = at

    def ends(self, matter: Matter, at: datetime, told_at: datetime) -> None:
        """The cause that lasts ends; the store knows since `told_at`."""
        self.over.append(Cause(matter, Interval(self.lasting.pop(matter), at), told_at))

    def causes(self) -> Iterator[Cause]:
        """All of them, those that last at the end."""
        yield from self.over
        for matter, since in self.lasting.items():
            yield Cause(matter, Interval(since))

"""What every rule has, and what kinds of rules share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from hall.calendar import CalendarDay
from hall.finding import Severity
from hall.names import RuleId
from hall.place import Strict, Text
from hall.queueing import PauseReason
from hall.rule.scope import Names, Scope, ScopeKey
from hall.schedule import Schedule

Seconds = Annotated[float, Field(gt=0, le=86400)]
"""A limit: above nothing, at most a day."""


class RuleBase(Strict):
    """What every rule has.

    `version` grows by itself when a changed rule is put in force; `basis` says where the number comes from.
    The rule is about what `scope` names, but not about what `exempt` names. Outside `schedule` it finds
    nothing; without one it finds at all hours.
    """

    scoped_by: ClassVar[tuple[ScopeKey, ...]] = ()
    """The keys that a scope of this kind of rule may have."""

    id: RuleId
    version: Annotated[int, Field(ge=1)] = 1
    severity: Severity = Severity.WARNING
    enabled: bool = True
    basis: Text | None = None
    scope: Scope = Scope()
    exempt: Scope | None = None
    schedule: Schedule | None = None

    def is_about(self, names: Names) -> bool:
        """True when the rule is about a subject of these names."""
        return self.scope.covers(names) and (self.exempt is None or not self.exempt.covers(names))

    def with_calendar(self, days: Iterable[CalendarDay]) -> Self:
        """The same rule with hours that follow a calendar, unless its schedule says that it does not."""
        if self.schedule is None:
            return self
        return self.model_copy(update={"schedule": self.schedule.with_calendar(days)})


class Raise(Strict):
    """From when on a finding is more serious.

    Once its cause has lasted `after_seconds`, from its beginning on; or once it counts so many `people`.
    """

    severity: Severity
    after_seconds: Annotated[float | None, Field(gt=0, le=604_800)] = None
    people: Annotated[int | None, Field(ge=1, le=10_000)] = None

    @model_validator(mode="after")
    def _has_one_measure(self) -> Raise:
        if (self.after_seconds is None) == (self.people is None):
            raise ValueError("needs one of after_seconds and people")
        return self


class GradedRule(RuleBase):
    """What rules with a limit have: `raises` is the ladder by which what lasts or grows is more serious."""

    counts_people: ClassVar[bool] = False
    """True when findings have a number of people by which they can be raised."""

    raises: tuple[Raise, ...] = ()

    def severity_of(self, lasted: timedelta, people: int | None) -> Severity:
        """How serious a cause is that has lasted so long, and in which so many people were seen at most."""
        severities = list(Severity)
        found = [self.severity]
        for each in self.raises:
            if each.after_seconds is not None and lasted >= timedelta(seconds=each.after_seconds):
                found.append(each.severity)
            if each.people is not None and people is not None and people >= each.people:
                found.append(each.severity)
        return max(found, key=severities.index)

    def next_raise(self, lasted: timedelta) -> timedelta | None:
        """After which length a cause that has lasted so long is raised next, if time alone ever does."""
        lengths = (timedelta(seconds=each.after_seconds) for each in self.raises if each.after_seconds)
        return min((length for length in lengths if length > lasted), default=None)


class WatchedRule(GradedRule):
    """What rules have that are judged by cameras: one without a sample for `stale_seconds` cannot see."""

    stale_seconds: Annotated[float, Field(gt=0, le=3600)] = 30


AllowedPauses = dict[PauseReason, Annotated[float, Field(gt=0, le=86400)]]
"""Per permitted reason, how many seconds a pause may last."""


def usual_pauses() -> dict[PauseReason, float]:
    """The allowances of a rule that names none."""
    return {PauseReason.BREAK: 600.0, PauseReason.BACK_OFFICE: 1800.0}


class StaffedRule(WatchedRule):
    """What rules about windows that are due to be staffed have.

    `allowed_pauses` gives, per permitted reason, how many seconds a pause excuses an empty post.
    """

    scoped_by: ClassVar[tuple[ScopeKey, ...]] = ("units", "windows", "cameras")

    allowed_pauses: AllowedPauses = Field(default_factory=usual_pauses)

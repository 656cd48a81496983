"""When and to whom a hall's alerts are told: its quiet hours and its escalation chain."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import Field, model_validator

from hall.finding import Severity
from hall.names import NotifierId
from hall.place import Slug, Strict, Text
from hall.schedule import LocalTime


class LocalHours(Strict):
    """Hours of every day in the hall's local time. A `start` after `end` means a stretch over midnight."""

    start: LocalTime
    end: LocalTime

    @model_validator(mode="after")
    def _not_empty(self) -> LocalHours:
        if self.start == self.end:
            raise ValueError("start and end are the same: leave the hours out where they hold all day")
        return self

    def holds(self, at: time) -> bool:
        """Whether a local time of day lies within; `end` itself does not."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class QuietHours(Strict):
    """When nobody is told of alerts below `unless`: while the hall is closed, and in the hours named."""

    when_closed: bool = False
    hours: tuple[LocalHours, ...] = ()
    unless: Severity = Severity.SERIOUS


class EscalationStep(Strict):
    """Who is told of an alert that nobody has acknowledged `after_minutes` minutes after it was told first.

    Only of alerts of `severity` or worse, and, where `hours` are given, only when the step falls into them.
    `role` is what people call those who stand behind the notifiers.
    """

    after_minutes: Annotated[float, Field(gt=0, le=1440)]
    role: Text
    notifiers: Annotated[tuple[Annotated[NotifierId, Slug], ...], Field(min_length=1)]
    severity: Severity = Severity.ATTENTION
    hours: tuple[LocalHours, ...] = ()

    @property
    def after(self) -> timedelta:
        """`after_minutes` as a length of time."""
        return timedelta(minutes=self.after_minutes)

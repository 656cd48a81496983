"""Rules about people who wait: tickets, calls, crowds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from hall.names import CameraId
from hall.rule.base import RuleBase, Seconds, WatchedRule

CALM_SHARE = 0.9
"""Of a limit of people: a crowd whose count moves about its limit is one crowd."""


class OverlongWaitRule(RuleBase):
    """A ticket that has waited for its call longer than `limit_seconds`."""

    kind: Literal["overlong_wait"] = "overlong_wait"
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 1800


class LongQueueRule(RuleBase):
    """A queue that is too long for longer than `limit_seconds`: one finding for the whole hall.

    Too long is: at least `people_per_window` tickets wait for each window at work (one is counted where
    none is), or `limit_people` in all, or the last of them is going to wait for `limit_wait_seconds`, as the
    services of the last hour let expect. What is None is not asked. It is over below nine tenths of every
    limit.
    """

    kind: Literal["long_queue"] = "long_queue"
    people_per_window: Annotated[float | None, Field(ge=1, le=1000)] = 8
    limit_people: Annotated[int | None, Field(ge=1, le=10_000)] = None
    limit_wait_seconds: Seconds | None = 1800
    limit_seconds: Seconds = 300

    @model_validator(mode="after")
    def _asks_something(self) -> LongQueueRule:
        if (self.people_per_window, self.limit_people, self.limit_wait_seconds) == (None, None, None):
            raise ValueError("one of people_per_window, limit_people and limit_wait_seconds is needed")
        return self


class CalledNotServedRule(RuleBase):
    """A ticket whose call stands for longer than `limit_seconds`: not served, passed over or put on hold."""

    kind: Literal["called_not_served"] = "called_not_served"
    limit_seconds: Seconds = 300


class CrowdingRule(WatchedRule):
    """At least `limit_people` in the waiting zones for `limit_seconds`, until fewer than `calm_people`.

    Without `calm_people`: fewer than nine tenths of the limit. With `cameras` only their zones are added up,
    else all of the hall.
    """

    kind: Literal["crowding"] = "crowding"
    limit_people: Annotated[int, Field(ge=1, le=10_000)]
    calm_people: Annotated[int | None, Field(ge=1, le=10_000)] = None
    limit_seconds: Annotated[float, Field(gt=0, le=86400)] = 300
    cameras: tuple[CameraId, ...] = ()

    @property
    def calm_below(self) -> float:
        """Fewer people than this end a finding."""
        return CALM_SHARE * self.limit_people if self.calm_people is None else float(self.calm_people)

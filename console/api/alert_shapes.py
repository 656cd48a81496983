"""What the API answers with about alerts, and what it takes; facts themselves are answered as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from console.api.asked import Moment
from console.api.shapes import PRINTABLE, Page
from hall.alert_life import Action
from hall.false_alarms import FalseAlarms
from hall.finding import Alert, AlertKind, Flip
from hall.names import AlertId, CameraId, RuleId, SilenceId, TransactionId
from hall.place import Strict
from hall.silencing import Silence


class AlertList(Page[Alert]):
    """Alerts, newest first. `silenced` names the silence of each that nobody is told of now."""

    silenced: dict[AlertId, SilenceId]


class ReplayBounds(BaseModel):
    """Where to look: a camera and the time around an alert."""

    camera: CameraId
    from_: Annotated[datetime, Field(alias="from")]
    to: datetime


class AlertDetail(BaseModel):
    """An alert with its history, the silence that covers it now, and the way to its pictures."""

    alert: Alert
    flips: list[Flip]
    silence: Silence | None
    transaction: TransactionId | None
    replay: ReplayBounds | None


class AlertAction(Strict):
    """What somebody does with an alert. `revision` is that of the alert as it was seen.

    `reason` is owed for `dismiss`, `comment` (it is the comment), `snooze` and `reopen`. `assign` gives the
    alert to the user `assignee`, or takes it from whoever has it when that is null. `snooze` puts it out of
    sight until `until`, at most 24 hours ahead.
    """

    action: Action
    revision: Annotated[int, Field(ge=0, le=2**53)]
    reason: Annotated[str | None, Field(max_length=500, pattern=PRINTABLE)] = None
    assignee: Annotated[str | None, Field(max_length=63, pattern=PRINTABLE)] = None
    until: Moment | None = None


class FalseAlarmRate(BaseModel):
    """Of `found` alerts of a rule, `dismissed` were false: `rate`, which truly lies within `low` to `high`.

    `camera` is null for the rule as a whole. `few`: so few were found that the rate is only a hint.
    """

    rule: RuleId
    kind: AlertKind
    camera: CameraId | None
    found: int
    dismissed: int
    rate: float
    low: float
    high: float
    few: bool

    @classmethod
    def of(cls, counted: FalseAlarms) -> FalseAlarmRate:
        """The view of a count."""
        low, high = counted.bounds
        return cls(
            rule=counted.rule,
            kind=counted.kind,
            camera=counted.camera,
            found=counted.found,
            dismissed=counted.dismissed,
            rate=counted.rate,
            low=low,
            high=high,
            few=counted.is_few,
        )


class FalseAlarmRateList(Page[FalseAlarmRate]):
    """Rates of a hall: per rule, and within each rule per camera."""


class AssigneeList(Page[str]):
    """Names of users."""

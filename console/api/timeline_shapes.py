"""What the timeline is told: figures over a long time, single facts over a short one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from hall.finding import Alert
from hall.interval import Interval
from hall.media import Gap
from hall.names import CameraId, TransactionId, WindowId
from hall.observing import Observation
from hall.queueing import Period, QueueEventType, WindowStatus


class CameraCoverage(BaseModel):
    """How much of a camera was recorded: `recorded` has a share from 0 to 1 per bucket.

    `gaps` are the longest ones, in order of time; `more_gaps` counts those that are left out.
    """

    camera: CameraId
    recorded: list[float]
    gaps: list[Gap]
    more_gaps: int


class TimelineOverview(BaseModel):
    """A long time in buckets of `bucket_seconds` from `from` on. `transactions`, `alerts`: begun, per bucket.

    Null where the asker may not know. Alerts that were found false are not counted.
    """

    from_: Annotated[datetime, Field(alias="from")]
    to: datetime
    bucket_seconds: float
    windows: list[WindowId]
    cameras: list[CameraCoverage]
    transactions: list[int] | None
    alerts: list[int] | None


class CameraStretches(BaseModel):
    """When a camera was recorded, files that follow each other joined, and when not.

    `sound` tells whether any of it has sound.
    """

    camera: CameraId
    recorded: list[Interval]
    gaps: list[Gap]
    sound: bool


class TimelinePeriod(BaseModel):
    """A period, and the number of its ticket."""

    period: Period
    ticket_number: str


class QueueMoment(BaseModel):
    """Something the queue system told of a window."""

    at: datetime
    type: QueueEventType
    window: WindowId
    ticket: str | None


class TimelineFacts(BaseModel):
    """The single facts of a short time. What the asker may not know is left out.

    `whole` is false when there are more facts of some kind than are told.
    """

    from_: Annotated[datetime, Field(alias="from")]
    to: datetime
    windows: list[WindowId]
    cameras: list[CameraStretches]
    periods: list[TimelinePeriod]
    moments: list[QueueMoment]
    statuses: list[WindowStatus]
    alerts: list[Alert]
    observations: list[Observation]
    whole: bool


class Neighbours(BaseModel):
    """The transactions before and after one at its window."""

    previous: TransactionId | None
    next: TransactionId | None

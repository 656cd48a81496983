"""What the timeline is told: figures over a long time, single facts over a short one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from hall.finding import Alert
from hall.interval import Interval
from hall.media import Gap
from hall.names import CameraId, TransactionId, WindowId, ZoneId
from hall.observing import Observation
from hall.queueing import Period, QueueEventType, WindowStatus


class CameraCoverage(BaseModel):
    """How much of a camera was recorded: `recorded` has a share from 0 to 1 per bucket.

    `gaps_begun` counts all gaps per bucket. `gaps` are those that are as long as a bucket or longer, in order
    of time, and no more than the 300 longest.
    """

    camera: CameraId
    recorded: list[float]
    gaps_begun: list[int]
    gaps: list[Gap]


class StateSeconds(BaseModel):
    """How many seconds of each hour or day something was in a state.

    `presence`: at a window, as one camera saw one zone. Two of them must not be added up: a clerk whom one
    shows is there, even if the other shows an empty chair. `state`: of a window, as the queue system told it.
    `speech`, `voices`: as one camera heard it.
    """

    kind: Literal["presence", "state", "speech", "voices"]
    camera: CameraId | None
    window: WindowId | None
    zone: ZoneId | None
    state: str
    seconds: list[float]


class LevelHours(BaseModel):
    """The sound of one camera, per hour or day: mean (LAeq) and highest minute. Null: nothing was measured.

    In dBFS if `state` is `measured`, in dB(A) if it is `calibrated`.
    """

    camera: CameraId
    state: str
    mean: list[float | None]
    highest: list[float | None]


class TimelineLasting(BaseModel):
    """Hours or days (of UTC) from `from` on, whichever `step_seconds` says; `steps` of them.

    What adds up to less than a step was not judged: nothing is known of the rest.
    """

    from_: Annotated[datetime, Field(alias="from")]
    step_seconds: int
    steps: int
    states: list[StateSeconds]
    levels: list[LevelHours]


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
    lasting: TimelineLasting


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

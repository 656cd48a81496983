"""What a search is asked by, and what it answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from console.api.asked import Moment, Name
from console.api.shapes import Page
from console.search.footage import Keeping
from hall.finding import AlertKind, AlertStatus, Reason, Severity
from hall.media import Gap
from hall.names import CameraId, HallId, StaffId, TransactionId, WindowId
from hall.place import Text
from hall.queueing import TicketStatus
from hall.search.asked import ResultKind, SenseKind

LONGEST_TEXT = 200
Typed = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f]*$")]


class SearchFilters(BaseModel):
    """What results have to fit in any case, beside what was typed. `unit`: any of its windows."""

    hall: Name | None = None
    kind: list[ResultKind] | None = None
    window: Name | None = None
    unit: Name | None = None
    staff: Name | None = None
    item: Name | None = None
    alert: AlertKind | None = None
    start: Annotated[Moment | None, Field(alias="from")] = None
    end: Annotated[Moment | None, Field(alias="to")] = None


class SearchQuery(SearchFilters):
    """What is sought: every word of `q` has to be fitted, and every other member that is given.

    `q` may name tickets, serial numbers, windows, units, staff, items, kinds of alerts, a time, and words
    that people wrote about alerts. Times in it are on the clocks of the hall.
    """

    q: Typed = ""
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class SuggestionQuery(BaseModel):
    """What has been typed so far."""

    q: Typed = ""
    hall: Name | None = None


class SenseView(BaseModel):
    """A way in which a word was understood: the names or numbers that it means, the first of `count`."""

    kind: SenseKind
    names: list[Text] = Field(default_factory=list)
    numbers: list[str] = Field(default_factory=list)
    count: int


class WordView(BaseModel):
    """A word and its senses; none: nothing is called so. `is_cut`: it begins more numbers than are sought."""

    text: str
    senses: list[SenseView]
    is_cut: bool


class TimeView(BaseModel):
    """A time that was typed."""

    text: str
    from_: Annotated[datetime, Field(alias="from")]
    to: datetime


class UnderstoodView(BaseModel):
    """How `q` was understood. `left_out` are words beyond the most that are taken."""

    time: TimeView | None
    words: list[WordView]
    left_out: list[str]


class FootageView(BaseModel):
    """What is kept of a result from the cameras that show it, and the known gaps with their reasons."""

    state: Keeping
    cameras: list[CameraId]
    gaps: list[Gap]


class ReplayView(BaseModel):
    """Where to look: a transaction, or a camera over a time."""

    transaction: TransactionId | None = None
    camera: CameraId | None = None
    from_: Annotated[datetime | None, Field(alias="from")] = None
    to: datetime | None = None


class AlertFound(BaseModel):
    """What is shown of an alert beside what all results have."""

    kind: AlertKind
    severity: Severity
    status: AlertStatus
    reason: Reason


class Hit(BaseModel):
    """One result. `at` is when a transaction or an alert's cause began, a ticket was taken, a case accepted.

    `end`: null while it lasts. `ticket_status` is of tickets that were never served, `is_closed` of cases.
    `alerts` counts those at a transaction's window over its time. `footage` is null where no camera shows it,
    or for who may not see recordings.
    """

    kind: ResultKind
    id: str
    hall: HallId
    at: datetime
    end: datetime | None
    window: WindowId | None = None
    staff: StaffId | None = None
    item: str | None = None
    ticket: str | None = None
    serial: str | None = None
    ticket_status: TicketStatus | None = None
    is_closed: bool | None = None
    alert: AlertFound | None = None
    alerts: int = 0
    footage: FootageView | None = None
    replay: ReplayView | None = None


class SearchAnswer(Page[Hit]):
    """Results, the newest first, and how what was typed was understood."""

    understood: UnderstoodView


class Suggestion(BaseModel):
    """What may be meant. `value` is what a filter takes, or the whole number; `label` stands on a sign."""

    kind: SenseKind
    value: str
    label: str = ""
    name: Text | None = None
    hall: HallId | None = None


class SuggestionList(BaseModel):
    """Suggestions for the last word, by kind, and the time that was typed."""

    items: list[Suggestion]
    word: str
    time: TimeView | None

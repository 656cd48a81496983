"""What the API answers with where a fact of the kernel does not stand by itself, and what it takes.

Facts (Alert, Ticket, Transaction, Period, Gap…) are answered as they are; these models put them
together, or leave out what must not leave the server (a camera's URL) or is of no use outside
(the index of a segment's fragments).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, Field, JsonValue

from hall import item
from hall.finding import Alert
from hall.interval import Interval
from hall.journal import FactKind
from hall.media import Gap, Segment
from hall.names import AlertId, CameraId, HallId, RunId, SegmentId, ZoneId
from hall.observing import Observation, Presence
from hall.permissions import Permission
from hall.place import Level, Staff, Strict, Text, Unit, Window, Zone
from hall.queueing import PauseReason, Period, Ticket, Transaction, WindowStatus
from hall.rule import Rule
from hall.schedule import Schedule
from hall.sighting import Sighting
from hall.watching import WatchHealth

Item = TypeVar("Item")

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"


class Page(BaseModel, Generic[Item]):
    """Part of a list. `next` is the cursor of the following part, null at the end."""

    items: list[Item]
    next: str | None = None


class FieldProblem(BaseModel):
    """One member of the request that is wrong."""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """RFC 9457: what went wrong. `errors` names the members of a request that were refused."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = Field(default_factory=list)


# --- access -----------------------------------------------------------------------------------------


class Login(Strict):
    """A user's name and password."""

    user: Annotated[str, Field(min_length=1, max_length=63, pattern=PRINTABLE)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class UserView(BaseModel):
    """Who is logged in."""

    id: str
    name: str
    role: str


class SessionView(BaseModel):
    """A log-in that stands. Unsafe requests carry `csrf` in the header X-CSRF-Token.

    `permissions` are what this user may do, in `halls` and over `cameras`; none named means all. `reason` is
    what the user said the looking is for, while that holds; for `reason_for` one has to be stated first.
    While `second_factor_owed` nothing but its setting up is permitted.
    """

    user: UserView
    csrf: str
    permissions: list[Permission]
    halls: list[HallId]
    cameras: list[CameraId]
    reason: str
    reason_for: list[Permission]
    second_factor_owed: bool
    single_sign_on: bool


# --- places -----------------------------------------------------------------------------------------


class CameraView(BaseModel):
    """A camera without its URL. `live` says whether browsers can show it without transcoding."""

    id: CameraId
    hall: HallId
    name: Text
    record: bool
    sample_every: float
    zones: tuple[Zone, ...]
    windows: tuple[str, ...]
    live: bool


class CameraHealth(BaseModel):
    """Whether a camera is being recorded, the gap that stands, and when its picture was last seen."""

    camera: CameraId
    recording: bool
    gap: Gap | None
    last_seen: datetime | None


class CameraState(CameraView):
    """A camera and how it is.

    `picture` is how its whole picture is, null before it was ever judged; `watching` what analysis told last.
    """

    picture: Observation | None
    recording: bool
    gap: Gap | None
    last_seen: datetime | None
    watching: WatchHealth | None


class WindowView(Window):
    """A window, its hall and the cameras that show it."""

    hall: HallId
    cameras: tuple[CameraId, ...]


class HallView(BaseModel):
    """A hall with its parts."""

    id: HallId
    name: Text
    level: Level
    timezone: str
    schedule: Schedule
    units: tuple[Unit, ...]
    staff: tuple[Staff, ...]
    windows: tuple[Window, ...]
    cameras: tuple[CameraView, ...]
    items: tuple[item.Item, ...]
    rules: tuple[Rule, ...]


class HallList(Page[HallView]):
    """Halls."""


class WindowList(Page[WindowView]):
    """Windows."""


class CameraList(Page[CameraState]):
    """Cameras."""


# --- the board --------------------------------------------------------------------------------------


class BoardSight(BaseModel):
    """What one staff zone shows, and since when.

    `is_stale`: analysis has not looked for a while, and what it last said holds no more. `last_on_post` is
    the last moment, of the last day, at which it showed somebody.
    """

    camera: CameraId
    zone: ZoneId
    presence: Presence
    since: datetime
    last_on_post: datetime | None
    sample_every: float
    is_stale: bool


class BoardWindow(BaseModel):
    """One window as it stands: the queue system's state, who is behind it and what is seen.

    `presence` is what its `sights` say together, None without any.
    """

    window: Window
    unit: Unit
    status: WindowStatus | None
    staff: Staff | None
    presence: Presence | None
    presence_since: datetime | None
    sights: list[BoardSight]
    alerts: list[AlertId]
    cameras: list[CameraId]


class Waiting(BaseModel):
    """Who waits: tickets not yet called, since when the first of them, and people counted by cameras."""

    tickets: int
    longest_since: datetime | None
    people: float | None


class Board(BaseModel):
    """A hall at one moment. What follows it is pushed after `seq`."""

    seq: int
    at: datetime
    hall: HallId
    windows: list[BoardWindow]
    waiting: Waiting
    alerts: list[Alert]
    cameras: list[CameraHealth]
    allowed_pauses: dict[PauseReason, float]
    """Seconds for which a pause with that reason is permitted: the shortest that any rule in force says."""


# --- queue ------------------------------------------------------------------------------------------


class TicketList(Page[Ticket]):
    """Tickets, newest first."""


class EventAccepted(BaseModel):
    """What became of a queue event; `repeated` when it had been accepted before."""

    status: Literal["accepted", "repeated"]


class EventOutcome(BaseModel):
    """What became of one event of a batch; `field` and `message` say why it was refused.

    `not_taken`: the database was busy, and the event has to be sent again.
    """

    index: int
    id: str | None
    status: Literal["accepted", "repeated", "refused", "not_taken"]
    field: str | None
    message: str | None


class BatchOutcome(BaseModel):
    """What became of a batch: how many of each, and every event in the order of the batch."""

    accepted: int
    repeated: int
    refused: int
    not_taken: int
    items: list[EventOutcome]


class RefusedEvent(BaseModel):
    """A queue event that was refused: which member, why, and the event as it came.

    In lists `raw` is shortened to 2,000 characters. `is_cut`: the event was larger than any may be, and only
    its beginning was kept. `at` is when it came last, `times` how often. `settlement` is how it was settled.
    """

    id: int
    hall: HallId | None
    at: datetime
    field: str
    message: str
    raw: str
    is_cut: bool
    times: int
    settled_at: datetime | None
    settled_by: str | None
    settlement: Literal["replayed", "discarded", "accepted"] | None
    note: str | None


class Replay(Strict):
    """How to try a refused event again: `event` stands in its place when it is given."""

    event: dict[str, JsonValue] | None = None


class Discard(Strict):
    """Why a refused event is not needed."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class RefusedEventList(Page[RefusedEvent]):
    """Refused queue events, newest first."""


# --- media ------------------------------------------------------------------------------------------


class SegmentView(BaseModel):
    """A recorded file, without the index of its fragments. `sha256` is hexadecimal."""

    id: SegmentId
    run: RunId
    camera: CameraId
    sequence: int
    interval: Interval
    media_duration: float
    size: int
    sha256: str
    has_audio: bool

    @classmethod
    def of(cls, segment: Segment) -> SegmentView:
        """The view of a segment."""
        return cls(
            id=segment.id,
            run=segment.run,
            camera=segment.camera,
            sequence=segment.sequence,
            interval=segment.interval,
            media_duration=segment.media_duration,
            size=segment.size,
            sha256=segment.sha256.hex(),
            has_audio=segment.has_audio,
        )


class SegmentList(Page[SegmentView]):
    """Segments, oldest first."""


class CameraRecord(BaseModel):
    """What one camera recorded of a transaction, and where it recorded nothing."""

    camera: CameraId
    segments: list[SegmentView]
    gaps: list[Gap]


class TransactionDetail(BaseModel):
    """A transaction with its ticket, its periods, the alerts beside it and its recordings."""

    transaction: Transaction
    ticket: Ticket
    periods: list[Period]
    alerts: list[Alert]
    cameras: list[CameraRecord]


class TransactionList(Page[TransactionDetail]):
    """Transactions, newest first."""


class TransactionReplay(TransactionDetail):
    """A transaction as it is replayed, from a little before to a little after it.

    `from` and `to` bound the replay; `observations` are those of its window and of its cameras over it.
    """

    from_: Annotated[datetime, Field(alias="from")]
    to: datetime
    observations: list[Observation]


class ObservationList(Page[Observation]):
    """Observations, oldest first."""


# --- push and health --------------------------------------------------------------------------------


class ServerTime(BaseModel):
    """The server's clock, for screens that count."""

    server_time: datetime


class PushHello(BaseModel):
    """The first message of a push connection. Everything after `seq` follows."""

    seq: int
    kind: Literal["hello"] = "hello"
    at: datetime
    body: ServerTime


class PushTick(BaseModel):
    """The heartbeat of a push connection: every fact up to `seq` has been sent."""

    seq: int
    kind: Literal["tick"] = "tick"
    at: datetime
    body: ServerTime


class PushReset(BaseModel):
    """The wanted `after` cannot be continued from: read the board again, then go on after its `seq`."""

    seq: int
    kind: Literal["reset"] = "reset"
    at: datetime
    body: ServerTime


class PushSighting(BaseModel):
    """Where people are in the picture of a camera that the screen watches: no fact, and never repeated."""

    kind: Literal["sighting"] = "sighting"
    at: datetime
    body: Sighting


class PushFact(BaseModel):
    """One fact. `body` is the fact of that kind, as the API answers it elsewhere."""

    seq: int
    kind: FactKind
    at: datetime
    body: dict[str, object]


class Health(BaseModel):
    """Whether the process lives, or is ready: each part with `ok` or what is wrong."""

    status: Literal["ok", "unavailable"]
    parts: dict[str, str] = Field(default_factory=dict)

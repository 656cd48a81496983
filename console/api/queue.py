"""Tickets, the events that queue systems post, and those of them that were refused."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse
from starlette.requests import Request
from starlette.responses import Response

from capture.queueing import Operator, Outcome, accept_all, discard, replay
from capture.queueing.posted import LARGEST_BATCH, batch_in, event_text
from console.access import scope
from console.access.gate import EventSender, may
from console.access.visitor import Visitor
from console.api.asked import Cursor, Limit, Name, decode_cursor, encode_cursor
from console.api.board import start_of_day
from console.api.shapes import (
    BatchOutcome,
    Discard,
    EventAccepted,
    EventOutcome,
    RefusedEvent,
    RefusedEventList,
    Replay,
    TicketList,
)
from console.dependencies import Given
from console.problems import RETRY_SECONDS, problem
from hall.config import Configuration
from hall.errors import NotFound, RequestRefused
from hall.permissions import Permission
from hall.queueing import LARGEST_EVENT, TicketStatus
from store import queueing, refused_events
from store.api_keys import ApiKey
from store.database import Read
from store.refused_events import RefusedEvent as Refused

Settler = Annotated[Visitor, may(Permission.QUEUE)]

router = APIRouter(tags=["queue"])

SHORTENED = 2000
_event = {"$ref": "#/components/schemas/QueueEvent"}
EVENT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [_event, {"type": "array", "items": _event}]}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}
RefusedId = Annotated[int, Path(ge=1, lt=2**63)]


async def raw_body(request: Request) -> bytes:
    """The body as it was posted."""
    return await request.body()


@router.get("/tickets", response_model=TicketList)
def list_tickets(
    visitor: Annotated[Visitor, may(Permission.BOARD)],
    given: Given,
    hall: Name | None = None,
    status: Annotated[list[TicketStatus] | None, Query()] = None,
) -> TicketList:
    """Today's tickets of a hall (by default the first), the longest waiting first."""
    with given.database.read() as tx:
        settings = scope.hall(visitor, given, tx, hall)
        since = start_of_day(settings, given.clock.now())
        return TicketList(items=queueing.tickets_of(tx, settings.id, statuses=status, since=since))


@router.post(
    "/queue-events",
    status_code=202,
    response_model=EventAccepted,
    responses={200: {"model": BatchOutcome, "description": "A batch: what became of each event."}},
    openapi_extra=EVENT_BODY,
    max_body_size=LARGEST_BATCH,
)
def post_event(
    sender: EventSender, given: Given, request: Request, raw: Annotated[bytes, Depends(raw_body)]
) -> Response | EventAccepted:
    """Take one event of a queue system, or a batch: a JSON list, or one a line as application/x-ndjson.

    One event: 422 names the member that is wrong; 409: same id, other content. A batch: 200, and every event
    is judged on its own; 503 when the database is busy, with what became of each: send all of them again.
    """
    batch = batch_in(raw, request.headers.get("Content-Type", ""))
    if batch is None and len(raw) > LARGEST_EVENT:
        return problem(413, f"one event has at most {LARGEST_EVENT} bytes")
    with given.database.read() as tx:
        configuration = _opened_by(sender, given.halls.current(tx))
    if batch is None:
        accepted = given.accept(given.database, configuration, raw, given.clock.now())
        return EventAccepted.model_validate({"status": accepted.status})
    return _answer(accept_all(given.database, configuration, batch, given.clock.now()))


def _opened_by(sender: ApiKey, configuration: Configuration) -> Configuration:
    """The configuration with the halls of a key alone: an event of another hall is of none that is known."""
    if not sender.halls:
        return configuration
    halls = tuple(hall for hall in configuration.halls if hall.id in sender.halls)
    return configuration.model_copy(update={"halls": halls})


def _answer(outcomes: list[Outcome]) -> Response:
    counts = Counter(outcome.status for outcome in outcomes)
    told = BatchOutcome(
        accepted=counts["accepted"],
        repeated=counts["repeated"],
        refused=counts["refused"],
        not_taken=counts["not_taken"],
        items=[_outcome(outcome) for outcome in outcomes],
    )
    if not told.not_taken:
        return JSONResponse(told.model_dump(mode="json"))
    taken = len(outcomes) - told.not_taken
    return problem(
        503,
        f"the database was busy: {taken} of {len(outcomes)} events were dealt with, as 'items' says; "
        "send the whole batch again, what is in already is only repeated",
        headers={"Retry-After": str(RETRY_SECONDS)},
        members=told.model_dump(mode="json"),
    )


def _outcome(outcome: Outcome) -> EventOutcome:
    return EventOutcome(
        index=outcome.index,
        id=outcome.id,
        status=outcome.status,
        field=outcome.field,
        message=outcome.message,
    )


@router.get("/queue-events/refused", response_model=RefusedEventList)
def list_refused(
    visitor: Settler,
    given: Given,
    state: Literal["open", "settled"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> RefusedEventList:
    """The refused events, the newest first, each with the reason: all, the open ones, or the settled."""
    is_settled = None if state is None else state == "settled"
    with given.database.read() as tx:
        found = refused_events.refused(
            tx, limit + 1, _before(cursor), is_settled=is_settled, halls=visitor.rights.halls
        )
    page = found[:limit]
    following = encode_cursor(page[-1].received_at, str(page[-1].id)) if len(found) > limit else None
    return RefusedEventList(items=[_shown(event, SHORTENED) for event in page], next=following)


def _before(cursor: str | None) -> int | None:
    known = decode_cursor(cursor)
    if known is None:
        return None
    if not known[1].isdecimal() or len(known[1]) > 18:
        raise RequestRefused("cursor", "is not one that this server gave")
    return int(known[1])


@router.get("/queue-events/refused/{identifier}", response_model=RefusedEvent)
def show_refused(visitor: Settler, given: Given, identifier: RefusedId) -> RefusedEvent:
    """One refused event, whole."""
    with given.database.read() as tx:
        return _shown(_within(visitor, tx, identifier))


@router.post("/queue-events/refused/{identifier}/replay", response_model=EventAccepted)
def replay_refused(
    visitor: Settler, given: Given, identifier: RefusedId, asked: Replay | None = None
) -> EventAccepted:
    """Try a refused event again, as it was or as `event` mends it. 422 and 409: it is still refused."""
    with given.database.read() as tx:
        _within(visitor, tx, identifier)
        configuration = _settled_by(visitor, given.halls.current(tx))
    mended = event_text(asked.event) if asked is not None and asked.event is not None else None
    operator, now = _operator(visitor), given.clock.now()
    accepted = replay(given.database, configuration, identifier, operator, now, mended)
    return EventAccepted.model_validate({"status": accepted.status})


@router.post("/queue-events/refused/{identifier}/discard", response_model=RefusedEvent)
def discard_refused(visitor: Settler, given: Given, identifier: RefusedId, asked: Discard) -> RefusedEvent:
    """Settle a refused event without taking it in, with the reason. 409: it is settled already."""
    with given.database.read() as tx:
        _within(visitor, tx, identifier)
    discard(given.database, identifier, _operator(visitor), asked.reason, given.clock.now())
    with given.database.read() as tx:
        return _shown(refused_events.refused_event(tx, identifier))


def _within(visitor: Visitor, tx: Read, identifier: int) -> Refused:
    """A refused event within reach. Raises NotFound."""
    found = refused_events.refused_event(tx, identifier)
    if not visitor.rights.sees_hall(found.hall):
        raise NotFound(f"there is no refused event {identifier}")
    return found


def _settled_by(visitor: Visitor, configuration: Configuration) -> Configuration:
    """The configuration with the halls within reach: a mended event must not land in another one."""
    halls = tuple(hall for hall in configuration.halls if visitor.rights.sees_hall(hall.id))
    return configuration.model_copy(update={"halls": halls})


def _operator(visitor: Visitor) -> Operator:
    return Operator(visitor.user.name, visitor.address)


def _shown(event: Refused, longest: int | None = None) -> RefusedEvent:
    return RefusedEvent(
        id=event.id,
        hall=event.hall,
        at=event.received_at,
        field=event.field,
        message=event.message,
        raw=event.raw[:longest],
        is_cut=event.is_cut,
        times=event.times,
        settled_at=event.settled_at,
        settled_by=event.settled_by,
        settlement=event.settlement.value if event.settlement is not None else None,
        note=event.note,
    )

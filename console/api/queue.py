"""Tickets, and the events that queue systems post."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request

from console.access.gate import EventSender, Officer
from console.api.asked import Limit, Name
from console.api.board import start_of_day
from console.api.shapes import EventAccepted, RefusedEvent, RefusedEventList, TicketList
from console.dependencies import Given
from hall.queueing import TicketStatus
from store import queue_events, queueing

router = APIRouter(tags=["queue"])

EVENT_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/QueueEvent"}}},
    }
}


async def raw_body(request: Request) -> bytes:
    """The body as it was posted."""
    return await request.body()


@router.get("/tickets", response_model=TicketList)
def list_tickets(
    _visitor: Officer,
    given: Given,
    hall: Name | None = None,
    status: Annotated[list[TicketStatus] | None, Query()] = None,
) -> TicketList:
    """Today's tickets of a hall (by default the first), the longest waiting first."""
    with given.database.read() as tx:
        settings = given.halls.hall(tx, hall)
        since = start_of_day(settings, given.clock.now())
        return TicketList(items=queueing.tickets_of(tx, settings.id, statuses=status, since=since))


@router.post("/queue-events", status_code=202, response_model=EventAccepted, openapi_extra=EVENT_BODY)
def post_event(_sender: EventSender, given: Given, raw: Annotated[bytes, Depends(raw_body)]) -> EventAccepted:
    """Take one event of a queue system. 422 names the member that is wrong; 409: same id, other content."""
    with given.database.read() as tx:
        configuration = given.halls.current(tx)
    accepted = given.accept(given.database, configuration, raw, given.clock.now())
    return EventAccepted.model_validate({"status": accepted.status})


@router.get("/queue-events/refused", response_model=RefusedEventList)
def list_refused(_visitor: Officer, given: Given, limit: Limit = 100) -> RefusedEventList:
    """The newest events that were refused, each with the reason."""
    with given.database.read() as tx:
        rows = queue_events.refused(tx, limit)
    return RefusedEventList(
        items=[RefusedEvent.model_validate({**row, "at": cast(str, row["received_at"])}) for row in rows]
    )

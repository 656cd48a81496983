"""Closing what an earlier start of the demo left open, by the same events that a queue system would send."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from capture.queueing import accept
from hall.config import Configuration
from hall.errors import Conflict, EventRefused
from hall.queueing import QueueEvent, QueueEventType, Ticket, TicketStatus
from store import queueing, recording
from store.database import Database

OPEN = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.ON_HOLD)

log = structlog.get_logger(__name__)


def close_earlier(database: Database, configuration: Configuration, now: datetime) -> int:
    """End every ticket that still waits or is served, and close the windows.

    They end when the earlier start ended, not now: nobody waited meanwhile. Says how many events it took.
    """
    count = 0
    for hall in configuration.halls:
        with database.read() as tx:
            tickets = queueing.tickets_of(tx, hall.id, statuses=OPEN)
            statuses = queueing.window_statuses_now(tx, hall.id)
            last = [recording.last_segment_end(tx, camera.id) for camera in hall.cameras]
        known = [at for at in last if at is not None]
        known += [status.interval.start for status in statuses.values()]
        known += [at for ticket in tickets for at in _times_of(ticket)]
        ended = min(now, max(known) + timedelta(milliseconds=1)) if known else now
        events = [_end_of(ticket, ended, place) for place, ticket in enumerate(tickets)]
        events += [
            QueueEvent(
                id=f"close-{ended:%Y%m%dT%H%M%S%f}-{window}",
                hall=hall.id,
                at=ended,
                type=QueueEventType.WINDOW_CLOSED,
                window=window,
            )
            for window in statuses
        ]
        for event in events:
            try:
                accept(database, configuration, event.model_dump_json(exclude_none=True).encode(), now)
            except (EventRefused, Conflict) as error:
                # Closed already, or never rightly open: nothing is left to do for this one.
                log.info("an event of an earlier start was not taken", type=event.type, error=str(error))
            else:
                count += 1
    return count


def _times_of(ticket: Ticket) -> list[datetime]:
    times = (ticket.taken_at, ticket.called_at, ticket.started_at)
    return [at for at in times if at is not None]


def _end_of(ticket: Ticket, at: datetime, place: int) -> QueueEvent:
    serving = ticket.status is TicketStatus.SERVING
    return QueueEvent(
        id=f"end-{at:%Y%m%dT%H%M%S%f}-{place}",
        hall=ticket.hall,
        at=at,
        type=QueueEventType.SERVICE_FINISHED if serving else QueueEventType.TICKET_NO_SHOW,
        ticket=ticket.number,
        window=ticket.window,
    )

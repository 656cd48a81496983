"""The earlier waits and calls of a ticket, as they stand in its row."""

from __future__ import annotations

import json

from hall.clock import to_microseconds
from hall.interval import Interval
from hall.queueing import Ticket
from store.rows import interval, optional_microseconds


def packed(ticket: Ticket) -> str | None:
    """The earlier waits and calls of a ticket as JSON; None for one without."""
    if not ticket.past_waits and not ticket.past_calls:
        return None
    told = {"waits": ticket.past_waits, "calls": ticket.past_calls}
    edges = {
        name: [[to_microseconds(one.start), optional_microseconds(one.end)] for one in parts]
        for name, parts in told.items()
    }
    return json.dumps(edges)


def unpacked(past: str | None, name: str) -> tuple[Interval, ...]:
    """The earlier `waits` or `calls` as `packed` packed them."""
    return () if past is None else tuple(interval(start, end) for start, end in json.loads(past)[name])

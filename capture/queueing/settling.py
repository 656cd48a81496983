"""Settling refused events: an operator tries one again, as it was or mended, or discards it with a reason.

Each act is one transaction with its entry in the audit trail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from capture.queueing.intake import Acceptance, judge, parse, refusal_of
from capture.queueing.metrics import EVENTS, EVENTS_SETTLED
from hall.config import Configuration
from hall.errors import Conflict, EventRefused, RequestRefused
from store import audit, refused_events
from store.database import Database, Write
from store.refused_events import Settlement

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Operator:
    """Who settles: a log-in name, and from which network address (empty: at the machine itself)."""

    name: str
    address: str = ""


def replay(
    database: Database,
    configuration: Configuration,
    identifier: int,
    operator: Operator,
    now: datetime,
    mended: bytes | None = None,
) -> Acceptance:
    """Try a refused event again, or `mended` (the JSON text of an event) in its place.

    Raises EventRefused and Conflict when it is still refused: the refused event then tells the new reason.
    Raises NotFound, Conflict when it is settled, RequestRefused when only its beginning was kept, StoreBusy.
    """
    with database.read() as tx:
        known = refused_events.refused_event(tx, identifier)
    if known.settlement is not None:
        raise Conflict(f"refused event {identifier} is settled already: {known.settlement}")
    if known.is_cut and mended is None:
        raise RequestRefused("event", "is needed: only the beginning of the refused one was kept")
    raw = known.raw.encode("utf-8", "replace") if mended is None else mended
    how = "as it was" if mended is None else "mended"
    try:
        event = parse(raw)
        with database.write() as tx:
            refused_events.settle(tx, identifier, Settlement.REPLAYED, operator.name, now)
            acceptance = judge(tx, configuration, event, now)
            _enter(tx, operator, "replay_event", identifier, f"{how}: {acceptance.status}, {event.id}", now)
    except (EventRefused, Conflict) as error:
        refusal = refusal_of(error)
        with database.write() as tx:
            if refused_events.refused_event(tx, identifier).settlement is None and mended is None:
                refused_events.refuse_again(tx, identifier, refusal.field, refusal.message)
            _enter(tx, operator, "replay_event", identifier, f"{how}: refused, {refusal}", now)
        raise
    EVENTS.labels(acceptance.status).inc()
    EVENTS_SETTLED.labels("replayed").inc()
    return acceptance


def discard(database: Database, identifier: int, operator: Operator, reason: str, now: datetime) -> None:
    """Settle a refused event without taking it in. Raises NotFound, Conflict, RequestRefused, StoreBusy."""
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise RequestRefused("reason", f"is needed, in at most {LONGEST_REASON} characters")
    with database.write() as tx:
        refused_events.settle(tx, identifier, Settlement.DISCARDED, operator.name, now, words)
        _enter(tx, operator, "discard_event", identifier, words, now)
    EVENTS_SETTLED.labels("discarded").inc()


def _enter(tx: Write, operator: Operator, action: str, identifier: int, detail: str, now: datetime) -> None:
    audit.record(
        tx,
        at=now,
        who=operator.name,
        action=action,
        subject=f"refused_event:{identifier}",
        detail=detail,
        address=operator.address,
    )

"""Taking many queue events in: each judged on its own, many in one transaction.

A batch is taken in by the time of its events, not by their place in it, and what is refused because of an
event further down is judged again when that one is in. Each chunk commits by itself: when the database is
busy in the middle, what was committed until then is in, and the rest is said to be not taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from capture.queueing.intake import accept, count_refusal, hall_named, judge, parse, refusal_of, refuse
from capture.queueing.metrics import EVENTS
from hall.config import Configuration
from hall.errors import Conflict, EventRefused, HallwatchError, StoreBusy
from hall.queueing import QueueEvent, QueueEventType
from store import refused_events
from store.database import Database, Write, savepoint

log = structlog.get_logger(__name__)

CHUNK = 100
"""Events in one transaction: no other writer waits for longer than these take."""
MOST_PASSES = 4

Status = Literal["accepted", "repeated", "refused", "not_taken"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the event at a place of a batch; `field` and `message` when it was refused.

    `not_taken`: the database was busy. Nothing is known of it, and it has to be told again.
    """

    index: int
    id: str | None
    status: Status
    field: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event of a batch; `event` is None when it is none, for the reason in `refusal`."""

    index: int
    raw: bytes
    event: QueueEvent | None
    refusal: EventRefused | None

    @property
    def order(self) -> tuple[bool, float]:
        """By time; withdrawals last, the last one first: what they take back hangs on what came before."""
        if self.event is None:
            return True, 0.0
        if self.event.type is QueueEventType.EVENT_WITHDRAWN:
            return True, -float(self.index)
        return False, self.event.at.timestamp()


def accept_all(
    database: Database,
    configuration: Configuration,
    raws: Sequence[bytes],
    now: datetime,
    *,
    keep_refused: bool = True,
) -> list[Outcome]:
    """Take a batch of events (JSON texts) in; an outcome for each, in the order of the batch.

    Refused events are kept for an operator, unless `keep_refused` is false. Never raises StoreBusy: events
    that could not be kept are `not_taken`.
    """
    entries = sorted((_entry(index, raw) for index, raw in enumerate(raws)), key=lambda entry: entry.order)
    outcomes: list[Outcome] = []
    for start in range(0, len(entries), CHUNK):
        chunk = entries[start : start + CHUNK]
        try:
            outcomes += _take_chunk(database, configuration, chunk, now, keep_refused=keep_refused)
        except StoreBusy as error:
            log.warning("a batch of queue events was broken off", taken=len(outcomes), error=str(error))
            outcomes += [Outcome(entry.index, _id(entry), "not_taken") for entry in entries[len(outcomes) :]]
            break
    return sorted(outcomes, key=lambda outcome: outcome.index)


def _entry(index: int, raw: bytes) -> _Entry:
    try:
        return _Entry(index, raw, parse(raw), None)
    except EventRefused as refusal:
        return _Entry(index, raw, None, refusal)


def _id(entry: _Entry) -> str | None:
    return entry.event.id if entry.event is not None else None


def _take_chunk(
    database: Database,
    configuration: Configuration,
    chunk: Sequence[_Entry],
    now: datetime,
    *,
    keep_refused: bool,
) -> list[Outcome]:
    """All in one transaction; one by one when one of them brings a fault of ours to light."""
    try:
        with database.write() as tx:
            found = _judged(tx, configuration, chunk, now)
            raws = {entry.index: entry.raw for entry in chunk}
            refused_events.settle_same(tx, [raws[outcome.index] for outcome in found.taken], now)
            for entry, refusal in found.refused if keep_refused else ():
                hall = hall_named(entry.raw, configuration)
                refused_events.refuse_event(tx, hall, entry.raw, refusal.field, refusal.message, now)
    except HallwatchError:
        raise
    except Exception:
        log.exception("a batch of queue events could not be taken in at once")
        return [_alone(database, configuration, entry, now, keep_refused=keep_refused) for entry in chunk]
    for outcome in found.taken:
        EVENTS.labels(outcome.status).inc()
    for _, refusal in found.refused:
        count_refusal(refusal)
    return [*found.taken, *(_refused(entry, refusal) for entry, refusal in found.refused)]


@dataclass(frozen=True, slots=True)
class _Found:
    taken: list[Outcome]
    refused: list[tuple[_Entry, EventRefused]]


def _judged(tx: Write, configuration: Configuration, chunk: Sequence[_Entry], now: datetime) -> _Found:
    found = _Found([], [])
    for _ in range(MOST_PASSES):
        waiting = [entry for entry, _ in found.refused] if found.refused else chunk
        before = len(found.taken)
        found.refused.clear()
        for entry in waiting:
            if entry.event is None:
                found.refused.append((entry, entry.refusal or EventRefused("body", "is no event")))
                continue
            try:
                with savepoint(tx):
                    acceptance = judge(tx, configuration, entry.event, now)
            except (EventRefused, Conflict) as error:
                found.refused.append((entry, refusal_of(error)))
            else:
                found.taken.append(Outcome(entry.index, entry.event.id, acceptance.status))
        if not found.refused or len(found.taken) == before:
            break
    return found


def _alone(
    database: Database, configuration: Configuration, entry: _Entry, now: datetime, *, keep_refused: bool
) -> Outcome:
    """One event in a transaction of its own. Raises StoreBusy."""
    refusal: EventRefused
    try:
        if keep_refused:
            return Outcome(entry.index, _id(entry), accept(database, configuration, entry.raw, now).status)
        with database.write() as tx:
            event = parse(entry.raw)
            return Outcome(entry.index, event.id, judge(tx, configuration, event, now).status)
    except (EventRefused, Conflict) as error:
        refusal = refusal_of(error)
    except HallwatchError:
        raise
    except Exception as error:
        log.exception("an event could not be taken in")
        refusal = EventRefused("body", f"could not be taken in: {type(error).__name__}")
        if keep_refused:
            refuse(database, None, entry.raw, refusal, now)
    return _refused(entry, refusal)


def _refused(entry: _Entry, refusal: EventRefused) -> Outcome:
    return Outcome(entry.index, _id(entry), "refused", refusal.field, refusal.message)

"""What notifiers have been told: a place in the journal each, and what their receivers refused for good."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict
from hall.finding import Alert, Flip
from hall.journal import FactKind
from hall.names import AlertId, NotifierId
from hall.wire import from_wire
from store import alerting, journal
from store.database import Read, Write
from store.tables import failed_deliveries, notifier_cursors

TOLD = (FactKind.ALERT, FactKind.FLIP)
BATCH = 100


@dataclass(frozen=True, slots=True)
class Delivery:
    """One flip to be told, with its alert as the flip left it; `seq` is the flip's journal entry."""

    seq: int
    alert: Alert
    flip: Flip


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A flip that a receiver will never take, and why."""

    notifier: NotifierId
    seq: int
    alert: AlertId
    revision: int
    at: datetime
    reason: str


def keep(tx: Write, notifiers: Collection[NotifierId]) -> None:
    """Follow the journal for exactly these: new ones from its end on, those that are gone no longer."""
    known = set(tx.connection.execute(select(notifier_cursors.c.notifier)).scalars())
    gone = known.difference(notifiers)
    if gone:
        tx.connection.execute(delete(notifier_cursors).where(notifier_cursors.c.notifier.in_(gone)))
    for notifier in sorted(set(notifiers) - known):
        begin(tx, notifier)


def begin(tx: Write, notifier: NotifierId) -> None:
    """Follow the journal for one more notifier, from its end on."""
    tx.connection.execute(insert(notifier_cursors).values(notifier=notifier, seq=journal.last_seq(tx)))


def cursor(tx: Read, notifier: NotifierId) -> int | None:
    """The seq of the last entry that this notifier need not be told any more; None before it began."""
    query = select(notifier_cursors.c.seq).where(notifier_cursors.c.notifier == notifier)
    return tx.connection.execute(query).scalar_one_or_none()


def deliveries(tx: Read, after: int, limit: int = BATCH) -> tuple[list[Delivery], int]:
    """The flips after a place in the journal, oldest first, and up to which place that is all of them."""
    newest = journal.last_seq(tx)
    entries = journal.tail(tx, after, 2 * limit, TOLD)
    reached = entries[-1].seq if len(entries) == 2 * limit else max(after, newest)
    if entries and entries[-1].kind is FactKind.ALERT:
        reached = entries.pop().seq - 1  # its flip, the entry behind it, comes with the next batch
    found: list[Delivery] = []
    last: Alert | None = None
    for entry in entries:
        if entry.kind is FactKind.ALERT:
            last = from_wire(Alert, entry.body)
            continue
        flip = from_wire(Flip, entry.body)
        if last is None or (last.id, last.revision) != (flip.alert, flip.revision):
            last = alerting.alert(tx, flip.alert)
        found.append(Delivery(entry.seq, last, flip))
    return found, max(reached, found[-1].seq if found else after)


def advance(tx: Write, notifier: NotifierId, before: int, seq: int) -> None:
    """Move a cursor on. Raises Conflict when it stands at another place by now: somebody else moved it."""
    moved = tx.connection.execute(
        update(notifier_cursors)
        .where(notifier_cursors.c.notifier == notifier, notifier_cursors.c.seq == before)
        .values(seq=seq)
    )
    if moved.rowcount != 1:
        raise Conflict(f"notifier '{notifier}' has been told from another place meanwhile")


def give_up(tx: Write, notifier: NotifierId, delivery: Delivery, at: datetime, reason: str) -> None:
    """Remember that a receiver will never take this flip."""
    tx.connection.execute(
        insert(failed_deliveries).values(
            notifier=notifier,
            seq=delivery.seq,
            alert=delivery.alert.id,
            revision=delivery.flip.revision,
            at_us=to_microseconds(at),
            reason=reason,
        )
    )


def failed(tx: Read, notifier: NotifierId, limit: int = 50) -> list[FailedDelivery]:
    """What a notifier's receiver refused for good, the newest first."""
    query = (
        select(failed_deliveries)
        .where(failed_deliveries.c.notifier == notifier)
        .order_by(failed_deliveries.c.seq.desc())
        .limit(limit)
    )
    return [
        FailedDelivery(
            NotifierId(row.notifier),
            row.seq,
            AlertId(row.alert),
            row.revision,
            from_microseconds(row.at_us),
            row.reason,
        )
        for row in tx.connection.execute(query)
    ]

"""What notifiers were told: a place in the journal each, what receivers refused for good, and trials."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update

from hall.clock import from_microseconds, to_microseconds
from hall.errors import Conflict, NotifyError
from hall.finding import Alert, Flip
from hall.journal import FactKind
from hall.names import AlertId, HallId, NotifierId
from hall.wire import from_wire
from store import alerting, journal
from store.alert_tables import alerts
from store.database import Read, Write
from store.notifier_tables import failed_deliveries, notifier_cursors, notifier_trials
from store.rows import optional_time

TOLD = (FactKind.ALERT, FactKind.FLIP)
BATCH = 100
ASKED_AGAIN_AFTER = timedelta(seconds=30)
"""A trial that nobody has carried out for so long may be asked for anew."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One flip to be told, with its alert as the flip left it; `seq` is the flip's journal entry."""

    seq: int
    alert: Alert
    flip: Flip


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be told, in English and in Chinese."""

    en: str
    zh: str

    @classmethod
    def of(cls, error: NotifyError) -> Failure:
        """In the words of an error."""
        return cls(str(error), error.zh)


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A flip that a receiver will never take, and why."""

    notifier: NotifierId
    seq: int
    alert: AlertId
    revision: int
    at: datetime
    reason: Failure


@dataclass(frozen=True, slots=True)
class Standing:
    """How a notifier stands: told up to the journal entry `seq`, the last time at `told_at`.

    While nothing can be told `failing_since` and `failure` say since when and why.
    """

    seq: int
    told_at: datetime | None
    failing_since: datetime | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial message that somebody asked for; `failure` is None when the receiver took it."""

    notifier: NotifierId
    asked_at: datetime
    asked_by: str
    done_at: datetime | None
    failure: Failure | None


def keep(tx: Write, notifiers: Collection[NotifierId]) -> None:
    """Follow the journal for exactly these: new ones from its end on, those that are gone no longer."""
    known = set(tx.connection.execute(select(notifier_cursors.c.notifier)).scalars())
    gone = known.difference(notifiers)
    if gone:
        tx.connection.execute(delete(notifier_cursors).where(notifier_cursors.c.notifier.in_(gone)))
        tx.connection.execute(delete(notifier_trials).where(notifier_trials.c.notifier.in_(gone)))
    for notifier in sorted(set(notifiers) - known):
        begin(tx, notifier)


def begin(tx: Write, notifier: NotifierId) -> None:
    """Follow the journal for one more notifier, from its end on."""
    tx.connection.execute(insert(notifier_cursors).values(notifier=notifier, seq=journal.last_seq(tx)))


def cursor(tx: Read, notifier: NotifierId) -> int | None:
    """The seq of the last entry that this notifier need not be told any more; None before it began."""
    found = standing(tx, notifier)
    return None if found is None else found.seq


def standing(tx: Read, notifier: NotifierId) -> Standing | None:
    """How a notifier stands; None before it began."""
    query = select(notifier_cursors).where(notifier_cursors.c.notifier == notifier)
    row = tx.connection.execute(query).first()
    if row is None:
        return None
    failure = _failure(row.failure, row.failure_zh)
    return Standing(row.seq, optional_time(row.told_us), optional_time(row.failing_us), failure)


def waiting(tx: Read, after: int, wants: Callable[[Alert, Flip], bool], most: int = 1000) -> int:
    """How many flips after a place a notifier has yet to be told; counting ends at `most`."""
    count = 0
    while count < most:
        found, after = deliveries(tx, after)
        count += sum(wants(one.alert, one.flip) for one in found)
        if not found:
            break
    return min(count, most)


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


def advance(tx: Write, notifier: NotifierId, before: int, seq: int, told_at: datetime | None = None) -> None:
    """Move a cursor on; what failed before fails no longer. `told_at` is when the receiver took something.

    Raises Conflict when the cursor stands at another place by now: somebody else moved it.
    """
    told = {} if told_at is None else {"told_us": to_microseconds(told_at)}
    moved = tx.connection.execute(
        update(notifier_cursors)
        .where(notifier_cursors.c.notifier == notifier, notifier_cursors.c.seq == before)
        .values(seq=seq, failing_us=None, failure=None, failure_zh=None, **told)
    )
    if moved.rowcount != 1:
        raise Conflict(f"notifier '{notifier}' has been told from another place meanwhile")


def note_failure(tx: Write, notifier: NotifierId, at: datetime, failure: Failure) -> None:
    """Remember why nothing can be told now; since when stays from the first failure on."""
    since = func.coalesce(notifier_cursors.c.failing_us, to_microseconds(at))
    tx.connection.execute(
        update(notifier_cursors)
        .where(notifier_cursors.c.notifier == notifier)
        .values(failing_us=since, failure=failure.en, failure_zh=failure.zh)
    )


def give_up(tx: Write, notifier: NotifierId, delivery: Delivery, at: datetime, reason: Failure) -> None:
    """Remember that a receiver will never take this flip."""
    tx.connection.execute(
        insert(failed_deliveries).values(
            notifier=notifier,
            seq=delivery.seq,
            alert=delivery.alert.id,
            revision=delivery.flip.revision,
            at_us=to_microseconds(at),
            reason=reason.en,
            reason_zh=reason.zh,
        )
    )


def failed(
    tx: Read,
    notifier: NotifierId | None = None,
    limit: int = 50,
    halls: Collection[HallId] | None = None,
) -> list[FailedDelivery]:
    """What receivers refused for good, that of one notifier or of all, the newest first.

    With `halls` only what was told of alerts of these halls.
    """
    query = select(failed_deliveries).order_by(
        failed_deliveries.c.at_us.desc(), failed_deliveries.c.seq.desc(), failed_deliveries.c.notifier
    )
    if notifier is not None:
        query = query.where(failed_deliveries.c.notifier == notifier)
    if halls is not None:
        within = select(alerts.c.id).where(alerts.c.hall.in_(halls))
        query = query.where(failed_deliveries.c.alert.in_(within))
    return [
        FailedDelivery(
            NotifierId(row.notifier),
            row.seq,
            AlertId(row.alert),
            row.revision,
            from_microseconds(row.at_us),
            Failure(row.reason, row.reason_zh or row.reason),
        )
        for row in tx.connection.execute(query.limit(limit))
    ]


def ask_trial(tx: Write, notifier: NotifierId, at: datetime, who: str) -> Trial:
    """Ask for a trial message. Raises Conflict while another one has not been carried out yet."""
    before = trial(tx, notifier)
    if before is not None and before.done_at is None and at - before.asked_at < ASKED_AGAIN_AFTER:
        raise Conflict(f"trial: notifier '{notifier}' is being tried out")
    tx.connection.execute(delete(notifier_trials).where(notifier_trials.c.notifier == notifier))
    values = {"notifier": notifier, "asked_us": to_microseconds(at), "asked_by": who}
    tx.connection.execute(insert(notifier_trials).values(**values))
    return Trial(notifier, at, who, None, None)


def trial(tx: Read, notifier: NotifierId) -> Trial | None:
    """The latest trial of a notifier."""
    query = select(notifier_trials).where(notifier_trials.c.notifier == notifier)
    row = tx.connection.execute(query).first()
    if row is None:
        return None
    asked_at = from_microseconds(row.asked_us)
    failure = _failure(row.failure, row.failure_zh)
    return Trial(notifier, asked_at, row.asked_by, optional_time(row.done_us), failure)


def end_trial(tx: Write, asked: Trial, at: datetime, failure: Failure | None) -> None:
    """Write down what became of a trial, unless another one has been asked for since."""
    tx.connection.execute(
        update(notifier_trials)
        .where(
            notifier_trials.c.notifier == asked.notifier,
            notifier_trials.c.asked_us == to_microseconds(asked.asked_at),
        )
        .values(
            done_us=to_microseconds(at),
            failure=failure and failure.en,
            failure_zh=failure and failure.zh,
        )
    )


def _failure(en: str | None, zh: str | None) -> Failure | None:
    return None if en is None else Failure(en, zh or en)

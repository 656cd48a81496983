"""Searching transactions, tickets that were never served, cases and alerts, the newest first.

Every condition is asked for by the index of its narrowest member, one branch for each value of it, and every
branch ends after one page: what a search costs grows with the number of names that were meant, not with what
was recorded. A list goes on at a position, not after a number of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Column, ColumnElement, Row, Select, Table, TextClause, select, tuple_, union_all

from hall.case import Case
from hall.clock import to_microseconds
from hall.finding import Alert
from hall.names import HallId
from hall.queueing import Ticket, Transaction
from hall.search.asked import Condition
from store.alert_tables import alert_words, alerts
from store.alerting import alert_of_row
from store.case_tables import cases
from store.cases import case_of_row
from store.database import Read
from store.long_rows import LONG, LONG_US
from store.queueing import ticket_of_row, transaction_of_row
from store.tables import UNSERVED, tickets, transactions

MOST_BRANCHES = 40
"""Of one condition; one that means more names than that is looked for along the time."""
MOST_PARTS = 120
"""Of one statement."""

Where: TypeAlias = ColumnElement[bool] | TextClause


@dataclass(frozen=True, slots=True)
class Before:
    """Where a list goes on: before a moment; at it, when `at_moment`, too, and there before `identifier`."""

    at: datetime
    at_moment: bool = False
    identifier: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What of all that fits is wanted: of these halls, in this time, before that position, so many."""

    halls: frozenset[HallId]
    start: datetime | None = None
    end: datetime | None = None
    before: Before | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class _Source:
    """A table that is searched: its order, and by which columns each member of a condition is found."""

    table: Table
    moment: Column[Any]
    key: tuple[Column[Any], ...]
    standing: tuple[Where, ...]
    narrowest: tuple[str, ...]
    """Members of a condition by which there is an index, the one with the fewest rows first."""
    lasts: bool = False
    """Whether a row is found by any moment of its time, not by its beginning alone."""


_TRANSACTIONS = _Source(
    transactions,
    transactions.c.start_us,
    (transactions.c.id,),
    (transactions.c.end_us.is_(None) | (transactions.c.end_us > transactions.c.start_us),),
    ("serials", "numbers", "staff", "windows", "items"),
    lasts=True,
)
_TICKETS = _Source(tickets, tickets.c.taken_us, (tickets.c.id,), (UNSERVED,), ("numbers", "windows", "items"))
_CASES = _Source(
    cases,
    cases.c.accepted_us,
    (cases.c.hall, cases.c.serial),
    (cases.c.withdrawn.is_(False),),
    ("serials", "staff", "windows", "items"),
)
_ALERTS = _Source(
    alerts, alerts.c.start_us, (alerts.c.id,), (), ("alerts", "words", "windows", "kinds"), lasts=True
)


def transactions_found(tx: Read, conditions: Sequence[Condition], asked: Asked) -> list[Transaction]:
    """Transactions that fit one of the conditions, and that overlap the time."""
    return [transaction_of_row(row) for row in _found(tx, _TRANSACTIONS, conditions, asked)]


def tickets_found(tx: Read, conditions: Sequence[Condition], asked: Asked) -> list[Ticket]:
    """Tickets that were never served, or not yet, and were taken within the time."""
    return [ticket_of_row(row) for row in _found(tx, _TICKETS, conditions, asked)]


def cases_found(tx: Read, conditions: Sequence[Condition], asked: Asked) -> list[Case]:
    """Cases that were accepted within the time."""
    return [case_of_row(row) for row in _found(tx, _CASES, conditions, asked)]


def alerts_found(tx: Read, conditions: Sequence[Condition], asked: Asked) -> list[Alert]:
    """Alerts whose interval overlaps the time, by the beginning of their cause."""
    return [alert_of_row(row) for row in _found(tx, _ALERTS, conditions, asked)]


def _found(tx: Read, source: _Source, conditions: Sequence[Condition], asked: Asked) -> list[Row[Any]]:
    """The rows of all branches in order, each once."""
    key = _key(tx, source)
    parts = [part for condition in conditions for part in _parts(source, key, condition, asked)]
    rows: dict[tuple[Any, ...], Row[Any]] = {}
    for first in range(0, len(parts), MOST_PARTS):
        some = [part.limit(asked.limit).subquery() for part in parts[first : first + MOST_PARTS]]
        whole = select(some[0]) if len(some) == 1 else union_all(*(select(one) for one in some))
        for row in tx.connection.execute(whole):
            place = tuple(getattr(row, column.name) for column in (source.moment, *source.key))
            rows[place] = row
    return [rows[place] for place in sorted(rows, reverse=True)[: asked.limit]]


def _key(tx: Read, source: _Source) -> tuple[ColumnElement[Any], ...]:
    """What tells rows of one moment apart, in the order of characters' numbers: that of the merging, too."""
    if tx.connection.dialect.name == "sqlite":
        return source.key
    return tuple(column.collate("C") for column in source.key)


def _parts(
    source: _Source, key: tuple[ColumnElement[Any], ...], condition: Condition, asked: Asked
) -> Iterator[Select[Any]]:
    """The statements whose rows together fit a condition; of each only the first page is wanted."""
    member = next((one for one in source.narrowest if one in condition.given), None)
    values = _values(source, condition, member) if member is not None else []
    if len(values) > MOST_BRANCHES:
        member, values = None, []
    fits = [*source.standing, source.table.c.hall.in_(sorted(asked.halls))]
    fits += [
        _is_in(source, one, condition)
        for one in source.narrowest
        if one in condition.given - {member, "words"}
    ]
    words = condition.words[1:] if member == "words" else condition.words
    fits += [_has_word(word) for word in words]
    for times in _times(source, asked):
        for by in values or [()]:
            query = select(source.table).where(*by, *fits, *times, *_before(source, key, asked.before))
            yield query.order_by(source.moment.desc(), *(column.desc() for column in key))


def _values(source: _Source, condition: Condition, member: str) -> list[tuple[Where, ...]]:
    """What each branch asks its index for, one value each."""
    columns = source.table.c
    if member == "windows":
        return [
            (columns.window == window, columns.hall == hall)
            for hall, window in sorted(condition.windows or ())
        ]
    if member == "staff":
        return [
            (columns.staff == person, columns.hall == hall) for hall, person in sorted(condition.staff or ())
        ]
    if member == "words":
        return [
            (
                alert_words.c.word == word,
                alert_words.c.alert == alerts.c.id,
                alert_words.c.start_us == alerts.c.start_us,
            )
            for word in sorted(condition.words[0])
        ]
    return [(_column(source, member) == value,) for value in sorted(getattr(condition, member))]


def _is_in(source: _Source, member: str, condition: Condition) -> Where:
    values = sorted(getattr(condition, member))
    if member in ("windows", "staff"):
        column = source.table.c.window if member == "windows" else source.table.c.staff
        return tuple_(source.table.c.hall, column).in_(values)
    return _column(source, member).in_(values)


def _column(source: _Source, member: str) -> ColumnElement[Any]:
    """The column whose values a member of a condition holds."""
    numbers = "ticket_number" if source is _TRANSACTIONS else "number"
    names = {"items": "item", "numbers": numbers, "serials": "serial", "kinds": "kind", "alerts": "id"}
    return source.table.c[names[member]]


def _has_word(words: Collection[str]) -> Where:
    here = (alert_words.c.start_us == alerts.c.start_us, alert_words.c.alert == alerts.c.id)
    return select(alert_words.c.alert).where(alert_words.c.word.in_(sorted(words)), *here).exists()


def _times(source: _Source, asked: Asked) -> list[tuple[Where, ...]]:
    """Conditions on the time, each bounded in its index: none of them reads what is long over."""
    moment = source.moment
    latest = (moment < to_microseconds(asked.end),) if asked.end is not None else ()
    if asked.start is None:
        return [latest]
    start_us = to_microseconds(asked.start)
    if not source.lasts:
        return [(*latest, moment >= start_us)]
    ends = source.table.c.end_us
    still = ends.is_(None) | (ends > start_us)
    earliest = to_microseconds(asked.start - timedelta(microseconds=LONG_US))
    return [(*latest, moment >= earliest, still), (LONG, moment < earliest, still)]


def _before(source: _Source, key: tuple[ColumnElement[Any], ...], before: Before | None) -> tuple[Where, ...]:
    if before is None:
        return ()
    at_us = to_microseconds(before.at)
    if not before.at_moment:
        return (source.moment < at_us,)
    bound = source.moment <= at_us
    if before.identifier is None:
        return (bound,)
    earlier = tuple_(*key) < tuple_(*before.identifier)
    return (bound, (source.moment < at_us) | earlier)

"""Searching transactions, tickets that were never served, cases and alerts, the newest first.

Every condition is asked for by the index of its narrowest member, one branch for each value of it, and every
branch ends after one page: what a search costs grows with the number of names that were meant, not with what
was recorded. A list goes on at a position, not after a number of rows.
"""

# ruff: noqa: S608 - beside parameters only names of this module stand in the statements

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, product
from typing import Any

from sqlalchemy import Row, Table, text

from hall.case import Case
from hall.clock import to_microseconds
from hall.finding import Alert
from hall.names import HallId
from hall.queueing import Ticket, Transaction
from hall.search.asked import Condition
from store.alert_tables import alerts
from store.alerting import alert_of_row
from store.case_tables import cases
from store.cases import case_of_row
from store.database import Read
from store.long_rows import LONG_US, long_of
from store.queue_rows import ticket_of_row, transaction_of_row
from store.tables import UNSERVED, tickets, transactions

MOST_BRANCHES = 40
"""Of one condition; one that means more names than that is looked for along the time."""
MOST_PARTS = 120
"""Of one statement, and branches of words: of these there may be none at all, which along the time is found
out only at its beginning."""


_SHARE = {
    "serials": 0,
    "numbers": 0,
    "alerts": 0,
    "words": 0,
    "staff": 1,
    "windows": 1,
    "items": 5,
    "kinds": 15,
}
"""How many rows a value of a member has, as a multiple of what a window has: a hall has several times as
many windows as items that are often asked for, and few kinds of alerts."""


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
    moment: str
    key: tuple[str, ...]
    standing: str
    narrowest: tuple[str, ...]
    """Members of a condition by which there is an index, the one with the fewest rows first."""
    columns: dict[str, str]
    """The column whose values a member holds."""
    together: tuple[str, str] | None = None
    """Two of the members by which there is an index at once."""
    lasts: bool = False
    """Whether a row is found by any moment of its time, not by its beginning alone."""


_NAMED = {"windows": "window", "staff": "staff", "items": "item", "serials": "serial"}
_TRANSACTIONS = _Source(
    transactions,
    "start_us",
    ("id",),
    "(end_us IS NULL OR end_us > start_us)",
    ("serials", "numbers", "staff", "windows", "items"),
    _NAMED | {"numbers": "ticket_number"},
    together=("items", "windows"),
    lasts=True,
)
_TICKETS = _Source(
    tickets,
    "taken_us",
    ("id",),
    str(UNSERVED),
    ("numbers", "windows", "items"),
    _NAMED | {"numbers": "number"},
)
_CASES = _Source(
    cases,
    "accepted_us",
    ("hall", "serial"),
    "NOT withdrawn",
    ("serials", "staff", "windows", "items"),
    _NAMED,
    together=("items", "windows"),
)
_ALERTS = _Source(
    alerts,
    "start_us",
    ("id",),
    "",
    ("alerts", "words", "windows", "kinds"),
    {"windows": "window", "kinds": "kind", "alerts": "id"},
    lasts=True,
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


class _Reference(str):
    """A column of the values that a statement lists, where otherwise a value stands."""

    __slots__ = ()


@dataclass(slots=True)
class _Values:
    """The values of a statement's parameters; the same value is one parameter."""

    is_sqlite: bool
    names: dict[str | int, str] = field(default_factory=dict)

    def of(self, value: str | int) -> str:
        """How a value stands in the statement."""
        if isinstance(value, _Reference):
            return str(value)
        return ":" + self.names.setdefault(value, f"v{len(self.names)}")

    def listed(self, values: Iterable[str | int]) -> str:
        """Several values, as they stand behind IN."""
        return f"({', '.join(self.of(value) for value in values)})"


@dataclass(frozen=True, slots=True)
class _Branch:
    """By what a part of a condition is asked for: a value of a member, or of two; without, along the time."""

    condition: Condition
    by: tuple[tuple[str, Any], ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """By which members it goes."""
        return tuple(member for member, _value in self.by)


def _found(tx: Read, source: _Source, conditions: Sequence[Condition], asked: Asked) -> list[Row[Any]]:
    """The rows of all branches in order, each once.

    The statements are put together as text: a hundred branches out of SQLAlchemy's parts take longer to
    compile than to execute.
    """
    branches = [branch for condition in conditions for branch in _branches(source, condition)]
    rows: dict[tuple[Any, ...], Row[Any]] = {}
    for first in range(0, len(branches), MOST_PARTS):
        values = _Values(tx.connection.dialect.name == "sqlite")
        parts = [
            part
            for alike in _alike(branches[first : first + MOST_PARTS])
            for part in _parts_of_all(source, alike, asked, values)
        ]
        whole = text(" UNION ALL ".join(f"SELECT * FROM ({part}) AS branch" for part in parts))
        given = {name: value for value, name in values.names.items()}
        for row in tx.connection.execute(whole.columns(*source.table.c), given):
            place = tuple(getattr(row, column) for column in (source.moment, *source.key))
            rows[place] = row
    return [rows[place] for place in sorted(rows, reverse=True)[: asked.limit]]


def _branches(source: _Source, condition: Condition) -> list[_Branch]:
    """One for each value of the member whose values have the fewest rows, unless they are too many.

    Two members that have an index together are gone by together: what is not done at a window at all is not
    looked for among all that is done there.
    """
    values = {
        member: condition.words[0] if member == "words" else getattr(condition, member)
        for member in source.narrowest
        if member in condition.given
    }
    narrowest = min(values, key=lambda member: len(values[member]) * _SHARE[member], default=None)
    if narrowest is None or len(values[narrowest]) > (MOST_PARTS if narrowest == "words" else MOST_BRANCHES):
        return [_Branch(condition)]
    both = source.together
    if both is not None and narrowest in both and all(member in values for member in both):
        pairs = list(product(*(sorted(values[member]) for member in both)))
        if len(pairs) <= MOST_BRANCHES:
            return [_Branch(condition, tuple(zip(both, pair, strict=True))) for pair in pairs]
    return [_Branch(condition, ((narrowest, value),)) for value in sorted(values[narrowest])]


def _alike(branches: Sequence[_Branch]) -> Iterator[list[_Branch]]:
    """Branches that differ in their values only, as they follow each other."""
    for _key, alike in groupby(branches, key=lambda branch: (id(branch.condition), branch.members)):
        yield list(alike)


def _parts_of_all(
    source: _Source, branches: Sequence[_Branch], asked: Asked, values: _Values
) -> Iterator[str]:
    """The statements of branches that are alike.

    PostgreSQL plans each part of a UNION for itself, which for a hundred takes longer than executing them; of
    values that are listed it goes from one to the next by one plan. Words are too unlike for that: of some
    there are few, others stand in every alert. SQLite has no LATERAL, and plans in no time.
    """
    first = branches[0]
    if values.is_sqlite or len(branches) == 1 or "words" in first.members:
        for branch in branches:
            yield from _parts(source, branch, asked, values)
        return
    listed = ", ".join(values.listed(_flat(branch)) for branch in branches)
    columns = [f"w{number}" for number in range(len(_flat(first)))]
    references = (_Reference(f"wanted.{column}") for column in columns)
    by = tuple(
        (member, (next(references), next(references)) if isinstance(value, tuple) else next(references))
        for member, value in first.by
    )
    for part in _parts(source, _Branch(first.condition, by), asked, values):
        yield (
            f"SELECT one.* FROM (VALUES {listed}) AS wanted({', '.join(columns)}) "
            f"CROSS JOIN LATERAL ({part}) AS one"
        )


def _flat(branch: _Branch) -> list[Any]:
    """The values of a branch one by one; a window or a member of staff is a hall and a name."""
    return [one for _, value in branch.by for one in (value if isinstance(value, tuple) else (value,))]


def _parts(source: _Source, branch: _Branch, asked: Asked, values: _Values) -> Iterator[str]:
    """The statements of a branch, one for each condition on the time: of each the first page."""
    table = source.table.name
    tables, moment, key = table, f"{table}.{source.moment}", [f"{table}.{one}" for one in source.key]
    if "words" in branch.members:
        # SQLite begins with the table that is written first, here with rows in order of time.
        tables, moment, key = f"alert_words CROSS JOIN {table}", "alert_words.start_us", ["alert_words.alert"]
    fits = [*_fits(source, branch, values), f"{table}.hall IN {values.listed(sorted(asked.halls))}"]
    # Rows of one moment are told apart by the characters' numbers, as they are when branches are merged.
    key = key if values.is_sqlite else [f'{one} COLLATE "C"' for one in key]
    fits += _before(moment, key, asked.before, values)
    order = ", ".join(f"{one} DESC" for one in (moment, *key))
    for times in _times(source, moment, asked, values):
        yield (
            f"SELECT {table}.* FROM {tables} WHERE {' AND '.join((*fits, *times))} "
            f"ORDER BY {order} LIMIT {values.of(asked.limit)}"
        )


def _fits(source: _Source, branch: _Branch, values: _Values) -> Iterator[str]:
    """What a row has to fit, the member first by which the branch goes."""
    table, condition = source.table.name, branch.condition
    for member, value in branch.by:
        if member != "words":
            yield _is(source, member, [value], values)
            continue
        yield f"alert_words.word = {values.of(value)}"
        # A word's moment is its alert's. Told so, PostgreSQL expects next to no row, and sorts them all.
        same_moment = f" AND {table}.start_us = alert_words.start_us" if values.is_sqlite else ""
        yield f"{table}.id = alert_words.alert{same_moment}"
    if source.standing:
        yield source.standing
    for member in source.narrowest:
        if member in condition.given and member not in (*branch.members, "words"):
            is_along = not branch.by
            yield _is(source, member, sorted(getattr(condition, member)), values, is_along=is_along)
    start_us, alert = f"{table}.start_us", f"{table}.id"
    if "words" in branch.members:
        start_us, alert = "alert_words.start_us", "alert_words.alert"
    for words in condition.words[1:] if "words" in branch.members else condition.words:
        # OFFSET: PostgreSQL would make a join of it, and read all that was ever written with these words in
        # place of one page.
        yield (
            f"EXISTS (SELECT 1 FROM alert_words AS other WHERE other.word IN {values.listed(sorted(words))} "
            f"AND other.start_us = {start_us} AND other.alert = {alert} LIMIT 1 OFFSET 0)"
        )


def _is(
    source: _Source, member: str, wanted: Sequence[Any], values: _Values, *, is_along: bool = False
) -> str:
    """Condition: the member of a row is one of some values; windows and staff are pairs with their hall.

    `is_along`: rows are read along the time, and not by an index of this member. SQLite would take one for
    that of many values, and then has to sort all their rows; a plus before a column keeps it from that.
    """
    plus = "+" if is_along and values.is_sqlite else ""
    column = f'{plus}{source.table.name}."{source.columns[member]}"'
    if member not in ("windows", "staff"):
        return _any_of(column, wanted, values)
    by_hall: dict[str, list[str]] = {}
    for hall, name in wanted:
        by_hall.setdefault(hall, []).append(name)
    either = [
        f"({source.table.name}.hall = {values.of(hall)} AND {_any_of(column, names, values)})"
        for hall, names in by_hall.items()
    ]
    return either[0] if len(either) == 1 else f"({' OR '.join(either)})"


def _any_of(column: str, wanted: Sequence[str], values: _Values) -> str:
    return (
        f"{column} = {values.of(wanted[0])}" if len(wanted) == 1 else f"{column} IN {values.listed(wanted)}"
    )


def _times(source: _Source, moment: str, asked: Asked, values: _Values) -> list[list[str]]:
    """Conditions on the time, each bounded in its index: none of them reads what is long over."""
    latest = [f"{moment} < {values.of(to_microseconds(asked.end))}"] if asked.end is not None else []
    if asked.start is None:
        return [latest]
    start_us = values.of(to_microseconds(asked.start))
    if not source.lasts:
        return [[*latest, f"{moment} >= {start_us}"]]
    ends = f"{source.table.name}.end_us"
    still = f"({ends} IS NULL OR {ends} > {start_us})"
    earliest = values.of(to_microseconds(asked.start - timedelta(microseconds=LONG_US)))
    is_long = long_of(source.table.name)
    return [[*latest, f"{moment} >= {earliest}", still], [is_long, f"{moment} < {earliest}", still]]


def _before(moment: str, key: Sequence[str], before: Before | None, values: _Values) -> Iterator[str]:
    if before is None:
        return
    at_us = values.of(to_microseconds(before.at))
    if not before.at_moment:
        yield f"{moment} < {at_us}"
        return
    yield f"{moment} <= {at_us}"
    if before.identifier is not None:
        earlier = f"({', '.join(key)}) < {values.listed(before.identifier)}"
        yield f"({moment} < {at_us} OR {earlier})"

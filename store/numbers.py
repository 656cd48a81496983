"""Ticket and serial numbers that begin as somebody has typed: for suggestions, and to search by a beginning.

Both databases compare text by rules of their own; what begins with a text never stands before it. So numbers
are read in order from the text on, a bounded number of them, and those are kept that begin so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select

from hall.names import HallId
from store.case_tables import cases
from store.database import Read
from store.tables import tickets, transactions

LOOKED_AT = 60
"""Different ticket numbers in each hall, from the text on."""
SERIALS_LOOKED_AT = 1000
"""Rows with serial numbers, from the text on."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers that begin as asked, in order; `is_cut`: there are more."""

    found: tuple[str, ...]
    is_cut: bool


def tickets_beginning(tx: Read, typed: str, halls: Collection[HallId], limit: int) -> Numbers:
    """The numbers of tickets, whenever they were taken: each number that begins with `typed`."""
    found = {number for form in _forms(typed) for hall in halls for number in _numbers(tx, form, hall)}
    return _cut(found, limit)


def serials_beginning(tx: Read, typed: str, halls: Collection[HallId], limit: int) -> Numbers:
    """The serial numbers of transactions and cases that begin with `typed`."""
    found: set[str] = set()
    for form in _forms(typed):
        begin = func.substr(literal(form), 1, len(form))
        following = (
            select(transactions.c.serial, transactions.c.hall)
            .where(transactions.c.serial >= form)
            .order_by(transactions.c.serial)
            .limit(SERIALS_LOOKED_AT)
            .subquery()
        )
        handled = select(following.c.serial).where(
            following.c.hall.in_(sorted(halls)), func.substr(following.c.serial, 1, len(form)) == begin
        )
        found |= set(tx.connection.execute(handled.distinct().limit(limit + 1)).scalars())
        for hall in halls:
            accepted = (
                select(cases.c.serial)
                .where(cases.c.hall == hall, cases.c.serial >= form, cases.c.withdrawn.is_(False))
                .order_by(cases.c.serial)
                .limit(limit + 1)
            )
            rows = tx.connection.execute(accepted).scalars()
            found |= {serial for serial in rows if serial.startswith(form)}
    return _cut(found, limit)


def known_items(tx: Read, typed: str) -> list[str]:
    """The items of this name that anybody ever applied for."""
    item = transactions.c.item
    found = (
        tx.connection.execute(select(item).where(item == form).limit(1)).scalar() for form in _forms(typed)
    )
    return [one for one in found if one is not None]


def _numbers(tx: Read, form: str, hall: HallId) -> Iterable[str]:
    """One look into the index for each different number: a number is given out again every day."""
    number, of_hall = tickets.c.number, tickets.c.hall == hall

    def least(condition: ColumnElement[bool]) -> ScalarSelect[Any]:
        return select(func.min(number)).where(of_hall, condition).scalar_subquery()

    first = select(least(number >= form).label("number"), literal(1).label("nth"))
    up = first.cte("up", recursive=True)
    following = select(least(number > up.c.number), up.c.nth + 1)
    up = up.union_all(following.where(up.c.number.is_not(None), up.c.nth < LOOKED_AT))
    rows = tx.connection.execute(select(up.c.number).where(up.c.number.is_not(None))).scalars()
    return [found for found in rows if found.startswith(form)]


def _forms(typed: str) -> list[str]:
    """As it was typed, and in capitals and small letters: people do not mind them, numbers do."""
    return list(dict.fromkeys((typed, typed.upper(), typed.lower())))


def _cut(found: Collection[str], limit: int) -> Numbers:
    return Numbers(tuple(sorted(found)[:limit]), len(found) > limit)

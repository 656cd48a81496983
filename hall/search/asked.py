"""What is sought: senses of the words that were typed, and the conditions that rows have to fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from hall.finding import AlertKind
from hall.names import AlertId, HallId, StaffId, WindowId
from hall.place import Text
from hall.search.words import has_han


class ResultKind(StrEnum):
    """What a search finds. Of the same moment, they stand in this order."""

    TRANSACTION = "transaction"
    TICKET = "ticket"
    """One that was never served: those that were are found as their transactions."""
    CASE = "case"
    ALERT = "alert"


class SenseKind(StrEnum):
    """As what a word was understood."""

    TIME = "time"
    WINDOW = "window"
    UNIT = "unit"
    STAFF = "staff"
    ITEM = "item"
    ALERT_KIND = "alert_kind"
    ALERT = "alert"
    TICKET = "ticket"
    SERIAL = "serial"
    TEXT = "text"
    """In what people wrote about alerts."""


Post = tuple[HallId, WindowId]
"""A window of a hall: in another hall another one may be called so."""
Person = tuple[HallId, StaffId]

MEMBERS = ("windows", "staff", "items", "numbers", "serials", "kinds", "alerts")
"""The members of a condition of which a row fits one value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a row has to fit: every member that is given; None: anything.

    `words` are of alerts: of each set one has to stand in it.
    """

    windows: frozenset[Post] | None = None
    staff: frozenset[Person] | None = None
    items: frozenset[str] | None = None
    numbers: frozenset[str] | None = None
    serials: frozenset[str] | None = None
    kinds: frozenset[AlertKind] | None = None
    alerts: frozenset[AlertId] | None = None
    words: tuple[frozenset[str], ...] = ()

    def narrowed(self, other: Condition) -> Condition | None:
        """What fits both, or None when nothing can."""
        both = Condition(
            windows=_both(self.windows, other.windows),
            staff=_both(self.staff, other.staff),
            items=_both(self.items, other.items),
            numbers=_both(self.numbers, other.numbers),
            serials=_both(self.serials, other.serials),
            kinds=_both(self.kinds, other.kinds),
            alerts=_both(self.alerts, other.alerts),
            words=tuple(dict.fromkeys((*self.words, *other.words))),
        )
        return None if any(getattr(both, member) == frozenset() for member in MEMBERS) else both

    @property
    def given(self) -> frozenset[str]:
        """The names of the members that are given."""
        named = {member for member in MEMBERS if getattr(self, member) is not None}
        return frozenset(named | {"words"} if self.words else named)


Value = TypeVar("Value")


def _both(one: frozenset[Value] | None, two: frozenset[Value] | None) -> frozenset[Value] | None:
    if one is None or two is None:
        return two if one is None else one
    return one & two


@dataclass(frozen=True, slots=True)
class Sense:
    """One way in which a word can be meant. `names` are of those it means, in both languages."""

    kind: SenseKind
    condition: Condition
    names: tuple[Text, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or words that belong together, and the ways in which it can be meant: any of them.

    `text` is folded, `typed` as it was typed: numbers may be told apart by their case.
    """

    text: str
    senses: tuple[Sense, ...] = ()
    typed: str = ""

    @property
    def may_be_a_number(self) -> bool:
        """Whether it may be a ticket's or a serial number, or how one begins.

        A window's short number is taken for that alone.
        """
        is_named = any(sense.kind in (SenseKind.WINDOW, SenseKind.UNIT) for sense in self.senses)
        has_digit = any(mark.isdigit() for mark in self.text)
        is_short = len(self.text) < 4 or has_han(self.text)
        return has_digit and " " not in self.text and not (is_named and is_short)


APPLIES: dict[ResultKind, frozenset[str]] = {
    ResultKind.TRANSACTION: frozenset({"windows", "staff", "items", "numbers", "serials"}),
    ResultKind.TICKET: frozenset({"windows", "items", "numbers"}),
    ResultKind.CASE: frozenset({"windows", "staff", "items", "serials"}),
    ResultKind.ALERT: frozenset({"windows", "kinds", "alerts", "words"}),
}
"""By what each kind can be found."""

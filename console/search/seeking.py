"""From what was typed to a page of rows: words become conditions, and four kinds of rows one list in time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from hall.case import Case
from hall.finding import Alert
from hall.names import AlertId, HallId
from hall.queueing import Ticket, Transaction
from hall.search.asked import Condition, ResultKind, Sense, SenseKind, Word
from hall.search.names import Names
from hall.search.times import Times
from hall.search.understanding import conditions, understood
from hall.search.words import words_of
from store import alerting, numbers, searching
from store.database import Read
from store.searching import Asked, Before

MOST_NUMBERS = 40
"""Ticket or serial numbers that one word may begin; with more of them the beginning is too short."""
RANKS = {kind: rank for rank, kind in enumerate(ResultKind)}

Fact: TypeAlias = Transaction | Ticket | Case | Alert


@dataclass(frozen=True, slots=True)
class Sought:
    """What is sought. `cut` are words that begin more numbers than are looked for."""

    times: Times | None
    words: tuple[Word, ...]
    left_out: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One row. Rows stand in the order of `place`, the greatest first."""

    kind: ResultKind
    at: datetime
    identifier: tuple[str, ...]
    fact: Fact

    @property
    def place(self) -> tuple[datetime, int, tuple[str, ...]]:
        """What orders rows: the moment, of one moment the kind, and then the identifier."""
        return self.at, -RANKS[self.kind], self.identifier


@dataclass(frozen=True, slots=True)
class Position:
    """The row after which a list goes on."""

    kind: ResultKind
    at: datetime
    identifier: tuple[str, ...]

    def before(self, kind: ResultKind) -> Before:
        """Where the rows of a kind go on."""
        if kind is self.kind:
            return Before(self.at, at_moment=True, identifier=self.identifier)
        return Before(self.at, at_moment=RANKS[kind] > RANKS[self.kind])


def sought(
    tx: Read, text: str, names: Names, halls: Collection[HallId], now: datetime, zone: ZoneInfo
) -> Sought:
    """What a text asks for, of these halls; the store tells which words are numbers."""
    known = understood(text, names, now, zone)
    words, cut = [], []
    for word in known.words:
        numbered, is_cut = _with_numbers(tx, word, halls)
        words.append(numbered)
        cut += [word.typed] if is_cut else []
    return Sought(known.times, tuple(words), known.left_out, tuple(cut))


def page(
    tx: Read,
    sought: Sought,
    base: Condition,
    kinds: Collection[ResultKind],
    asked: Asked,
    after: Position | None,
) -> list[Found]:
    """The newest rows of these kinds that fit `base` and what is sought, at most `asked.limit` of them."""
    found: list[Found] = []
    for kind in kinds:
        wanted = conditions(kind, sought.words, base)
        if not wanted:
            continue
        before = after.before(kind) if after is not None else None
        found += _rows(tx, kind, wanted, replace(asked, before=before))
    return sorted(found, key=lambda row: row.place, reverse=True)[: asked.limit]


def _rows(tx: Read, kind: ResultKind, wanted: Sequence[Condition], asked: Asked) -> list[Found]:
    match kind:
        case ResultKind.TRANSACTION:
            served = searching.transactions_found(tx, wanted, asked)
            return [Found(kind, one.interval.start, (one.id,), one) for one in served]
        case ResultKind.TICKET:
            taken = searching.tickets_found(tx, wanted, asked)
            return [Found(kind, one.taken_at, (one.id,), one) for one in taken]
        case ResultKind.CASE:
            accepted = searching.cases_found(tx, wanted, asked)
            return [Found(kind, one.accepted_at, (one.hall, one.serial), one) for one in accepted]
        case ResultKind.ALERT:
            alerts = searching.alerts_found(tx, wanted, asked)
            return [Found(kind, one.interval.start, (one.id,), one) for one in alerts]


def _with_numbers(tx: Read, word: Word, halls: Collection[HallId]) -> tuple[Word, bool]:
    """A word with the numbers that begin so among its senses, and whether there are too many of them.

    Items are known from queue events, too: the configuration need not name them.
    """
    if all(sense.kind is SenseKind.TEXT for sense in word.senses):
        items = numbers.known_items(tx, word.typed)
        if items:
            item = Sense(SenseKind.ITEM, Condition(items=frozenset(items)))
            word = replace(word, senses=(item, *word.senses))
    if not word.may_be_a_number:
        return word, False
    tickets = numbers.tickets_beginning(tx, word.typed, halls, MOST_NUMBERS)
    serials = numbers.serials_beginning(tx, word.typed, halls, MOST_NUMBERS)
    senses = list(word.senses)
    if tickets.found:
        senses.append(Sense(SenseKind.TICKET, Condition(numbers=frozenset(tickets.found))))
    if serials.found:
        senses.append(Sense(SenseKind.SERIAL, Condition(serials=frozenset(serials.found))))
    named = [words_of(number) for number in (*tickets.found, *serials.found)]
    about = frozenset().union(*(words for words in named if len(words) == 1))
    if about:
        senses = [sense for sense in senses if sense.kind is not SenseKind.TEXT]
        senses.append(Sense(SenseKind.TEXT, Condition(words=(about | words_of(word.text),))))
    alert = alerting.find_alert(tx, AlertId(word.typed))
    if alert is not None and alert.subject.hall in halls:
        senses.append(Sense(SenseKind.ALERT, Condition(alerts=frozenset({alert.id}))))
    return replace(word, senses=tuple(senses)), tickets.is_cut or serials.is_cut

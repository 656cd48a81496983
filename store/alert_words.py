"""The words by which alerts are found: what people wrote about them, and the numbers that they name.

What a rule says of an alert is no free text: kind, window and time are looked for as such. Kept as a table of
words rather than in a full-text index, because SQLite's and PostgreSQL's take Chinese apart differently, and
neither gives the newest of a common word first without reading all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, select, update

from hall.clock import to_microseconds
from hall.finding import Actor, Alert, Flip
from hall.search.words import words_of
from store.alert_tables import alert_words
from store.database import Write

WRITTEN = ("who", "text", "assignee")
"""The values of an officer's flip that are words of people."""


def opened(tx: Write, alert: Alert) -> None:
    """Enter the numbers that a new alert names."""
    _enter(tx, alert, words_of_subject(alert))


def flipped(tx: Write, alert: Alert, flip: Flip) -> None:
    """Enter what somebody wrote."""
    _enter(tx, alert, words_of_flip(flip))


def moved(tx: Write, before: Alert, after: Alert) -> None:
    """Keep the words where the alert begins now."""
    if before.interval.start == after.interval.start:
        return
    change = update(alert_words).where(alert_words.c.alert == after.id)
    tx.connection.execute(change.values(start_us=to_microseconds(after.interval.start)))


def words_of_subject(alert: Alert) -> frozenset[str]:
    """The ticket's and the serial number that an alert is about, as words."""
    numbers = (alert.subject.ticket_number, alert.subject.serial)
    return frozenset().union(*(words_of(number) for number in numbers if number is not None))


def words_of_flip(flip: Flip) -> frozenset[str]:
    """The words of people in a flip; none in one that a rule or the time brought about."""
    if flip.actor is not Actor.OFFICER:
        return frozenset()
    return frozenset().union(*(words_of(flip.reason.values.get(value, "")) for value in WRITTEN))


def _enter(tx: Write, alert: Alert, words: Iterable[str]) -> None:
    known = select(alert_words.c.word).where(alert_words.c.alert == alert.id)
    new = frozenset(words)
    if new:
        new -= set(tx.connection.execute(known).scalars())
    if new:
        start_us = to_microseconds(alert.interval.start)
        rows = [{"word": word, "start_us": start_us, "alert": alert.id} for word in sorted(new)]
        tx.connection.execute(insert(alert_words), rows)

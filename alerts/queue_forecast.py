"""How long those in a queue are going to wait.

A forecast is a plain one, so that it can be told to anybody: the last of N who wait is called after N
services; C windows at work end one every M / C, where M is the median of the services that ended within the
last hour. So he waits N × M / C. With fewer than three such services, or without a window at work, nothing
is said.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.facts import HallQueue
from alerts.matter_facts import day_end
from hall.config import HallSettings
from hall.interval import Interval
from hall.queueing import Ticket, TicketStatus

LOOKED_BACK = timedelta(hours=1)
FEWEST = 3
"""Services of the last hour from which on their median says something."""


@dataclass(frozen=True, slots=True)
class Line:
    """How a queue stands from one moment on: how many wait and work, and how long a service takes."""

    since: datetime
    waiting: int
    at_work: int
    service: timedelta | None = None

    @property
    def forecast(self) -> timedelta | None:
        """How long the last in line is going to wait; None when too little is known."""
        return expected(self.waiting, self.at_work, self.service)


def expected(waiting: int, at_work: int, service: timedelta | None) -> timedelta | None:
    """The wait of the last of those who wait: N × M / C, see above."""
    if waiting == 0:
        return timedelta(0)
    if service is None or at_work == 0:
        return None
    return waiting * service / at_work


def lines(queue: HallQueue) -> list[Line]:
    """How the queue stood over time, in order, also ahead: what is known now goes on."""
    changes = sorted(_changes(queue), key=lambda change: change.at)
    found: list[Line] = []
    services: list[timedelta] = []
    waiting = at_work = 0
    for change in changes:
        waiting += change.waiting
        at_work += change.at_work
        if change.began is not None:
            insort(services, change.began)
        if change.aged is not None:
            services.remove(change.aged)
        service = _middle(services) if len(services) >= FEWEST else None
        line = Line(change.at, waiting, at_work, service)
        if found and found[-1].since == line.since:
            found.pop()
        found.append(line)
    return found


def waiting_at(queue: HallQueue, at: datetime) -> list[Ticket]:
    """The tickets that wait at a moment, the longest first, each with the beginning of that wait."""
    found = [
        replace(ticket, waiting_since=wait.start)
        for ticket in queue.tickets
        for wait in waits_of(queue.hall, ticket)
        if wait.contains(at)
    ]
    return sorted(found, key=lambda ticket: (ticket.waiting_since, ticket.number))


def waits_of(hall: HallSettings, ticket: Ticket) -> Iterator[Interval]:
    """When a ticket waited for a call, in order. The last wait is left out where nothing tells how it ended.

    The end of one that nobody calls is that of its day.
    """
    waits = list(ticket.past_waits)
    end = ticket.called_at or ticket.finished_at
    if end is not None or ticket.status is TicketStatus.WAITING:
        waits.append(Interval(ticket.waiting_since, end))
    expires = day_end(hall, ticket.taken_at)
    for wait in waits:
        over = expires if wait.end is None else min(wait.end, expires)
        yield Interval(wait.start, max(wait.start, over))


def told_by(hall: HallSettings, before: Ticket | None, ticket: Ticket) -> datetime | None:
    """The first moment at which a queue stood otherwise than was known before a ticket changed; or None."""
    known = frozenset(_changes_by(hall, before)) if before is not None else frozenset()
    return min((change.at for change in known ^ frozenset(_changes_by(hall, ticket))), default=None)


def _middle(ordered: Sequence[timedelta]) -> timedelta:
    """The median of lengths in order."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@dataclass(frozen=True, slots=True)
class _Change:
    """What changes at a moment: who waits and works, a service that begins to count, one that has aged."""

    at: datetime
    waiting: int = 0
    at_work: int = 0
    began: timedelta | None = None
    aged: timedelta | None = None


def _changes(queue: HallQueue) -> Iterator[_Change]:
    for ticket in queue.tickets:
        yield from _changes_by(queue.hall, ticket)
    for part in _at_work(queue):
        yield _Change(part.start, at_work=1)
        if part.end is not None:
            yield _Change(part.end, at_work=-1)


def _changes_by(hall: HallSettings, ticket: Ticket) -> Iterator[_Change]:
    """What one ticket changes: its waits, and the service that tells how long one takes."""
    for wait in waits_of(hall, ticket):
        if wait.end is not None and wait.end != wait.start:
            yield _Change(wait.start, waiting=1)
            yield _Change(wait.end, waiting=-1)
    if ticket.status is TicketStatus.SERVED and ticket.started_at and ticket.finished_at:
        length = max(timedelta(0), ticket.finished_at - ticket.started_at)
        yield _Change(ticket.finished_at, began=length)
        yield _Change(ticket.finished_at + LOOKED_BACK, aged=length)


def _at_work(queue: HallQueue) -> Iterable[Interval]:
    return (part for desk in queue.desks for part in desk.at_work(queue.hall))

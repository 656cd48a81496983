"""What the picture knows of the queues of halls: tickets that wait, and those served within the last hours.

Only of halls with a rule about long queues; of others nothing is kept. A queue is judged anew at most once a
second, however many tickets are taken and called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from alerts.desks import Desk
from alerts.facts import HallQueue, Sight
from alerts.queue_forecast import LOOKED_BACK, told_by, waits_of
from hall.config import HallSettings
from hall.names import HallId, TicketId, WindowId
from hall.queueing import Ticket, TicketStatus
from hall.rule import LongQueueRule
from store import queueing
from store.database import Read

BEFORE = LOOKED_BACK + timedelta(minutes=5)
"""So much earlier than a queue is judged its tickets are known: what a service took counts for an hour."""
A_DAY = timedelta(days=1)
JUDGED_EVERY = timedelta(seconds=1)
MOST_TICKETS = 50_000
TICK = timedelta(microseconds=1)


class Queues:
    """The tickets of halls whose queue is judged. No thread safety."""

    def __init__(self) -> None:
        self._halls: Mapping[HallId, HallSettings] = {}
        self._tickets: dict[HallId, dict[TicketId, Ticket]] = {}
        self._reach: dict[HallId, datetime] = {}
        self._changed: dict[HallId, datetime | None] = {}
        self._judged: dict[HallId, datetime] = {}

    def read(self, halls: Mapping[HallId, HallSettings]) -> None:
        """Forget everything; these are the halls."""
        self._halls = {hall.id: hall for hall in halls.values() if judges_queue(hall)}
        self._tickets.clear()
        self._reach.clear()
        self._changed = dict.fromkeys(self._halls)

    def reach(self, tx: Read, hall: HallId, since: datetime) -> None:
        """Know all tickets that say something of the queue of a hall from `since` on, and no others."""
        if hall not in self._halls:
            return
        reach, known = since - BEFORE, self._reach.get(hall)
        if known is None or reach < known:
            found = queueing.tickets_of(tx, hall, since=reach - A_DAY, limit=MOST_TICKETS)
            self._tickets[hall] = {ticket.id: ticket for ticket in found}
        self._reach[hall] = reach
        tickets = self._tickets[hall]
        for one in [one for one in tickets.values() if _is_over(self._halls[hall], one, reach)]:
            del tickets[one.id]

    def take(self, ticket: Ticket) -> None:
        """Take in a ticket as it stands now."""
        if (hall := self._halls.get(ticket.hall)) is None:
            return
        tickets = self._tickets.setdefault(hall.id, {})
        told = told_by(hall, tickets.get(ticket.id), ticket)
        tickets[ticket.id] = ticket
        self._note(hall.id, told - TICK if told is not None else None)

    def touch(self, hall: HallId, told: datetime) -> None:
        """A window of the hall had another state, after the moment `told`."""
        if hall in self._halls:
            self._note(hall, told)

    def _note(self, hall: HallId, told: datetime | None) -> None:
        earliest = [moment for moment in (told, self._changed.get(hall)) if moment is not None]
        self._changed[hall] = min(earliest, default=None)

    def due(self, at: datetime) -> dict[HallId, datetime | None]:
        """The halls whose queue may be judged again, with the moment after which it stood otherwise.

        That is None where only the words of a finding may have changed.
        """
        ready = {
            hall: told
            for hall, told in self._changed.items()
            if (judged := self._judged.get(hall)) is None or not judged <= at < judged + JUDGED_EVERY
        }
        for hall in ready:
            del self._changed[hall]
        self._judged |= dict.fromkeys(ready, at)
        return ready

    def next(self) -> datetime | None:
        """When a queue that has changed, but was judged just before, may be judged again."""
        return min((self._judged[hall] + JUDGED_EVERY for hall in self._changed), default=None)

    def halls(self) -> set[HallId]:
        """The halls whose queue is judged."""
        return set(self._halls)

    def facts(
        self,
        hall: HallSettings,
        desks: Iterable[Desk],
        people: tuple[Sight, ...],
        staff: tuple[tuple[WindowId, tuple[Sight, ...]], ...],
    ) -> HallQueue | None:
        """The queue of a hall, or None where it is not judged."""
        if hall.id not in self._reach:
            return None
        known_from = self._reach[hall.id] + BEFORE
        return HallQueue(
            hall, tuple(self._tickets[hall.id].values()), tuple(desks), people, known_from, staff
        )


def judges_queue(hall: HallSettings) -> bool:
    """Whether a hall has a rule about long queues."""
    return any(isinstance(rule, LongQueueRule) and rule.enabled for rule in hall.rules)


def _is_over(hall: HallSettings, ticket: Ticket, reach: datetime) -> bool:
    if ticket.status in (TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.ON_HOLD):
        return ticket.taken_at < reach - A_DAY
    ends = [*(wait.end for wait in waits_of(hall, ticket)), ticket.finished_at]
    return all(end is None or end < reach for end in ends)

"""What the picture knows of the queues of halls: tickets that wait, and those served within the last hours.

Only of halls with a rule about long queues; of others nothing is kept. A queue is judged anew at most once a
second, however many tickets are taken and called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from alerts.desks import Desk
from alerts.facts import HallQueue, Sight
from alerts.queue_forecast import LOOKED_BACK, wait_of
from hall.config import HallSettings
from hall.names import HallId, TicketId, WindowId
from hall.queueing import Ticket, TicketStatus
from hall.rule import LongQueueRule
from store import queueing
from store.database import Read

KEPT = timedelta(hours=2)
"""How far back queues are told; further where a long queue that lasts began earlier."""
A_DAY = timedelta(days=1)
JUDGED_EVERY = timedelta(seconds=1)
MOST_TICKETS = 50_000


class Queues:
    """The tickets of halls whose queue is judged. No thread safety."""

    def __init__(self) -> None:
        self._halls: Mapping[HallId, HallSettings] = {}
        self._tickets: dict[HallId, dict[TicketId, Ticket]] = {}
        self._changed: set[HallId] = set()
        self._judged: dict[HallId, datetime] = {}

    def read(
        self,
        tx: Read,
        halls: Mapping[HallId, HallSettings],
        at: datetime,
        since: Callable[[HallId], datetime | None],
    ) -> None:
        """Read everything anew. `since` gives when a long queue that lasts in a hall began, if one does."""
        self._halls = {hall.id: hall for hall in halls.values() if judges_queue(hall)}
        self._tickets.clear()
        self._changed = set(self._halls)
        for hall in self._halls.values():
            known = queueing.tickets_of(tx, hall.id, since=at - 2 * A_DAY, limit=MOST_TICKETS)
            self._tickets[hall.id] = {ticket.id: ticket for ticket in known}
            self._prune(hall, _reach(at, since(hall.id)))

    def take(self, ticket: Ticket) -> None:
        """Take in a ticket as it stands now."""
        if ticket.hall in self._halls:
            self._tickets[ticket.hall][ticket.id] = ticket
            self._changed.add(ticket.hall)

    def touch(self, hall: HallId) -> None:
        """A window of the hall has another state."""
        if hall in self._halls:
            self._changed.add(hall)

    def due(self, at: datetime) -> set[HallId]:
        """The halls whose queue has changed and may be judged again."""
        ready = {
            hall
            for hall in self._changed
            if (judged := self._judged.get(hall)) is None or not judged <= at < judged + JUDGED_EVERY
        }
        self._changed -= ready
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
        at: datetime,
        since: datetime | None,
    ) -> HallQueue | None:
        """The queue of a hall, or None where it is not judged. `since`: when one that lasts began."""
        if hall.id not in self._halls:
            return None
        reach = _reach(at, since)
        self._prune(hall, reach)
        return HallQueue(hall, tuple(self._tickets[hall.id].values()), tuple(desks), people, reach, staff)

    def _prune(self, hall: HallSettings, reach: datetime) -> None:
        """Forget tickets that say nothing of the time from `reach` on."""
        tickets = self._tickets[hall.id]
        over = [ticket.id for ticket in tickets.values() if _is_over(hall, ticket, reach)]
        for identifier in over:
            del tickets[identifier]


def judges_queue(hall: HallSettings) -> bool:
    """Whether a hall has a rule about long queues."""
    return any(isinstance(rule, LongQueueRule) and rule.enabled for rule in hall.rules)


def _reach(at: datetime, since: datetime | None) -> datetime:
    return min(at - KEPT, since or at) - LOOKED_BACK - timedelta(minutes=5)


def _is_over(hall: HallSettings, ticket: Ticket, reach: datetime) -> bool:
    if ticket.status in (TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.ON_HOLD):
        return ticket.taken_at < reach - A_DAY
    wait = wait_of(hall, ticket)
    ends = [wait.end if wait is not None else None, ticket.finished_at]
    return all(end is None or end < reach for end in ends)

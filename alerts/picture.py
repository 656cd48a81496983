"""The picture: every subject with the facts that it is judged by, kept up to date from the journal.

The journal says what changed, the store says how it stands: an entry names a subject, whose facts are
then read anew. Work grows with the number of changes, not with the number of windows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from alerts import excuses, matters, sights
from alerts.desks import Desk, Work
from alerts.equipment import Equipment, is_about_equipment
from alerts.excuses import Excuses
from alerts.facts import (
    DiskSpace,
    Facts,
    HallOutage,
    HallQueue,
    Outage,
    Post,
    Sight,
    Voices,
    Wait,
    WaitingArea,
)
from alerts.known_years import KnownYears
from alerts.lately import KEPT, REVISED, KnownAlerts, Over
from alerts.matters import Matters
from alerts.queues import Queues
from alerts.rules.attendance import earliest
from alerts.watermarks import Watermarks
from hall.case import Case
from hall.config import Configuration, HallSettings
from hall.finding import Alert, Subject
from hall.journal import FactKind, JournalEntry
from hall.names import CameraId, HallId, RuleId, TicketId, WindowId
from hall.observing import Observation, ObservationKind
from hall.place import Camera, ZoneRole
from hall.queueing import Ticket, TicketStatus, WindowStatus
from hall.rule import CrowdingRule, LongQueueRule, Rule
from hall.storage import Disk
from hall.wire import from_wire
from store import calendar, configuration, disks, journal, queueing
from store.database import Read

FOLLOWED = (
    FactKind.CONFIGURATION,
    FactKind.GAP,
    FactKind.TICKET,
    FactKind.WINDOW_STATUS,
    FactKind.OBSERVATION,
    FactKind.ALERT,
    FactKind.DISK,
    FactKind.CALENDAR,
    *matters.FOLLOWED,
    *excuses.FOLLOWED,
)
REREAD = frozenset({FactKind.CONFIGURATION, FactKind.CALENDAR})
"""Facts that may change every subject."""
BATCH = 500
A_DAY = timedelta(days=1)
NOT_WATCHED = frozenset({"ticket", "disk", "transaction", "case"})
"""Kinds of subjects that no camera tells anything of."""
MOST_TICKETS = 50_000
MOST_BEHIND = 100_000
"""Entries of the journal: who is further behind begins there. It is days of a hall."""
TICK = timedelta(microseconds=1)
EVER = datetime.min.replace(tzinfo=UTC)

SubjectKey: TypeAlias = tuple[HallId, str]
"""Hall and `Subject.name`."""


@dataclass(frozen=True, slots=True)
class _Window:
    statuses: tuple[WindowStatus, ...]
    seen: tuple[Observation, ...]


def key_of(subject: Subject) -> SubjectKey:
    """The key of a subject."""
    return subject.hall, subject.name


class Picture:
    """What is known at journal entry `seq`. Built in one read transaction; no thread safety."""

    def __init__(
        self, tx: Read, at: datetime, away_since: datetime | None = None, judged: int | None = None
    ) -> None:
        """Read everything that can be judged at `at`. Nobody has judged since `away_since`, if ever.

        Entries up to the seq `judged` have been judged (None: all); `follow` begins with the one after it.
        """
        newest = journal.last_seq(tx)
        self.seq = newest if judged is None else max(min(judged, newest), newest - MOST_BEHIND)
        self._tells_of: dict[SubjectKey, datetime] = {}
        self._untold: dict[SubjectKey, datetime] = {}
        self._known_from: dict[SubjectKey, datetime] = {}
        self._halls: dict[HallId, HallSettings] = {}
        self._placed: dict[CameraId, tuple[HallId, Camera]] = {}
        self._windows: dict[SubjectKey, _Window] = {}
        self._tickets: dict[SubjectKey, Ticket] = {}
        self._people: dict[SubjectKey, tuple[Observation, ...]] = {}
        self._disks: dict[SubjectKey, Disk] = {}
        self._watermarks = Watermarks(tx, at)
        self._known_years = KnownYears()
        self._matters = Matters()
        self._excuses = Excuses()
        self._queues = Queues()
        self._followed_at = at
        self._alerts = KnownAlerts(tx, at, away_since or at)
        self._equipment = Equipment(at, away_since or at, self._alerts)
        self._read_configuration(tx, configuration.current(tx), at)

    def keys(self) -> set[SubjectKey]:
        """Every subject that can be judged, and every one that has a lasting alert."""
        known = (self._windows, self._tickets, self._people, self._disks, self._alerts.keys())
        queues = {key_of(Subject(hall)) for hall in self._queues.halls()}
        return (
            {key for keys in known for key in keys} | queues | self._matters.keys() | self._equipment.keys()
        )

    def follow(self, tx: Read, at: datetime) -> set[SubjectKey]:
        """Take in what the journal tells since, and say whom it concerns."""
        self._followed_at = at
        self._alerts.prune(at)  # before alerts of long ago are learned, of which something is told now
        self._tells_of, self._untold = self._untold, {}
        affected: set[SubjectKey] = set(self._tells_of)
        read: set[SubjectKey] = set()
        while True:
            # Read before the tail: whatever commits in between is then met again, never skipped.
            newest = journal.last_seq(tx)
            entries = journal.tail(tx, self.seq, BATCH, FOLLOWED)
            if any(entry.kind in REREAD for entry in entries):
                self._read_configuration(tx, configuration.current(tx), at)
                affected |= self.keys()
            for entry in entries:
                if entry.kind is FactKind.ALERT:
                    affected.add(self._alerts.note(from_wire(Alert, entry.body), entry.at))
                elif entry.kind in excuses.FOLLOWED:
                    affected |= self._excuses.take(tx, entry, at)
                elif is_about_equipment(entry):
                    told = _tells_of(entry)
                    read |= self._note_of(entry, self._equipment.take(tx, entry, at, told))
                elif (key := self._take(tx, entry)) is not None:
                    affected |= self._note_of(entry, {key})
            self.seq = max(self.seq, entries[-1].seq if len(entries) == BATCH else newest)
            if len(entries) < BATCH:
                break
        queues = {key_of(Subject(hall)): since for hall, since in self._queues.due(at).items()}
        for key, since in (*queues.items(), *self._equipment.turned(tx, at).items()):
            if since is not None:
                self._tells_of[key] = min(since, self._tells_of.get(key, since))
            affected.add(key)
        for hall, name in affected:
            self._read_subject(tx, hall, name, at)
        self._alerts.came_back()
        return affected | read | self._equipment.settled(at)

    def tells_of(self, key: SubjectKey) -> datetime | None:
        """A moment before which what was followed last tells nothing of a subject. None: it tells nothing."""
        return self._tells_of.get(key)

    def tell_again(self, key: SubjectKey, told: datetime) -> None:
        """What was followed tells of a subject from `told` on, and could not be taken into account yet."""
        self._untold[key] = min(told, self._untold.get(key, told))

    def tell_no_more(self) -> None:
        """Nothing that was followed is to be told again."""
        self._untold.clear()

    @property
    def has_untold(self) -> bool:
        """Whether something is to be told again."""
        return bool(self._untold)

    def known_from(self, key: SubjectKey, facts: Facts) -> datetime:
        """Of which causes the facts of a subject tell: those that began at this moment or later."""
        match facts:
            case Post() | WaitingArea():
                return self._known_from[key]
            case Outage() | HallOutage() | Voices():
                return self._equipment.known_from(key[0], self._followed_at)
            case HallQueue():
                return facts.known_from or EVER
        return EVER

    def look(self, tx: Read, at: datetime) -> set[SubjectKey]:
        """Whom it concerns that cameras are not watched any more, or are watched again. Each second."""
        self._known_years.look(self._calendar, at)
        again = self._watermarks.look(tx, at) | self._watermarks.read(tx, self._equipment.standing())
        found = self._excuses.look(tx, at) | self._shown_by(again)
        marks = self._watermarks
        return found | self._equipment.look(at, marks.known, marks.unseen, marks.old)

    def read_watermarks(self, tx: Read, keys: Collection[SubjectKey]) -> set[SubjectKey]:
        """Learn how far the cameras of subjects that are to be judged were watched.

        Says whom it concerns, besides, that some of them are watched again.
        """
        again = self._watermarks.read(tx, {camera for key in keys for camera in self._cameras_of(key)})
        self._equipment.watched_anew()
        return self._shown_by(again)

    def facts(self, key: SubjectKey) -> tuple[Facts, ...]:
        """The facts of a subject, of each kind; none when the configuration does not know it (any more)."""
        own = self._own_facts(key)
        return (*((own,) if own is not None else ()), *self._queue(key), *self._equipment.facts(key))

    def _queue(self, key: SubjectKey) -> tuple[Facts, ...]:
        hall = self._halls.get(key[0])
        if hall is None or key != key_of(Subject(hall.id)):
            return ()
        people = self._sights(hall, ZoneRole.WAITING, self._people.get(key, ()))
        desks, at = self._desks(hall), self._followed_at
        staff = self._staff_beside(hall, desks, at)
        queue = self._queues.facts(hall, desks, people, staff)
        return (queue,) if queue is not None else ()

    def _staff_beside(
        self, hall: HallSettings, desks: tuple[Desk, ...], at: datetime
    ) -> tuple[tuple[WindowId, tuple[Sight, ...]], ...]:
        """The staff zones of the windows that are not at work: only of those anybody asks."""
        return tuple(
            (desk.window.id, self._sights(hall, ZoneRole.STAFF, known.seen, desk.window.id))
            for desk in desks
            if desk.work(hall, at).work is not Work.AT_WORK
            and (known := self._windows.get((hall.id, f"window:{desk.window.id}"))) is not None
        )

    def _desks(self, hall: HallSettings) -> tuple[Desk, ...]:
        """What the queue system tells of every window of a hall."""
        nothing = _Window((), ())
        return tuple(
            Desk(
                window,
                self._windows.get((hall.id, f"window:{window.id}"), nothing).statuses,
                self._excuses.duties(hall.id, window.id).on_leave(),
            )
            for window in hall.windows
        )

    def _own_facts(self, key: SubjectKey) -> Facts | None:
        hall, name = self._halls.get(key[0]), key[1].partition(":")[2]
        if hall is None:
            return None
        if (matter := self._matters.facts(key)) is not None:
            return matter
        if key in self._tickets:
            return Wait(hall, self._tickets[key], self._desks(hall))
        if (known := self._windows.get(key)) is not None and (window := hall.window(WindowId(name))):
            staff = self._sights(hall, ZoneRole.STAFF, known.seen, window.id)
            customers = self._sights(hall, ZoneRole.CUSTOMER, known.seen, window.id)
            return Post(
                hall,
                window,
                known.statuses,
                staff,
                customers=customers,
                duties=self._excuses.duties(hall.id, window.id),
                announcements=self._excuses.announcements(hall.id),
            )
        if key in self._people:
            return WaitingArea(hall, self._sights(hall, ZoneRole.WAITING, self._people[key]))
        if key in self._disks:
            return DiskSpace(hall, self._disks[key])
        return None

    def due(self) -> datetime | None:
        """When what is not judged with each change may be judged, or time alone changes what was."""
        return earliest(self._queues.next(), self._equipment.next_turn())

    def lasting(self, key: SubjectKey) -> dict[RuleId, Alert]:
        """The alerts about a subject whose cause lasts, by their rule, as far as the journal was followed."""
        return self._alerts.lasting(key)

    def over(self, key: SubjectKey) -> list[Over]:
        """The alerts about a subject whose cause is over, the first to begin first."""
        return self._alerts.over(key)

    def rules(self, hall: HallId) -> tuple[Rule, ...]:
        """The rules in force in a hall."""
        settings = self._halls.get(hall)
        return tuple(rule for rule in settings.rules if rule.enabled) if settings is not None else ()

    def unsettled(self, hall: HallId, at: datetime) -> tuple[set[RuleId], datetime]:
        """The rules of a hall that are not to be judged yet, and until when."""
        return self._equipment.unsettled(hall, at), self._equipment.settles_at

    def is_settled(self, at: datetime) -> bool:
        """False while some rules are not judged yet: whoever takes over then has to begin there, too."""
        return at >= self._equipment.settles_at

    def forget(self, key: SubjectKey) -> None:
        """A ticket that is not waited with or called, and has no lasting alert, needs no further thought."""
        if self._alerts.lasting(key):
            return
        self._matters.forget(key)
        ticket = self._tickets.get(key)
        if ticket is not None and not _waits(ticket):
            del self._tickets[key]

    def _note_of(self, entry: JournalEntry, keys: set[SubjectKey]) -> set[SubjectKey]:
        """Note from when on an entry tells of these subjects."""
        begins = _tells_of(entry)
        for key in keys:
            self._tells_of[key] = min(begins, self._tells_of.get(key, begins))
        return keys

    def _take(self, tx: Read, entry: JournalEntry) -> SubjectKey | None:
        body, hall = entry.body, entry.hall
        if hall is None or hall not in self._halls:
            return None
        if entry.kind in matters.FOLLOWED:
            matter = self._matters.take(tx, entry)
            if matter is not None and (entry.kind is FactKind.CASE or self._is_old(entry.at)):
                self._alerts.learn(tx, matter)
            return matter
        if entry.kind is FactKind.TICKET:
            ticket = from_wire(Ticket, body)
            key = key_of(Subject(hall, ticket=ticket.id))
            self._tickets[key] = ticket
            self._queues.take(ticket)
            if self._is_old(ticket.taken_at):
                self._alerts.learn(tx, key)
            return key
        if entry.kind is FactKind.DISK:
            return key_of(Subject(hall, disk=str(body["path"])))
        if entry.kind is FactKind.OBSERVATION and body["kind"] == ObservationKind.PEOPLE:
            key = key_of(Subject(hall))
            return key if key in self._people else None
        if entry.kind is FactKind.WINDOW_STATUS:
            self._queues.touch(hall, _tells_of(entry))
        is_other = entry.kind is FactKind.OBSERVATION and body["kind"] not in sights.AT_WINDOWS
        return None if is_other or body.get("window") is None else (hall, f"window:{body['window']}")

    def _is_old(self, at: datetime) -> bool:
        """Whether alerts of that time may not be known any more."""
        return at < self._followed_at - REVISED

    def _read_configuration(self, tx: Read, current: Configuration | None, at: datetime) -> None:
        self._calendar = calendar.read(tx)
        halls = current.halls if current is not None else ()
        self._halls = {hall.id: hall.with_calendar(self._calendar) for hall in halls}
        self._placed = {
            camera.id: (hall.id, camera) for hall in self._halls.values() for camera in hall.cameras
        }
        self._watermarks.attend(tx, self._halls.values(), at)
        self.configured_at = configuration.applied_at(tx) or at
        self._excuses.read(tx, self._halls, at)
        self._windows.clear()
        self._people.clear()
        self._disks.clear()
        self._tickets.clear()
        self._queues.read(self._halls)
        for hall in self._halls.values():
            for window in hall.windows:
                self._read_subject(tx, hall.id, f"window:{window.id}", at)
            if _counts_people(hall):
                self._read_subject(tx, hall.id, Subject(hall.id).name, at)
            for ticket in queueing.tickets_of(tx, hall.id, since=at - 2 * A_DAY, limit=MOST_TICKETS):
                if _waits(ticket) or (ticket.called_at is not None and ticket.called_at > at - KEPT):
                    self._tickets[key_of(Subject(hall.id, ticket=ticket.id))] = ticket
        if current is not None:
            # Disks belong to no hall; the first one hears of them.
            for disk in disks.all_disks(tx):
                self._disks[key_of(Subject(current.halls[0].id, disk=disk.path))] = disk
        lasting = self._alerts.all_lasting()
        self._matters.read(tx, self._halls, self._calendar, at - KEPT, lasting)
        self._equipment.read(tx, self._halls, at, self.configured_at, self._watermarks.known)
        for alert in lasting:
            ticket_id, key = alert.subject.ticket, key_of(alert.subject)
            if (
                key[1] == f"ticket:{ticket_id}"
                and alert.subject.hall in self._halls
                and key not in self._tickets
            ):
                self._tickets[key] = queueing.ticket(tx, TicketId(str(ticket_id)))

    def _read_subject(self, tx: Read, hall: HallId, name: str, at: datetime) -> None:
        key, (kind, _, identifier) = (hall, name), name.partition(":")
        since = self._known_from[key] = self._alerts.since([key], at, self._tells_of.get(key))
        if kind == "window":
            window = WindowId(identifier)
            seen = sights.seen_at_window(tx, self._halls.get(hall), window, since, at)
            statuses = queueing.window_status_history(tx, hall, window, since - A_DAY, at + A_DAY)
            self._windows[key] = _Window(tuple(statuses), seen)
        elif kind == "hall" and (settings := self._halls.get(hall)) is not None and _counts_people(settings):
            self._people[key] = sights.people_counted(tx, self._halls.get(hall), since, at)
            self._queues.reach(tx, hall, since)
        elif kind == "camera" and hall in self._halls:
            self._equipment.read_camera(tx, CameraId(identifier), at)
        elif kind == "disk":
            self._disks.pop(key, None)
            for disk in disks.all_disks(tx):
                if Subject(hall, disk=disk.path).name == name:
                    self._disks[key] = disk

    def _sights(
        self,
        hall: HallSettings,
        role: ZoneRole,
        seen: tuple[Observation, ...],
        window: WindowId | None = None,
    ) -> tuple[Sight, ...]:
        return sights.sights_of(
            hall, role, window, seen, self._watermarks.known, self._watermarks.unseen, is_followed=True
        )

    def _cameras_of(self, key: SubjectKey) -> tuple[CameraId, ...]:
        """The cameras whose watermarks tell something about a subject: of its window, else of its hall."""
        kind, _, name = key[1].partition(":")
        hall = self._halls.get(key[0])
        if hall is None or kind in NOT_WATCHED:
            return ()
        return hall.cameras_of(WindowId(name)) if kind == "window" else tuple(one.id for one in hall.cameras)

    def _shown_by(self, cameras: Collection[CameraId]) -> set[SubjectKey]:
        shown: set[SubjectKey] = set()
        for hall, camera in (self._placed[one] for one in cameras if one in self._placed):
            shown |= {(hall, f"window:{window}") for window in camera.windows}
            shown |= self._equipment.seen_again(camera.id)
            if sights.counts_people(camera):
                shown.add(key_of(Subject(hall)))
        return shown


def _counts_people(hall: HallSettings) -> bool:
    """Whether a rule asks how many people are in the waiting zones."""
    return any(isinstance(rule, CrowdingRule | LongQueueRule) for rule in hall.rules)


def _waits(ticket: Ticket) -> bool:
    """For its call, or, called, for its service."""
    return ticket.status in (TicketStatus.WAITING, TicketStatus.CALLED)


def _tells_of(entry: JournalEntry) -> datetime:
    """Just before the first moment of which an entry may tell: that of a ticket or case of its whole way."""
    if entry.kind is FactKind.TICKET:
        return from_wire(Ticket, entry.body).taken_at - TICK
    if entry.kind is FactKind.CASE:
        return from_wire(Case, entry.body).accepted_at - TICK
    return entry.at - TICK

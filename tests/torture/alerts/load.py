"""A steady load of facts: seats empty and fill, windows pause, visitors wait, a camera fails.

Everything happens at planned moments. When the database is held, what happened meanwhile is told late and in
one rush, as a queue system does that was cut off; the facts of one subject keep their order.
"""

from __future__ import annotations

import heapq
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from hall import alert_life
from hall.alert_life import Act, Action
from hall.config import HallSettings
from hall.errors import Conflict, StoreBusy
from hall.finding import AlertKind
from hall.interval import Interval
from hall.media import Gap, GapReason
from hall.names import CameraId, HallId, TicketId, WindowId, ZoneId
from hall.observing import Observation, ObservationKind, Presence
from hall.queueing import PauseReason, Ticket, TicketStatus, WindowState, WindowStatus
from hall.roles import Role
from store import alerting, observing, queueing, recording
from store.database import Write
from tests.torture.alerts.alerts_hall import AlertsHall
from tests.torture.alerts.causes import Book, Matter

Noted = Callable[[datetime], None]
"""What is written into the book once a fact is in the store, at that moment."""
Deed = Callable[[Write, datetime], Noted]
"""Enter what happens at a planned moment."""
LOOK_SECONDS = 0.02
MOST_TOGETHER = 25
"""Facts of one transaction."""


@dataclass
class Load:
    """Lets things happen, in a thread of its own, until it is told to stop."""

    hall: AlertsHall
    chance: Random
    book: Book = field(default_factory=Book)
    failure: Exception | None = None
    _planned: list[tuple[datetime, int, Life]] = field(default_factory=list)
    _number: int = 0

    def add(self, life: Life, at: datetime) -> None:
        """Let a life go on at a moment."""
        self._number += 1
        heapq.heappush(self._planned, (at, self._number, life))

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set; what breaks it off is in `failure`."""
        try:
            for settings in self.hall.configuration.halls:
                for life in _lives(self, settings):
                    self.add(life, self.hall.clock.now() + self.seconds(0, 3))
            while not stop.is_set():
                self._go_on()
                time.sleep(LOOK_SECONDS)
        except Exception as error:  # noqa: BLE001 - a load that ends by itself must not look like a quiet one
            self.failure = error

    def seconds(self, least: float, most: float) -> timedelta:
        """A while by chance."""
        return timedelta(seconds=self.chance.uniform(least, most))

    def _go_on(self) -> None:
        """Whatever is due, in few transactions: who was held up catches up at once."""
        now = self.hall.clock.now()
        while self._planned and self._planned[0][0] <= now:
            deeds: list[tuple[datetime, Life, Deed]] = []
            while self._planned and self._planned[0][0] <= now and len(deeds) < MOST_TOGETHER:
                at, _, life = heapq.heappop(self._planned)
                deeds.append((at, life, life.deed()))
            notes = self._entered([(at, deed) for at, _, deed in deeds])
            told_at = self.hall.clock.now()
            for (at, life, _), note in zip(deeds, notes, strict=True):
                note(told_at)
                if (after := life.then()) is not None:
                    self.add(life, at + after)
            self.book.facts += len(deeds)

    def _entered(self, deeds: list[tuple[datetime, Deed]]) -> list[Noted]:
        """Enter them, however long the database is held."""
        while True:
            try:
                with self.hall.database.write() as tx:
                    return [deed(tx, at) for at, deed in deeds]
            except StoreBusy:
                time.sleep(LOOK_SECONDS)


@contextmanager
def under_load(hall: AlertsHall, seed: int) -> Iterator[Book]:
    """Facts happen for the time of the block. Raises what broke the load off."""
    load, stop = Load(hall, Random(seed)), threading.Event()
    thread = threading.Thread(target=load.run, args=(stop,), name="load")
    thread.start()
    try:
        yield load.book
    finally:
        stop.set()
        thread.join(60)
    if thread.is_alive():
        raise TimeoutError("the load did not end within 60 s")
    if load.failure is not None:
        raise load.failure


@dataclass
class Life(ABC):
    """Something that happens step by step: `deed` is the next step, `then` how long until another."""

    load: Load
    hall: HallId

    @abstractmethod
    def deed(self) -> Deed:
        """The next step, drawn by chance now; carried out again when the database could not be used."""

    @abstractmethod
    def then(self) -> timedelta | None:
        """After the step was entered: the time to the next one, None when there is none."""

    def matter(self, kind: AlertKind, name: str) -> Matter:
        """What an alert about it would name."""
        return Matter(kind, self.hall, name)


@dataclass
class Seat(Life):
    """A window: who is seen at it, and what the queue system says it does."""

    window: WindowId
    camera: CameraId
    status: WindowStatus
    seen: Presence = Presence.UNKNOWN

    @property
    def is_empty(self) -> bool:
        """Open, and nobody there: the only way of standing that counts."""
        return self.status.state is WindowState.OPEN and self.seen is Presence.ABSENT

    def deed(self) -> Deed:
        if self.seen is Presence.UNKNOWN or self.load.chance.random() < 0.7:
            others = [state for state in (Presence.ON_POST, Presence.ABSENT) if state is not self.seen]
            if self.seen is not Presence.UNKNOWN and self.load.chance.random() < 0.15:
                others = [Presence.UNKNOWN]
            return self._shows(self.load.chance.choice(others))
        if self.status.state is WindowState.OPEN:
            return self._is(self.load.chance.choice([WindowState.PAUSED, WindowState.CLOSED]))
        return self._is(WindowState.OPEN)

    def then(self) -> timedelta:
        if self.is_empty:
            # Clearly shorter or clearly longer than the limit.
            return self.load.seconds(*((0.1, 0.6) if self.load.chance.random() < 0.3 else (1.2, 6)))
        return self.load.seconds(0.3, 5)

    def _shows(self, seen: Presence) -> Deed:
        zone = ZoneId(f"s-{self.window}")

        def enter(tx: Write, at: datetime) -> Noted:
            what = ObservationKind.PRESENCE
            observation = Observation(what, self.camera, zone, self.window, Interval(at), seen.value)
            observing.change(tx, self.hall, observation)
            observing.watched(tx, self.camera, at)
            return lambda told_at: self._note(at, told_at, seen, self.status)

        return enter

    def _is(self, state: WindowState) -> Deed:
        before, reason = self.status, PauseReason.BREAK if state is WindowState.PAUSED else None

        def enter(tx: Write, at: datetime) -> Noted:
            closed = replace(before, interval=before.interval.closed(at))
            after = WindowStatus(self.hall, self.window, state, Interval(at), reason=reason)
            since = before.interval.start
            queueing.save_window_statuses(tx, self.hall, self.window, since, [closed, after], at)
            return lambda told_at: self._note(at, told_at, self.seen, after)

        return enter

    def _note(self, at: datetime, told_at: datetime, seen: Presence, status: WindowStatus) -> None:
        was_empty = self.is_empty
        self.seen, self.status = seen, status
        matter = self.matter(AlertKind.ABSENCE, f"window:{self.window}")
        if was_empty and not self.is_empty:
            self.load.book.ends(matter, at, told_at)
        elif self.is_empty and not was_empty:
            self.load.book.begins(matter, at)


@dataclass
class Door(Life):
    """A recorded camera that fails and comes back."""

    camera: CameraId
    fails: bool = False

    def deed(self) -> Deed:
        def enter(tx: Write, at: datetime) -> Noted:
            matter = self.matter(AlertKind.CAMERA_FAULT, f"camera:{self.camera}")
            if self.fails:
                recording.close_gap(tx, self.camera, at)
                return lambda told_at: self._note(
                    fails=False, then=lambda: self.load.book.ends(matter, at, told_at)
                )
            recording.open_gap(tx, self.hall, Gap(self.camera, Interval(at), GapReason.OFFLINE))
            return lambda _told_at: self._note(fails=True, then=lambda: self.load.book.begins(matter, at))

        return enter

    def then(self) -> timedelta:
        if self.fails:
            return self.load.seconds(*((0.1, 0.6) if self.load.chance.random() < 0.3 else (1.2, 5)))
        return self.load.seconds(1, 4)

    def _note(self, *, fails: bool, then: Callable[[], None]) -> None:
        self.fails = fails
        then()


@dataclass
class Visitor(Life):
    """One ticket: taken, called, served or gone."""

    window: WindowId
    number: int
    ticket: Ticket | None = None

    def deed(self) -> Deed:
        def enter(tx: Write, at: datetime) -> Noted:
            before, after = self.ticket, self._next(at)
            queueing.save_ticket(tx, after)
            return lambda told_at: self._note(before, after, at, told_at)

        return enter

    def then(self) -> timedelta | None:
        if self.ticket is None or self.ticket.status not in (TicketStatus.WAITING, TicketStatus.CALLED):
            return None
        return self.load.seconds(*((0.1, 0.7) if self.load.chance.random() < 0.4 else (1.8, 7)))

    def _next(self, at: datetime) -> Ticket:
        before = self.ticket
        if before is None:
            identifier = TicketId(f"{self.hall}-{self.number}")
            return Ticket(identifier, self.hall, f"A{self.number:05d}", None, TicketStatus.WAITING, at, at)
        if before.status is TicketStatus.WAITING:
            calling = Interval(at)
            called = replace(before, status=TicketStatus.CALLED, called_at=at, calling=calling)
            return replace(called, window=self.window)
        assert before.calling is not None
        over = replace(before, calling=before.calling.closed(at))
        if self.number % 4 == 0:
            return replace(over, status=TicketStatus.NO_SHOW, finished_at=at)
        return replace(over, status=TicketStatus.SERVING, started_at=at)

    def _note(self, before: Ticket | None, after: Ticket, at: datetime, told_at: datetime) -> None:
        name, self.ticket = f"ticket:{after.id}", after
        wait = self.matter(AlertKind.OVERLONG_WAIT, name)
        call = self.matter(AlertKind.CALLED_NOT_SERVED, name)
        if before is None:
            self.load.book.begins(wait, at)
        elif before.status is TicketStatus.WAITING:
            self.load.book.ends(wait, at, told_at)
            self.load.book.begins(call, at)
        else:
            self.load.book.ends(call, at, told_at)


@dataclass
class Entrance(Life):
    """Where visitors come in, one after the other."""

    windows: tuple[WindowId, ...]
    visitors: int = 0

    def deed(self) -> Deed:
        self.visitors += 1
        window = self.load.chance.choice(self.windows)
        visitor = Visitor(self.load, self.hall, window, self.visitors)
        taken = visitor.deed()

        def enter(tx: Write, at: datetime) -> Noted:
            note = taken(tx, at)

            def noted(told_at: datetime) -> None:
                note(told_at)
                if (after := visitor.then()) is not None:
                    self.load.add(visitor, at + after)

            return noted

        return enter

    def then(self) -> timedelta:
        return self.load.seconds(1, 5)


@dataclass
class Officer(Life):
    """Somebody who acknowledges, comments and dismisses, at the same time as the evaluator writes."""

    def deed(self) -> Deed:
        action = self.load.chance.choices([Action.ACKNOWLEDGE, Action.COMMENT, Action.DISMISS], [5, 3, 1])[0]
        draw = self.load.chance.random()

        def enter(tx: Write, at: datetime) -> Noted:
            standing = alerting.standing_alerts(tx, self.hall)
            if not standing:
                return lambda _told_at: None
            alert = standing[int(draw * len(standing))]
            try:
                done = Act(action, "li", Role.OFFICER, self.load.hall.clock.now(), "seen")
                zone = next(
                    one for one in self.load.hall.configuration.halls if one.id == self.hall
                ).zone_info
                changed = alerting.change_alert(tx, alert.revision, *alert_life.act(alert, done, zone))
            except Conflict:
                return lambda _told_at: None

            def noted(_told_at: datetime) -> None:
                self.load.book.acts.add((changed.id, changed.revision))
                if action is Action.DISMISS:
                    self.load.book.dismissed.add(changed.id)

            return noted

        return enter

    def then(self) -> timedelta:
        return self.load.seconds(0.5, 2.5)


def _lives(load: Load, settings: HallSettings) -> Iterator[Life]:
    seats, door = (camera.id for camera in settings.cameras)
    with load.hall.database.read() as tx:
        statuses = queueing.window_statuses_now(tx, settings.id)
    for window in settings.windows:
        yield Seat(load, settings.id, window.id, seats, statuses[window.id])
    yield Door(load, settings.id, door)
    yield Entrance(load, settings.id, tuple(window.id for window in settings.windows))
    yield Officer(load, settings.id)

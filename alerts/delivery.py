"""Delivery: tells each notifier about every flip, in order, from its own place in the journal.

The place is stored after each delivery. Who is killed between sending and storing sends that one flip again,
and nothing else is repeated or lost. Each notifier has a thread of its own: a receiver that hangs holds up
nobody else. Of several instances only the one that leads delivers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import structlog

from alerts.audience import Audience
from alerts.metrics import DELIVERED, DELIVERY_BEHIND, DELIVERY_FAILED, DELIVERY_REFUSED, STORE_BUSY
from alerts.notifiers import open_notifier
from hall.clock import Clock
from hall.config.notifiers import NotifierSettings
from hall.errors import Conflict, NotifyError, StoreBusy
from hall.ports import Notifier
from hall.pulse import Pulses, renew, rest
from store import notifying
from store.database import Database, Read

LOOK_EVERY = 0.5
"""Seconds between two looks at the journal when nobody says that there is something new."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds before a flip is tried again: doubled from first to longest, then shortened by up to half."""
STORED_EVERY = 1000
"""Entries of others after which the place is stored although nothing was delivered: a restart skips them."""
STEP_SECONDS = 300.0
"""A notifier that has not answered after so long never will; the role is begun anew."""
ENDING = 2.0
"""Seconds that deliveries on their way are given at the end."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Done:
    """What happened to a flip and is not stored yet. `refusal` is why it will never be taken."""

    before: int
    delivery: notifying.Delivery
    refusal: str | None = None


class Delivery:
    """Tells one notifier. Used by one thread."""

    def __init__(
        self,
        settings: NotifierSettings,
        database: Database,
        clock: Clock,
        leads: Callable[[Read], bool],
        *,
        opener: Callable[[NotifierSettings], Notifier] = open_notifier,
        random: Random | None = None,
    ) -> None:
        """Nothing is opened or read yet. `leads` says whether this instance may deliver now."""
        self._settings = settings
        self._database = database
        self._clock = clock
        self._leads = leads
        self._opener = opener
        self._random = random or Random()
        self._audience = Audience(settings)
        self._notifier: Notifier | None = None
        self._reached = 0
        self._failures = 0
        self._done: _Done | None = None

    def step(self) -> float | None:
        """Tell at most one flip. Gives the seconds until the next step; None: there is nothing to tell."""
        try:
            self._store()
            found = self._next()
            if found is None:
                DELIVERY_BEHIND.labels(self._settings.id).set(0)
                return None
            before, delivery = found
            refusal = self._tell(delivery)
            self._done = _Done(before, delivery, refusal)
            self._failures = 0
            self._store()
        except NotifyError as error:
            return self._wait_after(error)
        except StoreBusy as error:
            STORE_BUSY.inc()
            log.warning("the database cannot be used; deliveries wait", error=str(error))
            return LOOK_EVERY
        return 0.0

    def _next(self) -> tuple[int, notifying.Delivery] | None:
        """The stored place and the next flip to tell, or None when there is none or somebody else leads."""
        with self._database.read() as tx:
            if not self._leads(tx):
                self._failures = 0
                return None
            stored = notifying.cursor(tx, self._settings.id)
            delivery = None if stored is None else self._wanted(tx, stored)
        if stored is None:
            self._begin()
        elif delivery is not None:
            DELIVERY_BEHIND.labels(self._settings.id).set(self._age(delivery))
            return stored, delivery
        elif self._reached - stored >= STORED_EVERY:
            self._move(stored, self._reached)
        return None

    def _wanted(self, tx: Read, stored: int) -> notifying.Delivery | None:
        """The next flip that this notifier hears."""
        self._reached = max(self._reached, stored)
        while True:
            found, reached = notifying.deliveries(tx, self._reached)
            for delivery in found:
                if self._audience.hears(tx, delivery):
                    return delivery
            self._reached = reached
            if not found:
                return None

    def _begin(self) -> None:
        """A notifier that nobody has entered yet is not told what was before."""
        with self._database.write() as tx:
            if notifying.cursor(tx, self._settings.id) is None:
                notifying.begin(tx, self._settings.id)

    def _tell(self, delivery: notifying.Delivery) -> str | None:
        """None when the receiver has taken it, else why it never will. Raises NotifyError when it may yet."""
        try:
            if self._notifier is None:
                self._notifier = self._opener(self._settings)
            self._notifier.notify(delivery.alert, delivery.flip)
        except NotifyError as error:
            if not error.permanent:
                raise
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever a foreign notifier raises, the next flips go on
            return f"the notifier failed with {type(error).__name__}, which is no NotifyError"
        return None

    def _store(self) -> None:
        """Store what was told last. Kept until that works: nobody hears a thing twice for a busy store."""
        if self._done is None:
            return
        done, notifier = self._done, self._settings.id
        try:
            with self._database.write() as tx:
                notifying.advance(tx, notifier, done.before, done.delivery.seq)
                if done.refusal is not None:
                    notifying.give_up(tx, notifier, done.delivery, self._clock.now(), done.refusal)
        except Conflict as error:
            log.warning("another instance has delivered too", notifier=notifier, error=str(error))
        self._done = None
        self._reached = 0
        if done.refusal is None:
            DELIVERED.labels(notifier).inc()
        else:
            DELIVERY_REFUSED.labels(notifier).inc()
            log.error("not delivered", notifier=notifier, alert=done.delivery.alert.id, error=done.refusal)

    def _move(self, stored: int, reached: int) -> None:
        try:
            with self._database.write() as tx:
                notifying.advance(tx, self._settings.id, stored, reached)
        except Conflict:
            self._reached = 0  # read again from where another instance stands

    def _wait_after(self, error: NotifyError) -> float:
        DELIVERY_FAILED.labels(self._settings.id).inc()
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._failures, 16))
        seconds = longest * (1 - self._random.random() / 2)
        self._failures += 1
        log.warning("delivery waits", notifier=self._settings.id, error=str(error), seconds=round(seconds, 1))
        return seconds

    def _age(self, delivery: notifying.Delivery) -> float:
        return max(0.0, (self._clock.now() - delivery.flip.at).total_seconds())


@contextmanager
def delivering(
    notifiers: Sequence[NotifierSettings],
    database: Database,
    clock: Clock,
    leads: Callable[[Read], bool],
    pulses: Pulses,
) -> Iterator[Callable[[], None]]:
    """Tell all notifiers, a thread each, until the block ends. Gives a call that makes them look now."""
    stop = threading.Event()
    wakes = [threading.Event() for _ in notifiers]
    threads = [
        threading.Thread(
            target=_deliver,
            args=(Delivery(settings, database, clock, leads), wake, stop, pulses),
            name=f"notifier {settings.id}",
            daemon=True,
        )
        for settings, wake in zip(notifiers, wakes, strict=True)
    ]

    def look() -> None:
        for wake in wakes:
            wake.set()

    for thread in threads:
        thread.start()
    try:
        yield look
    finally:
        stop.set()
        look()
        until = clock.monotonic() + ENDING
        for thread in threads:
            thread.join(max(0.0, until - clock.monotonic()))


def _deliver(delivery: Delivery, wake: threading.Event, stop: threading.Event, pulses: Pulses) -> None:
    with pulses.beating(threading.current_thread().name, STEP_SECONDS):
        while not stop.is_set():
            renew()
            wake.clear()
            try:
                seconds = delivery.step()
            except Exception:
                # A fault in telling one notifier must end neither its telling nor the judging.
                log.exception("delivery failed unexpectedly")
                seconds = LONGEST_WAIT
            if seconds is None:
                wake.wait(LOOK_EVERY)
            elif seconds > 0:
                rest(stop, seconds)

"""Delivery: tells each notifier about every flip, in order, from its own place in the journal.

The place is stored after each delivery. Who is killed between sending and storing sends that one message
again, and nothing else is repeated or lost. Of several instances only the one that leads delivers.

A notifier sends no more messages a minute than it may. The last one of a minute tells everything that waits
by then, where the notifier can do that; where it cannot, what is left waits for its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random

import structlog

from alerts.audience import Audience
from alerts.metrics import (
    DELIVERED,
    DELIVERY_BEHIND,
    DELIVERY_FAILED,
    DELIVERY_JOINED,
    DELIVERY_REFUSED,
    STORE_BUSY,
)
from alerts.notifiers import Surroundings, open_notifier
from alerts.pace import Pace
from hall.clock import Clock
from hall.config.notifiers import NotifierSettings
from hall.errors import Conflict, NotifyError, StoreBusy
from hall.finding import Alert
from hall.ports import DigestNotifier, Notifier, TriedNotifier
from store import alerting, configuration, notifying
from store.database import Database, Read
from store.notifying import Failure

LOOK_EVERY = 0.5
"""Seconds between two looks at the journal when nobody says that there is something new."""
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds before a flip is tried again: doubled from first to longest, then shortened by up to half."""
STORED_EVERY = 1000
"""Entries of others after which the place is stored although nothing was delivered: a restart skips them."""
READ_FOR_ONE = 10
"""Flips that are read to find one to tell: who is behind by hundreds must not read them all for each."""
MOST_TOGETHER = 200
"""Flips that one message may tell."""
TRIAL_WITHIN = timedelta(minutes=5)
"""A trial that could not be carried out for so long is not carried out any more: nobody waits for it."""

log = structlog.get_logger(__name__)
Opener = Callable[[NotifierSettings, Surroundings], Notifier]


@dataclass(frozen=True, slots=True)
class _Done:
    """What happened to flips told in one message and is not stored yet.

    `refusal` is why they will never be taken.
    """

    before: int
    deliveries: Sequence[notifying.Delivery]
    refusal: Failure | None = None


class Delivery:
    """Tells one notifier. Used by one thread."""

    def __init__(
        self,
        settings: NotifierSettings,
        database: Database,
        clock: Clock,
        leads: Callable[[Read], bool],
        *,
        opener: Opener = open_notifier,
        random: Random | None = None,
    ) -> None:
        """Nothing is opened or read yet. `leads` says whether this instance may deliver now."""
        self._settings = settings
        self._database = database
        self._clock = clock
        self._leads = leads
        self._opener = opener
        self._random = random or Random()
        self._pace = Pace(settings.most_per_minute)
        self._audience = Audience(settings)
        self._notifier: Notifier | None = None
        self._reached = 0
        self._failures = 0
        self._noted: Failure | None = None
        self._singly_until = 0
        self._done: _Done | None = None

    def step(self) -> float | None:
        """Send at most one message. Gives the seconds until the next step; None: there is nothing to tell."""
        try:
            self._store()
            found = self._next()
            if found is None:
                DELIVERY_BEHIND.labels(self._settings.id).set(0)
                return None
            if wait := self._pace.wait(self._clock.monotonic()):
                return wait
            before, deliveries = found
            self._done = self._tell(before, deliveries)
            self._failures = 0
            self._store()
        except NotifyError as error:
            return self._wait_after(error)
        except StoreBusy as error:
            STORE_BUSY.inc()
            log.warning("the database cannot be used; deliveries wait", error=str(error))
            return LOOK_EVERY
        return 0.0

    def try_out(self) -> bool:
        """Carry out a trial that somebody asked for. True: the receiver took it, so what waits may go now."""
        try:
            with self._database.read() as tx:
                trial = notifying.trial(tx, self._settings.id) if self._leads(tx) else None
            if trial is None or trial.done_at is not None:
                return False
            failure = self._trial_failure(trial)
            with self._database.write() as tx:
                notifying.end_trial(tx, trial, self._clock.now(), failure)
        except StoreBusy as error:
            STORE_BUSY.inc()
            log.warning("the database cannot be used; a trial waits", error=str(error))
            return False
        log.info("tried out", notifier=self._settings.id, error=failure and failure.en)
        return failure is None

    def _trial_failure(self, trial: notifying.Trial) -> Failure | None:
        now = self._clock.now()
        if now - trial.asked_at > TRIAL_WITHIN:
            return Failure("nobody could carry it out in time", "未能及时执行")
        if self._pace.wait(self._clock.monotonic()):
            return Failure(
                "too many messages in this minute: try again after it", "本分钟消息已达上限，请稍后再试"
            )
        try:
            notifier = self._open()
            if not isinstance(notifier, TriedNotifier):
                return Failure("this notifier cannot be tried out without an alert", "该通知渠道没有测试功能")
            self._pace.sent(self._clock.monotonic())
            notifier.try_out(now)
        except NotifyError as error:
            return Failure.of(error)
        except StoreBusy:
            raise
        except Exception as error:  # noqa: BLE001 - as in telling: a fault of a foreign notifier is an answer
            return _fault(error)
        return None

    def _next(self) -> tuple[int, list[notifying.Delivery]] | None:
        """The stored place and the flips to tell next; None: there are none, or somebody else leads."""
        with self._database.read() as tx:
            if not self._leads(tx):
                self._failures = 0
                return None
            standing = notifying.standing(tx, self._settings.id)
            deliveries = [] if standing is None else self._wanted(tx, standing.seq)
        if standing is None:
            self._begin()
        elif deliveries:
            DELIVERY_BEHIND.labels(self._settings.id).set(self._age(deliveries[0]))
            return standing.seq, deliveries
        elif self._reached - standing.seq >= STORED_EVERY or standing.failing_since is not None:
            self._move(standing.seq, self._reached)
        return None

    def _wanted(self, tx: Read, stored: int) -> list[notifying.Delivery]:
        """The next flip that this notifier hears of, and those behind it that may be told with it."""
        self._reached = max(self._reached, stored)
        most = MOST_TOGETHER if self._pace.is_last(self._clock.monotonic()) else 1
        place, wanted = self._reached, list[notifying.Delivery]()
        while len(wanted) < most:
            found, place = notifying.deliveries(tx, place, READ_FOR_ONE if most == 1 else notifying.BATCH)
            heard = (one for one in found if self._hears(tx, one))
            wanted += islice(heard, most - len(wanted))
            if not wanted:
                self._reached = place
            if not found:
                break
        if wanted and wanted[0].seq <= self._singly_until:
            return wanted[:1]
        return wanted

    def _hears(self, tx: Read, delivery: notifying.Delivery) -> bool:
        """Whether it is for this notifier: by its own filters, and by silences, quiet hours and chains."""
        return self._settings.wants(delivery.alert, delivery.flip) and self._audience.hears(tx, delivery)

    def _begin(self) -> None:
        """A notifier that nobody has entered yet is not told what was before."""
        with self._database.write() as tx:
            if notifying.standing(tx, self._settings.id) is None:
                notifying.begin(tx, self._settings.id)

    def _open(self) -> Notifier:
        if self._notifier is None:
            with self._database.read() as tx:
                in_force = configuration.current(tx)
            if in_force is None:
                raise NotifyError("no configuration is in force", "没有生效的配置", permanent=False)
            surroundings = Surroundings(in_force, self._clock, self._standing_alerts)
            self._notifier = self._opener(self._settings, surroundings)
        return self._notifier

    def _standing_alerts(self) -> list[Alert]:
        with self._database.read() as tx:
            return alerting.standing_alerts(tx)

    def _tell(self, before: int, deliveries: list[notifying.Delivery]) -> _Done | None:
        """Tell the first of some flips, or all of them in one message.

        Gives which were taken, or will never be. None: they were refused together, and go out one by one.
        Raises NotifyError when they may be taken yet.
        """
        try:
            notifier = self._open()
            if len(deliveries) > 1 and isinstance(notifier, DigestNotifier):
                self._pace.sent(self._clock.monotonic())
                notifier.notify_together([(one.alert, one.flip) for one in deliveries])
            else:
                deliveries = deliveries[:1]
                self._pace.sent(self._clock.monotonic())
                notifier.notify(deliveries[0].alert, deliveries[0].flip)
        except NotifyError as error:
            if not error.permanent:
                raise
            refusal = Failure.of(error)
        except StoreBusy:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a foreign notifier raises, the next flips go on
            refusal = _fault(error)
        else:
            return _Done(before, deliveries)
        if len(deliveries) > 1:
            # One of them may be what is refused: the others shall not go down with it.
            self._singly_until = deliveries[-1].seq
            return None
        return _Done(before, deliveries, refusal)

    def _store(self) -> None:
        """Store what was told last. Kept until that works: nobody hears a thing twice for a busy store."""
        if self._done is None:
            return
        done, notifier, now = self._done, self._settings.id, self._clock.now()
        try:
            with self._database.write() as tx:
                told_at = now if done.refusal is None else None
                notifying.advance(tx, notifier, done.before, done.deliveries[-1].seq, told_at)
                if done.refusal is not None:
                    for one in done.deliveries:
                        notifying.give_up(tx, notifier, one, now, done.refusal)
        except Conflict as error:
            log.warning("another instance has delivered too", notifier=notifier, error=str(error))
        self._done, self._noted, self._reached = None, None, 0
        self._count(done)

    def _count(self, done: _Done) -> None:
        notifier = self._settings.id
        if done.refusal is not None:
            DELIVERY_REFUSED.labels(notifier).inc()
            log.error(
                "not delivered", notifier=notifier, alert=done.deliveries[0].alert.id, error=done.refusal.en
            )
            return
        DELIVERED.labels(notifier).inc(len(done.deliveries))
        if len(done.deliveries) > 1:
            DELIVERY_JOINED.labels(notifier).inc(len(done.deliveries))

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
        self._note(Failure.of(error))
        return seconds

    def _note(self, failure: Failure) -> None:
        """Let the console see why nothing is told; written when it changes, not with each attempt."""
        if failure == self._noted:
            return
        try:
            with self._database.write() as tx:
                notifying.note_failure(tx, self._settings.id, self._clock.now(), failure)
        except StoreBusy:
            STORE_BUSY.inc()  # the next attempt notes it
            return
        self._noted = failure

    def _age(self, delivery: notifying.Delivery) -> float:
        return max(0.0, (self._clock.now() - delivery.flip.at).total_seconds())


def _fault(error: Exception) -> Failure:
    """Of an exception that no notifier may raise; what it says may hold a secret."""
    name = type(error).__name__
    return Failure(f"the notifier failed with {name}, which is no NotifyError", f"通知渠道出错：{name}")

"""Leadership: of several instances only the one that holds the lease may write alerts.

The lease is confirmed inside every transaction that writes, so that an instance which slept through its
own expiry cannot write over its successor. How far the leader has come is stored with each renewal: it may be
killed in the midst of a pass, and its successor goes on from the end of the last whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from hall.clock import Clock
from hall.errors import RoleError
from store import journal, judged, leases
from store.database import Database, Read, Write
from store.judged import Judged
from store.leases import Lease

NAME = "alerts"
TTL = timedelta(seconds=5)
RENEW_EVERY = timedelta(seconds=1.5)
TRY_EVERY = timedelta(seconds=1)


class NotLeading(RoleError):
    """Another instance has taken over."""


class Leadership:
    """The lease `alerts` as one instance, `holder`, sees it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        holder: str,
        is_gone: Callable[[str], bool] = lambda _holder: False,
    ) -> None:
        """Nobody is asked yet. `is_gone` says of another holder whether it is certainly dead."""
        self._is_gone = is_gone
        self._database = database
        self._clock = clock
        self._holder = holder
        self._lease: Lease | None = None
        self._next_try: datetime | None = None
        self.away_since = clock.now()
        """Since when it is not certain that all was judged: the end of the last leader's last whole pass, or
        when this instance began where there was none."""
        self.reached: Judged | None = None
        """How far this instance has come; it says so at the end of each whole pass. None before it leads."""

    @property
    def held(self) -> bool:
        """True between taking the lease and learning that it is lost."""
        return self._lease is not None

    @property
    def began(self) -> datetime:
        """When judging began in this store, whoever led first."""
        return self.reached.began if self.reached is not None else self.away_since

    def has_judged(self, at: datetime, seq: int) -> None:
        """A whole pass is done: all journal entries up to `seq`, and all that was due by `at`."""
        if self.reached is not None:
            self.reached = replace(self.reached, at=at, seq=seq)

    def hold(self) -> bool:
        """Take or renew the lease when it is time to; says whether this instance leads.

        Raises StoreBusy, and NotLeading once when another instance has led meanwhile, also where that one's
        lease has run out again: what is known from before must be forgotten first.
        """
        now = self._clock.now()
        if self._next_try is not None and now < self._next_try <= now + TTL:
            return self.held
        with self._database.write() as tx:
            now = self._clock.now()  # one may have waited long for the turn to write
            before = leases.find(tx, NAME)
            gone = before.holder if before is not None and self._is_gone(before.holder) else None
            lease = leases.acquire(tx, NAME, self._holder, now, TTL, gone=gone)
            if lease is not None:
                if self._lease is not None and self._lease.epoch != lease.epoch:
                    self._note(None, now)
                    raise NotLeading("another instance of the alerts role has led meanwhile")
                self._keep_place(tx, before, now)
        self._note(lease, now)
        return self.held

    def confirm(self, tx: Write) -> None:
        """Make sure, in the transaction that is about to write, that this instance still leads.

        Raises NotLeading.
        """
        now = self._clock.now()
        before = self._lease
        lease = leases.acquire(tx, NAME, self._holder, now, TTL) if before is not None else None
        self._note(lease, now)
        if lease is None or before is None or lease.epoch != before.epoch:
            self._lease = None
            raise NotLeading("another instance of the alerts role has taken over")
        if self.reached is not None:
            # The lease is renewed here as well, and whoever writes all the time comes to no other renewal.
            judged.note(tx, NAME, self.reached)

    def leads(self, tx: Read) -> bool:
        """Whether the lease is this instance's now. Changes nothing: threads beside the evaluator may ask."""
        lease = leases.find(tx, NAME)
        return lease is not None and lease.holder == self._holder and lease.expires > self._clock.now()

    def release(self) -> None:
        """Let the next instance take over at once. Raises StoreBusy."""
        if self._lease is not None:
            # Ended now rather than wiped out: the successor learns since when nobody has judged.
            with self._database.write() as tx:
                leases.acquire(tx, NAME, self._holder, self._clock.now(), timedelta(0))
            self._lease = None

    def _keep_place(self, tx: Write, before: Lease | None, now: datetime) -> None:
        """Store how far this instance has come; or learn, as the new leader, how far the last one had."""
        if before is not None and before.holder == self._holder and self.reached is not None:
            judged.note(tx, NAME, self.reached)
            return
        reached = judged.find(tx, NAME)
        if reached is None:
            # Nobody ever led, or a version that did not keep its place.
            at = self.away_since if before is None else min(before.expires - TTL, now)
            reached = Judged(at, at, journal.last_seq(tx))
            judged.note(tx, NAME, reached)
        self.reached, self.away_since = reached, min(reached.at, now)

    def _note(self, lease: Lease | None, now: datetime) -> None:
        self._lease = lease
        self._next_try = now + (RENEW_EVERY if lease is not None else TRY_EVERY)

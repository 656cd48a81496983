"""The thread that keeps the disks in order: frees space, lets old footage go, and tells how long it will do.

Of several machines each looks after the disks that it has: a lease in the store says who looks after a disk.
Nobody ever concludes from a file that it cannot see that the file is gone.
"""

from __future__ import annotations

import hashlib
import heapq
import platform
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from threading import Event
from typing import Final

import structlog

from capture.books.books import Books
from capture.record.objects import LocalObjects
from capture.retention.disks import Watch, usage
from capture.retention.marks import Marks
from capture.retention.metrics import FAILED
from capture.retention.policy import Removal, Rule, by_age, limits, missing_bytes, reserve, to_free
from capture.retention.removing import AT_ONCE, Remover
from capture.retention.stock import Stock
from capture.retention.stripping import Stripper
from hall.clock import Clock
from hall.config import Configuration
from hall.errors import HallwatchError
from hall.locking import Lock
from hall.names import CameraId, HallId, LockId
from hall.place import Keep
from hall.pulse import renew, rest
from store import holdings, leases, locks
from store.database import Database, Read
from store.holdings import Holding

STEP_SECONDS: Final = 600.0
"""How long a step may take: at the first one a large catalogue is counted."""
LOOK_SECONDS: Final = 1.0
"""How often free space is looked at."""
ROUND_SECONDS: Final = 60.0
"""How often ages and shares of space are looked at."""
MEASURE_SECONDS: Final = 15.0
TTL: Final = timedelta(seconds=30)
RENEW_SECONDS: Final = 10.0
GIGABYTE: Final = 10**9
SLACK: Final = 50
"""A fiftieth of what is to stay free is freed beyond it: once a minute much, not every second a little."""

log = structlog.get_logger(__name__)


class Keeper:
    """Keeps the disks of one machine in order. Used by one thread."""

    def __init__(
        self,
        configuration: Configuration,
        database: Database,
        objects: LocalObjects,
        books: Callable[[HallId], Books],
        clock: Clock,
        holder: str | None = None,
    ) -> None:
        """`holder` names this machine; by default its network name."""
        self._configuration = configuration
        self._storage = configuration.site.storage
        self._database = database
        self._objects = objects
        self._clock = clock
        self._holder = holder or platform.node()
        self._remover = Remover(database, objects, books, clock)
        self._stripper = Stripper(database, objects, books, clock)
        self._stock = Stock(objects)
        self._watch = Watch(configuration, database, objects, self._stock, clock)
        self._mine: tuple[Path, ...] = ()
        self._holding: frozenset[LockId] = frozenset()
        self._is_undone = True
        self._due = {"leases": 0.0, "round": 0.0, "measure": 0.0}

    def run(self, stop: Event) -> None:
        """Keep the disks in order until `stop` is set."""
        while not stop.is_set():
            self.try_step()
            renew()
            rest(self._objects.ran_full, LOOK_SECONDS)

    def try_step(self) -> None:
        """One step; what fails is done anew in the next one."""
        try:
            self.step()
        except (HallwatchError, OSError) as error:
            FAILED.inc()
            log.warning("retention begins again", because=f"{type(error).__name__}: {error}")
            self._is_undone = True
            self._stock.look_again()

    def step(self) -> None:
        """Do what is due. Raises StoreBusy, RecordingError or OSError; nothing is lost or half done then."""
        ran_full = self._objects.ran_full.is_set()
        self._objects.ran_full.clear()
        if self._is_due("leases", RENEW_SECONDS):
            self._take_leases()
        if self._is_undone:
            self._remover.finish()
            self._stripper.finish()
            self._is_undone = False
        for disk in self._mine:
            self._make_room(disk, ran_full)
        if self._is_due("round", ROUND_SECONDS):
            self._go_round()
        if self._is_due("measure", MEASURE_SECONDS):
            self._watch.measure(self._mine)

    def _take_leases(self) -> None:
        names = {disk: f"retention/{_identity(disk, self._holder)}" for disk in self._objects.disks}
        now = self._clock.now()
        with self._database.write() as tx:
            mine = tuple(
                disk for disk, name in names.items() if leases.acquire(tx, name, self._holder, now, TTL)
            )
        if mine != self._mine:
            self._mine = mine
            self._stock.look_again()

    def _make_room(self, disk: Path, ran_full: bool) -> None:
        """Free what a disk has too little of; at any cost when somebody could not write."""
        measured = usage(disk)
        if measured is None:
            return
        kept_free = reserve(measured.total, self._storage.keep_free_percent)
        wanted = missing_bytes(measured.total, measured.free, self._storage.keep_free_percent)
        in_need = ran_full or measured.free < kept_free // 10
        if ran_full:
            wanted = max(wanted, kept_free // 10)
        if wanted > 0:
            wanted += kept_free // SLACK
        exhausted = False
        while wanted > 0 and not exhausted:
            renew()
            with self._database.read() as tx:
                held, now = self._begin(tx)
                removals = list(islice(to_free(self._on(tx, disk), wanted, Rule.DISK, held, now), AT_ONCE))
            freed = self._remover.remove(removals, at_any_cost=in_need) if removals else 0
            exhausted = freed == 0
            wanted -= freed
            if freed:
                log.info("space was freed on a disk", disk=str(disk), bytes=freed, segments=len(removals))
        if self._watch.note_room(disk, is_lacking=exhausted and wanted > kept_free // SLACK):
            self._due["measure"] = 0.0

    def _on(self, tx: Read, disk: Path) -> Iterator[Holding]:
        """What lies on a disk, oldest first over all cameras; before all else what the archive has too."""
        for copied in (True, False) if self._storage.archive is not None else (None,):
            question = f"{disk}|{copied}"
            parts = [self._on_of(tx, disk, camera, question, copied) for camera in holdings.cameras(tx)]
            yield from heapq.merge(*parts, key=lambda holding: holding.interval.start)

    def _on_of(
        self, tx: Read, disk: Path, camera: CameraId, question: str, copied: bool | None
    ) -> Iterator[Holding]:
        is_first = True
        for holding in self._stock.all_of(tx, camera, question, copied=copied):
            if any(place == disk for place, _ in self._objects.places(holding.key)):
                if is_first and copied is not True:
                    self._stock.reached(question, camera, holding.interval.start)
                is_first = False
                yield holding

    def _go_round(self) -> None:
        with self._database.read() as tx:
            cameras = holdings.cameras(tx)
        for camera in cameras:
            known = self._configuration.camera(camera)
            site = self._configuration.site
            keep = site.keep_of(known[1]) if known is not None else site.keep
            for limit in limits(keep):
                while self._age(camera, keep, limit):
                    renew()
            while keep.gigabytes is not None and self._space(camera, int(keep.gigabytes * GIGABYTE)):
                renew()

    def _age(self, camera: CameraId, keep: Keep, limit: timedelta) -> bool:
        """Let some of what is older than `limit` go; false when there is no more of it."""
        question = f"age {limit}"
        with self._database.read() as tx:
            held, now = self._begin(tx)
            old = list(_until(self._stock.all_of(tx, camera, question), now - limit))
            removals = list(islice(by_age(old, keep, held, now), AT_ONCE))
        self._carry_out(removals)
        is_more = len(removals) == AT_ONCE
        if last := removals[-1].holding if is_more else (old[-1] if old else None):
            self._stock.reached(question, camera, last.interval.start + timedelta(microseconds=1))
        return is_more

    def _space(self, camera: CameraId, limit: int) -> bool:
        """Let some of what a camera holds beyond `limit` go; false when there is no more.

        What is locked does not count: a case must not cost the camera its new footage.
        """
        with self._database.read() as tx:
            held, now = self._begin(tx)
            locked = sum(
                holdings.held_bytes(tx, camera, lock.interval.start, lock.interval.end)
                for lock in held
                if camera in lock.cameras
            )
            over = self._stock.held(tx, camera) - locked - limit
            if over <= 0:
                return False
            going = to_free(self._stock.all_of(tx, camera), over, Rule.SPACE, held, now)
            removals = list(islice(going, AT_ONCE))
        return self._carry_out(removals) > 0 and len(removals) == AT_ONCE

    def _carry_out(self, removals: Sequence[Removal]) -> int:
        """Strip and delete; a segment of which nothing would be left goes as a whole. The bytes deleted."""
        whole = [one for one in removals if one.takes is None]
        for removal in removals:
            if removal.takes is not None:
                renew()
                if not self._stripper.strip(removal.holding.id, removal.takes):
                    whole.append(Removal(removal.holding, removal.rule))
        return self._remover.remove(whole) if whole else 0

    def _begin(self, tx: Read) -> tuple[list[Lock], datetime]:
        """The locks that hold, once the stock is up to date. Other locks make it look at all again."""
        now = self._clock.now()
        self._stock.follow(tx, now)
        held = locks.holding(tx, now)
        names = frozenset(lock.id for lock in held)
        if names != self._holding:
            self._holding = names
            self._stock.look_again()
        return held, now

    def _is_due(self, what: str, every: float) -> bool:
        now = self._clock.monotonic()
        if now < self._due[what]:
            return False
        self._due[what] = now + every
        return True


def _until(held: Iterable[Holding], at: datetime) -> Iterator[Holding]:
    """Those that ended at `at` or before."""
    return takewhile(lambda one: one.interval.end is not None and one.interval.end <= at, held)


def _identity(disk: Path, holder: str) -> str:
    """The name of a disk; one that takes no name is known by where it is."""
    try:
        return Marks(disk).identity()
    except OSError:
        return hashlib.sha256(f"{holder}:{disk}".encode()).hexdigest()[:16]

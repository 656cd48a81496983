"""The archive's thread: follows the journal's segments and keeps the archive in line with them.

Of the processes that record onto the same disks one does it, the one that holds a lock on the first disk:
the kernel frees it the moment a process ends, however it ends. Another machine has disks, a lock and a place
in the journal of its own, and copies what lies there. Recording never waits for any of it.
"""

from __future__ import annotations

import fcntl
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Final

import structlog

from capture.archive.alignment import Alignment
from capture.archive.backlog import KINDS, Backlog
from capture.archive.expiry import Expiry
from capture.archive.metrics import FAILURES, WORKING
from capture.archive.objects import S3Objects
from capture.archive.pace import Pace, Stopped
from capture.backoff import Backoff
from capture.record.objects import LocalObjects
from capture.retention.marks import Marks
from capture.workers import Worker
from hall.clock import Clock
from hall.config import Configuration
from hall.config.archive import ArchiveSettings
from hall.errors import RecordingError, StoreError
from hall.journal import FactKind, JournalEntry
from hall.names import SegmentId
from hall.pulse import renew, rest
from store import copies, journal
from store.database import Database

FOLDER: Final = ".archive"
"""Beside the recordings of the first disk: the lock, and what is being taken apart."""
PARALLEL: Final = 2
AT_ONCE: Final = 8
"""Entries between two moves of the place in the journal: as many may be looked at again after a kill."""
POLL_SECONDS: Final = 2.0
CLAIM_SECONDS: Final = 5.0
EXPIRY_SECONDS: Final = 600.0
RETRY_FIRST_SECONDS: Final = 2.0
RETRY_LONGEST_SECONDS: Final = 120.0
STOP_SECONDS: Final = 1.0
STEP_SECONDS: Final = 300.0
"""How long one step of the thread may take: requests have limits that are far below."""

log = structlog.get_logger(__name__)


class Uploader:
    """Works until told to stop, whatever the archive, the database or the disk does."""

    def __init__(
        self,
        settings: ArchiveSettings,
        database: Database,
        local: LocalObjects,
        archive: S3Objects,
        alignment: Alignment,
        expiry: Expiry,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._database = database
        self._local = local
        self._archive = archive
        self._alignment = alignment
        self._expiry = expiry
        self._clock = clock
        self._trouble: str | None = None
        self._stored = -1
        self._after = 0
        self._backlog = Backlog(0)
        self._expire_at = clock.monotonic()

    def run(self, stop: Event) -> None:
        """Copy while this process holds the lock; wait for it otherwise."""
        backoff = Backoff(RETRY_FIRST_SECONDS, RETRY_LONGEST_SECONDS, Random())
        while not stop.is_set():
            try:
                with _claim(self._local.disks[0]) as is_mine:
                    if not is_mine:
                        rest(stop, CLAIM_SECONDS)
                        continue
                    follower = f"{self._archive.name}#{Marks(self._local.disks[0]).identity()}"
                    while not stop.is_set():
                        is_busy = self.run_once(follower, stop)
                        self._works(backoff)
                        if not is_busy:
                            rest(stop, POLL_SECONDS)
            except RecordingError as error:
                self._failed("archive", error, backoff.failed(), stop)
            except StoreError as error:
                self._failed("store", error, backoff.failed(), stop)
            except OSError as error:
                self._failed("disk", error, backoff.failed(), stop)

    def run_once(self, follower: str, stop: Event) -> bool:
        """Look after the next entries of the journal that are due; whether more may be waiting.

        Raises RecordingError, StoreBusy or OSError; what was done until then counts.
        """
        entries = self._next(follower)
        due = self._due(entries)
        try:
            if due:
                self._look_after(due, follower, stop)
        finally:
            self._backlog.show(
                next((one for one in entries if one.seq > self._after), None), self._clock.now()
            )
        if not stop.is_set() and self._clock.monotonic() >= self._expire_at:
            self._expiry.run_once(stop)
            self._expire_at = self._clock.monotonic() + EXPIRY_SECONDS
        return len(due) == AT_ONCE

    def _next(self, follower: str) -> list[JournalEntry]:
        with self._database.read() as tx:
            stored = copies.cursor(tx, follower)
            if stored != self._stored:
                # The first look, or somebody wants everything to be looked at again.
                self._stored = self._after = stored
                self._backlog = Backlog(stored)
            self._backlog.look(tx)
            entries = journal.tail(tx, self._after, AT_ONCE, KINDS)
            if not entries:
                self._after = max(self._after, journal.last_seq(tx))
        renew()
        return entries

    def _due(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """The entries before the first segment that still rests."""
        rested = self._clock.now() - timedelta(seconds=self._settings.wait_seconds)
        due: list[JournalEntry] = []
        for entry in entries:
            if entry.kind is FactKind.SEGMENT and entry.at > rested:
                break
            due.append(entry)
        return due

    def _look_after(self, due: Sequence[JournalEntry], follower: str, stop: Event) -> None:
        wanted = [SegmentId(str(entry.body.get("id"))) for entry in due]
        done, failed = self._align(dict.fromkeys(wanted), stop)
        finished: list[JournalEntry] = []
        for entry, segment in zip(due, wanted, strict=True):
            if segment not in done:
                break
            finished.append(entry)
        if finished:
            with self._database.write() as tx:
                copies.move(tx, follower, finished[-1].seq)
            self._stored = self._after = finished[-1].seq
            self._backlog.done(finished)
        if failed is not None:
            raise failed

    def _align(self, wanted: dict[SegmentId, None], stop: Event) -> tuple[set[SegmentId], Exception | None]:
        """Several at a time, in threads of their own: one that hangs in the network holds up nothing else."""
        pace = Pace(self._settings.megabits_per_second, self._clock, stop)
        waiting, done, failed = deque(wanted), set[SegmentId](), list[Exception]()

        def work() -> None:
            while waiting and not failed and not stop.is_set():
                try:
                    segment = waiting.popleft()
                    self._alignment.align(segment, pace)
                except Stopped:
                    return
                except IndexError:
                    return
                except Exception as error:  # noqa: BLE001 - raised again by the thread that waits for this one
                    failed.append(error)
                else:
                    done.add(segment)

        threads = [Thread(target=work, name="archive-copy", daemon=True) for _ in range(PARALLEL)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive() and not stop.is_set():
                thread.join(0.5)
                renew()
            thread.join(STOP_SECONDS)
        return done, failed[0] if failed else None

    def _failed(self, reason: str, error: Exception, wait: float, stop: Event) -> None:
        FAILURES.labels(reason).inc()
        WORKING.set(0)
        if self._trouble != str(error):  # said once, not every two minutes of a night
            log.warning("nothing can be archived now", reason=reason, because=str(error))
        self._trouble = str(error)
        rest(stop, wait)

    def _works(self, backoff: Backoff) -> None:
        backoff.worked()
        WORKING.set(1)
        if self._trouble is not None:
            log.info("the archive takes copies again")
        self._trouble = None


def archive_workers(
    configuration: Configuration, database: Database, local: LocalObjects, clock: Clock
) -> list[Worker]:
    """The one worker that copies what lies on this machine's disks; none without an archive."""
    settings = configuration.site.storage.archive
    if settings is None:
        return []
    archive = S3Objects(settings)
    alignment = Alignment(database, local, archive, settings.days, clock)
    expiry = Expiry(configuration, database, archive, alignment, local.disks[0] / FOLDER, clock)
    uploader = Uploader(settings, database, local, archive, alignment, expiry, clock)
    return [Worker("archive", uploader.run, STEP_SECONDS)]


@contextmanager
def _claim(disk: Path) -> Iterator[bool]:
    """Whether this process looks after the archive, for as long as the block lasts. Raises OSError."""
    folder = disk / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)

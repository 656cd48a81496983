"""A disk of recordings that runs full for real: a small file system in memory, mounted for the campaign.

The oldest unlocked segments go first, locked ones never, it is told before, and recording goes on. When
everything is locked, recording stops with a reason and goes on by itself once something may go.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hall.clock import EPOCH, SystemClock
from hall.interval import Interval
from hall.journal import FactKind, JournalEntry
from hall.locking import Lock, LockKind
from hall.media import GapReason
from hall.names import HallId, LockId
from hall.storage import DiskState
from store import journal, locks
from tests.torture.recording_hall import SEGMENT_SECONDS, RecordingHall, cameras, recording_hall, wait_until
from tests.torture.witness import seen, unexplained

HALL = HallId("h")
MEGABYTE = 1_000_000
SLACK = timedelta(seconds=2 * SEGMENT_SECONDS)
"""Segments of several cameras end in turn: by so much an older one may be entered after a younger one."""


@dataclass
class DiskFullOutcome:
    """What a full disk did; `ran` is false where this user may not mount a file system."""

    ran: bool = True
    deleted: int = 0
    locked: int = 0
    segments: int = 0
    told: list[str] = field(default_factory=list)
    """The states of the disk that were told, in order."""
    complaints: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool | None:
        """None when the campaign could not run."""
        return not self.complaints if self.ran else None


def fill_the_disk(
    folder: Path,
    megabytes: float = 72,
    count: int = 8,
    *,
    deletions: int = 40,
    keep_free_percent: float = 10,
    at_length: bool = True,
) -> DiskFullOutcome:
    """Record until so many segments had to go; `at_length` also asks for the warning and locks everything.

    The disk must be so large that it takes two minutes to fill: rates are known after one.
    """
    outcome = DiskFullOutcome()
    with contextlib.ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(folder / "disk", megabytes))
        except PermissionError:
            outcome.ran = False
            return outcome
        storage = f"{{disks: [{disk}], keep_free_percent: {keep_free_percent}}}"
        filmed = stack.enter_context(cameras(folder, count))
        hall = stack.enter_context(
            recording_hall(folder, filmed, site=f"  keep: {{picture_days: 30}}\n  storage: {storage}")
        )
        hall.start()
        wait_until(lambda: all(hall.segments(camera) for camera in hall.cameras), "a segment of every camera")
        _lock(hall, "kept", hall.segments(hall.cameras[0])[0].interval)
        kept = {
            segment.id: disk / segment.key
            for camera in hall.cameras
            for segment in hall.segments(camera)
            if segment.interval.overlaps(hall.segments(hall.cameras[0])[0].interval)
        }
        outcome.locked = len(kept)
        hashes = {path: seen(path) for path in kept.values()}
        wait_until(lambda: len(_deleted(hall)) >= deletions, f"{deletions} deletions", 300)
        for camera in hall.cameras:
            if hall.recorded_until(camera) < SystemClock().now() - 3 * SLACK:
                outcome.complaints.append(f"{camera}: recording did not go on")
        _judge_order(hall, outcome, set(kept))
        if at_length:
            _judge_warning(hall, outcome)
            _lock_everything(hall, outcome)
        hall.stop()
        _judge_record(hall, outcome, at_length=at_length)
        for path, before in hashes.items():
            if not path.is_file() or seen(path) != before:
                outcome.complaints.append(f"{path.name} was locked and is not there as it was")
    return outcome


@contextmanager
def small_disk(folder: Path, megabytes: float) -> Iterator[Path]:
    """A file system in memory. Raises PermissionError where this user may not mount one."""
    folder.mkdir()
    if os.geteuid() != 0:
        raise PermissionError("only root may mount a file system")
    size = f"size={int(megabytes * MEGABYTE)},mode=755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
        capture_output=True,
        timeout=20,
        check=False,
    )
    if done.returncode != 0:
        raise PermissionError(done.stderr.decode().strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], timeout=20, check=True)


def _lock(hall: RecordingHall, name: str, interval: Interval) -> None:
    lock = Lock(
        id=LockId(name),
        hall=HALL,
        owner="torture",
        kind=LockKind.MANUAL,
        reference="",
        reason="a campaign keeps this",
        interval=interval,
        cameras=tuple(hall.cameras),
        created_at=SystemClock().now(),
    )
    with hall.database.write() as tx:
        locks.add_lock(tx, lock)


def _entries(hall: RecordingHall, kind: FactKind) -> list[JournalEntry]:
    with hall.database.read() as tx:
        return journal.tail(tx, 0, limit=1_000_000, kinds=[kind])


def _deleted(hall: RecordingHall) -> list[JournalEntry]:
    return _entries(hall, FactKind.SEGMENT_DELETED)


def _start_of(entry: JournalEntry) -> datetime:
    interval = entry.body["interval"]
    assert isinstance(interval, dict)
    return datetime.fromisoformat(str(interval["start"]))


def _judge_order(hall: RecordingHall, outcome: DiskFullOutcome, kept: set[object]) -> None:
    """The oldest went first, over all cameras, and nothing that is locked."""
    gone = _deleted(hall)
    outcome.deleted = len(gone)
    outcome.complaints += [f"{entry.body['id']} was locked" for entry in gone if entry.body["id"] in kept]
    for before, after in pairwise(gone):
        if _start_of(after) < _start_of(before) - SLACK:
            outcome.complaints.append(f"{after.body['id']} went after {before.body['id']}, which is younger")


def _judge_warning(hall: RecordingHall, outcome: DiskFullOutcome) -> None:
    """That the disk runs short was told before anything had to go."""
    first_deleted = _deleted(hall)[0].seq
    warned = [
        entry.seq
        for entry in _entries(hall, FactKind.DISK)
        if entry.body["state"] in (DiskState.SHORT_SOON, DiskState.SHORT)
    ]
    if not warned or warned[0] > first_deleted:
        outcome.complaints.append("nothing was told before segments had to go")


def _lock_everything(hall: RecordingHall, outcome: DiskFullOutcome) -> None:
    """The disk fills to the last byte, and nothing goes. Then it may, and recording goes on."""
    whole = Interval(EPOCH, SystemClock().now() + timedelta(days=1))
    _lock(hall, "everything", whole)
    time.sleep(2)
    gone = len(_deleted(hall))

    def is_full() -> bool:
        return all(
            any(gap.interval.is_open and gap.reason is GapReason.DISK_FULL for gap in hall.gaps(camera))
            for camera in hall.cameras
        )

    wait_until(is_full, "a gap of every camera because the disk is full", 120)
    if len(_deleted(hall)) != gone:
        outcome.complaints.append("locked segments were deleted")
    wait_until(
        lambda: any(entry.body["state"] == DiskState.FULL for entry in _entries(hall, FactKind.DISK)),
        "the disk is said to be full",
    )
    with hall.database.write() as tx:
        locks.release_lock(tx, LockId("everything"), "torture", SystemClock().now())
    released = SystemClock().now()
    wait_until(lambda: hall.is_recorded_beyond(released), "recording went on when segments could go", 120)


def _judge_record(hall: RecordingHall, outcome: DiskFullOutcome, *, at_length: bool) -> None:
    expected = {GapReason.STARTING, GapReason.PROCESS_RESTART, GapReason.DELETED_BY_RETENTION}
    expected |= {GapReason.DISK_FULL} if at_length else set()
    for camera in hall.cameras:
        segments, gaps = hall.segments(camera), hall.gaps(camera)
        outcome.segments += len(segments)
        outcome.complaints += [
            f"{camera}: a gap because of {gap.reason}: {gap.detail}"
            for gap in gaps
            if gap.reason not in expected
        ]
        outcome.complaints += [f"{camera}: {what}" for what in unexplained(segments, gaps)]
    outcome.told = [str(entry.body["state"]) for entry in _entries(hall, FactKind.DISK)]
    outcome.complaints += hall.faults()

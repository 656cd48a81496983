"""A disk that is too small: the oldest goes, what is locked stays, and recording goes on."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Thread

import pytest

from capture.books.books import Books
from capture.books.facts import FactWriter
from capture.books.logbook import Logbook
from capture.record.objects import LocalObjects
from capture.role import run_capture
from hall.clock import SystemClock
from hall.config import Configuration, parse_configuration
from hall.errors import StoreBusy
from hall.interval import Interval
from hall.locking import Lock, LockKind
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId, HallId, LockId
from hall.storage import DiskState
from store import configuration as configurations
from store import disks, journal, locks, recording
from store.database import Database
from tests.media import film
from tests.recorded import packets_of, record

CAMERA, HALL = CameraId("cam-1"), HallId("h")
NOWHERE = "nats://127.0.0.1:9"
CLOCK = SystemClock()
HOUR = timedelta(hours=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with about a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
        timeout=10,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)


def configured(data: Path, disk: Path, reel: Path) -> Configuration:
    return parse_configuration(
        f"""
site:
  data: {data}
  storage: {{disks: [{disk}], keep_free_percent: 10}}
  capture: {{segment_seconds: 2, retry_first_seconds: 0.2, retry_longest_seconds: 10}}
halls:
  - id: h
    name: {{zh: 大厅, en: Hall}}
    units: [{{id: u, name: {{zh: 单位, en: Unit}}}}]
    windows: [{{id: w01, number: "1", name: {{zh: 窗口, en: Window}}, unit: u}}]
    cameras: [{{id: cam-1, name: {{zh: 一, en: One}}, url: {reel}}}]
"""
    )


def segments(database: Database) -> list[Segment]:
    with database.read() as tx:
        return recording.segments_between(tx, CAMERA, CLOCK.now() - 48 * HOUR, CLOCK.now() + HOUR)


def gaps(database: Database, reason: GapReason) -> list[Gap]:
    with database.read() as tx:
        found = recording.gaps_between(tx, CAMERA, CLOCK.now() - 48 * HOUR, CLOCK.now() + HOUR)
    return [gap for gap in found if gap.reason is reason]


def state(database: Database) -> DiskState:
    with database.read() as tx:
        return disks.all_disks(tx)[0].state


def wait_until(happened: Callable[[], object], what: str, seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < limit, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


@contextmanager
def capturing(configuration: Configuration, database: Database) -> Iterator[None]:
    stop = Event()
    thread = Thread(target=run_capture, args=(configuration, database, NOWHERE, CLOCK, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def lock(database: Database, name: str, span: Interval) -> None:
    held = Lock(LockId(name), HALL, "li", LockKind.CASE, "c", "why", span, (CAMERA,), CLOCK.now())
    with database.write() as tx:
        locks.add_lock(tx, held)


def is_recorded_since(database: Database, moment: datetime) -> bool:
    return any(one.interval.start > moment for one in segments(database))


def fill(path: Path) -> None:
    """Write until no more fits."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_disk_that_fills_up_loses_the_oldest_and_recording_goes_on(
    small_disk: Path, tmp_path: Path
) -> None:
    reel = film(tmp_path / "reel.mov", seconds=7)
    configuration = configured(tmp_path / "data", small_disk, reel)
    database = Database(configuration.site.database_url)
    database.migrate()
    with database.write() as tx:
        configurations.apply(tx, configuration, CLOCK.now())
    facts, objects = FactWriter(database), LocalObjects(small_disk)
    books = partial(Books, facts, Logbook(objects.disks, CLOCK))(HALL)
    began = CLOCK.now()
    for hours in (2, 1):
        record(objects, books, CAMERA, packets_of(reel), began - hours * HOUR)
    assert facts.close(10)
    old = segments(database)
    lock(database, "kept", old[1].interval)
    try:
        with capturing(configuration, database):
            wait_until(lambda: is_recorded_since(database, began), "recorded although the disk was full")
            wait_until(lambda: old[0] not in segments(database), "room was made by the oldest")
            assert objects.path(old[1].key).is_file(), "what is locked stays"
            assert gaps(database, GapReason.DELETED_BY_RETENTION)[0].interval == old[0].interval
            assert not gaps(database, GapReason.DISK_FULL), "room was made in time"

            lock(database, "all", Interval(began - 48 * HOUR, began + HOUR))
            locked = segments(database)
            wait_until(lambda: gaps(database, GapReason.DISK_FULL), "the gap says that the disk is full")
            wait_until(lambda: state(database) is DiskState.FULL, "the disk says so as well")
            assert all(objects.path(one.key).is_file() for one in locked)

            with database.write() as tx:
                locks.release_lock(tx, LockId("all"), "li", CLOCK.now())
            released = CLOCK.now()
            wait_until(lambda: is_recorded_since(database, released), "recording goes on by itself")
            wait_until(lambda: state(database) is DiskState.OK, "and the disk is well again")
            assert objects.path(old[1].key).is_file()
    finally:
        database.close()


def test_a_full_disk_under_the_database_makes_facts_wait_and_refuses_none(small_disk: Path) -> None:
    database = Database(f"sqlite:///{small_disk / 'hallwatch.db'}")
    database.migrate()
    filler = small_disk / "filler"
    try:
        fill(filler)
        gap = Gap(CAMERA, Interval(CLOCK.now()), GapReason.DISK_FULL, "x" * 200_000)
        with pytest.raises(StoreBusy), database.write() as tx:
            recording.open_gap(tx, HALL, gap)
        facts = FactWriter(database)
        facts.put(partial(recording.open_gap, hall=HALL, gap=gap))
        filler.unlink()
        assert facts.close(10)
        with database.read() as tx:
            assert recording.open_gaps(tx) == [gap]
            assert journal.last_seq(tx) == 1
    finally:
        database.close()

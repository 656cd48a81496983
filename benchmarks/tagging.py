"""Does tagging stay quick when much was recorded? Ten million segments, two million periods, both databases.

What is measured are the functions that the console and the recorder call, at random places of the record:
a transaction with its recordings, what a segment shows as it is entered, the search for a ticket. Beside
them stand one look-up by primary key, which is the least that a database can do, and the same join as one
would write it first, without a bound on how far back it looks.

Options: --segments, --periods, --samples, --folder (for about 10 GB), --database sqlite or postgresql.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.filled_hall import BEGIN, SEGMENT_SECONDS, Size, fill
from benchmarks.report import Figure, Report, percentile
from console.access.visitor import Visitor
from console.api.transactions import detail_of, replay_bounds
from console.halls import Halls
from hall.names import CameraId, HallId, SegmentId, TransactionId, UserId
from hall.roles import Role
from store import queueing, recording, tagging
from store.accounts import User
from store.database import Database, Read
from tests import postgresql

INVESTIGATOR = Visitor(User(UserId("u"), "li", Role.INVESTIGATOR, "", disabled=False), "", "")

AIM_MS = 20.0
NAIVE_SAMPLES = 10
BYTES_PER_SEGMENT = 900
NAIVE = """
SELECT p.id, s.camera, s.start_us, s.id FROM periods p
JOIN camera_windows w ON w."window" = p."window"
JOIN segments s ON s.camera = w.camera AND s.start_us < p.end_us AND s.end_us > p.start_us
WHERE p."transaction" = '{transaction}' AND p.superseded_us IS NULL"""

Ask = Callable[[Read], object]


@dataclass(frozen=True, slots=True)
class Key:
    """A random place of the record: a transaction there, and a camera with one of its segments."""

    transaction: TransactionId
    ticket_number: str
    camera: CameraId
    start: datetime
    segment: SegmentId


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one question: from files that the system does not hold in memory, and then again."""

    question: str
    cold: tuple[float, ...]
    warm: tuple[float, ...]


def run(options: Sequence[str] = ()) -> Report:
    """Fill, measure and report."""
    given = _parsed(options)
    size = Size(given.segments, given.periods)
    _check_room(Path(given.folder), size)
    rows: list[tuple[Figure, ...]] = []
    keys: dict[str, Figure] = {"aim_ms": AIM_MS}
    for name in given.database or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="hallwatch-tagging-", dir=given.folder) as folder:
            os.chmod(folder, 0o755)  # noqa: PTH101 - the PostgreSQL server is another user
            with _database(name, Path(folder)) as (database, files):
                began = time.monotonic()
                halls = Halls(fill(database, size))
                filled = time.monotonic() - began
                print(f"{name}: filled in {filled:.0f} s, {_bytes(files) / 2**30:.1f} GiB", file=sys.stderr)
                timings = _measure(database, files, halls, size, given.samples)
                with database.read() as tx:
                    for table in ("segments", "periods"):
                        counted = tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608
                        keys[table] = int(counted.scalar_one())
        rows += [_row(name, timing) for timing in timings]
        keys |= _keys(name, timings, filled)
    return Report(
        title="Tagging at size",
        header=("database", "question", "n", "cold p50 ms", "cold p99 ms", "warm p50 ms", "warm p99 ms"),
        rows=tuple(rows),
        keys=keys,
        notes=(
            f"{keys['segments']} segments of {size.cameras} cameras over {size.days} days, "
            f"{keys['periods']} periods at {size.windows} windows. Aim: p99 below {AIM_MS:g} ms, cold too. "
            "Cold: the database's files were dropped from the system's memory before. The index of "
            "fragments is shorter here than in a hall; none of these questions but the look-up by key "
            "reads it.",
        ),
    )


def _parsed(options: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks tagging", description=__doc__)
    parser.add_argument("--segments", type=int, default=10_000_000)
    parser.add_argument("--periods", type=int, default=2_000_000)
    parser.add_argument("--samples", type=int, default=1000, help="random places to ask about")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where the databases may lie")
    parser.add_argument("--database", action="append", choices=("sqlite", "postgresql"))
    return parser.parse_args(list(options))


def _check_room(folder: Path, size: Size) -> None:
    needed, free = size.segments * BYTES_PER_SEGMENT, shutil.disk_usage(folder).free
    if free < needed:
        sys.exit(
            f"{folder} has {free / 2**30:.1f} GiB free, {needed / 2**30:.1f} are needed: --folder, --segments"
        )


@contextmanager
def _database(name: str, folder: Path) -> Iterator[tuple[Database, Path]]:
    """A new database, and the folder of its files."""
    if name == "sqlite":
        database = Database(f"sqlite:///{folder / 'hall.db'}")
        try:
            yield database, folder
        finally:
            database.close()
        return
    with postgresql.running(folder) as server:
        database = Database(postgresql.new_database(server))
        try:
            yield database, folder
        finally:
            database.close()


def _measure(database: Database, files: Path, halls: Halls, size: Size, samples: int) -> list[Timing]:
    chance = random.Random(size.segments)
    places = [_place(chance, size) for _ in range(samples)]
    now = BEGIN + timedelta(days=size.days + 1)
    with database.read() as tx:
        halls.current(tx)
    questions: list[tuple[str, Callable[[Key], Ask], int]] = [
        ("transaction → its recordings", partial(_join, halls, now), samples),
        ("the same with all that the console shows", partial(_transaction, halls, now), samples),
        ("recording → its transactions", _recording, samples),
        ("ticket → transactions", _ticket, samples),
        ("peer: one segment by its id", _by_key, samples),
        ("peer: the join without a bound", _naive, min(samples, NAIVE_SAMPLES)),
    ]
    timings = []
    for question, ask, count in questions:
        _forget(database, files)
        passes = [tuple(_timed(database, ask(place)) for place in places[:count]) for _ in ("cold", "warm")]
        timings.append(Timing(question, *passes))
    return timings


def _place(chance: random.Random, size: Size) -> Key:
    day, window = chance.randrange(size.days), chance.randrange(size.windows)
    number = window * size.per_day + chance.randrange(size.per_day)
    camera, nth = f"cam-{chance.randrange(size.cameras):04d}", chance.randrange(size.per_camera)
    return Key(
        TransactionId(f"h-{day:04d}-{number:06d}.1"),
        f"A{number:06d}",
        CameraId(camera),
        BEGIN + timedelta(seconds=nth * SEGMENT_SECONDS),
        SegmentId(f"{camera}-2026{nth // 1440:04d}T000000000000Z-{nth % 1440:06d}"),
    )


def _join(halls: Halls, now: datetime, key: Key) -> Ask:
    """The periods of a transaction, and the segments of every camera that shows its window."""

    def ask(tx: Read) -> object:
        transaction = queueing.transaction(tx, key.transaction)
        start, end = replay_bounds(transaction, now)
        return queueing.periods_of(tx, transaction.id), [
            recording.segments_between(tx, camera, start, end, fragments=False)
            for camera in halls.hall(tx, transaction.hall).cameras_of(transaction.window)
        ]

    return ask


def _transaction(halls: Halls, now: datetime, key: Key) -> Ask:
    def ask(tx: Read) -> object:
        detail = detail_of(tx, INVESTIGATOR, halls, queueing.transaction(tx, key.transaction), now)
        if not detail.periods or not all(camera.segments for camera in detail.cameras):
            raise LookupError(f"{key.transaction} has no recordings")
        return detail

    return ask


def _recording(key: Key) -> Ask:
    end = key.start + timedelta(seconds=SEGMENT_SECONDS)
    return lambda tx: tagging.shown(tx, key.camera, key.start, end)


def _ticket(key: Key) -> Ask:
    return lambda tx: queueing.transactions_of(tx, hall=HallId("h"), ticket_number=key.ticket_number)


def _by_key(key: Key) -> Ask:
    return lambda tx: recording.segment(tx, key.segment)


def _naive(key: Key) -> Ask:
    statement = NAIVE.format(transaction=key.transaction)
    return lambda tx: tx.connection.exec_driver_sql(statement).fetchall()


def _timed(database: Database, ask: Ask) -> float:
    began = time.perf_counter()
    with database.read() as tx:
        ask(tx)
    return (time.perf_counter() - began) * 1000


def _forget(database: Database, files: Path) -> None:
    """Have the system drop the files from its memory; connections take with them what they hold."""
    with database.write() as tx:
        if tx.connection.dialect.name == "postgresql":
            tx.connection.exec_driver_sql("CHECKPOINT")
    database.close()
    os.sync()
    for path in files.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _bytes(files: Path) -> int:
    return sum(path.stat().st_size for path in files.rglob("*") if path.is_file())


def _row(name: str, timing: Timing) -> tuple[Figure, ...]:
    figures = [percentile(times, share) for times in (timing.cold, timing.warm) for share in (0.5, 0.99)]
    return (name, timing.question, len(timing.cold), *(round(figure, 2) for figure in figures))


def _keys(name: str, timings: list[Timing], filled: float) -> dict[str, Figure]:
    there, console, back, ticket, floor, naive = timings
    worst = {"tagging": there, "console": console, "shown": back, "ticket": ticket}
    keys: dict[str, Figure] = {
        f"{question}_p99_ms_{name}": round(
            max(percentile(both, 0.99) for both in (timing.cold, timing.warm)), 2
        )
        for question, timing in worst.items()
    }
    keys[f"ratio_to_key_lookup_{name}"] = round(percentile(there.warm, 0.5) / percentile(floor.warm, 0.5), 2)
    keys[f"ratio_to_naive_join_{name}"] = round(percentile(there.warm, 0.5) / percentile(naive.warm, 0.5), 4)
    keys[f"filled_seconds_{name}"] = round(filled, 1)
    return keys

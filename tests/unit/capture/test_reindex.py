"""The catalogue made again from the disks is the same, whatever happened before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture.books.logbook import FOLDER, Logbook
from capture.record.reindex import Reindexed, reindex
from hall.clock import SimulatedClock
from hall.media import GapReason, Segment
from store import catalogue, recording
from store.database import Database
from tests import postgresql
from tests.recordings import HALL, Recordings, new_database, whole

HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "run",
                "run",
                "outage",
                "crash",
                "crash",
                "restart",
                "system",
                "delete",
                "torn",
                "aside",
                "strip",
            ]
        ),
        st.integers(0, 2**32),
    ),
    min_size=1,
    max_size=10,
)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    database.migrate()
    try:
        yield database
    finally:
        database.close()


def live_through(site: Recordings, happenings: list[tuple[str, int]]) -> None:
    """A camera's life. Whatever a process wrote in the moment of its death did not reach the database."""
    site.restart()
    for what, seed in happenings:
        chance = random.Random(seed)
        site.clock.advance(chance.uniform(0.1, 5000))
        match what:
            case "run":
                record(site, chance)
            case "outage":
                for _ in range(chance.randint(1, 3)):
                    site.gap(chance.choice([GapReason.OFFLINE, GapReason.STALLED]), detail="no answer: “x”\n")
                    site.clock.advance(chance.uniform(0, 40))
            case "crash":
                crash(site, chance)
            case "restart":
                site.restart()
            case "aside":
                site.restart(GapReason.NOT_SCHEDULED)
            case "system":
                site.interrupt()
                site.restart()
            case "delete":
                known = site.segments()
                site.delete(chance.sample(known, chance.randint(0, len(known))))
            case "torn":
                tear(site, chance)


def record(site: Recordings, chance: random.Random, segments: int | None = None) -> None:
    run = site.begin()
    start = run.interval.start
    for sequence in range(segments or chance.randint(1, 4)):
        late = timedelta(microseconds=chance.randint(-60, 60))
        rate = chance.choice([0.0, 500e-6, -123.456e-6])
        made = site.segment(run, sequence, start, chance.randint(1, 3), rate=rate, late=late)
        assert made.interval.end is not None
        start = made.interval.end
    if segments is None:
        site.books.run_ended(site.camera, run.id, start, chance.choice(["offline", "timestamp_jump"]))
        site.gap(GapReason.STARTING, start)


def crash(site: Recordings, chance: random.Random) -> None:
    run = site.begin()
    start = run.interval.start
    for sequence in range(chance.randint(0, 2)):
        made = site.segment(run, sequence, start)
        assert made.interval.end is not None
        start = made.interval.end
    site.partial(run, 9, start, chance.randint(0, 2), chance.randint(0, 10_000))
    tear(site, chance)
    site.restart()


def tear(site: Recordings, chance: random.Random) -> None:
    """A line of which only the first bytes were written when the process was killed."""
    newest = max(
        (path for disk in site.objects.disks for path in (disk / site.camera / FOLDER).glob("*")),
        key=lambda path: path.name,
    )
    line = newest.read_bytes().splitlines(keepends=True)[-1]
    with newest.open("ab") as file:
        file.write(line[: chance.randint(1, len(line) - 2)])
    site.restart()


def made_again(site: Recordings, database: Database) -> Reindexed:
    return reindex(database, site.objects, Logbook(site.objects.disks, site.clock), processes=0)


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    with pair_in(tmp_path) as pair:
        yield pair


@contextmanager
def pair_in(folder: Path) -> Iterator[tuple[Database, Database]]:
    one, two = new_database(folder / "one.db"), new_database(folder / "two.db")
    yield one, two
    one.close()
    two.close()


@settings(max_examples=15, deadline=None)
@given(happenings=HAPPENINGS, disks=st.integers(1, 2))
def test_any_history_gives_the_same_catalogue_again(happenings: list[tuple[str, int]], disks: int) -> None:
    with TemporaryDirectory() as name, pair_in(Path(name)) as (first, second):
        root = Path(name)
        site = Recordings(first, [root / f"disk{number}" for number in range(disks)], SimulatedClock())
        live_through(site, happenings)
        result = made_again(site, second)
        assert whole(second) == whole(first)
        assert not result.unreadable
        again = made_again(site, second)
        assert (again.runs, again.segments, again.gaps) == (0, 0, 0)
        assert whole(second) == whole(first)


LIFE = [
    (what, seed) for seed, what in enumerate(["run", "outage", "crash", "delete", "system", "aside", "run"])
]


@pytest.mark.slow
def test_the_catalogue_is_the_same_again_on_postgresql(tmp_path: Path) -> None:
    with (
        postgresql.running() as server,
        pair_in(tmp_path) as (sqlite, _),
        opened(postgresql.new_database(server)) as first,
        opened(postgresql.new_database(server)) as second,
    ):
        site = Recordings(first, [tmp_path / "disk"], SimulatedClock())
        live_through(site, LIFE)
        made_again(site, second)
        made_again(site, sqlite)
        assert whole(second) == whole(first)
        assert len(whole(first)["segments"]) == len(whole(sqlite)["segments"]) > 0


def test_other_processes_read_the_files_in_their_order(
    databases: tuple[Database, Database], tmp_path: Path
) -> None:
    first, second = databases
    site = Recordings(first, [tmp_path / "disk"], SimulatedClock())
    site.run(12)
    seen: list[int] = []
    result = reindex(
        second, site.objects, site.logbook, processes=2, progress=lambda _, done: seen.append(done.segments)
    )
    assert result.segments == 12
    assert seen[-1] == 12
    assert whole(second) == whole(first)


def test_a_reindex_that_was_broken_off_goes_on_where_it_was(
    databases: tuple[Database, Database], tmp_path: Path
) -> None:
    first, second = databases
    site = Recordings(first, [tmp_path / "disk"], SimulatedClock())
    record(site, random.Random(1), 6)
    segments = site.segments()
    with second.write() as tx:
        for segment in segments[:2] + segments[4:]:
            recording.add_segment(tx, HALL, segment)
    result = made_again(site, second)
    assert (result.known, result.segments) == (4, 2)
    assert whole(second) == whole(first)


def test_an_older_catalogue_is_brought_up_to_date(
    databases: tuple[Database, Database], tmp_path: Path
) -> None:
    first, second = databases
    site = Recordings(first, [tmp_path / "disk"], SimulatedClock())
    record(site, random.Random(3))
    run = site.begin()
    segment = site.segment(run, 0, run.interval.start)
    assert segment.interval.end is not None
    site.gap(GapReason.OFFLINE)
    made_again(site, second)
    site.clock.advance(10)
    site.books.run_ended(site.camera, run.id, segment.interval.end, "offline")
    site.run(2)
    site.gap(GapReason.STALLED)
    made_again(site, second)
    assert whole(second) == whole(first)


def test_files_that_cannot_be_read_are_named_and_hold_nothing_up(
    databases: tuple[Database, Database], tmp_path: Path
) -> None:
    first, second = databases
    site = Recordings(first, [tmp_path / "disk"], SimulatedClock())
    one, two, three = site.run(3)
    site.objects.path(one.key).write_bytes(b"no film")
    moved = site.objects.path(two.key)
    moved.rename(moved.with_name("cam-1-20260302T010000000000Z-000009.mp4"))
    result = made_again(site, second)
    assert result.segments == 1
    assert [(Path(fault.key).stem[-6:], fault.why) for fault in result.unreadable] == [
        ("000000", "the header of the segment file is not whole"),
        ("000009", f"it says that it is {two.id}"),
    ]
    with second.read() as tx:
        assert catalogue.known(tx, [one.id, two.id, three.id]) == {three.id}


def test_a_gap_whose_end_was_lost_ends_where_recording_goes_on(
    databases: tuple[Database, Database], tmp_path: Path
) -> None:
    first, second = databases
    site = Recordings(first, [tmp_path / "disk"], SimulatedClock())
    site.gap(GapReason.OFFLINE)
    site.clock.advance(10)
    (segment,) = site.run(1)
    (page,) = (tmp_path / "disk" / "cam-1" / FOLDER).iterdir()
    page.write_bytes(
        b"".join(line for line in page.read_bytes().splitlines(keepends=True) if b"gap_ended" not in line)
    )
    made_again(site, second)
    with second.read() as tx:
        (gap,) = recording.gaps_between(tx, site.camera, day_before(segment), site.clock.now())
    assert gap.interval.end == segment.interval.start


def day_before(segment: Segment) -> datetime:
    return segment.interval.start - timedelta(days=1)

"""What a start finds is put in order: files, runs, and gaps that only the logbook knew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from capture.books.books import Books
from capture.books.facts import Fact, FactWriter
from capture.record.salvage import salvage
from capture.record.unrecorded import close_unrecorded
from hall.clock import SimulatedClock
from hall.config import parse_configuration
from hall.errors import StoreBusy
from hall.interval import Interval
from hall.media import GapReason
from store import catalogue, recording
from store.database import Database, Read
from tests.recordings import HALL, Recordings, new_database, whole
from tests.unit.capture.test_check import CONFIGURATION


class Nowhere:
    """A database that is away: facts for it are lost with the process."""

    def read(self) -> AbstractContextManager[Read]:
        raise StoreBusy("locked")

    write = read


class Waiting:
    """Keeps facts until the database is back."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def put(self, fact: Fact) -> None:
        self.facts.append(fact)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Recordings]:
    database = new_database(tmp_path / "test.db")
    yield Recordings(database, [tmp_path / "disk"], SimulatedClock())
    database.close()


def reasons(site: Recordings) -> list[str]:
    return [gap.reason.value for gap in site.gaps()]


def test_a_gap_that_lasted_when_the_process_ended_keeps_its_time(site: Recordings) -> None:
    site.restart()
    site.run(1)
    site.gap(GapReason.OFFLINE)
    site.clock.advance(60)
    site.restart()
    starting, offline, restart = site.gaps()
    assert offline.interval.duration().total_seconds() == pytest.approx(62)
    assert (restart.reason, restart.interval) == (GapReason.PROCESS_RESTART, Interval(site.clock.now()))
    assert starting.interval.end is not None


def test_gaps_and_runs_that_the_database_missed_are_entered_from_the_logbook(site: Recordings) -> None:
    site.restart()
    (first,) = site.run(1)
    site.books.facts = cast(FactWriter, Waiting())
    site.gap(GapReason.UNAUTHORIZED, detail="refused")
    site.clock.advance(20)
    (second,) = site.run(1, "stalled")
    site.gap(GapReason.STALLED)
    site.clock.advance(5)
    site.books.gap_ended(site.camera, site.clock.now())
    run = site.begin()
    site.partial(run, 0, run.interval.start, 2, 5)
    site.restart()
    assert reasons(site) == ["starting", "unauthorized", "stalled", "process_restart"]
    assert [segment.id for segment in site.segments()][:2] == [first.id, second.id]
    with site.database.read() as tx:
        entered = catalogue.run(tx, second.run)
        assert recording.open_runs(tx, site.camera) == []
    assert entered is not None
    assert entered.ended_because == "stalled"
    assert entered.tracks[0].extradata


def test_a_start_without_database_tells_the_same_as_one_with_it(site: Recordings) -> None:
    site.restart()
    site.run(2)
    run = site.begin()
    made = site.segment(run, 0, run.interval.start)
    assert made.interval.end is not None
    site.partial(run, 1, made.interval.end, 2, 5)
    site.clock.advance(2)
    site.start()
    waiting = Waiting()
    books = Books(cast(FactWriter, waiting), site.logbook, HALL)
    until = salvage(cast(Database, Nowhere()), site.objects, books, site.camera, site.clock.now())
    with site.database.write() as tx:
        for fact in waiting.facts:
            fact(tx)
    last = site.segments()[-1]
    assert (last.sequence, last.interval.end) == (1, until)
    assert site.gaps()[-1].interval == Interval(until or site.clock.now())
    with site.database.read() as tx:
        assert recording.open_runs(tx, site.camera) == []


def test_a_camera_that_is_not_to_be_recorded_has_a_gap_that_says_so_until_it_is_again(
    site: Recordings,
) -> None:
    site.restart()
    site.run(1)
    site.clock.advance(100)
    text = CONFIGURATION.replace('url: "rtsp://x"', 'url: "rtsp://x", record: false')
    for configuration in (parse_configuration(text), parse_configuration(text.replace("cam-1", "cam-9"))):
        facts = site.books.facts
        close_unrecorded(configuration, site.database, site.objects, facts, site.logbook, site.clock)
        assert reasons(site) == ["starting", "not_scheduled"]
    site.interrupt()
    assert reasons(site) == ["starting", "not_scheduled"]
    site.clock.advance(100)
    site.restart()
    site.run(1)
    assert reasons(site) == ["starting", "not_scheduled", "starting"]
    before, gap, after = site.gaps()
    assert (gap.interval.start, gap.interval.end) == (site.segments()[0].interval.end, after.interval.start)
    assert before.interval.end == site.segments()[0].interval.start
    close_unrecorded(
        parse_configuration(CONFIGURATION),
        site.database,
        site.objects,
        site.books.facts,
        site.logbook,
        site.clock,
    )
    assert len(whole(site.database)["gaps"]) == 3


@pytest.mark.parametrize("damaged", [1 << 60, 10 << 40])
def test_an_unfinished_file_whose_times_cannot_be_true_is_set_aside(site: Recordings, damaged: int) -> None:
    site.start()
    path = site.partial(site.begin(), 0, site.clock.now(), fragments=2, torn=0)
    content = bytearray(path.read_bytes())
    at = content.rfind(b"tfdt") + 8
    content[at : at + 8] = damaged.to_bytes(8, "big")
    path.write_bytes(content)
    site.restart()
    assert site.segments() == []
    assert [left.suffix for left in path.parent.iterdir() if left.is_file()] == [".damaged"]


def test_two_restarts_without_a_file_between_them_leave_gaps_that_only_touch(site: Recordings) -> None:
    site.start()
    site.run(1)
    for _ in range(2):
        site.clock.advance(60)
        site.begin()
        site.clock.advance(60)
        site.restart()
    gaps = [gap for gap in site.gaps() if gap.reason is GapReason.PROCESS_RESTART]
    assert len(gaps) == 2
    for before, after in pairwise(gaps):
        assert before.interval.end == after.interval.start
    assert gaps[-1].interval.is_open

"""Each invariant is broken by hand: `check` names it, `repair` mends it, once and for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from capture.books.logbook import FOLDER, Logbook
from capture.record.check import Check, Scope
from capture.record.invariants import Fault, Invariant
from capture.record.reindex import reindex
from capture.record.repair import Repair, mend_all
from hall.clock import SimulatedClock
from hall.config import Configuration, parse_configuration
from hall.errors import NotFound
from hall.interval import Interval
from hall.media import Gap, GapReason, Segment
from hall.names import CameraId, ObjectKey, SegmentId
from store import catalogue, copies, deletion, recording
from store.database import Database
from tests.recordings import HALL, Recordings, new_database, whole

CAMERA = CameraId("cam-1")
CONFIGURATION = """
site: {data: /nowhere}
halls:
  - id: h
    name: {zh: 大厅, en: Hall}
    units: [{id: u, name: {zh: 单位, en: Unit}}]
    windows: [{id: w01, number: "1", name: {zh: 窗口, en: Window}, unit: u}]
    cameras: [{id: cam-1, name: {zh: 摄像机, en: Camera}, url: "rtsp://x"}]
"""


class Site:
    """A camera's recordings: a run of three segments, an outage, a run of two, and then nobody records."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.clock = SimulatedClock()
        self.disk = folder / "disk"
        self.recordings = Recordings(database, [self.disk], self.clock)
        self.configuration: Configuration = parse_configuration(CONFIGURATION)
        self.segments = self.recordings.run(3)
        self.recordings.gap(GapReason.OFFLINE)
        self.clock.advance(30)
        self.segments += self.recordings.run(2)
        self.age()

    def age(self) -> None:
        """Nobody has written to any file for long."""
        then = self.clock.now().timestamp() - 600
        for path in self.disk.rglob("*.*"):
            os.utime(path, (then, then))

    def check(self, scope: Scope | None = None, *, running: bool = False) -> list[Fault]:
        logbook = Logbook([self.disk], self.clock)
        looking = Check(
            self.database,
            self.recordings.objects,
            logbook,
            self.configuration,
            self.clock.now(),
            running=running,
            scope=scope,
        )
        return list(looking.faults())

    def numbers(self) -> set[Invariant]:
        return {fault.invariant for fault in self.check()}

    def repair(self, *, accept_loss: bool = False) -> list[str | None]:
        """Mend all that is found once; what was done."""
        logbook = Logbook([self.disk], self.clock)
        repair = Repair(
            self.database,
            self.recordings.objects,
            logbook,
            self.configuration,
            self.clock,
            accept_loss=accept_loss,
        )
        return [done for _, done in mend_all(repair, lambda quick: self.check(Scope(hashes=not quick)))]

    def path(self, segment: Segment) -> Path:
        return self.recordings.objects.path(segment.key)

    def is_mended(self) -> bool:
        """Nothing is found, a second repair changes nothing, and the disks alone give the same catalogue."""
        before = whole(self.database)
        assert self.check() == []
        assert self.repair() == []
        assert whole(self.database) == before
        with self.database.write() as tx:
            catalogue.clear(tx)
        reindex(self.database, self.recordings.objects, Logbook([self.disk], self.clock), processes=0)
        return whole(self.database) == before


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    database = new_database(tmp_path / "test.db")
    yield Site(database, tmp_path)
    database.close()


def test_a_whole_record_has_no_fault(site: Site) -> None:
    assert site.check() == []
    assert site.is_mended()


def test_a_segment_without_its_file_is_found_and_becomes_a_gap(site: Site) -> None:
    lost = site.segments[1]
    site.path(lost).unlink()
    (fault,) = site.check()
    assert (fault.invariant, fault.subject) == (Invariant.FILE, lost.id)
    site.repair()
    with pytest.raises(NotFound), site.database.read() as tx:
        recording.segment(tx, lost.id)
    gap = next(gap for gap in site.recordings.gaps() if gap.reason is GapReason.LOST)
    assert gap.interval == lost.interval
    assert site.is_mended()


def test_files_of_a_disk_that_is_not_there_are_not_given_up(site: Site, tmp_path: Path) -> None:
    site.disk.rename(tmp_path / "unplugged")
    site.disk.mkdir()
    assert {fault.invariant for fault in site.check()} >= {Invariant.FILE}
    before = whole(site.database)["segments"]
    site.repair()
    assert whole(site.database)["segments"] == before
    site.repair(accept_loss=True)
    assert whole(site.database)["segments"] == []


def test_a_file_with_other_content_is_set_aside(site: Site) -> None:
    path = site.path(site.segments[1])
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    site.age()
    (fault,) = site.check()
    assert fault.invariant is Invariant.CONTENT
    assert site.check(Scope(hashes=False)) == []
    site.repair()
    assert path.with_name(path.name + ".damaged").read_bytes() == content
    assert site.is_mended()


def test_a_row_that_does_not_say_what_its_file_says_is_corrected(site: Site) -> None:
    segment = site.segments[0]
    with site.database.write() as tx:
        wrong = replace(segment, has_audio=False, has_picture=True, fragments=segment.fragments[:1])
        deletion.change_segment(tx, segment, wrong, "test", site.clock.now())
    (fault,) = site.check()
    assert fault.invariant is Invariant.INSCRIPTION
    assert "has_audio True in place of False" in fault.message
    site.repair()
    assert site.recordings.segments()[0] == segment
    assert site.is_mended()


def test_segments_that_overlap_are_found(site: Site) -> None:
    first = site.segments[0]
    run = site.recordings.begin()
    site.recordings.segment(run, 0, first.interval.start + timedelta(seconds=1))
    site.recordings.books.run_ended(CAMERA, run.id, site.clock.now(), "offline")
    site.age()
    faults = [fault for fault in site.check() if fault.invariant is Invariant.OVERLAP]
    assert faults
    assert site.repair().count(None) == len(faults)


def test_a_run_with_a_hole_is_found_and_the_hole_explained(site: Site) -> None:
    run = site.recordings.begin()
    one = site.recordings.segment(run, 0, run.interval.start)
    assert one.interval.end is not None
    two = site.recordings.segment(run, 1, one.interval.end + timedelta(seconds=0.5))
    assert two.interval.end is not None
    site.recordings.books.run_ended(CAMERA, run.id, two.interval.end, "offline")
    site.age()
    faults = site.check()
    assert {fault.invariant for fault in faults} == {Invariant.SEQUENCE}


def test_time_that_nothing_explains_is_found_by_day_and_becomes_a_gap(site: Site) -> None:
    before = site.clock.now()
    site.clock.advance(86_400)
    after = site.clock.now()
    site.segments += site.recordings.run(1)
    site.age()
    faults = site.check()
    assert {fault.invariant for fault in faults} == {Invariant.COVERAGE}
    assert [fault.subject for fault in faults] == ["2026-03-02", "2026-03-03"]
    assert [fault.interval for fault in faults] == [
        Interval(before, datetime(2026, 3, 2, 16, tzinfo=UTC)),
        Interval(datetime(2026, 3, 2, 16, tzinfo=UTC), after),
    ]
    assert site.check(Scope(until=before)) == []
    assert len(site.check(Scope(since=after - timedelta(hours=1)))) == 1
    site.repair()
    assert [gap.reason for gap in site.recordings.gaps()][-2:] == [GapReason.LOST, GapReason.LOST]
    assert site.is_mended()


def test_a_camera_that_should_be_recorded_now_and_is_not_is_found_while_the_hall_runs(site: Site) -> None:
    site.clock.advance(3600)
    assert site.check() == []
    (fault,) = site.check(running=True)
    assert fault.invariant is Invariant.COVERAGE


def test_a_file_without_row_is_found_and_adopted(site: Site) -> None:
    segment = site.segments[1]
    site.path(segment).rename(site.disk / "kept")
    site.repair()
    (site.disk / "kept").rename(site.disk / segment.key)
    (fault,) = site.check()
    assert (fault.invariant, fault.subject) == (Invariant.STRAY, segment.key)
    site.repair()
    assert segment.id in {known.id for known in site.recordings.segments()}
    assert site.is_mended()


def test_a_file_that_is_not_what_its_name_says_is_set_aside(site: Site) -> None:
    path = site.path(site.segments[1])
    other = path.with_name(path.name.replace("000001", "000007"))
    other.write_bytes(path.read_bytes())
    site.age()
    assert site.numbers() == {Invariant.STRAY}
    site.repair()
    assert not other.exists()
    assert site.is_mended()


def test_an_unfinished_file_and_its_run_are_put_in_order(site: Site) -> None:
    run = site.recordings.begin()
    path = site.recordings.partial(run, 0, run.interval.start, 2, 99)
    os.utime(path, (site.clock.now().timestamp(),) * 2)
    assert site.numbers() == set()
    site.age()
    site.clock.advance(3600)
    assert site.numbers() == {Invariant.STRAY, Invariant.RUNS}
    site.repair()
    assert not list(site.disk.rglob("*.partial"))
    assert site.recordings.segments()[-1].run == run.id
    assert site.is_mended()


def test_a_gap_over_recorded_time_is_found_and_cut(site: Site) -> None:
    segment = site.segments[1]
    gap = Gap(CAMERA, segment.interval, GapReason.OFFLINE)
    site.recordings.books.gap_noted(gap)
    assert site.numbers() == {Invariant.GAPS}
    site.repair()
    assert gap not in site.recordings.gaps()
    assert site.is_mended()


def test_a_run_that_nobody_ended_is_found_and_ended(site: Site) -> None:
    run = site.recordings.begin()
    one = site.recordings.segment(run, 0, run.interval.start)
    site.age()
    (fault,) = site.check()
    assert (fault.invariant, fault.subject) == (Invariant.RUNS, run.id)
    assert site.check(running=True) == []
    site.repair()
    with site.database.read() as tx:
        ended = catalogue.run(tx, run.id)
    assert ended is not None
    assert ended.interval.end == one.interval.end
    assert site.is_mended()


def test_gaps_and_runs_that_only_one_of_logbook_and_catalogue_knows_are_told_to_the_other(site: Site) -> None:
    (page,) = (site.disk / CAMERA / FOLDER).iterdir()
    lines = page.read_bytes()
    page.write_bytes(b"")
    (fault,) = site.check()
    assert fault.invariant is Invariant.LOGBOOK
    site.repair()
    assert site.is_mended()
    page.write_bytes(lines)
    site.clock.advance(3600)
    with site.database.write() as tx:
        catalogue.cut_gaps(tx, CAMERA, Interval(site.segments[0].interval.start, site.clock.now()))
    assert site.numbers() == {Invariant.LOGBOOK, Invariant.COVERAGE}
    site.repair()
    assert [gap.reason for gap in site.recordings.gaps()].count(GapReason.OFFLINE) == 1


def test_a_copy_of_no_segment_is_found_and_forgotten(site: Site) -> None:
    with site.database.write() as tx:
        copies.begin(tx, SegmentId("nothing"), "bucket", ObjectKey("x"), site.clock.now())
    (fault,) = site.check()
    assert (fault.invariant, fault.subject) == (Invariant.COPIES, "nothing")
    site.repair()
    assert site.is_mended()


def test_a_segment_that_is_nowhere_is_found_and_becomes_a_gap(site: Site) -> None:
    segment = site.segments[0]
    with site.database.write() as tx:
        deletion.change_segment(tx, segment, replace(segment, is_local=False), "test", site.clock.now())
    site.path(segment).unlink()
    assert site.numbers() == {Invariant.COPIES}
    site.repair()
    assert site.is_mended()


def test_a_file_that_retention_stripped_is_known_by_the_beginning_of_its_name(site: Site) -> None:
    segment = site.segments[0]
    key = ObjectKey(segment.key.removesuffix(".mp4") + ".sound.mp4")
    site.path(segment).rename(site.disk / key)
    site.age()
    with site.database.write() as tx:
        deletion.change_segment(tx, segment, replace(segment, key=key), "age", site.clock.now())
    assert site.is_mended()


def test_a_lost_file_that_the_archive_has_is_only_not_local_any_more(site: Site) -> None:
    segment = site.segments[0]
    with site.database.write() as tx:
        copies.begin(tx, segment.id, "bucket", ObjectKey("x"), site.clock.now())
        assert copies.record(tx, segment, "bucket", site.clock.now())
    site.path(segment).unlink()
    assert site.numbers() == {Invariant.FILE}
    site.repair()
    assert site.recordings.segments()[0] == replace(segment, is_local=False)
    assert site.check() == []


def test_what_retention_deleted_is_deleted_in_a_catalogue_that_was_restored(site: Site) -> None:
    site.recordings.delete(site.segments[:2])
    with site.database.write() as tx:
        deleted = Interval(site.segments[0].interval.start, site.segments[1].interval.end)
        catalogue.cut_gaps(tx, CAMERA, deleted)
        for segment in site.segments[:2]:
            recording.add_segment(tx, HALL, segment)
    assert site.numbers() == {Invariant.FILE}
    site.repair()
    assert GapReason.LOST not in {gap.reason for gap in site.recordings.gaps()}
    assert site.is_mended()


def test_deletions_of_neighbours_are_one_gap_in_whatever_order_they_come(site: Site) -> None:
    for place in (1, 0, 2):
        site.recordings.delete([site.segments[place]])
    (gap, *_) = site.recordings.gaps()
    assert gap.interval == Interval(site.segments[0].interval.start, site.segments[2].interval.end)
    assert site.is_mended()
